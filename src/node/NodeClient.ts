/**
 * The HTTP client for Node: for calls that take long, behind a proxy, over connections that are kept.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { ConfigError } from "../internal/effect/config.js"
import { decoded } from "./internal/decode.js"
import { makeDispatcher } from "./internal/dispatcher.js"
import { clientOf } from "./internal/effect.js"
import { checkProxy, direct, environmentProxies, type Proxies } from "./internal/proxies.js"

/**
 * The proxies of a client, as URLs: `http://user:password@proxy.example.com:8080`. The protocol of a proxy may be
 * `http`, `https` or `socks5`; a user and a password are percent-encoded.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProxyOptions {
  /** For servers behind `http://`. */
  readonly http?: string | undefined
  /** For servers behind `https://`, as OpenRouter. Default: that for `http`. */
  readonly https?: string | undefined
  /** Hosts that are reached without a proxy, and their subdomains, separated by commas; `*` for all hosts. */
  readonly no?: string | undefined
}

/**
 * Options of the client.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** How long a connection may take to be made, that of a proxy included. Default: 10 seconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /**
   * How long a connection without a request is kept, unless the server says how long it keeps it. Default: 4 seconds,
   * less than servers do. 0 makes a new connection for each request.
   */
  readonly keepAliveTimeout?: Duration.DurationInput | undefined
  /** Whether to ask for compressed responses where they are not events. Compressed ones are always read. Default: true. */
  readonly compression?: boolean | undefined
  /** The proxies; `false` for none. Default: those in `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`, in capitals or not. */
  readonly proxy?: ProxyOptions | false | undefined
}

/**
 * Makes the client. It keeps connections until the scope closes, and sets no time limit of its own to a response: the
 * library's `timeout`, `idleTimeout` and `eventTimeout` hold. Fails with a `ConfigError` if a proxy is no URL; the error
 * does not contain it, because it may hold a password.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<HttpClient.HttpClient, ConfigError, Scope.Scope> =>
  Effect.gen(function*() {
    const dispatcher = yield* makeDispatcher({
      connectTimeout: milliseconds(options.connectTimeout ?? "10 seconds"),
      keepAliveTimeout: milliseconds(options.keepAliveTimeout ?? "4 seconds"),
      compression: options.compression ?? true,
      proxies: yield* proxiesOf(options.proxy)
    })
    return HttpClient.transform(yield* clientOf(dispatcher), Effect.map(decoded))
  })

/** Timers of Node hold no more: a longer time would be none. */
const longest = 2 ** 31 - 1

const milliseconds = (duration: Duration.DurationInput): number => Math.min(Duration.toMillis(duration), longest)

const proxiesOf = (proxy: Options["proxy"]): Effect.Effect<Proxies, ConfigError> => {
  if (proxy === undefined) return environmentProxies
  if (proxy === false) return Effect.succeed(direct)
  return Effect.all({
    http: checkProxy("proxy.http", proxy.http ?? ""),
    https: checkProxy("proxy.https", proxy.https ?? ""),
    no: Effect.succeed(proxy.no ?? "")
  })
}

/**
 * A layer of `make`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Layer } from "effect"
 * import { OpenRouterClient } from "effect-openrouter"
 * import { NodeClient } from "effect-openrouter/node"
 *
 * const OpenRouter = Layer.provide(
 *   OpenRouterClient.layer({ timeout: "30 minutes" }),
 *   NodeClient.layer({ proxy: { https: "http://proxy.example.com:8080", no: "localhost" } })
 * )
 * ```
 */
export const layer = (options: Options = {}): Layer.Layer<HttpClient.HttpClient, ConfigError> =>
  Layer.scoped(HttpClient.HttpClient, make(options))
