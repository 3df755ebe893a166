import { isNotNullable, isNullable } from "effect/Predicate"
import type { ChatAssistantMessage, ChatContentItems, ChatContentText } from "../../../schema/ChatContent.js"
import type { ChatMessages } from "../../../schema/ChatRequest.js"
import * as Citations from "./citations.js"
import type { Report } from "./conversion.js"
import { type Cache, type Content, type Entry, isAddress, type Part, type TextPart } from "./entry.js"
import { fromDetails, readable } from "./reasoning.js"

/** @internal */
export const readChat = (messages: ReadonlyArray<ChatMessages>, report: Report): ReadonlyArray<Entry> =>
  messages.flatMap((message, index) => readMessage(message, String(index), report))

const readMessage = (message: ChatMessages, at: string, report: Report): ReadonlyArray<Entry> => {
  switch (message.role) {
    case "system":
    case "developer":
    case "user":
      report.rest(message, at, ["role", "content"])
      return [{ kind: "message", at, role: message.role, content: readContent(message.content, at, report) }]
    case "tool":
      report.rest(message, at, ["role", "content", "tool_call_id"])
      return [{ kind: "output", at, id: message.tool_call_id, content: readContent(message.content, at, report) }]
    case "assistant":
      return readAssistant(message, at, report)
    default:
      report.add("content", at, message, `messages of role "${message.role}" are not known`)
      return []
  }
}

const readContent = (content: string | ReadonlyArray<ChatContentItems>, at: string, report: Report): Content =>
  typeof content === "string"
    ? content
    : content.flatMap((part, index) => readPart(part, `${at}.content.${index}`, report))

const readPart = (part: ChatContentItems, at: string, report: Report): ReadonlyArray<Part> => {
  switch (part.type) {
    case "text":
      report.rest(part, at, ["type", "text", "cache_control", "prompt_cache_breakpoint"])
      return [{ kind: "text", at, text: part.text, cache: cacheOf(part, at, report) }]
    case "image_url": {
      const image = part.image_url
      report.rest(part, at, ["type", "image_url"], { index: "label" })
      report.rest(image, `${at}.image_url`, ["url", "detail"])
      return [{ kind: "image", at, url: image.url, detail: image.detail ?? undefined }]
    }
    case "input_audio": {
      const audio = part.input_audio
      report.rest(part, at, ["type", "input_audio"])
      report.rest(audio, `${at}.input_audio`, ["data", "format"])
      return [{ kind: "audio", at, data: audio.data, format: audio.format }]
    }
    case "input_video":
    case "video_url":
      report.rest(part, at, ["type", "video_url"])
      report.rest(part.video_url, `${at}.video_url`, ["url"])
      return [{ kind: "video", at, url: part.video_url.url }]
    case "file": {
      const { file_data: data, file_id: id, filename: name } = part.file
      report.rest(part, at, ["type", "file"])
      report.rest(part.file, `${at}.file`, ["file_data", "file_id", "filename"])
      const source = isNullable(data) ? {} : isAddress(data) ? { url: data } : { data }
      return [{ kind: "file", at, ...source, id: id ?? undefined, name: name ?? undefined }]
    }
    default:
      report.add("content", at, part, `only chat messages have parts of type "${part.type}"`)
      return []
  }
}

/** OpenRouter treats Anthropic's directive and OpenAI's breakpoint as the same. */
const cacheOf = (part: ChatContentText, at: string, report: Report): Cache | undefined => {
  const { cache_control: directive, prompt_cache_breakpoint: breakpoint } = part
  if (isNotNullable(breakpoint)) {
    report.rest(breakpoint, `${at}.prompt_cache_breakpoint`, ["mode"], {})
    if (breakpoint.mode !== "explicit") {
      report.add(
        "setting",
        `${at}.prompt_cache_breakpoint`,
        breakpoint,
        `no other format has mode "${breakpoint.mode}"`
      )
    }
  }
  if (isNotNullable(directive)) return { at: `${at}.cache_control`, directive }
  return breakpoint?.mode === "explicit"
    ? { at: `${at}.prompt_cache_breakpoint`, directive: { type: "ephemeral" } }
    : undefined
}

