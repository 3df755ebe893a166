import { connectionFrame, data, delta, type Frame, type Frames, keepAlives } from "./bodyFrames.js"
import type { Fail, ResponsesFailureForm } from "./connectionParts.js"
import type { ContentPart, Reasoning, ToolCall } from "./contentParts.js"
import { chatError, failureForm, responsesError, userId } from "./errorBodies.js"
import type { ResolvedTurn, ResolvedUsage } from "./resolvedTurn.js"
import { contentBeforeEnd, isContent } from "./resolvedTurn.js"

/**
 * A form that is missing here does not compile.
 *
 * @internal
 */
export const failureForms: Readonly<Record<ResponsesFailureForm, true>> = {
  "failed": true,
  "nested": true,
  "flat": true,
  "response-error": true
}

/**
 * A turn as the events of the Responses API.
 *
 * @internal
 */
export const stream = function*(turn: ResolvedTurn): Frames {
  const writer = makeWriter(turn)
  yield* keepAlives(turn.comments)
  yield writer.event("response.created", { response: writer.response("in_progress") })
  yield writer.event("response.in_progress", { response: writer.response("in_progress") })
  for (const part of turn.parts) {
    if (part._tag === "Fail") return yield* fail(turn, writer, part)
    if (isContent(part)) yield* writer.add(part)
    else {
      const frame = connectionFrame(part)
      if (typeof frame === "string") return frame
      yield frame
    }
  }
  yield* writer.close()
  const status = statusOf(turn)
  yield writer.event(`response.${status}`, { response: writer.response(status) })
  if (turn.done) yield data("[DONE]")
  return "end"
}

const fail = function*(turn: ResolvedTurn, writer: Writer, failure: Fail): Frames {
  yield failureEvent(writer, failure)
  if (turn.done) yield data("[DONE]")
  return "end"
}

const failureEvent = (writer: Writer, failure: Fail): Frame => {
  const { error, errorType } = responsesError(failure.status, failure)
  switch (failureForm("responses", failureForms, failure) ?? "failed") {
    case "nested":
      return writer.event("error", { error: { ...error, metadata: { error_type: errorType } } })
    case "flat":
      return writer.event("error", { code: error["code"], message: error["message"], param: null })
    case "response-error":
      return writer.event("response.error", { error: { ...error, metadata: { error_type: errorType } } })
    case "failed":
      return writer.event("response.failed", {
        response: { ...writer.response("failed"), output: [], error, error_type: errorType }
      })
  }
}

/**
 * The same turn as one response, or the error in place of it.
 *
 * @internal
 */
export const result = (turn: ResolvedTurn, failure: Fail | undefined): unknown => {
  const content = contentBeforeEnd(turn.parts)
  if (failure !== undefined && content.length === 0) {
    return { error: chatError(failure.status, failure), user_id: userId }
  }
  const writer = makeWriter(turn)
  for (const part of content) Array.from(writer.add(part))
  Array.from(writer.close())
  if (failure === undefined) return writer.response(statusOf(turn))
  const { error, errorType } = responsesError(failure.status, failure)
  return { ...writer.response("failed"), error, error_type: errorType }
}

type Status = "in_progress" | "completed" | "incomplete" | "failed"

const statusOf = (turn: ResolvedTurn): Exclude<Status, "in_progress"> => {
  switch (turn.finishReason) {
    case "length":
    case "content_filter":
      return "incomplete"
    case "error":
      return "failed"
    default:
      return "completed"
  }
}

type Fields = { readonly [field: string]: unknown }

interface Writer {
  readonly event: (type: string, fields: Fields, isDelta?: boolean) => Frame
  readonly add: (part: ContentPart) => Generator<Frame, void, undefined>
  readonly close: () => Generator<Frame, void, undefined>
  readonly response: (status: Status) => Fields
}

/** A message that is being written: its finished content parts, and the one that is still growing. */
interface OpenMessage {
  readonly id: string
  readonly content: Array<Fields>
  current: { readonly type: "output_text" | "refusal"; text: string; readonly annotations: Array<Fields> } | undefined
}

