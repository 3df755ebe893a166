import { connectionFrame, data, delta, type Frame, type Frames, keepAlives } from "./bodyFrames.js"
import type { ChatFailureForm, Fail } from "./connectionParts.js"
import type { ContentPart, Reasoning, ToolCall } from "./contentParts.js"
import { chatError, failureForm, userId } from "./errorBodies.js"
import type { ResolvedTurn, ResolvedUsage } from "./resolvedTurn.js"
import { contentBeforeEnd, isContent, partsTagged } from "./resolvedTurn.js"

/**
 * A form that is missing here does not compile.
 *
 * @internal
 */
export const failureForms: Readonly<Record<ChatFailureForm, true>> = {
  "finish": true,
  "bare": true,
  "done": true,
  "beside-finish": true,
  "on-usage": true
}

/**
 * A turn as a stream of chat completion chunks.
 *
 * @internal
 */
export const stream = function*(turn: ResolvedTurn): Frames {
  yield* keepAlives(turn.comments)
  const positions = { calls: 0, reasoning: 0, images: 0 }
  let hasContent = false
  for (const part of turn.parts) {
    if (isContent(part)) {
      for (const fields of deltasOf(part, positions)) {
        hasContent = true
        yield delta(chunk(turn, fields, null, null))
      }
    } else if (part._tag === "Fail") return yield* fail(turn, part, hasContent)
    else {
      const frame = connectionFrame(part)
      if (typeof frame === "string") return frame
      yield frame
    }
  }
  yield finish(turn, turn.finishReason, turn.nativeFinishReason)
  if (turn.usage !== undefined) {
    const shape = turn.usageChunk
    const reasons = shape === "repeat" ? turn : { finishReason: null, nativeFinishReason: null }
    yield data({
      ...(shape === "none" ? base(turn, []) : last(turn, reasons.finishReason, reasons.nativeFinishReason)),
      usage: usage(turn.usage),
      ...turn.fields
    })
  }
  if (turn.done) yield data("[DONE]")
  return "end"
}

const base = (turn: ResolvedTurn, choices: ReadonlyArray<unknown>): { readonly [field: string]: unknown } => ({
  id: turn.id,
  object: "chat.completion.chunk",
  created: turn.created,
  model: turn.model,
  provider: turn.provider,
  choices
})

const chunk = (
  turn: ResolvedTurn,
  delta: { readonly [field: string]: unknown },
  finishReason: string | null,
  native: string | null
) =>
  base(turn, [{
    index: 0,
    delta: { content: "", role: "assistant", ...delta },
    finish_reason: finishReason,
    native_finish_reason: native
  }])

const last = (turn: ResolvedTurn, finishReason: string | null, native: string | null) =>
  chunk(turn, {}, finishReason, native)

const finish = (turn: ResolvedTurn, finishReason: string | null, native: string | null): Frame =>
  data({ ...last(turn, finishReason, native), ...(turn.usage === undefined ? turn.fields : {}) })

type Fields = { readonly [field: string]: unknown }

interface Positions {
  calls: number
  reasoning: number
  images: number
}

/** The deltas of one part, in order. */
const deltasOf = function*(part: ContentPart, positions: Positions): Generator<Fields> {
  switch (part._tag) {
    case "Text":
      for (const content of part.deltas) yield { content }
      break
    case "Refusal":
      for (const refusal of part.deltas) yield { refusal }
      break
    case "Reasoning":
      yield* reasoningDeltas(part, positions.reasoning++)
      break
    case "ToolCall":
      for (const call of callDeltas(part, positions.calls++)) yield { content: null, tool_calls: [call] }
      break
    case "Image":
      yield { images: [image(part.url, positions.images++)] }
      break
    case "Citation":
      yield { annotations: [citation(part)] }
      break
    case "Audio":
      for (const [at, piece] of part.data.entries()) {
        yield { audio: { id: part.id, data: piece, ...(at === 0 ? { transcript: part.transcript } : {}) } }
      }
      break
    case "Item":
      break
    default:
      part satisfies never
  }
}

const reasoningDeltas = function*(part: Reasoning, index: number): Generator<Fields> {
  const shown = (details: ReadonlyArray<Fields>): Fields =>
    part.details === "none" ? {} : { reasoning_details: part.details === "empty" ? [] : details }
  const format = part.format === undefined ? "unknown" : part.format
  for (const text of part.deltas) {
    yield { reasoning: text, ...shown([{ ...reasoningText(part, text), format, index }]) }
  }
  if (part.details === "none" || part.details === "empty") return
  if (part.signature !== undefined) {
    yield { reasoning: null, ...shown([{ type: "reasoning.text", signature: part.signature, format, index }]) }
  }
  if (part.encrypted !== undefined) yield { reasoning: null, ...shown([{ ...encrypted(part), format, index }]) }
}

const reasoningText = (part: Reasoning, text: string): Fields =>
  part.summary === true ? { type: "reasoning.summary", summary: text } : { type: "reasoning.text", text }

const encrypted = (part: Reasoning): Fields => ({
  type: "reasoning.encrypted",
  data: part.encrypted,
  ...(part.id === undefined ? {} : { id: part.id })
})

const callDeltas = function*(part: ToolCall, index: number): Generator<Fields> {
  const [first = ""] = part.fragments
  const whole = part.fragments.length <= 1
  yield { index, id: part.id, type: "function", function: { name: part.name, arguments: whole ? first : "" } }
  if (whole) return
  for (const json of part.fragments) {
    switch (part.repeat) {
      case "absent":
        yield { index, function: { arguments: json } }
        break
      case "null":
        yield { index, id: null, type: "function", function: { name: null, arguments: json } }
        break
      case "empty":
        yield { index, id: "", type: "", function: { arguments: json } }
    }
  }
}

