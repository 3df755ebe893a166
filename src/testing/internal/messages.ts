import { parseJson, stringAt } from "../../internal/json.js"
import { connectionFrame, data, delta, type Frame, type Frames, keepAlives } from "./bodyFrames.js"
import type { Fail } from "./connectionParts.js"
import type { Citation, ContentPart, Reasoning, ToolCall } from "./contentParts.js"
import { messagesError } from "./errorBodies.js"
import type { ResolvedTurn, ResolvedUsage } from "./resolvedTurn.js"
import { contentBeforeEnd, isContent, partsTagged } from "./resolvedTurn.js"

type Fields = { readonly [field: string]: unknown }

const event = (type: string, fields: Fields): Frame => data({ type, ...fields }, type)

const typeOf = (payload: unknown): string | undefined => stringAt(payload, "type")

/** @internal */
export const failureForms: Readonly<Record<never, true>> = {}

/**
 * A turn as the events of the Anthropic Messages API.
 *
 * @internal
 */
export const stream = function*(turn: ResolvedTurn): Frames {
  const blocks = makeBlocks()
  yield* keepAlives(turn.comments)
  yield event("message_start", { message: message(turn, [], null, null) })
  for (const part of turn.parts) {
    if (part._tag === "Fail") {
      yield event("error", { error: messagesError(part.status, part) })
      return "end"
    }
    if (isContent(part)) yield* blocks.add(part)
    else {
      const frame = connectionFrame(part, typeOf)
      if (typeof frame === "string") return frame
      yield frame
    }
  }
  yield* blocks.close()
  yield event("message_delta", {
    delta: {
      stop_reason: stopReason(turn),
      stop_sequence: null,
      stop_details: null,
      container: null
    },
    usage: turn.usage === undefined ? noUsage : usage(turn.usage)
  })
  yield event("message_stop", turn.fields)
  if (turn.done) yield data("[DONE]", "data")
  return "end"
}

/**
 * The same turn as one message, or the error in place of it.
 *
 * @internal
 */
export const result = (turn: ResolvedTurn, failure: Fail | undefined): unknown => {
  if (failure !== undefined) {
    return { type: "error", error: messagesError(failure.status, failure), request_id: turn.id }
  }
  const blocks = makeBlocks()
  for (const part of contentBeforeEnd(turn.parts)) Array.from(blocks.add(part))
  Array.from(blocks.close())
  return { ...message(turn, blocks.written, stopReason(turn), turn.usage), ...turn.fields }
}

const message = (
  turn: ResolvedTurn,
  content: ReadonlyArray<Fields>,
  stop: string | null,
  used: ResolvedUsage | undefined | null
): Fields => ({
  id: turn.id,
  type: "message",
  role: "assistant",
  container: null,
  content,
  model: turn.model,
  provider: turn.provider,
  stop_reason: stop,
  stop_details: null,
  stop_sequence: null,
  usage: used === undefined || used === null ? noUsage : usage(used)
})

const stopReason = (turn: ResolvedTurn): string | null => {
  switch (turn.finishReason) {
    case "stop":
      return partsTagged(contentBeforeEnd(turn.parts), "Refusal").length > 0 ? "refusal" : "end_turn"
    case "length":
      return "max_tokens"
    case "tool_calls":
      return "tool_use"
    case "content_filter":
      return "refusal"
    default:
      return turn.finishReason
  }
}

interface Blocks {
  readonly written: ReadonlyArray<Fields>
  readonly add: (part: ContentPart) => Generator<Frame, void, undefined>
  readonly close: () => Generator<Frame, void, undefined>
}