/** Writes the events of output items, and keeps the items for the response that repeats them whole. */
const makeWriter = (turn: ResolvedTurn): Writer => {
  const output: Array<Fields> = []
  const cutOff = statusOf(turn) === "incomplete" ? contentBeforeEnd(turn.parts).at(-1) : undefined
  let sequence = 0
  let message: OpenMessage | undefined
  let lastPart: ContentPart | undefined

  const event: Writer["event"] = (type, fields, isDelta = false) =>
    (isDelta ? delta : data)({ type, ...fields, sequence_number: sequence++ })

  const itemStatus = (): string => cutOff !== undefined && lastPart === cutOff ? "incomplete" : "completed"

  const idOf = (kind: string): string => `${kind}_tmp_${turn.number}_${output.length}`

  const added = (item: Fields): Frame => event("response.output_item.added", { output_index: output.length, item })

  const done = (item: Fields): Frame => {
    const frame = event("response.output_item.done", { output_index: output.length, item })
    output.push(item)
    return frame
  }

  const partOf = (current: NonNullable<OpenMessage["current"]>): Fields =>
    current.type === "refusal"
      ? { type: "refusal", refusal: current.text }
      : { type: "output_text", text: current.text, annotations: current.annotations, logprobs: [] }

  const place = (open: OpenMessage): Fields => ({
    output_index: output.length,
    item_id: open.id,
    content_index: open.content.length
  })

  const openPart = function*(type: "output_text" | "refusal"): Generator<Frame, OpenMessage, undefined> {
    if (message === undefined) {
      message = { id: idOf("msg"), content: [], current: undefined }
      yield added({ id: message.id, type: "message", status: "in_progress", role: "assistant", content: [] })
    }
    if (message.current?.type !== type) {
      yield* closePart(message)
      message.current = { type, text: "", annotations: [] }
      yield event("response.content_part.added", { ...place(message), part: partOf(message.current) })
    }
    return message
  }

  const closePart = function*(open: OpenMessage): Generator<Frame, void, undefined> {
    const current = open.current
    if (current === undefined) return
    yield current.type === "refusal"
      ? event("response.refusal.done", { ...place(open), refusal: current.text })
      : event("response.output_text.done", { ...place(open), text: current.text, logprobs: [] })
    yield event("response.content_part.done", { ...place(open), part: partOf(current) })
    open.content.push(partOf(current))
    open.current = undefined
  }

  const close = function*(): Generator<Frame, void, undefined> {
    if (message === undefined) return
    yield* closePart(message)
    yield done({
      id: message.id,
      type: "message",
      status: itemStatus(),
      role: "assistant",
      content: message.content
    })
    message = undefined
  }

  const addSpeech = function*(type: "output_text" | "refusal", deltas: ReadonlyArray<string>): Generator<Frame, void> {
    const open = yield* openPart(type)
    for (const text of deltas) {
      if (open.current !== undefined) open.current.text += text
      yield type === "refusal"
        ? event("response.refusal.delta", { ...place(open), delta: text }, true)
        : event("response.output_text.delta", { ...place(open), delta: text, logprobs: [] }, true)
    }
  }

  const add = function*(part: ContentPart): Generator<Frame, void, undefined> {
    const inMessage = part._tag === "Text" || part._tag === "Refusal" || part._tag === "Citation"
    if (!inMessage && part._tag !== "Audio") yield* close()
    lastPart = part
    switch (part._tag) {
      case "Text":
        return yield* addSpeech("output_text", part.deltas)
      case "Refusal":
        return yield* addSpeech("refusal", part.deltas)
      case "Citation": {
        const open = yield* openPart("output_text")
        const annotations = open.current?.annotations ?? []
        annotations.push({
          type: "url_citation",
          url: part.url,
          title: part.title,
          ...(part.content === undefined ? {} : { content: part.content }),
          start_index: 0,
          end_index: 0
        })
        yield event("response.output_text.annotation.added", {
          ...place(open),
          annotation_index: annotations.length - 1,
          annotation: annotations.at(-1)
        }, true)
        return
      }
      case "Reasoning":
        return yield* addReasoning(part)
      case "ToolCall":
        return yield* addCall(part)
      case "Image": {
        const item = { id: idOf("ig"), type: "image_generation_call" }
        yield added({ ...item, status: "in_progress", result: null })
        yield done({ ...item, status: itemStatus(), result: part.url.slice(part.url.indexOf(",") + 1) })
        return
      }
      case "Item":
        yield added(part.item)
        yield done(part.item)
        break
      case "Audio":
        return
      default:
        return part satisfies never
    }
  }

  const addReasoning = function*(part: Reasoning): Generator<Frame, void, undefined> {
    const id = part.id ?? idOf("rs")
    const summarised = part.summary === true
    const text = part.deltas.join("")
    const whole = { type: summarised ? "summary_text" : "reasoning_text", text }
    yield added({ id, type: "reasoning", status: "in_progress", summary: [] })
    if (part.deltas.length > 0) {
      const at = { output_index: output.length, item_id: id, [summarised ? "summary_index" : "content_index"]: 0 }
      const name = summarised ? "response.reasoning_summary_text" : "response.reasoning_text"
      const partName = summarised ? "response.reasoning_summary_part" : "response.content_part"
      yield event(`${partName}.added`, { ...at, part: { ...whole, text: "" } })
      for (const piece of part.deltas) yield event(`${name}.delta`, { ...at, delta: piece }, true)
      yield event(`${name}.done`, { ...at, text })
      yield event(`${partName}.done`, { ...at, part: whole })
    }
    yield done({
      id,
      type: "reasoning",
      status: itemStatus(),
      summary: summarised && text !== "" ? [whole] : [],
      ...(summarised || text === "" ? {} : { content: [whole] }),
      ...(part.encrypted === undefined ? {} : { encrypted_content: part.encrypted }),
      ...(part.signature === undefined ? {} : { signature: part.signature }),
      format: part.format === undefined ? "unknown" : part.format
    })
  }

  const addCall = function*(part: ToolCall): Generator<Frame, void, undefined> {
    const call = { id: idOf("fc"), type: "function_call", call_id: part.id ?? "", name: part.name }
    const at = { output_index: output.length, item_id: call.id }
    const json = part.fragments.join("")
    yield added({ ...call, status: "in_progress", arguments: "" })
    for (const piece of part.fragments) {
      yield event("response.function_call_arguments.delta", { ...at, delta: piece }, true)
    }
    yield event("response.function_call_arguments.done", { ...at, name: part.name, arguments: json })
    yield done({ ...call, status: itemStatus(), arguments: json })
  }

  const response = (status: Status): Fields => ({
    ...head(turn, status),
    output: [...output],
    error: status === "failed" ? { code: "server_error", message: turn.nativeFinishReason ?? "error" } : null,
    incomplete_details: status === "incomplete"
      ? { reason: turn.finishReason === "length" ? "max_output_tokens" : "content_filter" }
      : null,
    ...settings(turn.request),
    usage: status === "in_progress" || turn.usage === undefined ? null : usage(turn.usage),
    ...(status === "in_progress" ? {} : turn.fields)
  })

  return { event, add, close, response }
}