const image = (url: string, index: number): Fields => ({ type: "image_url", image_url: { url }, index })

const citation = (part: { readonly url: string; readonly title: string; readonly content: string | undefined }) => ({
  type: "url_citation",
  url_citation: {
    url: part.url,
    title: part.title,
    ...(part.content === undefined ? {} : { content: part.content }),
    start_index: 0,
    end_index: 0
  }
})

const fail = function*(turn: ResolvedTurn, failure: Fail, hasContent: boolean): Frames {
  const error = chatError(failure.status, failure)
  switch (failureForm("chat", failureForms, failure) ?? (hasContent ? "finish" : "bare")) {
    case "bare":
      yield data({ error, user_id: userId })
      return "end"
    case "done":
      yield data({ ...base(turn, []), error })
      yield data("[DONE]")
      return "end"
    case "beside-finish":
      yield data({ ...last(turn, "stop", "MALFORMED_FUNCTION_CALL"), error })
      if (turn.usage !== undefined) {
        yield data({ ...last(turn, "stop", "MALFORMED_FUNCTION_CALL"), usage: usage(turn.usage) })
      }
      return "end"
    case "on-usage":
      yield finish(turn, "length", "length")
      yield data({
        ...last(turn, null, null),
        error,
        ...(turn.usage === undefined ? {} : { usage: usage(turn.usage) })
      })
      yield data("[DONE]")
      return "end"
    case "finish":
      yield data({ ...last(turn, "error", null), error })
      return "end"
  }
}

/**
 * The same turn as one chat completion, or the error in place of it or inside it.
 *
 * @internal
 */
export const result = (turn: ResolvedTurn, failure: Fail | undefined): unknown => {
  const content = contentBeforeEnd(turn.parts)
  if (failure !== undefined && (content.length === 0 || failure.as === "bare")) {
    return { error: chatError(failure.status, failure), user_id: userId }
  }
  return {
    id: turn.id,
    provider: turn.provider,
    model: turn.model,
    object: "chat.completion",
    created: turn.created,
    choices: [{
      logprobs: null,
      finish_reason: failure === undefined ? turn.finishReason : null,
      native_finish_reason: failure === undefined ? turn.nativeFinishReason : null,
      index: 0,
      message: message(content),
      ...(failure === undefined ? {} : { error: chatError(failure.status, failure) })
    }],
    system_fingerprint: null,
    ...(turn.usage === undefined ? {} : { usage: usage(turn.usage) }),
    ...turn.fields
  }
}

const textOf = (parts: ReadonlyArray<{ readonly deltas: ReadonlyArray<string> }>): string =>
  parts.map((part) => part.deltas.join("")).join("")

const message = (content: ReadonlyArray<ContentPart>): Fields => {
  const calls = partsTagged(content, "ToolCall")
  const text = textOf(partsTagged(content, "Text"))
  const refusals = partsTagged(content, "Refusal")
  const reasoning = partsTagged(content, "Reasoning")
  const images = partsTagged(content, "Image")
  const citations = partsTagged(content, "Citation")
  const [sound] = partsTagged(content, "Audio")
  const thoughts = textOf(reasoning)
  return {
    role: "assistant",
    content: text === "" && calls.length > 0 ? null : text,
    refusal: refusals.length === 0 ? null : textOf(refusals),
    reasoning: thoughts === "" ? null : thoughts,
    ...(reasoning.some((part) => part.details !== "none") ? { reasoning_details: reasoning.flatMap(details) } : {}),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(toolCall) }),
    ...(images.length === 0 ? {} : { images: images.map((part, index) => image(part.url, index)) }),
    ...(citations.length === 0 ? {} : { annotations: citations.map(citation) }),
    ...(sound === undefined
      ? {}
      : { audio: { id: sound.id, data: sound.data.join(""), transcript: sound.transcript } })
  }
}

const details = (part: Reasoning, index: number): ReadonlyArray<Fields> => {
  if (part.details === "none" || part.details === "empty") return []
  const format = part.format === undefined ? "unknown" : part.format
  const text = part.deltas.join("")
  const signed = part.signature === undefined ? [] : [{ type: "reasoning.text", signature: part.signature }]
  const entries: ReadonlyArray<Fields> = text === ""
    ? signed
    : part.summary === true
    ? [reasoningText(part, text), ...signed]
    : [{ ...reasoningText(part, text), ...signed[0] }]
  const all = part.encrypted === undefined ? entries : [...entries, encrypted(part)]
  return all.map((entry) => ({ ...entry, format, index }))
}

const toolCall = (part: ToolCall, index: number): Fields => ({
  index,
  id: part.id,
  type: "function",
  function: { name: part.name, arguments: part.fragments.join("") }
})

/** @internal */
export const usage = (used: ResolvedUsage): Fields => ({
  prompt_tokens: used.input,
  completion_tokens: used.output,
  total_tokens: used.input + used.output,
  cost: used.byok ? 0 : used.cost,
  is_byok: used.byok,
  prompt_tokens_details: {
    cached_tokens: used.cached,
    cache_write_tokens: used.cacheWrite,
    audio_tokens: 0,
    video_tokens: 0
  },
  cost_details: {
    upstream_inference_cost: used.cost,
    upstream_inference_prompt_cost: 0,
    upstream_inference_completions_cost: used.cost
  },
  completion_tokens_details: { reasoning_tokens: used.reasoning, image_tokens: 0, audio_tokens: 0 },
  ...used.fields
})
