import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"
import * as MetricLabel from "effect/MetricLabel"
import type * as Tracer from "effect/Tracer"
import { isObject, numberAt, stringAt } from "../../internal/json.js"
import type { PartialResponse } from "../OpenRouterError.js"
import type { Row } from "../row.js"

/**
 * A call of an endpoint, and the span that it is told on.
 *
 * @internal
 */
export interface Call {
  readonly row: Row
  readonly params: unknown
  readonly span: Tracer.Span
}

/**
 * Has a call told on a span of its own, that ends with it.
 *
 * @internal
 */
export const spanned = <A, E, R>(
  row: Row,
  params: unknown,
  use: (call: Call) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  Effect.useSpan(spanName(row, params), spanOptions(row, params), (span) => use({ row, params, span }))

/**
 * Spans and metrics in the names of OpenTelemetry's GenAI conventions. They hold counts, names and costs; never a
 * prompt, an answer, a header or a key.
 *
 * @internal
 */
export const spanName = (row: Row, params: unknown): string => {
  const model = stringAt(params, "model")
  return row.operation === undefined ? row.name : model === undefined ? row.operation : `${row.operation} ${model}`
}

/** @internal */
export const spanOptions = (row: Row, params: unknown): Tracer.SpanOptions => ({
  kind: "client",
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
 * Notes a failed attempt on the span, whether or not another one follows.
 *
 * @internal
 */
export const attemptFailed = ({ span }: Call, error: { readonly _tag: string }): Effect.Effect<void> =>
  Effect.clockWith((clock) =>
    Effect.sync(() =>
      span.event("openrouter.attempt_failed", clock.unsafeCurrentTimeNanos(), {
        "error.type": error._tag,
        ...("status" in error ? { "http.response.status_code": error.status } : {})
      })
    )
  )

/** What comes of an inference call; `started` and `firstOutput` are nanoseconds of the clock. */
interface Answered {
  readonly answer: PartialResponse
  readonly started: bigint
  readonly firstOutput?: bigint | undefined
  /** The tag of the error that it ended with. */
  readonly failure?: string | undefined
}

/**
 * Notes what an inference call answered: on the span, and in the token, cost and duration metrics.
 *
 * @internal
 */
export const answered = (call: Call, told: Answered): Effect.Effect<void> =>
  Effect.map(noting(call), (note) => note(told))

/**
 * Notes later, wherever that is, as `answered` would here.
 *
 * @internal
 */
export const noting = (call: Call): Effect.Effect<(told: Answered) => void> =>
  Effect.clockWith((clock) =>
    Effect.map(Effect.metricLabels, (labels) => (told) => note(call, clock.unsafeCurrentTimeNanos(), labels, told))
  )

const note = (
  { params, row, span }: Call,
  now: bigint,
  labels: Labels,
  { answer, failure, firstOutput, started }: Answered
): void => {
  if (row.operation === undefined) return
  const tags = {
    "gen_ai.operation.name": row.operation,
    "gen_ai.provider.name": "openrouter",
    "gen_ai.request.model": stringAt(params, "model") ?? "",
    "gen_ai.response.model": answer.model ?? "",
    ...(failure === undefined ? {} : { "error.type": failure })
  }
  const attribute = (name: string, value: unknown) => {
    if (value !== undefined) span.attribute(name, value)
  }
  attribute("error.type", failure)
  attribute("gen_ai.response.id", answer.generationId)
  attribute("gen_ai.response.model", answer.model)
  attribute("gen_ai.response.finish_reasons", answer.finishReason === undefined ? undefined : [answer.finishReason])
  attribute("gen_ai.usage.input_tokens", answer.inputTokens)
  attribute("gen_ai.usage.output_tokens", answer.outputTokens)
  attribute("openrouter.usage.cost", answer.cost)
  for (const [name, value] of usageDetails(answer.result)) attribute(name, value)
  const metrics = clientMetrics()
  metrics.duration(seconds(now - started), tags, labels)
  if (firstOutput !== undefined) {
    const wait = seconds(firstOutput - started)
    attribute("gen_ai.response.time_to_first_chunk", wait)
    metrics.firstChunk(wait, tags, labels)
  }
  if (answer.inputTokens !== undefined) {
    metrics.tokens(answer.inputTokens, { ...tags, "gen_ai.token.type": "input" }, labels)
  }
  if (answer.outputTokens !== undefined) {
    metrics.tokens(answer.outputTokens, { ...tags, "gen_ai.token.type": "output" }, labels)
  }
  if (answer.cost !== undefined) metrics.cost(answer.cost, tags, labels)
}

/**
 * Notes how an inference call failed, and what it had answered until then.
 *
 * @internal
 */
export const failed = (
  call: Call,
  error: { readonly _tag: string; readonly partial?: PartialResponse | undefined },
  started: bigint
): Effect.Effect<void> => answered(call, { answer: error.partial ?? nothing, started, failure: error._tag })

const nothing: PartialResponse = { text: "", reasoning: "", toolCalls: [], result: undefined }

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

type Tags = Readonly<Record<string, string>>

type Labels = Effect.Effect.Success<typeof Effect.metricLabels>

type Update = (value: number, tags: Tags, labels: Labels) => void

const seriesAtMost = 1000

/** A histogram whose series are kept, as it costs more to tag a metric than to update it. */
const histogram = (name: string, buckets: ReadonlyArray<number>, description: string): Update => {
  const key = MetricKey.histogram(name, MetricBoundaries.fromIterable(buckets), description)
  const tagged = (tags: Tags) =>
    Metric.fromMetricKey(
      MetricKey.taggedWithLabels(key, Object.entries(tags).map(([name, value]) => MetricLabel.make(name, value)))
    )
  const known = new Map<string, ReturnType<typeof tagged>>()
  return (value, tags, labels) => {
    const id = JSON.stringify(tags)
    const series = known.get(id) ?? tagged(tags)
    if (known.size < seriesAtMost) known.set(id, series)
    series.unsafeUpdate(value, labels)
  }
}

const makeMetrics = () => {
  const durations = powers(0.01, 2, 14)
  return {
    tokens: histogram("gen_ai.client.token.usage", powers(1, 4, 14), "Tokens used, by direction"),
    duration: histogram("gen_ai.client.operation.duration", durations, "Seconds until the whole answer"),
    firstChunk: histogram("gen_ai.client.operation.time_to_first_chunk", durations, "Seconds until the first output"),
    cost: histogram("openrouter.client.cost", powers(0.00001, 4, 14), "USD charged")
  }
}

let metrics: ReturnType<typeof makeMetrics> | undefined
const clientMetrics = () => metrics ??= makeMetrics()