/** Writes content blocks; text parts in a row are one block. */
const makeBlocks = (): Blocks => {
  const written: Array<Fields> = []
  let open: { text: string; readonly citations: Array<Fields> } | undefined

  const start = (block: Fields): Frame => event("content_block_start", { index: written.length, content_block: block })

  const piece = (fields: Fields): Frame =>
    delta({ type: "content_block_delta", index: written.length, delta: fields }, "content_block_delta")

  const stop = (block: Fields): Frame => {
    const frame = event("content_block_stop", { index: written.length })
    written.push(block)
    return frame
  }

  const openText = function*(): Generator<Frame, NonNullable<typeof open>, undefined> {
    if (open === undefined) {
      open = { text: "", citations: [] }
      yield start({ type: "text", text: "", citations: null })
    }
    return open
  }

  const close = function*(): Generator<Frame, void, undefined> {
    if (open === undefined) return
    yield stop({ type: "text", text: open.text, citations: open.citations.length === 0 ? null : open.citations })
    open = undefined
  }

  const addText = function*(deltas: ReadonlyArray<string>): Generator<Frame, void, undefined> {
    const block = yield* openText()
    for (const text of deltas) {
      block.text += text
      yield piece({ type: "text_delta", text })
    }
  }

  const addCitation = function*(part: Citation): Generator<Frame, void, undefined> {
    const block = yield* openText()
    const citation = {
      type: "web_search_result_location",
      url: part.url,
      title: part.title,
      cited_text: part.content ?? "",
      encrypted_index: ""
    }
    block.citations.push(citation)
    yield piece({ type: "citations_delta", citation })
  }

  const addThinking = function*(part: Reasoning): Generator<Frame, void, undefined> {
    const thinking = part.deltas.join("")
    const signature = part.signature ?? ""
    if (thinking !== "" || signature !== "" || part.encrypted === undefined) {
      yield start({ type: "thinking", thinking: "", signature: "" })
      for (const text of part.deltas) yield piece({ type: "thinking_delta", thinking: text })
      if (signature !== "") yield piece({ type: "signature_delta", signature })
      yield stop({ type: "thinking", thinking, signature })
    }
    if (part.encrypted !== undefined) {
      const block = { type: "redacted_thinking", data: part.encrypted }
      yield start(block)
      yield stop(block)
    }
  }

  const addCall = function*(part: ToolCall): Generator<Frame, void, undefined> {
    const call = { type: "tool_use", id: part.id, name: part.name, caller: { type: "direct" } }
    yield start({ ...call, input: {} })
    for (const json of part.fragments) yield piece({ type: "input_json_delta", partial_json: json })
    yield stop({ ...call, input: inputOf(part.fragments.join("")) })
  }

  const add = function*(part: ContentPart): Generator<Frame, void, undefined> {
    switch (part._tag) {
      case "Text":
      case "Refusal":
        return yield* addText(part.deltas)
      case "Citation":
        return yield* addCitation(part)
      case "Reasoning":
        yield* close()
        return yield* addThinking(part)
      case "ToolCall":
        yield* close()
        return yield* addCall(part)
      case "Image":
      case "Audio":
      case "Item":
        return
      default:
        return part satisfies never
    }
  }

  return { written, add, close }
}

/** A block without a stream has its input parsed; what cannot be parsed is what a provider would have dropped. */
const inputOf = (json: string): unknown => parseJson(json)?.value ?? {}

const noUsage: Fields = {
  input_tokens: 0,
  output_tokens: 0,
  output_tokens_details: null,
  cache_creation: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  inference_geo: null,
  server_tool_use: null,
  service_tier: null
}

const usage = (used: ResolvedUsage): Fields => ({
  ...noUsage,
  input_tokens: used.input,
  output_tokens: used.output,
  output_tokens_details: { thinking_tokens: used.reasoning },
  cache_creation_input_tokens: used.cacheWrite,
  cache_read_input_tokens: used.cached,
  service_tier: "standard",
  cost: used.byok ? 0 : used.cost,
  is_byok: used.byok,
  cost_details: {
    upstream_inference_cost: used.cost,
    upstream_inference_prompt_cost: 0,
    upstream_inference_completions_cost: used.cost
  },
  ...used.fields
})
