/**
 * The same script as `TestModel`, behind a real HTTP server on this machine: for examples, for other clients, and for
 * tests of what only a socket can do. Runs on Node.
 *
 * @since 0.1.0
 */
import type { HttpClient } from "@effect/platform/HttpClient"
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
import type { Script } from "../Script.js"
import { answer } from "./internal/serve.js"

/**
 * A running server and what it has seen.
 *
 * @since 0.1.0
 * @category context
 */
export class ScriptedServer extends Context.Tag("effect-openrouter/testing/ScriptedServer")<
  ScriptedServer,
  ScriptedServer.Service
>() {}

/**
 * @since 0.1.0
 */
export declare namespace ScriptedServer {
  /**
   * @since 0.1.0
   * @category models
   */
  export interface Service extends Recording {
    /** What to give a client as its base URL, such as `http://127.0.0.1:41231/api/v1`. */
    readonly url: string
    /** TCP connections: those open now, and all there ever were. */
    readonly connections: Effect.Effect<{ readonly open: number; readonly total: number }>
  }
}

/**
 * What the server answers, to whom, and where.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The script: one turn for each request to an inference endpoint. */
  readonly turns?: Script | undefined
  /** ResponseCounts for other endpoints, made with `MockHttpClient.on`; they win over the script. */
  readonly handlers?: ReadonlyArray<Handler> | undefined
  /** ResponseCounts 401 to requests without a key, or without this key. Default false. */
  readonly requireKey?: boolean | Redacted | undefined
  /** A free one by default. */
  readonly port?: number | undefined
}

/**
 * A small world to try things in: a list of four models, each answering whatever it is asked, word by word and at a
 * price. Asked by an agent, they call its first tool before they answer. Any other model id is refused as OpenRouter
 * refuses it, with status 400.
 *
 * @since 0.1.0
 * @category constructors
 */
export const demo: Options = { turns: demoScript.turns, handlers: demoScript.handlers }

/**
 * Starts a server on 127.0.0.1 for as long as the scope lives; closing it cuts all connections. A request that the
 * script says nothing about gets status 501 and a message that names it. Fails with a `ServeError` where the port is
 * taken.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): Effect.Effect<ScriptedServer.Service, ServeError, Scope.Scope> =>
  Effect.gen(function*() {
    const responder = makeResponder({ name: "ScriptedServer", ...options })
    const sockets = new Set<Socket>()
    let total = 0
    const run = yield* FiberSet.makeRuntime<never, void, never>()
    const server = Http.createServer((request, response) => {
      run(answer(responder, request, response))
    })
    server.on("connection", (socket: Socket) => {
      total++
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on("close", () => sockets.delete(socket))
    })
    // a server that waits for its next request must not cut the connection under a client that reuses it
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
 * The server together with a client of it, over the `HttpClient` of your choice. The client has a key of its own, and
 * reads no configuration.
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
    const client = yield* makeClient({ baseUrl: server.url, ...options.client })
    return Context.make(ScriptedServer, server).pipe(Context.add(OpenRouterClient.OpenRouterClient, client))
  }))
