import { defined } from "../../../internal/json.js"
import type { ChatAssistantMessage, ChatContentItems, ChatContentText } from "../../../schema/ChatContent.js"
import type { ChatMessages } from "../../../schema/ChatRequest.js"
import * as Citations from "./citations.js"
import type { Report } from "./conversion.js"
import {
  type AssistantMessage,
  type Call,
  type Content,
  type Entry,
  type FilePart,
  type GeneratedImage,
  type Output,
  type Part,
  partsOf,
  type Reasoning,
  type TextPart,
  withCacheOnText
} from "./entry.js"
import { readable, toDetails } from "./reasoning.js"

/** @internal */
export const writeChat = (entries: ReadonlyArray<Entry>, report: Report): ReadonlyArray<ChatMessages> => {
  const messages: Array<ChatMessages> = []
  let turn: Turn | undefined
  const flush = () => {
    if (turn !== undefined) messages.push(writeTurn(turn, report))
    turn = undefined
  }
  for (const entry of entries) {
    switch (entry.kind) {
      case "message":
        flush()
        messages.push(...writeMessage(entry.role, entry.content, report))
        break
      case "output":
        flush()
        messages.push(writeOutput(entry, report))
        break
      case "assistant":
      case "reasoning":
      case "call":
      case "generated_image":
        if (turn !== undefined && startsTurn(entry, turn)) flush()
        turn ??= new Turn()
        turn.add(entry, report)
        break
      default:
        entry satisfies never
    }
  }
  flush()
  return messages
}

/** A response as one message, even if it has several messages. @internal */
export const writeResponse = (entries: ReadonlyArray<Entry>, report: Report): ChatAssistantMessage => {
  const turn = new Turn()
  for (const entry of entries) {
    if (entry.kind !== "message" && entry.kind !== "output") turn.add(entry, report)
  }
  return writeTurn(turn, report)
}

/** The content of a chat message of the assistant: reasoning, then text, then calls. */
class Turn {
  readonly reasoning: Array<Reasoning> = []
  readonly messages: Array<AssistantMessage> = []
  readonly calls: Array<Call> = []
  readonly images: Array<GeneratedImage> = []

  add(entry: Reasoning | AssistantMessage | Call | GeneratedImage, report: Report): void {
    switch (entry.kind) {
      case "reasoning":
        if (this.messages.length + this.calls.length > 0) {
          report.lose(readable(entry) === "" ? "label" : "form", entry.at, orderReason)
        }
        this.reasoning.push(entry)
        return
      case "assistant":
        if (this.calls.length > 0) report.lose("form", entry.at, orderReason)
        this.messages.push(entry)
        return
      case "call":
        this.calls.push(entry)
        return
      case "generated_image":
        this.images.push(entry)
        return
      default:
        entry satisfies never
    }
  }
}

const orderReason = "a chat message has its reasoning first, then its text, then its calls; the order is lost"

/** Results must directly follow their calls, so nothing may be added after calls. */
const startsTurn = (entry: Entry, turn: Turn): boolean =>
  turn.calls.length === 0 && turn.messages.length > 0 && (entry.kind === "reasoning" || entry.kind === "assistant")

const writeMessage = (
  role: "system" | "developer" | "user",
  content: Content,
  report: Report
): ReadonlyArray<ChatMessages> => {
  if (role === "user") return [{ role, content: writeContent(content, report) }]
  if (typeof content === "string") return [{ role, content }]
  const texts = content.flatMap((part) => {
    if (part.kind === "text") return [writeText(part, report)]
    report.lose("content", part.at, `a ${role} message has text only`)
    return []
  })
  return [{ role, content: texts }]
}

const writeOutput = (output: Output, report: Report): ChatMessages => {
  const cached = withCacheOnText(output)
  if (output.cache !== undefined) {
    report.lose(
      cached === undefined ? "setting" : "form",
      output.cache.at,
      cached === undefined
        ? "a tool message without text has no part for a cache breakpoint"
        : "a tool message has its cache breakpoint on its last text"
    )
  }
  return { role: "tool", tool_call_id: output.id, content: writeContent(cached ?? output.content, report) }
}

