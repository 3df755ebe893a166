/**
 * The client: the key, the server and the options of all calls. Every endpoint requires it; it requires an
 * `HttpClient`.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual, identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type ConfigError, texts } from "../internal/effect/config.js"
import { type Limits, limitsOf } from "./internal/limits.js"
import { checkBaseUrl, checkHeader, currentKey, missingKey, readKey, transport } from "./internal/openRouterClient.js"
import type { RequestOptions } from "./requestOptions.js"
import { CurrentRequestOptions, merge } from "./requestOptions.js"
import type { TelemetryContent, TelemetryOptions } from "./telemetryOptions.js"

export type { Hint } from "../internal/hint.js"
export type { RequestOptions } from "./requestOptions.js"
export type { ResponseInfo, WithResponse } from "./responseInfo.js"
export type { TelemetryContent, TelemetryMessage, TelemetryOptions, TelemetryPart } from "./telemetryOptions.js"
export { telemetryContent } from "./telemetryOptions.js"

/**
 * The service that every endpoint requires.
 *
 * @since 0.1.0
 * @category context
 */
export class OpenRouterClient extends Context.Tag("effect-openrouter/http/OpenRouterClient")<
  OpenRouterClient,
  OpenRouterClient.Service
>() {}

/**
 * Types of the client.
 *
 * @since 0.1.0
 * @category models
 */
export declare namespace OpenRouterClient {
  /**
   * The HTTP client, and the options of every call.
   *
   * @since 0.1.0
   * @category models
   */
  export interface Service {
    readonly httpClient: HttpClient.HttpClient
    readonly options: RequestOptions & { readonly baseUrl: string; readonly allowInsecureHttp?: boolean }
    /** The key for calls that set none; fails with a `ConfigError` that explains how to get one. */
    readonly apiKey: Effect.Effect<Redacted.Redacted, ConfigError>
    /** The limits that all calls share. */
    readonly limits?: Limits | undefined
  }
}

/**
 * Options of the client; those of `RequestOptions` are the defaults of every call.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends RequestOptions {
  /** Changes the `HttpClient` that requests go through: a proxy, a recorder, a rate limiter. */
  readonly transformClient?: ((client: HttpClient.HttpClient) => HttpClient.HttpClient) | undefined
  /**
   * Accepts base URLs with plain HTTP, such as that of a gateway of your own. The API key and all prompts and responses
   * then cross the network in the clear: anybody on the way can read and change them. Default false, which accepts plain
   * HTTP for this machine only.
   */
  readonly allowInsecureHttp?: boolean | undefined
  /**
   * How many requests may be open at a time; the others wait, in their order, and `timeout` counts the wait. A request is
   * open until its body is at its end: a stream until its last event. So an effect that reads one stream and makes another
   * call meanwhile needs two. Default: no limit.
   */
  readonly concurrency?: number | undefined
  /** How many retries all calls may make together. Without it, each call retries as `retry` allows. */
  readonly retryQuota?: RetryQuota | undefined
  /** Sends `traceparent` and `b3` headers to OpenRouter and traces each HTTP request. Default false. */
  readonly tracePropagation?: boolean | undefined
}

/**
 * How many retries the calls of a client may make together, so that a provider that is down is not met by several times the
 * usual requests. `share` is a share of the calls: 0.1 is a retry for each ten. `burst` is how many may come at once, by default
 * 10. A call whose retry is not allowed fails with the error that it has.
 *
 * @since 0.1.0
 * @category models
 */
export interface RetryQuota {
  readonly share: number
  readonly burst?: number | undefined
}

/**
 * Builds the client. Options that are not set are read from the configuration: `OPENROUTER_API_KEY`,
 * `OPENROUTER_BASE_URL`, `OPENROUTER_HTTP_REFERER`, `OPENROUTER_APP_TITLE`, `OPENROUTER_APP_CATEGORIES` (comma
 * separated). Without a key, the endpoints that need none work, and the others fail with a `ConfigError`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<OpenRouterClient.Service, ConfigError, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { allowInsecureHttp = false, concurrency, retryQuota, tracePropagation, transformClient, ...request } =
      options
    const limits = yield* limitsOf(concurrency, retryQuota)
    const environment = yield* environmentConfig
    const baseUrl = yield* checkBaseUrl(
      request.baseUrl ?? environment.baseUrl ?? "https://openrouter.ai/api/v1",
      allowInsecureHttp
    )
    const settings = { ...merge(environment, request), baseUrl, allowInsecureHttp }
    yield* checkHeader("httpReferer", settings.httpReferer)
    yield* checkHeader("appTitle", settings.appTitle)
    yield* checkHeader("appCategories", settings.appCategories?.join(","))
    for (const [name, value] of Object.entries(settings.headers ?? {})) yield* checkHeader(name, value)
    const httpClient = transport(yield* HttpClient.HttpClient, tracePropagation === true).pipe(
      transformClient ?? identity
    )
    const apiKey = request.apiKey ?? environment.apiKey
    return OpenRouterClient.of({
      httpClient,
      options: settings,
      limits,
      apiKey: apiKey === undefined ? Effect.fail(missingKey) : currentKey(apiKey)
    })
  })

const isSet = (text: string): boolean => text.trim() !== ""

// An empty variable counts as not set
const optionalText = (name: string): Config.Config<string | undefined> =>
  Config.map(Config.option(Config.string(name)), (found) => Option.getOrUndefined(Option.filter(found, isSet)))

const environmentConfig = Config.map(
  Config.all({
    apiKey: Config.option(Config.redacted("OPENROUTER_API_KEY")),
    baseUrl: optionalText("OPENROUTER_BASE_URL"),
    httpReferer: optionalText("OPENROUTER_HTTP_REFERER"),
    appTitle: optionalText("OPENROUTER_APP_TITLE"),
    appCategories: Config.option(texts("OPENROUTER_APP_CATEGORIES"))
  }),
  ({ apiKey, appCategories, ...rest }) => ({
    ...rest,
    apiKey: Option.getOrUndefined(Option.filter(apiKey, (key) => isSet(Redacted.value(key)))),
    appCategories: Option.getOrUndefined(Option.filter(appCategories, (names) => names.some(isSet)))
  })
)

/**
 * A layer of `make`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer, Redacted } from "effect"
 * import { Models, OpenRouterClient } from "effect-openrouter"
 *
 * const OpenRouter = OpenRouterClient.layer({ apiKey: Redacted.make("sk-or-..."), appTitle: "My app" }).pipe(
 *   Layer.provide(FetchHttpClient.layer)
 * )
 *
 * const count = Models.list().pipe(
 *   Effect.map((models) => models.data.length),
 *   Effect.provide(OpenRouter)
 * )
 * ```
 */
