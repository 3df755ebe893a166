/**
 * When to send a failed request again, and how long to wait before that.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type { Schedule } from "effect/Schedule"
import { backoff } from "../internal/effect/schedules.js"
import { numberAt, objectAt } from "../internal/json.js"
import { hasOutput } from "../response/readResponse.js"
import type { OpenRouterError, PartialResponse, ResponseError } from "./OpenRouterError.js"

/** The statuses of requests that nobody has worked on, or that failed before there was any output. */
const unchargedStatuses: ReadonlySet<number> = new Set([429, 500, 502, 503, 529])

/** The statuses of requests that took too long: whoever gave up waiting, the generation may go on and be charged. */
const timeoutStatuses: ReadonlySet<number> = new Set([408, 504, 524])

/**
 * Whether a request that costs money may be sent again without being charged twice. This is the rule of the client for
 * inference. It is true for
 *
 * - a connection that was never made (`ConnectionError` with the phase `connect`),
 * - the statuses 429, 500, 502, 503 and 529, and any status that OpenRouter marks with `availability.retryable`,
 *   except 408, 504 and 524, after which the generation may go on.
 *
 * It is false for an error that reports output, output tokens or a cost, for `availability.retryable: false`, and for
 * everything after which the request may have been worked on.
 *
 * @since 0.1.0
 * @category guards
 */
export const isRetryable = (error: OpenRouterError): boolean => {
  if (error._tag === "ConnectionError") return error.phase === "connect"
  if (!("status" in error) || timeoutStatuses.has(error.status)) return false
  if (error.partial !== undefined && mayBeCharged(error.partial)) return false
  return stated(error) ?? unchargedStatuses.has(error.status)
}

/** OpenRouter's own statement whether a retry may help; the wire may hold anything in its place. */
const stated = ({ availability }: ResponseError): boolean | undefined =>
  typeof availability?.retryable === "boolean" ? availability.retryable : undefined

/** Whether a response that failed may cost something: it reports a cost, tokens without a cost, or output. */
const mayBeCharged = (response: PartialResponse): boolean =>
  isPositive(response.cost) ||
  isPositive(response.outputTokens) ||
  (isPositive(response.inputTokens) && response.cost === undefined) ||
  // With a key of the caller's own, OpenRouter charges nothing, but the provider does
  isPositive(numberAt(objectAt(objectAt(response.result, "usage"), "cost_details"), "upstream_inference_cost")) ||
  hasOutput(response)

const isPositive = (n: number | undefined): boolean => n !== undefined && n > 0

/** Whether the cause of an error without a status may be temporary. */
const isTemporary: { readonly [Tag in Exclude<OpenRouterError, ResponseError>["_tag"]]: boolean } = {
  ConnectionError: true,
  RequestTimeoutError: true,
  StreamTruncatedError: true,
  StreamStalledError: true,
  StreamEventTooLargeError: false,
  InvalidRequestError: false,
  ResponseValidationError: false
}

/**
 * Whether the cause is temporary, whatever was received and paid for: errors that {@link isRetryable} allows, the
 * statuses 408, 504 and 524, connections and streams that broke off, and calls that took too long. A retry after such
 * an error may be charged again. This is the rule of the client for reads, and for everything that costs nothing and
 * may happen twice.
 *
 * @since 0.1.0
 * @category guards
 */
export const isTransient = (error: OpenRouterError): boolean =>
  "status" in error
    ? stated(error) ?? (unchargedStatuses.has(error.status) || timeoutStatuses.has(error.status))
    : isTemporary[error._tag]

const neverActed: ReadonlySet<number> = new Set([429, 503])

/**
 * The strict rule for writes that must not happen twice, such as the creation of a key: only errors after which the
 * server cannot have acted (429, 503, a connection that was never made).
 *
 * @since 0.1.0
 * @category guards
 */
export const isSafeToRepeat = (error: OpenRouterError): boolean =>
  isRetryable(error) && (!("status" in error) || neverActed.has(error.status))

/**
 * The delay that the server stated; undefined if it stated none.
 *
 * @since 0.1.0
 * @category getters
 */
export const retryAfter = (error: OpenRouterError): Duration.Duration | undefined =>
  "retryAfter" in error ? error.retryAfter : undefined

/**
 * Exponential backoff with jitter that respects the server: it never waits less than `retryAfter`, and stops at once if
 * `retryAfter` exceeds `maxRetryAfter`. Defaults: 2 retries, 500 ms doubling up to 8 s, and a `retryAfter` of up to one
 * minute.
 *
 * @since 0.1.0
 * @category schedules
 * @example
 * ```ts
 * import { OpenRouterClient, Retry } from "effect-openrouter"
 *
 * const retry = Retry.exponential({ maxRetries: 5, maxRetryAfter: "5 minutes" })
 * const OpenRouter = OpenRouterClient.layer({ retry })
 * ```
 */
export const exponential = (options: {
  readonly maxRetries?: number | undefined
  readonly initialDelay?: Duration.DurationInput | undefined
  readonly maxDelay?: Duration.DurationInput | undefined
  readonly maxRetryAfter?: Duration.DurationInput | undefined
} = {}): Schedule<unknown, OpenRouterError> =>
  backoff({
    initialDelay: options.initialDelay ?? "500 millis",
    maxDelay: options.maxDelay ?? "8 seconds",
    maxRetries: options.maxRetries ?? 2,
    jitter: true,
    atLeast: { of: (error) => retryAfter(error) ?? Duration.zero, max: options.maxRetryAfter ?? "1 minute" }
  })
