import { defined } from "../../../internal/json.js"
import type {
  EasyInputMessage,
  FunctionCallOutputItem,
  InputItem,
  ReasoningItem,
  ReplayedMessageItem
} from "../../../schema/ResponsesItemsRequest.js"
import * as Citations from "./citations.js"
import type { Report } from "./conversion.js"
import {
  type AssistantMessage,
  type Cache,
  type Content,
  type Entry,
  Ids,
  type Output,
  type Part,
  type Reasoning,
  type TextPart,
  toImageResult,
  withCacheOnText
} from "./entry.js"

type EasyInputContent = Exclude<NonNullable<EasyInputMessage["content"]>, string>[number]
type OutputMessageContent = Exclude<NonNullable<ReplayedMessageItem["content"]>, string>[number]
type InputText = Extract<EasyInputContent, { readonly type: "input_text" }>
type ToolCallOutput = FunctionCallOutputItem["output"]

/** @internal */
export const writeItems = (entries: ReadonlyArray<Entry>, report: Report): ReadonlyArray<InputItem> => {
  const ids = new Ids()
  return entries.map((entry) => writeItem(entry, ids, report))
}

const writeItem = (entry: Entry, ids: Ids, report: Report): InputItem => {
  switch (entry.kind) {
    case "message":
      return { role: entry.role, content: writeContent(entry.content, report) }
    case "assistant":
      return writeAssistant(entry, ids, report)
    case "reasoning":
      return writeReasoning(entry, ids)
    case "call":
      reportCache(entry.cache, "function calls", report)
      return { type: "function_call", call_id: entry.id, name: entry.name, arguments: entry.arguments }
    case "output":
      return { type: "function_call_output", call_id: entry.id, output: writeOutput(entry, report) }
    case "generated_image": {
      const result = toImageResult(entry.url)
      return { type: "image_generation_call", id: ids.make("ig_made", result), status: "completed", result }
    }
  }
}

const reportCache = (cache: Cache | undefined, where: string, report: Report): void => {
  if (cache !== undefined) {
    report.lose("setting", cache.at, `${where} of the Responses API have no cache breakpoint`)
  }
}

const writeContent = (content: Content, report: Report): string | ReadonlyArray<EasyInputContent> =>
  typeof content === "string" ? content : content.map((part) => writePart(part, report))

/** A breakpoint of items has no lifetime. OpenRouter converts it to Anthropic's directive for Anthropic models. */
const writeText = (part: TextPart, report: Report): InputText => {
  for (const { at } of part.citations ?? []) report.lose("content", at, "only output text has annotations")
  if (part.cache === undefined) return { type: "input_text", text: part.text }
  const { at, directive } = part.cache
  if (directive.type !== "ephemeral") {
    report.lose("setting", at, `the Responses API has no cache breakpoint of type "${directive.type}"`)
    return { type: "input_text", text: part.text }
  }
  report.rest(directive, at, ["type"], { ttl: "setting" })
  return { type: "input_text", text: part.text, prompt_cache_breakpoint: { mode: "explicit" } }
}

const writePart = (part: Part, report: Report): EasyInputContent => {
  switch (part.kind) {
    case "text":
      return writeText(part, report)
    case "refusal":
      report.lose("form", part.at, "input has no refusals; it becomes a text")
      return { type: "input_text", text: part.text }
    case "image":
      reportCache(part.cache, "images", report)
      return { type: "input_image", image_url: part.url, detail: part.detail ?? "auto" }
    case "file":
      reportCache(part.cache, "files", report)
      return defined({
        type: "input_file",
        file_data: part.data,
        file_url: part.url,
        file_id: part.id,
        filename: part.name
      })
    case "audio":
      return { type: "input_audio", input_audio: { data: part.data, format: part.format } }
    case "video":
      return { type: "input_video", video_url: part.url }
  }
}

const writeOutput = (output: Output, report: Report): ToolCallOutput => {
  const cached = withCacheOnText(output)
  if (cached === undefined) {
    reportCache(output.cache, "tool results without text", report)
  } else {
    report.lose("form", output.cache?.at ?? output.at, "the breakpoint moves to the last text of the result")
  }
  const content = cached ?? output.content
  if (typeof content === "string") return content
  return content.flatMap((part) => writeOutputPart(part, report))
}

const writeOutputPart = (part: Part, report: Report): Exclude<ToolCallOutput, string> => {
  switch (part.kind) {
    case "audio":
    case "video":
      report.lose("content", part.at, `tool results of the Responses API have no ${part.kind}`)
      return []
    case "text":
    case "refusal":
    case "image":
    case "file": {
      const written = writePart(part, report)
      return written.type === "input_text" || written.type === "input_image" || written.type === "input_file"
        ? [written]
        : []
    }
  }
}

/** The text of the assistant is an output item, except if only input items have its parts or its breakpoint. */
const writeAssistant = (message: AssistantMessage, ids: Ids, report: Report): InputItem => {
  const { content } = message
  if (content === null || typeof content === "string") return { role: "assistant", content }
  const output = content.flatMap((part): ReadonlyArray<OutputMessageContent> => {
    if (part.kind === "refusal") return [{ type: "refusal", refusal: part.text }]
    return part.kind === "text" && part.cache === undefined
      ? [{ type: "output_text", text: part.text, annotations: Citations.toItem(part.citations ?? []) }]
      : []
  })
  if (output.length < content.length) {
    const message: EasyInputMessage = { role: "assistant", content: writeContent(content, report) }
    return message
  }
  const id = ids.make("msg_made", JSON.stringify(output))
  return { type: "message", role: "assistant", id, status: "completed", content: output }
}

const writeReasoning = (entry: Reasoning, ids: Ids): ReasoningItem => {
  const { bare, encrypted, format, marks, signature, summaries, texts } = entry
  const content = [...summaries, ...texts, signature, encrypted].join("\n")
  return defined({
    type: "reasoning",
    id: entry.id ?? ids.make(bare === true ? "rs_text" : "rs_made", content),
    summary: summaries.map((text) => ({ type: "summary_text", text })),
    content: texts.length === 0 ? undefined : texts.map((text) => ({ type: "reasoning_text" as const, text })),
    encrypted_content: encrypted,
    signature,
    format,
    // Not a field of the API: the fields of each reasoning detail, so that they can be restored
    ...(marks === undefined ? {} : { detail_marks: marks })
  })
}
