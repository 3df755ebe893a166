/**
 * When to send a failed request again, and how long to wait before that.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import type { Schedule } from "effect/Schedule"
import { backoff } from "../internal/effect/schedules.js"
import { hasOutput } from "../response/readResponse.js"
import type { OpenRouterError, ResponseError } from "./OpenRouterError.js"

const retryableStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504, 524, 529])

/**
 * Whether the same request may succeed when it is sent again. OpenRouter's `availability.retryable` decides if it is
 * present; otherwise the status decides (408, 429, 500, 502, 503, 504, 524, 529). An error with partial output is not
 * retryable: that output is paid for, and a retry would be paid again.
 *
 * @since 0.1.0
 * @category guards
 */
export const isRetryable = (error: OpenRouterError): boolean =>
  !("partial" in error && error.partial !== undefined && hasOutput(error.partial)) &&
  (error._tag === "ConnectionError" ? error.phase === "connect" : "status" in error && isTransient(error))

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
 * Whether the cause is temporary, whatever was received and paid for: errors that {@link isRetryable} allows, streams
 * that broke off, and calls that took too long.
 *
 * @since 0.1.0
 * @category guards
 */
export const isTransient = (error: OpenRouterError): boolean => {
  if (!("status" in error)) return isTemporary[error._tag]
  const stated = error.availability?.retryable
  return typeof stated === "boolean" ? stated : retryableStatuses.has(error.status)
}

const neverActed: ReadonlySet<number> = new Set([429, 503])

const neverReached: ReadonlySet<string> = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"])

/**
 * The stricter rule for writes that must not happen twice, such as creating a key: only errors after which the server
 * cannot have acted (429, 503, a connection that was never made).
 *
 * @since 0.1.0
 * @category guards
 */
export const isSafeToRepeat = (error: OpenRouterError): boolean =>
  isRetryable(error) && ("status" in error
    ? neverActed.has(error.status)
    : error._tag === "ConnectionError" && neverReached.has(error.code ?? ""))

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
