import { isNullable } from "effect/Predicate"
import { defined, jsonText } from "../../../internal/json.js"
import type { AnthropicCacheControlDirective } from "../../../schema/Common.js"
import { guard } from "../../../schema/guard.js"
import type { MessagesResult, MessagesUsage } from "../../../schema/Messages.js"
import type { AnthropicDocumentBlockParam } from "../../../schema/MessagesBlocksRequest.js"
import { ORAnthropicContentBlock } from "../../../schema/MessagesContent.js"
import type {
  MessagesContentBlockParam,
  MessagesContentBlockParamToolResult,
  MessagesMessageParam
} from "../../../schema/MessagesContentRequest.js"
import type { MessagesRequest } from "../../../schema/MessagesRequest.js"
import type { OpenResponsesResult, Usage } from "../../../schema/Responses.js"
import * as Citations from "./citations.js"
import type { Report } from "./conversion.js"
import {
  type Cache,
  type Content,
  type Entry,
  type Output,
  type Part,
  type Reasoning,
  textToDataUrl,
  toDataUrl
} from "./entry.js"

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
    report.rest(message, at, ["role", "content"], responseLabels)
    return readMessage(message, at, `${at}.content`, report)
  })
]

/** Fields of a response that are not part of its message. */
const responseLabels = {
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
    role === "assistant" ? { kind: "assistant", at, content } : { kind: "message", at, role, content }
  if (typeof content === "string") return [entryOf(content)]
  const entries: Array<Entry> = []
  let parts: Array<Part> = []
  const flush = () => {
    if (parts.length > 0) entries.push(entryOf(parts))
    parts = []
  }
  content.forEach((block, index) => {
    const blockAt = `${path}.${index}`
    const entry = readEntry(block, blockAt, report)
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

const readEntry = (block: Block, at: string, report: Report): Entry | undefined => {
  switch (block.type) {
    case "tool_use":
      report.rest(block, at, ["type", "id", "name", "input", "cache_control"], { caller: "setting" })
      return {
        kind: "call",
        at,
        id: block.id,
        name: block.name,
        arguments: jsonText(block.input ?? {}),
        cache: "cache_control" in block ? cacheOf(block.cache_control, at) : undefined
      }
    case "tool_result":
      return readToolResult(block, at, report)
    case "thinking":
      report.rest(block, at, ["type", "thinking", "signature"])
      return { ...reasoningAt(at), texts: [block.thinking], signature: block.signature ?? undefined }
    case "redacted_thinking":
      report.rest(block, at, ["type", "data"])
      return { ...reasoningAt(at), encrypted: block.data }
    default:
      return undefined
  }
}

const reasoningAt = (at: string): Reasoning => ({
  kind: "reasoning",
  at,
  paths: [at],
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
    report.add(
      "content",
      `${at}.is_error`,
      true,
      "only Anthropic marks tool results as errors; write the error into the text"
    )
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

const isBlock = guard(ORAnthropicContentBlock)

/** A response of the Messages API with this content and the other fields of a response. @internal */
export const toMessagesResult = (
  response: OpenResponsesResult,
  messages: ReadonlyArray<MessagesMessageParam>
): MessagesResult => {
  const content = messages.flatMap(({ content }): ReadonlyArray<unknown> =>
    typeof content === "string" ? [{ type: "text", text: content }] : content
  )
  return {
    id: response.id ?? undefined,
    type: "message",
    role: "assistant",
    model: response.model ?? undefined,
    content: content.filter(isBlock),
    stop_reason: stopReason(response),
    stop_sequence: null,
    usage: isNullable(response.usage) ? {} : usageOf(response.usage)
  }
}

const stopReason = ({ incomplete_details: incomplete, output }: OpenResponsesResult): MessagesResult["stop_reason"] => {
  switch (incomplete?.reason) {
    case "max_output_tokens":
      return "max_tokens"
    case "content_filter":
      return "refusal"
    default:
  }
  if (output.some((item) => item.type === "function_call")) return "tool_use"
  const refused = output.some((item) => item.type === "message" && item.content.some((part) => part.type === "refusal"))
  return refused ? "refusal" : "end_turn"
}

/** Anthropic counts input tokens without tokens that its cache read or wrote. */
const usageOf = (usage: Usage): MessagesUsage => {
  const { cost, cost_details: details, input_tokens_details: input, is_byok } = usage
  const read = input?.cached_tokens ?? undefined
  const written = input?.cache_write_tokens ?? undefined
  return defined({
    input_tokens: Math.max(0, (usage.input_tokens ?? 0) - (read ?? 0) - (written ?? 0)),
    output_tokens: usage.output_tokens,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
    cost,
    is_byok,
    cost_details: isNullable(details) ? undefined : defined({
      upstream_inference_cost: details.upstream_inference_cost,
      upstream_inference_prompt_cost: details.upstream_inference_input_cost,
      upstream_inference_completions_cost: details.upstream_inference_output_cost
    })
  })
}
