/**
 * The same script as `TestModel`, behind a real HTTP server on this machine: for examples, for other clients, and for
 * tests of sockets. Runs on Node.
 *
 * @since 0.1.0
 */
import { HttpClient } from "@effect/platform/HttpClient"
import { ServeError } from "@effect/platform/HttpServerError"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type { Redacted } from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import type { Socket } from "node:net"
import * as OpenRouterClient from "../../http/OpenRouterClient.js"
import * as demoScript from "../internal/demoScript.js"
import type { Handler } from "../internal/handler.js"
import type { Recording } from "../internal/recording.js"
import { makeResponder } from "../internal/responder.js"
import { makeClient } from "../internal/scriptedClient.js"
import { failOnUnused } from "../internal/unusedTurns.js"
import type { Script } from "../Script.js"
import { serve } from "./internal/serve.js"
import { failingUnsent, header } from "./internal/unsent.js"

/**
 * A running server and its record.
 *
 * @since 0.1.0
 * @category context
 */
export class ScriptedServer extends Context.Tag("effect-openrouter/testing/ScriptedServer")<
  ScriptedServer,
  ScriptedServer.Service
>() {}

/**
 * Types of the server.
 *
 * @since 0.1.0
 * @category models
 */
export declare namespace ScriptedServer {
  /**
   * @since 0.1.0
   * @category models
   */
  export interface Service extends Recording {
    /** The base URL for clients, such as `http://127.0.0.1:41231/api/v1`. */
    readonly url: string
    /** TCP connections: the open ones, and all since the start. */
    readonly connections: Effect.Effect<{ readonly open: number; readonly total: number }>
  }
}

/**
 * Options of the server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The script: one turn for each request to an inference endpoint. */
  readonly turns?: Script | undefined
  /** Handlers of other endpoints, made with `MockHttpClient.on`; they take priority over the script. */
  readonly handlers?: ReadonlyArray<Handler> | undefined
  /**
   * Responds with 401 to requests without a key, or without this key. Endpoints that work without a key need none.
   * Default: false.
   */
  readonly requireKey?: boolean | Redacted | undefined
  /** Whether the scope may close before all turns are used. Default: false. */
  readonly allowUnused?: boolean | undefined
  /** Default: a free port. */
  readonly port?: number | undefined
}

/**
 * Options of a server to try the library with: four models that respond to any request, word by word and at a price. For
 * an agent, they call its first tool before they respond. Any other model id fails with status 400, as at OpenRouter.
 *
 * @since 0.1.0
 * @category constructors
 */
export const demo: Options = { turns: demoScript.turns, handlers: demoScript.handlers }

/**
 * Starts a server on 127.0.0.1 for as long as the scope lives; closing it cuts all connections. A request
 * without a turn or a handler has status 501 and a message that names it. Fails with a `ServeError` when the port is in
 * use. Turns that are unused when the scope closes after a success are a defect whose message names them, except those
 * of `Script.forever`; `allowUnused` allows it for all.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<ScriptedServer.Service, ServeError, Scope.Scope> =>
  Effect.gen(function*() {
    const responder = makeResponder({ name: "ScriptedServer", ...options })
    if (options.allowUnused !== true) yield* failOnUnused(responder.unused)
    const sockets = new Set<Socket>()
    let total = 0
    const run = yield* FiberSet.makeRuntime<never, void, never>()
    const server = Http.createServer((request, response) => {
      run(serve(responder, request, response))
    })
    server.on("connection", (socket: Socket) => {
      total++
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on("close", () => sockets.delete(socket))
    })
    // an idle server must not close a connection that a client is about to reuse
    server.keepAliveTimeout = 0
    const port = yield* Effect.acquireRelease(listen(server, options.port ?? 0), () => close(server))
    return {
      ...responder.recorder,
      url: `http://127.0.0.1:${port}/api/v1`,
      connections: Effect.sync(() => ({ open: sockets.size, total }))
    }
  })

const listen = (server: Http.Server, port: number): Effect.Effect<number, ServeError> =>
  Effect.async((resume) => {
    server.once("error", (cause) => resume(Effect.fail(new ServeError({ cause }))))
    server.listen(port, "127.0.0.1", () => {
      const address = server.address()
      resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : port))
    })
  })

const close = (server: Http.Server): Effect.Effect<void> =>
  Effect.async((resume) => {
    server.close(() => resume(Effect.void))
    server.closeAllConnections()
  })

/**
 * A layer of `make`.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { ScriptedServer } from "effect-openrouter/testing/server"
 *
 * // Runs until it is interrupted
 * const program = ScriptedServer.ScriptedServer.pipe(
 *   Effect.flatMap((server) => Console.log(`Listening on ${server.url}`)),
 *   Effect.zipRight(Effect.never),
 *   Effect.provide(ScriptedServer.layer(ScriptedServer.demo))
 * )
 * ```
 */
export const layer = (options: Options = {}): Layer.Layer<ScriptedServer, ServeError> =>
  Layer.scoped(ScriptedServer, make(options))

/**
 * The server and a client for it, over the `HttpClient` of your choice. The client has its own key and reads no
 * configuration.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 * import { Chat } from "effect-openrouter"
 * import { ScriptedServer } from "effect-openrouter/testing/server"
 *
 * const OpenRouter = ScriptedServer.layerClient({ turns: ["Hello!"] }).pipe(Layer.provide(FetchHttpClient.layer))
 *
 * const program = Chat.send({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] }).pipe(
 *   Effect.provide(OpenRouter)
 * )
 * ```
 */
export const layerClient = (
  options: Options & { readonly client?: OpenRouterClient.Options | undefined } = {}
): Layer.Layer<ScriptedServer | OpenRouterClient.OpenRouterClient, ServeError, HttpClient> =>
  Layer.scopedContext(Effect.gen(function*() {
    const server = yield* make(options)
    const client = yield* makeClient({
      baseUrl: server.url,
      ...options.client,
      headers: { ...options.client?.headers, [header]: "client" }
    }).pipe(Effect.provideService(HttpClient, failingUnsent(yield* HttpClient)))
    return Context.make(ScriptedServer, server).pipe(Context.add(OpenRouterClient.OpenRouterClient, client))
  }))