export const layer = (
  options: Options = {}
): Layer.Layer<OpenRouterClient, ConfigError, HttpClient.HttpClient> => Layer.effect(OpenRouterClient, make(options))

/**
 * Options of `layerConfig`: the settings that differ between deployments as `Config`s, the rest as values.
 *
 * @since 0.1.0
 * @category models
 */
export interface ConfigOptions
  extends Omit<Options, "apiKey" | "baseUrl" | "httpReferer" | "appTitle" | "appCategories" | "telemetry">
{
  readonly apiKey?: Config.Config<Redacted.Redacted> | undefined
  readonly baseUrl?: Config.Config<string> | undefined
  readonly httpReferer?: Config.Config<string> | undefined
  readonly appTitle?: Config.Config<string> | undefined
  readonly appCategories?: Config.Config<ReadonlyArray<string>> | undefined
  /** Its `content` may be `OpenRouterClient.telemetryContent`, which reads the usual environment variable. */
  readonly telemetry?:
    | Omit<TelemetryOptions, "content"> & {
      readonly content?: TelemetryContent | Config.Config<TelemetryContent> | undefined
    }
    | undefined
}

/**
 * A layer whose settings come from `Config`s of your own naming; others are read as in `make`. A missing key
 * fails the layer with a `ConfigError` that explains how to get one.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Config } from "effect"
 * import { OpenRouterClient } from "effect-openrouter"
 *
 * const OpenRouter = OpenRouterClient.layerConfig({ apiKey: Config.redacted("LLM_KEY") })
 * ```
 */
export const layerConfig = (
  options: ConfigOptions = {}
): Layer.Layer<OpenRouterClient, ConfigError, HttpClient.HttpClient> =>
  Layer.effect(
    OpenRouterClient,
    Effect.gen(function*() {
      const { apiKey, appCategories, appTitle, baseUrl, httpReferer, telemetry, ...rest } = options
      const content = telemetry?.content
      return yield* make({
        ...rest,
        telemetry: telemetry &&
          { ...telemetry, content: content === undefined || typeof content === "string" ? content : yield* content },
        apiKey: apiKey && (yield* readKey(apiKey)),
        baseUrl: baseUrl && (yield* baseUrl),
        httpReferer: httpReferer && (yield* httpReferer),
        appTitle: appTitle && (yield* appTitle),
        appCategories: appCategories && (yield* appCategories)
      })
    })
  )

/**
 * Sets options for every call of an effect or a stream. Inner options replace outer ones, and both replace those of
 * the client.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Chat, OpenRouterClient } from "effect-openrouter"
 *
 * const quick = Chat.send({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] }).pipe(
 *   OpenRouterClient.withOptions({ timeout: "20 seconds", retry: false, routerMetadata: true })
 * )
 * ```
 */
export const withOptions: {
  (options: RequestOptions): <Self extends AnyEffect | AnyStream>(self: Self) => WithOptions<Self>
  <Self extends AnyEffect | AnyStream>(self: Self, options: RequestOptions): WithOptions<Self>
} = dual(2, (self: AnyEffect | AnyStream, options: RequestOptions): AnyEffect | AnyStream =>
  Effect.isEffect(self)
    ? Effect.flatMap(
      CurrentRequestOptions,
      (current) => Effect.provideService(self, CurrentRequestOptions, merge(current, options))
    )
    : Stream.unwrap(
      Effect.map(
        CurrentRequestOptions,
        (current) => Stream.provideService(self, CurrentRequestOptions, merge(current, options))
      )
    ))

type AnyEffect = Effect.Effect<unknown, unknown, unknown>
type AnyStream = Stream.Stream<unknown, unknown, unknown>

/** The type of the result. A subtype of an effect, such as an `Option`, becomes an effect. */
type WithOptions<Self> = Self extends Effect.Effect<infer A, infer E, infer R> ? Effect.Effect<A, E, R>
  : Self extends Stream.Stream<infer A, infer E, infer R> ? Stream.Stream<A, E, R>
  : never
