import { defined } from "../../../internal/json.js"
import { parseUnrounded } from "../../../internal/longNumbers.js"
import type { AnthropicTextBlockParam } from "../../../schema/MessagesBlocksRequest.js"
import type {
  MessagesContentBlockParam,
  MessagesContentBlockParamToolResult,
  MessagesMessageParam
} from "../../../schema/MessagesContentRequest.js"
import type { Loss, Report } from "./conversion.js"
import {
  type Call,
  type Content,
  type Entry,
  type FilePart,
  fromDataUrl,
  isAddress,
  type Message,
  type Output,
  type Part,
  type Reasoning,
  textOfBase64,
  type TextPart
} from "./entry.js"

type ToolResultBlock = Exclude<NonNullable<MessagesContentBlockParamToolResult["content"]>, string>[number]
type ContentBlock = Extract<ToolResultBlock, { readonly type: "text" | "image" | "document" }>

/** @internal */
export interface ClaudeParts {
  readonly system: string | ReadonlyArray<AnthropicTextBlockParam> | undefined
  readonly messages: ReadonlyArray<MessagesMessageParam>
}

/** @internal */
export const writeClaude = (entries: ReadonlyArray<Entry>, report: Report): ClaudeParts => {
  const first = entries.findIndex((entry) => !isInstruction(entry))
  const start = first === -1 ? entries.length : first
  return {
    system: writeSystem(entries.slice(0, start).filter(isInstruction), report),
    messages: writeMessages(entries.slice(start), report)
  }
}

const isInstruction = (entry: Entry): entry is Message => entry.kind === "message" && entry.role !== "user"

const writeSystem = (instructions: ReadonlyArray<Message>, report: Report): ClaudeParts["system"] => {
  const [only, ...others] = instructions
  if (only === undefined) return undefined
  instructions.forEach((instruction) => reportDeveloper(instruction, report))
  return others.length === 0 && typeof only.content === "string"
    ? only.content
    : instructions.flatMap((instruction) => writeInstructions(instruction, report))
}

const reportDeveloper = ({ at, role }: Message, report: Report): void => {
  if (role === "developer") report.lose("form", `${at}.role`, "instructions at Anthropic have the role system only")
}

const writeInstructions = (message: Message, report: Report): ReadonlyArray<AnthropicTextBlockParam> => {
  if (typeof message.content === "string") return [{ type: "text", text: message.content }]
  return message.content.flatMap((part) => {
    if (part.kind === "text") return [writeText(part, report)]
    report.lose("content", part.at, "instructions at Anthropic are text only")
    return []
  })
}

interface Draft {
  readonly role: "user" | "assistant"
  readonly blocks: Array<MessagesContentBlockParam>
  /** The content, if it is a single string. */
  text: string | undefined
  /** Tool results come first in a message; later content joins the same message. */
  isOpen: boolean
}

const writeMessages = (entries: ReadonlyArray<Entry>, report: Report): ReadonlyArray<MessagesMessageParam> => {
  const messages: Array<Draft | MessagesMessageParam> = []
  const draft = (role: Draft["role"], joins: (last: Draft) => boolean): Draft => {
    const last = messages.at(-1)
    if (last !== undefined && "isOpen" in last && last.role === role && joins(last)) return last
    const next: Draft = { role, blocks: [], text: undefined, isOpen: true }
    messages.push(next)
    return next
  }
  for (const entry of entries) {
    switch (entry.kind) {
      case "message":
        if (entry.role === "user") {
          add(draft("user", (last) => last.isOpen), entry.content, report).isOpen = false
        } else {
          reportDeveloper(entry, report)
          const content = typeof entry.content === "string" ? entry.content : writeInstructions(entry, report)
          messages.push({ role: "system", content })
        }
        break
      case "output":
        addBlocks(draft("user", (last) => last.isOpen), [writeOutput(entry, report)])
        break
      case "assistant":
        if (entry.content !== null) add(draft("assistant", () => true), entry.content, report)
        break
      case "reasoning": {
        const block = writeReasoning(entry, report)
        if (block !== undefined) addBlocks(draft("assistant", () => true), [block])
        break
      }
      case "call":
        addBlocks(draft("assistant", () => true), [writeCall(entry, report)])
        break
      case "generated_image":
        report.lose("content", entry.at, "the assistant's messages at Anthropic have no images")
        break
      default:
        entry satisfies never
    }
  }
  return messages.map((message) =>
    "isOpen" in message ? { role: message.role, content: message.text ?? message.blocks } : message
  )
}

const add = (draft: Draft, content: Content, report: Report): Draft => {
  if (typeof content !== "string") return addBlocks(draft, content.flatMap((part) => writePart(part, report)))
  if (draft.blocks.length > 0 || draft.text !== undefined) return addBlocks(draft, [{ type: "text", text: content }])
  draft.text = content
  return draft
}

const addBlocks = (draft: Draft, blocks: ReadonlyArray<MessagesContentBlockParam>): Draft => {
  if (draft.text !== undefined) {
    draft.blocks.push({ type: "text", text: draft.text })
    draft.text = undefined
  }
  draft.blocks.push(...blocks)
  return draft
}