const head = (turn: ResolvedTurn, status: Status): Fields => ({
  id: turn.id,
  object: "response",
  created_at: turn.created,
  model: turn.model,
  status,
  completed_at: status === "completed" ? turn.created : null
})

/** The settings that a response repeats, from the request where it has them. */
const settings = (request: Fields): Fields => {
  const defaults: Fields = {
    tools: [],
    tool_choice: "auto",
    parallel_tool_calls: true,
    max_output_tokens: null,
    temperature: 1,
    top_p: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    top_logprobs: 0,
    max_tool_calls: null,
    metadata: {},
    background: false,
    previous_response_id: null,
    service_tier: "default",
    truncation: "disabled",
    store: false,
    instructions: null,
    text: { format: { type: "text" } },
    reasoning: null,
    safety_identifier: null,
    prompt_cache_key: null
  }
  return Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, request[name] ?? value]))
}

const usage = (used: ResolvedUsage): Fields => ({
  input_tokens: used.input,
  input_tokens_details: { cached_tokens: used.cached, cache_write_tokens: used.cacheWrite },
  output_tokens: used.output,
  output_tokens_details: { reasoning_tokens: used.reasoning },
  total_tokens: used.input + used.output,
  cost: used.byok ? 0 : used.cost,
  is_byok: used.byok,
  cost_details: {
    upstream_inference_cost: used.cost,
    upstream_inference_input_cost: 0,
    upstream_inference_output_cost: used.cost
  },
  ...used.fields
})
