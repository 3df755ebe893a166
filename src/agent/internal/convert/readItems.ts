import { isNotNullable, isNullable } from "effect/Predicate"
import { arrayAt, isObject } from "../../../internal/json.js"
import type { PromptCacheBreakpoint } from "../../../schema/Common.js"
import type { OutputItems } from "../../../schema/ResponsesItems.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import * as Citations from "./citations.js"
import type { Report } from "./conversion.js"
import {
  type Cache,
  type Content,
  type Entry,
  fromImageResult,
  isAddress,
  isBare,
  isMade,
  type Mark,
  type Part,
  type Reasoning
} from "./entry.js"
import { toDetails } from "./reasoning.js"

type Item = InputItem | OutputItems
type Of<Type> = Extract<Item, { readonly type?: Type | undefined }>
type MessageItem = Of<"message">
type MessageContent = NonNullable<MessageItem["content"]>
type ContentPart = Exclude<MessageContent, string>[number]
type OutputContent = Of<"function_call_output">["output"]

/** @internal */
export const readItems = (items: ReadonlyArray<Item>, path: string, report: Report): ReadonlyArray<Entry> =>
  items.flatMap((item, index) => readItem(item, `${path}${index}`, report))

const readItem = (item: Item, at: string, report: Report): ReadonlyArray<Entry> => {
  switch (item.type) {
    case undefined:
    case "message":
      return readMessage(item, at, report)
    case "function_call":
      restOf(item, at, ["call_id", "name", "arguments"], report)
      return [{ kind: "call", at, id: item.call_id, name: item.name, arguments: item.arguments }]
    case "function_call_output":
      restOf(item, at, ["call_id", "output"], report)
      return [{ kind: "output", at, id: item.call_id, content: readContent(item.output, `${at}.output`, report) }]
    case "reasoning":
      return readReasoning(item, at, report)
    case "image_generation_call":
      if (isNullable(item.result)) break
      restOf(item, at, ["result"], report)
      return [{ kind: "generated_image", at, url: fromImageResult(item.result) }]
    default:
  }
  report.add("content", at, item, `only the Responses API has items of type "${item.type}"`)
  return []
}

/** Ids and statuses of items have no meaning outside the Responses API. */
const restOf = (item: { readonly type?: unknown }, at: string, known: ReadonlyArray<string>, report: Report): void => {
  const status: unknown = Reflect.get(item, "status")
  const id: unknown = Reflect.get(item, "id")
  const knownFields = [...known, "type", ...(status === "completed" ? ["status"] : []), ...(isMade(id) ? ["id"] : [])]
  report.rest(item, at, knownFields, { id: "label", status: "label", phase: "setting", namespace: "setting" })
}

const readMessage = (item: MessageItem, at: string, report: Report): ReadonlyArray<Entry> => {
  const { content } = item
  // Only responses may lack a role
  const role = item.role ?? "assistant"
  if (role !== "assistant" && !isInputRole(role)) {
    report.add("content", at, item, `messages of role "${role}" are not known`)
    return []
  }
  restOf(item, at, ["role", "content"], report)
  const path = `${at}.content`
  return isInputRole(role)
    ? [{ kind: "message", at, role, content: readContent(content ?? "", path, report) }]
    : [{ kind: "assistant", at, content: isNullable(content) ? null : readContent(content, path, report) }]
}

const isInputRole = (role: string): role is "user" | "system" | "developer" =>
  role === "user" || role === "system" || role === "developer"

const readContent = (content: MessageContent | OutputContent, path: string, report: Report): Content =>
  typeof content === "string" ? content : content.flatMap((part, index) => readPart(part, `${path}.${index}`, report))

