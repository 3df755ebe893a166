import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as Scope from "effect/Scope"
import type * as Tracer from "effect/Tracer"
import { currentClock } from "../../internal/effect/fibers.js"
import { withDebug } from "../../internal/effect/logLevels.js"
import { currentLabels, histogram, type Labels } from "../../internal/effect/metrics.js"
import { isObject, numberAt, stringAt } from "../../internal/json.js"
import type { PartialResponse } from "../OpenRouterError.js"
import type { Row } from "../row.js"
import { telemetryOf } from "../spanContent.js"
import { Payers } from "../spending.js"
import { RunAttributes } from "../telemetryOptions.js"
import { AttemptLog } from "./attemptLog.js"
import { Bill } from "./bill.js"
import { type CallContent, callContent } from "./callContent.js"
import { finishReasonOf } from "./finishReason.js"
import { makeModelLabels } from "./modelLabels.js"

/**
 * Spans and metrics of a call, in the names of OpenTelemetry's GenAI conventions. They hold counts, names and costs; a
 * prompt or a response only if the options ask for it; never a header or a key.
 */

/**
 * A call of an endpoint, its span, and its bill.
 *
 * @internal
 */
export interface Call {
  readonly row: Row
  readonly params: unknown
  readonly span: Tracer.Span
  readonly bill: Bill
  /** Puts messages on the span. */
  readonly content: CallContent | undefined
  /** Writes a log for each attempt. */
  readonly log: AttemptLog | undefined
}

/**
 * Makes a call within a span of its own, which ends with it.
 *
 * @internal
 */
