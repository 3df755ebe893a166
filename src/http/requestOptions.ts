/**
 * Options that can be set for the client and for a single call.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Redacted } from "effect/Redacted"
import type { Schedule } from "effect/Schedule"
import { type Reference, reference } from "../internal/effect/references.js"
import type { Hint } from "../internal/hint.js"
import { defined } from "../internal/json.js"
import type { KeyPool } from "./KeyPool.js"
import type { OpenRouterError } from "./OpenRouterError.js"
import type { TelemetryOptions } from "./telemetryOptions.js"

/**
 * Options of a request. The options of a call replace those of the client; its `headers`, `extraBody` and `telemetry` are
 * added to the client's.
 *
 * @since 0.1.0
 * @category models
 */
export interface RequestOptions {
  /** The API key, an effect that returns the current one, or a pool of keys. Each attempt asks for it. */
  readonly apiKey?:
    | Redacted
    | Effect.Effect<Redacted>
    | KeyPool
    | (Redacted & Hint<"wrap the text: Redacted.make(key)">)
    | undefined
  /**
   * Default `https://openrouter.ai/api/v1`. Plain HTTP is accepted for this machine only, or with `allowInsecureHttp` of
   * the client.
   */
  readonly baseUrl?: string | undefined
  /** `HTTP-Referer`: the site that OpenRouter's rankings attribute the request to. */
  readonly httpReferer?: string | undefined
  /** `X-OpenRouter-Title`: the app's name in the rankings. */
  readonly appTitle?: string | undefined
  /** `X-OpenRouter-Categories`: the app's categories in the rankings. */
  readonly appCategories?: ReadonlyArray<string> | undefined
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * Fields of the JSON body that are newer than the types of this library. They are sent as they are, by every call whose
   * body is JSON. A field that the call sets itself, and `stream`, fail as `InvalidRequestError` before anything is sent.
   */
  readonly extraBody?: { readonly [field: string]: unknown } | undefined
  /**
   * How often and when to retry a request; `false` for never. Default `Retry.exponential()`. Which failures are retried
   * depends on the endpoint: a call that costs money only if it cannot be charged twice (`Retry.isRetryable`).
   */
  readonly retry?: Schedule<unknown, OpenRouterError> | false | undefined
  /**
   * Whether to retry a call that costs money also where an earlier attempt may have been charged: after a connection
   * that broke when the request had been sent, after 408, 504 and 524, and after errors with output or a cost
   * (`Retry.isTransient`). Each such retry may be charged again, so a call can cost as often as it is attempted: three
   * times by default. Default false.
   */
  readonly retryPaid?: boolean | undefined
  /**
   * How long a call may take in total, with its retries and delays; for a stream, until its first event, and for a
   * file or speech, until its first byte can be read. Default 10 minutes; `Duration.infinity` for no limit.
   */
  readonly timeout?:
    | Duration.DurationInput
    | (Duration.Duration & Hint<"write \"30 seconds\", or milliseconds">)
    | undefined
  /**
   * How long a stream may send nothing, not even keep-alive comments; the same for the bytes of a file or of speech.
   * Default 2 minutes; `Duration.infinity` for no limit.
   */
  readonly idleTimeout?:
    | Duration.DurationInput
    | (Duration.Duration & Hint<"write \"30 seconds\", or milliseconds">)
    | undefined
  /**
   * How long a stream may send no event; keep-alive comments do not count as events. Default 10 minutes, or `timeout`
   * or `idleTimeout` if that is longer; `Duration.infinity` for no limit.
   */
  readonly eventTimeout?:
    | Duration.DurationInput
    | (Duration.Duration & Hint<"write \"30 seconds\", or milliseconds">)
    | undefined
  /** The most bytes of one event of a stream. Default 64 MiB, because images arrive in one event. */
  readonly maxEventSize?: number | undefined
  /** Requests that OpenRouter report how it routed the request (`openrouter_metadata`). Default false. */
  readonly routerMetadata?: boolean | undefined
  /** What spans hold beside counts, names and costs. Default: nothing. Its fields are added to those of the client. */
  readonly telemetry?: TelemetryOptions | undefined
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

/** @internal */
export const defaultIdleTimeout = Duration.minutes(2)

/**
 * Adds the options `over` to `base`: values in `over` replace those in `base`; headers, extra fields and the
 * fields of `telemetry` are merged. The
 * names of headers become lower case, so that one header has one value however it is written.
 *
 * @since 0.1.0
 * @category combinators
 */
export const merge = (base: RequestOptions, over: RequestOptions): RequestOptions => ({
  ...base,
  ...defined({ ...over }),
  headers: { ...lowerCased(base.headers), ...lowerCased(over.headers) },
  ...(base.extraBody === undefined || over.extraBody === undefined
    ? {}
    : { extraBody: { ...base.extraBody, ...over.extraBody } }),
  ...(base.telemetry === undefined || over.telemetry === undefined
    ? {}
    : { telemetry: { ...base.telemetry, ...over.telemetry } })
})

const lowerCased = (headers: RequestOptions["headers"] = {}): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const loopback = /^(localhost|127(\.\d+){3}|\[::1\]|.*\.localhost)$/

/**
 * Checks and normalizes a base URL; fails with a sentence. The URL must be absolute, and must use https so that the key
 * is not sent in the clear, unless `allowInsecureHttp` is set.
 *
 * @internal
 */
export const readBaseUrl = (baseUrl: string, allowInsecureHttp = false): Effect.Effect<string, string> => {
  if (!URL.canParse(baseUrl)) {
    return Effect.fail("The base URL is not an absolute URL. Use one such as https://openrouter.ai/api/v1")
  }
  const url = new URL(baseUrl)
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    return Effect.fail(
      "The base URL must not hold credentials, a query or a fragment. Pass the key as `apiKey`, and others as `headers`"
    )
  }
  const mayUseHttp = allowInsecureHttp || loopback.test(url.hostname)
  if (url.protocol !== "https:" && !(url.protocol === "http:" && mayUseHttp)) {
    return Effect.fail(
      "The base URL must use https: the API key would cross the network in the clear. " +
        "Only for a gateway in a network that you trust, set `allowInsecureHttp` of the client"
    )
  }
  return Effect.succeed(`${url.origin}${url.pathname}`.replace(/\/+$/, ""))
}