const writeContent = (content: Content, report: Report): string | ReadonlyArray<ChatContentItems> =>
  typeof content === "string" ? content : content.map((part) => writePart(part, report))

const writeText = (part: TextPart, report: Report, citationsAreSeparate = false): ChatContentText => {
  if (!citationsAreSeparate) {
    for (const { at } of part.citations ?? []) {
      report.lose("content", at, "only the assistant's messages have annotations")
    }
  }
  return defined({ type: "text", text: part.text, cache_control: part.cache?.directive })
}

const writePart = (part: Part, report: Report, citationsAreSeparate = false): ChatContentItems => {
  switch (part.kind) {
    case "text":
      return writeText(part, report, citationsAreSeparate)
    case "refusal":
      report.lose("form", part.at, "only messages of the assistant have refusals; it becomes a text")
      return { type: "text", text: part.text }
    case "image":
      if (part.cache !== undefined) {
        report.lose("setting", part.cache.at, "images in chat messages have no cache breakpoint")
      }
      return {
        type: "image_url",
        image_url: part.detail === undefined || part.detail === "auto"
          ? { url: part.url }
          : { url: part.url, detail: part.detail }
      }
    case "file":
      return writeFile(part, report)
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } }
    case "video":
      return { type: "video_url", video_url: { url: part.url } }
  }
}

const writeFile = (part: FilePart, report: Report): ChatContentItems => {
  if (part.cache !== undefined) {
    report.lose("setting", part.cache.at, "files in chat messages have no cache breakpoint")
  }
  if (part.data !== undefined && part.url !== undefined) {
    report.lose("content", part.at, "a file of a chat message has its data or its URL, not both")
  }
  return { type: "file", file: defined({ file_data: part.data ?? part.url, file_id: part.id, filename: part.name }) }
}

const writeTurn = (turn: Turn, report: Report): ChatAssistantMessage => {
  const parts = turn.messages.flatMap(({ at, content }) => content === null ? [] : partsOf(content, `${at}.content`))
  const refusals = parts.flatMap((part) => part.kind === "refusal" ? [part.text] : [])
  const texts = parts.filter((part) => part.kind === "text")
  const annotations = Citations.toChat(texts)
  return defined<ChatAssistantMessage>({
    role: "assistant",
    content: contentOf(turn.messages, parts, report),
    refusal: refusals.length === 0 ? undefined : refusals.join("\n"),
    ...reasoningOf(turn.reasoning),
    tool_calls: turn.calls.length === 0 ? undefined : turn.calls.map((call) => writeCall(call, report)),
    images: turn.images.length === 0
      ? undefined
      : turn.images.map(({ url }) => ({ type: "image_url", image_url: { url } })),
    annotations: annotations.length === 0 ? undefined : annotations
  })
}

const contentOf = (
  messages: ReadonlyArray<AssistantMessage>,
  parts: ReadonlyArray<Part>,
  report: Report
): ChatAssistantMessage["content"] => {
  const shown = parts.filter((part) => part.kind !== "refusal")
  const [first] = shown
  if (first === undefined) return messages.length === 1 && messages[0]?.content === "" ? "" : null
  return shown.length === 1 && first.kind === "text" && first.cache === undefined
    ? first.text
    : shown.map((part) => writePart(part, report, true))
}

const reasoningOf = (
  entries: ReadonlyArray<Reasoning>
): Pick<ChatAssistantMessage, "reasoning" | "reasoning_details"> => {
  if (entries.length === 0) return {}
  const reasoning = entries.map(readable).join("") || undefined
  if (entries.every(({ bare }) => bare === true)) return { reasoning }
  let start = 0
  const details = entries.flatMap((entry) => {
    const own = toDetails(entry, start)
    start += own.length
    return own
  })
  return { reasoning, reasoning_details: details }
}

const writeCall = (call: Call, report: Report): NonNullable<ChatAssistantMessage["tool_calls"]>[number] => {
  if (call.cache !== undefined) {
    report.lose("setting", call.cache.at, "tool calls of chat messages have no cache breakpoint")
  }
  return { type: "function", id: call.id, function: { name: call.name, arguments: call.arguments } }
}
