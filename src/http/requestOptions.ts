/**
 * What can be set for the client and for a single call alike.
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
 * Options of a request. A call's options win over the client's; its `headers` are added to the client's.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestOptions {
  /** The API key, or an effect that gives the one of the moment. */
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
  /** When to try again, before any output; `false` for never. Default `Retry.exponential()`. */
  readonly retry?: Schedule<unknown, OpenRouterError> | false | undefined
  /**
   * How long a call may take in all, retries and their waits included; for a stream, until its first event.
   * Default 10 minutes; `Duration.infinity` for no limit.
   */
  readonly timeout?: DurationInput | undefined
  /** How long a stream may send nothing, not even keep-alive comments. Default 2 minutes; `Duration.infinity` for ever. */
  readonly idleTimeout?: DurationInput | undefined
  /**
   * How long a stream may send no event: for this, keep-alive comments do not count. Default 10 minutes, or `timeout`
   * or `idleTimeout` where that is longer; `Duration.infinity` for ever.
   */
  readonly eventTimeout?: DurationInput | undefined
  /** Bytes that one event of a stream may have. Default 64 MiB, as images arrive in one event. */
  readonly maxEventSize?: number | undefined
  /** Asks OpenRouter to report how it routed the request (`openrouter_metadata`). Default false. */
  readonly routerMetadata?: boolean | undefined
}

/**
 * The options of the call at hand, set with `OpenRouterClient.withOptions`.
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
 * `over` on top of `base`: single values are replaced where `over` has one, headers are merged.
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
 * The base URL without what may surround it; fails with a sentence. It must be absolute and keep the key off open
 * wires.
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
