/**
 * Facts of a response that are safe to log.
 *
 * @since 0.1.0
 */
import { defined } from "../internal/json.js"

/**
 * The facts that the headers of a response state. `rateLimit.reset` is in milliseconds since the epoch; `cache.age` and
 * `cache.ttl` are in seconds.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseInfo {
  readonly status: number
  /** How many requests were sent, retries included. */
  readonly attempts: number
  /** The id to ask `Generations.getGeneration` for. */
  readonly generationId?: string | undefined
  readonly provider?: string | undefined
  readonly rateLimit?: {
    readonly limit?: number | undefined
    readonly remaining?: number | undefined
    readonly reset?: number | undefined
  } | undefined
  readonly cache?: {
    readonly status: string
    readonly age?: number | undefined
    readonly ttl?: number | undefined
    readonly sourceId?: string | undefined
  } | undefined
}

/**
 * A decoded result with the facts of its response.
 *
 * @since 0.1.0
 * @category models
 */
export interface WithResponse<A> {
  readonly data: A
  readonly response: ResponseInfo
}

/** @internal */
export const responseInfo = (
  status: number,
  headers: Readonly<Record<string, string>>,
  attempts: number,
  scrub: (text: string) => string
): ResponseInfo =>
  defined({
    status,
    attempts,
    generationId: text(headers["x-generation-id"], scrub),
    provider: text(headers["x-provider-name"], scrub),
    rateLimit: rateLimit(headers),
    cache: cache(headers, scrub)
  })

const text = (value: string | undefined, scrub: (text: string) => string): string | undefined =>
  value === undefined || value === "" ? undefined : scrub(value)

const number = (text: string | undefined): number | undefined => {
  const n = text === undefined || text.trim() === "" ? NaN : Number(text)
  return Number.isFinite(n) ? n : undefined
}

const rateLimit = (headers: Readonly<Record<string, string>>): ResponseInfo["rateLimit"] => {
  const limit = number(headers["x-ratelimit-limit"])
  const remaining = number(headers["x-ratelimit-remaining"])
  const reset = number(headers["x-ratelimit-reset"])
  return limit === undefined && remaining === undefined && reset === undefined ? undefined : { limit, remaining, reset }
}

const cache = (
  headers: Readonly<Record<string, string>>,
  scrub: (text: string) => string
): ResponseInfo["cache"] => {
  const status = text(headers["x-openrouter-cache-status"], scrub)
  return status === undefined ? undefined : {
    status,
    age: number(headers["x-openrouter-cache-age"]),
    ttl: number(headers["x-openrouter-cache-ttl"]),
    sourceId: text(headers["x-openrouter-cache-source-id"], scrub)
  }
}
