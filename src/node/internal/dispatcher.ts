import { Agent, type Dispatcher, EnvHttpProxyAgent } from "@effect/platform-node/Undici"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import type * as Scope from "effect/Scope"
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { isObject } from "../../internal/json.js"
import { markUnsent } from "../../internal/unsent.js"
import type { Proxies } from "./proxies.js"

/**
 * What a dispatcher is made of; times are in milliseconds.
 *
 * @internal
 */
export interface Settings {
  readonly connectTimeout: number
  /** 0 closes each connection after its response. */
  readonly keepAliveTimeout: number
  readonly compression: boolean
  readonly proxies: Proxies
}

/**
 * What keeps the connections. It closes them with its scope, and with them the requests that are still under way.
 *
 * @internal
 */
export const makeDispatcher = (settings: Settings): Effect.Effect<Dispatcher, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      subscribe(connectError, onConnectError)
      return agentOf(settings)
    }),
    (agent) =>
      Effect.promise(() => {
        unsubscribe(connectError, onConnectError)
        return agent.destroy()
      })
  ).pipe(Effect.map((agent) => agent.compose(prepare(settings.compression))))

/** Undici reports here that a connection could not be made, through a proxy or without, before any request fails of it. */
const connectError = "undici:client:connectError"

const onConnectError = (report: unknown): void => {
  if (isObject(report)) markUnsent(report["error"])
}

const agentOf = ({ connectTimeout, keepAliveTimeout, proxies }: Settings): Dispatcher => {
  const connect = { timeout: connectTimeout }
  const options = {
    connect,
    // With more than one request on a connection, one that breaks would lose them all
    pipelining: keepAliveTimeout > 0 ? 1 : 0,
    ...(keepAliveTimeout > 0 ? { keepAliveTimeout } : {}),
    // A server may say how long it keeps an idle connection: it is left 2 s earlier, and after a minute in any case,
    // because the gateways of networks forget connections without a word
    keepAliveTimeoutThreshold: 2_000,
    keepAliveMaxTimeout: 60_000
  }
  if (proxies.http === "" && proxies.https === "") return new Agent(options)
  return new EnvHttpProxyAgent({
    ...options,
    // The agent reads the environment for what it is not given
    httpProxy: proxies.http,
    httpsProxy: proxies.https,
    noProxy: proxies.no,
    proxyTls: connect,
    requestTls: connect,
    // As newer versions of undici do for https alone
    proxyTunnel: true,
    // A proxy that accepts connections and never answers
    clientFactory: (_, options) => new Agent({ ...options, headersTimeout: connectTimeout })
  })
}

/** What the decoder knows, as Node's `fetch` asks for it. */
const encodings = "gzip, deflate, br"

/**
 * Time limits are those of the library: undici's own would end a slow response that is paid for. Responses may come
 * compressed, but not events: what packs them may hold them back.
 */
const prepare = (compression: boolean): Dispatcher.DispatcherComposeInterceptor => (dispatch) => {
  const headersOf = compression ? accepting : identity
  return (options, handler) =>
    dispatch({ ...options, headers: headersOf(options.headers ?? null), headersTimeout: 0, bodyTimeout: 0 }, handler)
}

type Headers = Exclude<Dispatcher.DispatchOptions["headers"], undefined>

const accepting = (headers: Headers): Headers =>
  isRecord(headers) && !("accept-encoding" in headers) && headers["accept"] !== "text/event-stream"
    ? { ...headers, "accept-encoding": encodings }
    : headers

const isRecord = (headers: Headers): headers is Record<string, string> =>
  isObject(headers) && !(Symbol.iterator in headers)