export const withCallSpan = <A, E, R>(
  row: Row,
  params: unknown,
  use: (call: Call) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.useSpan(
    spanName(row, params),
    spanOptions(row, params),
    (span) => Effect.flatMap(callOf(row, params, span), use)
  )

/**
 * Makes a call whose span ends with the surrounding scope.
 *
 * @internal
 */
export const scopedCall = (row: Row, params: unknown): Effect.Effect<Call, never, Scope.Scope> =>
  Effect.flatMap(
    Effect.makeSpanScoped(spanName(row, params), spanOptions(row, params)),
    (span) => callOf(row, params, span)
  )

const callOf = (row: Row, params: unknown, span: Tracer.Span): Effect.Effect<Call> =>
  withDebug((isDebug, context): Effect.Effect<Call> => {
    const ofRun = row.operation === undefined ? undefined : Context.get(context, RunAttributes)?.()
    for (const name in ofRun) span.attribute(name, ofRun[name])
    const call: Call = {
      row,
      params,
      span,
      bill: new Bill(row, Context.get(context, Payers)),
      content: callContent(row, params, span, telemetryOf(context)),
      log: undefined
    }
    return isDebug
      ? Effect.map(currentClock, (clock) => ({ ...call, log: new AttemptLog(row, params, ofRun ?? {}, clock) }))
      : Effect.succeed(call)
  })

const spanName = (row: Row, params: unknown): string => {
  const model = stringAt(params, "model")
  return row.operation === undefined ? row.name : model === undefined ? row.operation : `${row.operation} ${model}`
}

const spanOptions = (row: Row, params: unknown) => ({
  kind: "client" as const,
  captureStackTrace: false,
  attributes: {
    "http.request.method": row.method,
    "url.template": `${row.base ?? ""}${row.path}`,
    "openrouter.endpoint": row.name,
    ...(row.operation === undefined ? {} : requestAttributes(row.operation, row, params))
  }
})

const requestNumbers = {
  temperature: "gen_ai.request.temperature",
  top_p: "gen_ai.request.top_p",
  top_k: "gen_ai.request.top_k",
  max_tokens: "gen_ai.request.max_tokens",
  max_completion_tokens: "gen_ai.request.max_tokens",
  max_output_tokens: "gen_ai.request.max_tokens",
  seed: "gen_ai.request.seed",
  frequency_penalty: "gen_ai.request.frequency_penalty",
  presence_penalty: "gen_ai.request.presence_penalty",
  n: "gen_ai.request.choice.count"
}

const requestAttributes = (operation: string, row: Row, params: unknown): Record<string, unknown> => {
  const attributes: Record<string, unknown> = {
    "gen_ai.operation.name": operation,
    "gen_ai.provider.name": "openrouter",
    "gen_ai.request.stream": row.success === "sse"
  }
  const model = stringAt(params, "model")
  if (model !== undefined) attributes["gen_ai.request.model"] = model
  for (const [field, name] of Object.entries(requestNumbers)) {
    const value = numberAt(params, field)
    if (value !== undefined) attributes[name] = value
  }
  const conversation = stringAt(params, "session_id")
  if (conversation !== undefined) attributes["gen_ai.conversation.id"] = conversation
  return attributes
}

/**
 * Records a failed attempt on the span, whether or not another one follows.
 *
 * @internal
 */
export const recordAttemptFailure = ({ span }: Call, error: { readonly _tag: string }): Effect.Effect<void> =>
  Effect.clockWith((clock) =>
    Effect.sync(() =>
      span.event("openrouter.attempt_failed", clock.unsafeCurrentTimeNanos(), {
        "error.type": error._tag,
        ...("status" in error ? { "http.response.status_code": error.status } : {})
      })
    )
  )

/** How an inference call ended; `started` and `firstOutput` are nanoseconds of the clock. */
interface Outcome {
  readonly response: PartialResponse
  readonly started: bigint
  /** Removes secrets from the names in a response. The partial response of an error has none. */
  readonly scrubName?: ((text: string) => string) | undefined
  readonly firstOutput?: bigint | undefined
  /** The tag of the error that the call ended with. */
  readonly failure?: string | undefined
}

/**
 * Records how an inference call ended: on the span, and in the token, cost and duration metrics.
 *
 * @internal
 */
export const recordOutcome = (call: Call, outcome: Outcome): Effect.Effect<void> =>
  Effect.map(makeRecorder(call), (record) => record(outcome))

/**
 * Returns a function that records the outcome later, outside of this fiber.
 *
 * @internal
 */
export const makeRecorder = (call: Call): Effect.Effect<(outcome: Outcome) => void> =>
  Effect.clockWith((clock) =>
    Effect.map(currentLabels, (labels) => (outcome) => record(call, clock.unsafeCurrentTimeNanos(), labels, outcome))
  )

/**
 * Records the failure of an inference call, with the part of the response that had arrived.
 *
 * @internal
 */
export const recordFailure = (
  call: Call,
  error: { readonly _tag: string; readonly partial?: PartialResponse | undefined },
  started: bigint
): Effect.Effect<void> =>
  recordOutcome(call, { response: error.partial ?? emptyResponse, started, failure: error._tag })

const emptyResponse: PartialResponse = { text: "", reasoning: "", toolCalls: [], result: undefined }

const record = (
  { content, params, row, span }: Call,
  now: bigint,
  labels: Labels,
  { failure, firstOutput, response, scrubName = identity, started }: Outcome
): void => {
  if (row.operation === undefined) return
  const name = (text: string | undefined) => text === undefined ? undefined : scrubName(text)
  const reason = finishReasonOf(response.finishReason, response.toolCalls.length > 0)
  const [id, model, finishReason] = [response.generationId, response.model, reason].map(name)
  const metrics = clientMetrics()
  const models = metrics.models(
    { request: stringAt(params, "model") ?? "", response: model ?? "" },
    failure === undefined || model !== undefined
  )
  const tags = {
    "gen_ai.operation.name": row.operation,
    "gen_ai.provider.name": "openrouter",
    "gen_ai.request.model": models.request,
    "gen_ai.response.model": models.response,
    ...(failure === undefined ? {} : { "error.type": failure })
  }
  const attribute = (name: string, value: unknown) => {
    if (value !== undefined) span.attribute(name, value)
  }
  attribute("error.type", failure)
  attribute("gen_ai.response.id", id)
  attribute("gen_ai.response.model", model)
  attribute("gen_ai.response.finish_reasons", finishReason === undefined ? undefined : [finishReason])
  attribute("gen_ai.usage.input_tokens", response.inputTokens)
  attribute("gen_ai.usage.output_tokens", response.outputTokens)
  attribute("openrouter.usage.cost", response.cost)
  for (const [name, value] of usageDetails(response.result)) attribute(name, value)
  content?.ended(response, now)
  metrics.duration(seconds(now - started), tags, labels)
  if (firstOutput !== undefined) {
    const wait = seconds(firstOutput - started)
    attribute("gen_ai.response.time_to_first_chunk", wait)
    metrics.firstChunk(wait, tags, labels)
  }
  if (response.inputTokens !== undefined) {
    metrics.tokens(response.inputTokens, { ...tags, "gen_ai.token.type": "input" }, labels)
  }
  if (response.outputTokens !== undefined) {
    metrics.tokens(response.outputTokens, { ...tags, "gen_ai.token.type": "output" }, labels)
  }
  if (response.cost !== undefined) metrics.cost(response.cost, tags, labels)
}

const usageDetails = (result: unknown): ReadonlyArray<readonly [string, number | undefined]> => {
  const usage = isObject(result) ? result["usage"] : undefined
  const details = (...names: ReadonlyArray<string>) => (field: string) =>
    names.map((name) => isObject(usage) ? numberAt(usage[name], field) : undefined).find((n) => n !== undefined)
  const input = details("prompt_tokens_details", "input_tokens_details")
  const output = details("completion_tokens_details", "output_tokens_details")
  return [
    ["gen_ai.usage.cache_read.input_tokens", input("cached_tokens") ?? numberAt(usage, "cache_read_input_tokens")],
    [
      "gen_ai.usage.cache_creation.input_tokens",
      input("cache_write_tokens") ?? numberAt(usage, "cache_creation_input_tokens")
    ],
    ["gen_ai.usage.reasoning.output_tokens", output("reasoning_tokens")]
  ]
}

const seconds = (nanos: bigint): number => Number(nanos) / 1e9

const powers = (first: number, factor: number, count: number): ReadonlyArray<number> =>
  Array.from({ length: count }, (_, index) => first * factor ** index)

const makeMetrics = () => {
  const durations = powers(0.01, 2, 14)
  return {
    models: makeModelLabels(),
    tokens: histogram("gen_ai.client.token.usage", powers(1, 4, 14), "Tokens used, by direction"),
    duration: histogram("gen_ai.client.operation.duration", durations, "Seconds until the whole response"),
    firstChunk: histogram("gen_ai.client.operation.time_to_first_chunk", durations, "Seconds until the first output"),
    cost: histogram("openrouter.client.cost", powers(0.00001, 4, 14), "USD charged")
  }
}

let metrics: ReturnType<typeof makeMetrics> | undefined
const clientMetrics = () => metrics ??= makeMetrics()