const writeOutput = (output: Output, report: Report): MessagesContentBlockParamToolResult =>
  defined({
    type: "tool_result",
    tool_use_id: output.id,
    content: typeof output.content === "string"
      ? output.content
      : output.content.flatMap((part): ReadonlyArray<ToolResultBlock> => writePart(part, report)),
    cache_control: output.cache?.directive
  })

/** JSON without white space between its tokens. */
const compact = (json: string): string => json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, "$1")

const writeCall = (call: Call, report: Report): MessagesContentBlockParam => {
  const parsed = call.arguments.trim() === "" ? { value: {} } : parseUnrounded(call.arguments)
  if (parsed === undefined) {
    report.lose("content", call.at, "the arguments are not JSON, and Anthropic requires parsed arguments")
  } else if (call.arguments.trim() !== "" && JSON.stringify(parsed.value) !== compact(call.arguments)) {
    report.lose("form", call.at, "the parsed arguments have another spelling")
  }
  return defined({
    type: "tool_use",
    id: call.id,
    name: call.name,
    input: parsed?.value ?? {},
    cache_control: call.cache?.directive
  })
}

const ownFormats: ReadonlyArray<unknown> = ["anthropic-claude-v1", "unknown", undefined, null]

/** Anthropic accepts only reasoning that it signed. */
const writeReasoning = (entry: Reasoning, report: Report): MessagesContentBlockParam | undefined => {
  const { encrypted, format, id, paths, signature, summaries, texts } = entry
  const lose = (loss: Loss, reason: string): void => paths.forEach((path) => report.lose(loss, path, reason))
  if (!ownFormats.includes(format)) {
    lose("content", `Anthropic rejects reasoning of the format "${format}"`)
    return undefined
  }
  const reportRest = () => {
    if (summaries.length > 0) lose("content", "reasoning has no summaries at Anthropic")
    if (id !== undefined) lose("label", "reasoning has no ids at Anthropic")
  }
  if (encrypted !== undefined && texts.length === 0 && signature === undefined) {
    reportRest()
    return { type: "redacted_thinking", data: encrypted }
  }
  if (signature === undefined) {
    lose("content", "Anthropic rejects reasoning without a signature")
    return undefined
  }
  reportRest()
  if (encrypted !== undefined) lose("content", "reasoning is readable or encrypted at Anthropic, not both")
  if (texts.length > 1) lose("form", "signed reasoning is one text at Anthropic")
  return { type: "thinking", thinking: texts.join(""), signature }
}

const writeText = (part: TextPart, report: Report): AnthropicTextBlockParam => {
  for (const citation of part.citations ?? []) {
    report.lose("content", citation.at, "a citation at Anthropic requires the encrypted index of its search result")
  }
  return defined({ type: "text", text: part.text, cache_control: part.cache?.directive })
}

const writePart = (part: Part, report: Report): ReadonlyArray<ContentBlock> => {
  switch (part.kind) {
    case "text":
      return [writeText(part, report)]
    case "refusal":
      report.lose("form", part.at, "Anthropic's messages have no refusals; it becomes a text")
      return [{ type: "text", text: part.text }]
    case "image": {
      const source = imageSource(part.url)
      if (source === undefined) break
      if (part.detail !== undefined && part.detail !== "auto") {
        report.lose("setting", part.at, "images have no detail at Anthropic")
      }
      return [defined({ type: "image", source, cache_control: part.cache?.directive })]
    }
    case "file": {
      const source = documentSource(part)
      if (source === undefined) break
      reportOtherSources(part, source.type, report)
      return [defined({ type: "document", source, title: part.name, cache_control: part.cache?.directive })]
    }
    case "audio":
    case "video":
      break
    default:
      part satisfies never
  }
  report.lose("content", part.at, `Anthropic's messages cannot hold this ${part.kind}`)
  return []
}

type ImageSource = Extract<ContentBlock, { readonly type: "image" }>["source"]
type DocumentSource = Extract<ContentBlock, { readonly type: "document" }>["source"]

const imageSource = (url: string): ImageSource | undefined => {
  if (isAddress(url)) return { type: "url", url }
  const inline = fromDataUrl(url)
  return inline === undefined ? undefined : { type: "base64", media_type: inline.mediaType, data: inline.base64 }
}

const documentSource = (part: FilePart): DocumentSource | undefined => {
  const inline = part.data === undefined ? undefined : fromDataUrl(part.data)
  if (inline !== undefined) {
    const { base64, mediaType } = inline
    if (!mediaType.startsWith("text/")) return { type: "base64", media_type: mediaType, data: base64 }
    const text = textOfBase64(base64)
    if (text !== undefined) return { type: "text", media_type: mediaType, data: text }
  }
  if (part.data !== undefined) return undefined
  if (part.url !== undefined) return { type: "url", url: part.url }
  return part.id === undefined ? undefined : { type: "file", file_id: part.id }
}

const reportOtherSources = (part: FilePart, used: string, report: Report): void => {
  const others = [used === "url" ? undefined : part.url, used === "file" ? undefined : part.id]
  if (others.some((other) => other !== undefined)) {
    report.lose("content", part.at, "a document at Anthropic has one source")
  }
}