const readPart = (part: ContentPart, at: string, report: Report): ReadonlyArray<Part> => {
  switch (part.type) {
    case "input_text":
      report.rest(part, at, ["type", "text", "prompt_cache_breakpoint"])
      return [{ kind: "text", at, text: part.text, cache: cacheOf(part.prompt_cache_breakpoint, at, report) }]
    case "output_text":
      report.rest(part, at, ["type", "text", "annotations"], { logprobs: "label" })
      return [{
        kind: "text",
        at,
        text: part.text,
        citations: Citations.ofItem(part.annotations, `${at}.annotations`, report)
      }]
    case "refusal":
      report.rest(part, at, ["type", "refusal"])
      return [{ kind: "refusal", at, text: part.refusal }]
    case "input_image":
      report.rest(part, at, ["type", "image_url", "detail"])
      if (isNullable(part.image_url)) break
      return [{ kind: "image", at, url: part.image_url, detail: part.detail }]
    case "input_file":
      report.rest(part, at, ["type", "file_data", "file_id", "file_url", "filename"])
      return [readFile(part, at)]
    case "input_audio":
      report.rest(part, at, ["type", "input_audio"])
      report.rest(part.input_audio, `${at}.input_audio`, ["data", "format"])
      return [{ kind: "audio", at, data: part.input_audio.data, format: part.input_audio.format }]
    case "input_video":
      report.rest(part, at, ["type", "video_url"])
      return [{ kind: "video", at, url: part.video_url }]
    default:
  }
  report.add("content", at, part, `only the Responses API has parts like this one of type "${part.type}"`)
  return []
}

const readFile = (part: Extract<ContentPart, { readonly type: "input_file" }>, at: string): Part => {
  const { file_data: data, file_id: id, file_url: url, filename: name } = part
  const isMisplaced = isNullable(url) && isNotNullable(data) && isAddress(data)
  return {
    kind: "file",
    at,
    data: isMisplaced ? undefined : data ?? undefined,
    url: (isMisplaced ? data : url) ?? undefined,
    id: id ?? undefined,
    name: name ?? undefined
  }
}

const cacheOf = (
  breakpoint: PromptCacheBreakpoint | null | undefined,
  at: string,
  report: Report
): Cache | undefined => {
  if (isNullable(breakpoint)) return undefined
  const path = `${at}.prompt_cache_breakpoint`
  if (breakpoint.mode === "explicit") {
    report.rest(breakpoint, path, ["mode"])
    return { at: path, directive: { type: "ephemeral" } }
  }
  report.add("setting", path, breakpoint, `no other format has mode "${breakpoint.mode}"`)
  return undefined
}

const readReasoning = (item: Of<"reasoning">, at: string, report: Report): ReadonlyArray<Reasoning> => {
  const known = ["content", "encrypted_content", "id", "summary", "format", "signature", "detail_marks"]
  restOf(item, at, known, report)
  for (const [name, parts] of [["summary", item.summary ?? []], ["content", item.content ?? []]] as const) {
    parts.forEach((part, index) => report.rest(part, `${at}.${name}.${index}`, ["type", "text"]))
  }
  const entry: Reasoning = {
    kind: "reasoning",
    at,
    paths: [at],
    id: isNullable(item.id) || isMade(item.id) ? undefined : item.id,
    summaries: (item.summary ?? []).map(({ text }) => text),
    texts: (item.content ?? []).map(({ text }) => text),
    signature: ("signature" in item ? item.signature : undefined) ?? undefined,
    encrypted: item.encrypted_content ?? undefined,
    format: "format" in item ? item.format : undefined,
    marks: marksOf(item),
    bare: isBare(item.id ?? "")
  }
  if (toDetails(entry, 0).length > 0) return [entry]
  report.add("label", at, item, "an item that holds no reasoning is left out")
  return []
}

const marksOf = (item: object): ReadonlyArray<Mark> | undefined => {
  const marks = arrayAt(item, "detail_marks").filter(isObject)
  return marks.length === 0 ? undefined : marks.map(({ id, index }) => ({
    ...(id === null || typeof id === "string" ? { id } : {}),
    ...(index === null || typeof index === "number" ? { index } : {})
  }))
}