const knownOfAssistant = [
  "role",
  "content",
  "refusal",
  "reasoning",
  "reasoning_details",
  "annotations",
  "tool_calls",
  "images"
]

const readAssistant = (message: ChatAssistantMessage, at: string, report: Report): ReadonlyArray<Entry> => {
  report.rest(message, at, knownOfAssistant, { model: "label" })
  const calls = (message.tool_calls ?? []).map((call, index): Entry => {
    const path = `${at}.tool_calls.${index}`
    report.rest(call, path, ["id", "type", "function"], { index: "label", cache_control: "setting" })
    report.rest(call.function, `${path}.function`, ["name", "arguments"])
    if (call.type !== "function") report.add("form", `${path}.type`, call.type, "calls become function calls")
    const { arguments: input, name } = call.function
    return { kind: "call", at: path, id: call.id, name, arguments: input ?? "" }
  })
  const images = (message.images ?? []).map((image, index): Entry => {
    const path = `${at}.images.${index}`
    report.rest(image, path, ["type", "image_url"], { index: "label" })
    report.rest(image.image_url, `${path}.image_url`, ["url"])
    return { kind: "generated_image", at: path, url: image.image_url.url }
  })
  const reasoning = readReasoning(message, at, report)
  const text = readAssistantContent(message, at, report)
  const hasOnlyText = calls.length + images.length + reasoning.length === 0
  const isEmpty = text === null || text.length === 0
  const hasMessage = isEmpty ? hasOnlyText || (text === "" && calls.length === 0) : true
  return [
    ...reasoning,
    ...(hasMessage ? [{ kind: "assistant", at, content: text } as const] : []),
    ...calls,
    ...images
  ]
}

const readReasoning = (message: ChatAssistantMessage, at: string, report: Report): ReadonlyArray<Entry> => {
  const { reasoning, reasoning_details: details } = message
  const path = `${at}.reasoning_details`
  if (isNullable(details) || details.length === 0) {
    // An empty list has a meaning: DeepSeek requires it in the next request
    if (isNotNullable(details)) report.unsupported.push(emptyDetails(path))
    return isNullable(reasoning) || reasoning === "" ? [] : [bareReasoning(reasoning, `${at}.reasoning`)]
  }
  const entries = fromDetails(details, path, report)
  if (reasoning !== entries.map(readable).join("")) {
    report.add(
      "content",
      `${at}.reasoning`,
      reasoning || undefined,
      "it differs from reasoning_details, and other formats receive those"
    )
  }
  return entries
}

const emptyDetails = (path: string) => ({
  path,
  loss: "setting" as const,
  reason: "in other formats, an empty list of details is the same as no list",
  value: []
})

const bareReasoning = (text: string, at: string): Entry => ({
  kind: "reasoning",
  at,
  paths: [at],
  id: undefined,
  summaries: [],
  texts: [text],
  signature: undefined,
  encrypted: undefined,
  format: undefined,
  bare: true
})

const readAssistantContent = (message: ChatAssistantMessage, at: string, report: Report): Content | null => {
  const content = isNullable(message.content) ? null : readContent(message.content, at, report)
  const citations = Citations.ofChat(message.annotations, `${at}.annotations`, report)
  const refusal = isNullable(message.refusal)
    ? []
    : [{ kind: "refusal", at: `${at}.refusal`, text: message.refusal } as const]
  if (citations.length === 0 && refusal.length === 0) return content
  const path = `${at}.content`
  const parts: ReadonlyArray<Part> = typeof content === "string"
    ? [{ kind: "text", at: path, text: content }]
    : content ?? []
  const texts = parts.filter((part) => part.kind === "text")
  if (texts.length === 0) {
    for (const citation of citations) report.lose("content", citation.at, "the message has no text to cite")
  }
  const cited = Citations.spread(texts, citations)
  const withCitations = parts.map((part) => part.kind === "text" ? textAt(cited, part) : part)
  return [...withCitations, ...refusal]
}

const textAt = (texts: ReadonlyArray<TextPart>, part: TextPart): TextPart =>
  texts.find(({ at }) => at === part.at) ?? part
