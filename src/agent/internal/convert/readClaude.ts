import { isNullable } from "effect/Predicate"
import type { AnthropicCacheControlDirective } from "../../../schema/Common.js"
import type { AnthropicDocumentBlockParam } from "../../../schema/MessagesBlocksRequest.js"
import type { ORAnthropicContentBlock } from "../../../schema/MessagesContent.js"
import type {
  MessagesContentBlockParam,
  MessagesContentBlockParamToolResult
} from "../../../schema/MessagesContentRequest.js"
import type { MessagesRequest } from "../../../schema/MessagesRequest.js"
import * as Citations from "./citations.js"
import type { Cache, Content, Entry, Output, Part, Thought } from "./entry.js"
import { textToDataUrl, toDataUrl } from "./media.js"
import type { Report } from "./report.js"

type Block = MessagesContentBlockParam | ORAnthropicContentBlock
type ToolResultContent = Exclude<NonNullable<MessagesContentBlockParamToolResult["content"]>, string>[number]

/** @internal */
export interface ClaudeSource {
  readonly role: string
  readonly content: string | ReadonlyArray<Block>
}

/** @internal */
export const readClaude = (
  system: MessagesRequest["system"],
  messages: ReadonlyArray<ClaudeSource>,
  path: string,
  report: Report
): ReadonlyArray<Entry> => [
  ...(system === undefined ? [] : readMessage({ role: "system", content: system }, "system", "system", report)),
  ...messages.flatMap((message, index) => {
    const at = `${path}${index}`
    report.rest(message, at, ["role", "content"], labelsOfReply)
    return readMessage(message, at, `${at}.content`, report)
  })
]

/** What stands beside the message in a reply. */
const labelsOfReply = {
  id: "label",
  type: "label",
  model: "label",
  provider: "label",
  stop_reason: "label",
  stop_sequence: "label",
  usage: "label",
  openrouter_metadata: "label"
} as const

const readMessage = (message: ClaudeSource, at: string, path: string, report: Report): ReadonlyArray<Entry> => {
  const { content, role } = message
  if (role !== "user" && role !== "assistant" && role !== "system") {
    report.add("content", at, message, `messages of role "${role}" are not known`)
    return []
  }
  const entryOf = (content: Content): Entry =>
    role === "assistant" ? { kind: "said", at, content } : { kind: "message", at, role, content }
  if (typeof content === "string") return [entryOf(content)]
  const entries: Array<Entry> = []
  let parts: Array<Part> = []
  const flush = () => {
    if (parts.length > 0) entries.push(entryOf(parts))
    parts = []
  }
  content.forEach((block, index) => {
    const blockAt = `${path}.${index}`
    const entry = readStep(block, blockAt, report)
    if (entry === undefined) {
      parts.push(...readPart(block, blockAt, report))
    } else {
      flush()
      entries.push(entry)
    }
  })
  flush()
  return content.length === 0 ? [entryOf([])] : entries
}

const readStep = (block: Block, at: string, report: Report): Entry | undefined => {
  switch (block.type) {
    case "tool_use":
      report.rest(block, at, ["type", "id", "name", "input", "cache_control"], { caller: "setting" })
      return {
        kind: "call",
        at,
        id: block.id,
        name: block.name,
        arguments: JSON.stringify(block.input ?? {}),
        cache: "cache_control" in block ? cacheOf(block.cache_control, at) : undefined
      }
    case "tool_result":
      return readToolResult(block, at, report)
    case "thinking":
      report.rest(block, at, ["type", "thinking", "signature"])
      return { ...thoughtAt(at), texts: [block.thinking], signature: block.signature ?? undefined }
    case "redacted_thinking":
      report.rest(block, at, ["type", "data"])
      return { ...thoughtAt(at), encrypted: block.data }
    default:
      return undefined
  }
}

const thoughtAt = (at: string): Thought => ({
  kind: "thought",
  at,
  places: [at],
  id: undefined,
  summaries: [],
  texts: [],
  signature: undefined,
  encrypted: undefined,
  format: "anthropic-claude-v1"
})

const readToolResult = (block: MessagesContentBlockParamToolResult, at: string, report: Report): Output => {
  report.rest(block, at, ["type", "tool_use_id", "content", "is_error", "cache_control"])
  if (block.is_error === true) {
    report.add("content", `${at}.is_error`, true, "only Anthropic marks tool results as errors; let the text say so")
  }
  const { content = "" } = block
  return {
    kind: "output",
    at,
    id: block.tool_use_id,
    content: typeof content === "string"
      ? content
      : content.flatMap((part, index) => readPart(part, `${at}.content.${index}`, report)),
    cache: cacheOf(block.cache_control, at)
  }
}

const cacheOf = (directive: AnthropicCacheControlDirective | undefined, at: string): Cache | undefined =>
  isNullable(directive) ? undefined : { at: `${at}.cache_control`, directive }

const readPart = (block: Block | ToolResultContent, at: string, report: Report): ReadonlyArray<Part> => {
  switch (block.type) {
    case "text":
      report.rest(block, at, ["type", "text", "citations", "cache_control"])
      return [{
        kind: "text",
        at,
        text: block.text,
        cache: "cache_control" in block ? cacheOf(block.cache_control, at) : undefined,
        citations: Citations.ofClaude(block.citations, `${at}.citations`, report)
      }]
    case "image": {
      const { source } = block
      const cache = cacheOf(block.cache_control, at)
      report.rest(block, at, ["type", "source", "cache_control"])
      if (source.type === "url") {
        report.rest(source, `${at}.source`, ["type", "url"])
        return [{ kind: "image", at, url: source.url, cache }]
      }
      if (source.type === "base64") {
        report.rest(source, `${at}.source`, ["type", "media_type", "data"])
        return [{ kind: "image", at, url: toDataUrl({ mediaType: source.media_type, base64: source.data }), cache }]
      }
      break
    }
    case "document": {
      const file = readDocument(block, at, report)
      if (file === undefined) break
      return [file]
    }
    default:
  }
  report.add("content", at, block, `only Anthropic has blocks like this one of type "${block.type}"`)
  return []
}

const readDocument = (block: AnthropicDocumentBlockParam, at: string, report: Report): Part | undefined => {
  const source = fileSource(block.source)
  if (source === undefined) return undefined
  report.rest(block, at, ["type", "source", "title", "cache_control"], { citations: "setting" })
  report.rest(block.source, `${at}.source`, ["type", "data", "media_type", "url", "file_id"])
  return { kind: "file", at, ...source, name: block.title ?? undefined, cache: cacheOf(block.cache_control, at) }
}

const fileSource = (
  source: AnthropicDocumentBlockParam["source"]
): { readonly data?: string; readonly url?: string; readonly id?: string } | undefined => {
  switch (source.type) {
    case "base64":
      return { data: toDataUrl({ mediaType: source.media_type, base64: source.data }) }
    case "text": {
      const data = textToDataUrl(source.media_type, source.data)
      return data === undefined ? undefined : { data }
    }
    case "url":
      return { url: source.url }
    case "file":
      return { id: source.file_id }
    default:
      return undefined
  }
}
