/**
 * Options that can be set for the client and for a single call.
 *
 * @since 0.1.0
 */
import type { DurationInput } from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Redacted } from "effect/Redacted"
import type { Schedule } from "effect/Schedule"
import { type Reference, reference } from "../internal/effect/references.js"
import { defined } from "../internal/json.js"
import type { OpenRouterError } from "./OpenRouterError.js"

/**
 * Options of a request. The options of a call replace those of the client; its `headers` are added to the client's.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestOptions {
  /** The API key, or an effect that returns the current one. It runs for each attempt. */
  readonly apiKey?: Redacted | Effect.Effect<Redacted> | undefined
  /** Default `https://openrouter.ai/api/v1`. Plain HTTP is accepted for this machine only. */
  readonly baseUrl?: string | undefined
  /** `HTTP-Referer`: the site that OpenRouter's rankings attribute the request to. */
  readonly httpReferer?: string | undefined
  /** `X-OpenRouter-Title`: the app's name in the rankings. */
  readonly appTitle?: string | undefined
  /** `X-OpenRouter-Categories`: the app's categories in the rankings. */
  readonly appCategories?: ReadonlyArray<string> | undefined
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** When to send a request again that failed before any output; `false` for never. Default `Retry.exponential()`. */
  readonly retry?: Schedule<unknown, OpenRouterError> | false | undefined
  /**
   * How long a call may take in total, with its retries and delays; for a stream, until its first event.
   * Default 10 minutes; `Duration.infinity` for no limit.
   */
  readonly timeout?: DurationInput | undefined
  /**
   * How long a stream may send nothing, not even keep-alive comments. Default 2 minutes; `Duration.infinity` for no
   * limit.
   */
  readonly idleTimeout?: DurationInput | undefined
  /**
   * How long a stream may send no event; keep-alive comments do not count as events. Default 10 minutes, or `timeout`
   * or `idleTimeout` if that is longer; `Duration.infinity` for no limit.
   */
  readonly eventTimeout?: DurationInput | undefined
  /** The most bytes of one event of a stream. Default 64 MiB, because images arrive in one event. */
  readonly maxEventSize?: number | undefined
  /** Requests that OpenRouter report how it routed the request (`openrouter_metadata`). Default false. */
  readonly routerMetadata?: boolean | undefined
}

/**
 * The options of the current call, set with `OpenRouterClient.withOptions`.
 *
 * @since 0.1.0
 * @category context
 */
export const CurrentRequestOptions: Reference<RequestOptions> = reference(
  "effect-openrouter/http/CurrentRequestOptions",
  () => none
)

const none: RequestOptions = {}

/**
 * Adds the options `over` to `base`: values in `over` replace those in `base`, and headers are merged.
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge = (base: RequestOptions, over: RequestOptions): RequestOptions => ({
  ...base,
  ...defined({ ...over }),
  headers: { ...base.headers, ...over.headers }
})

const loopback = /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/

/**
 * Checks and normalizes a base URL; fails with a sentence. The URL must be absolute, and must use https so that the key
 * is not sent in the clear.
 *
 * @internal
 */
export const readBaseUrl = (baseUrl: string): Effect.Effect<string, string> => {
  if (!URL.canParse(baseUrl)) return Effect.fail("The base URL is not an absolute URL")
  const url = new URL(baseUrl)
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    return Effect.fail("The base URL must not hold credentials, a query or a fragment")
  }
  if (url.protocol !== "https:" && !(url.protocol === "http:" && loopback.test(url.hostname))) {
    return Effect.fail("The base URL must use https: the API key would cross the network in the clear")
  }
  return Effect.succeed(`${url.origin}${url.pathname}`.replace(/\/+$/, ""))
}
