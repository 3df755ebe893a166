/**
 * The tools of a toolkit as a server of the Model Context Protocol. It needs the package `@modelcontextprotocol/server`.
 *
 * @since 0.1.0
 */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { createMcpHandler, type Transport } from "@modelcontextprotocol/server"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Tool from "../../agent/Tool.js"
import type * as Toolkit from "../../agent/Toolkit.js"
import type { JsonSchemaError } from "../../schema/jsonSchema.js"
import { failedTo, type McpError } from "../internal/errors.js"
import { makeServer } from "./internal/server.js"

/**
 * Options of a server.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<R> {
  readonly name: string
  readonly version: string
  /**
   * Decides about the calls of tools with `requireApproval`. Default: these tools are not offered, because a client of the
   * protocol asks nobody for them.
   */
  readonly approve?: Toolkit.CallOptions<R>["approve"]
}

/**
 * Answers the requests of MCP clients over streamable HTTP: a handler for a route such as `/mcp`. Every request stands alone, so
 * several servers may answer behind one address. Who may use the tools is up to you: look at the request before.
 *
 * Tools of the provider, and tools without a handler, are not offered. A call is that of `Toolkit.call`; its failure is a result
 * with `isError`, and a client that cancels a call interrupts its handler.
 *
 * Fails with `JsonSchemaError` if JSON Schema cannot express the parameters of a tool.
 *
 * @since 0.1.0
 * @category serving
 * @example
 * ```ts
 * import { HttpServer } from "@effect/platform"
 * import { Clock, Layer, Schema } from "effect"
 * import { Tool, Toolkit } from "effect-openrouter"
 * import { McpServer } from "effect-openrouter/mcp/server"
 *
 * const tools = Toolkit.make(Tool.make("now", { description: "The time.", success: Schema.Number }))
 *
 * const Server = HttpServer.serve(McpServer.handler(tools, { name: "clock", version: "1.0.0" })).pipe(
 *   Layer.provide(tools.toLayer({ now: () => Clock.currentTimeMillis }))
 * )
 * ```
 */
export const handler = <T extends Tool.Any, R = never>(
  toolkit: Toolkit.Toolkit<T>,
  options: Options<R>
): Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  JsonSchemaError,
  HttpServerRequest.HttpServerRequest | Tool.Requirements<T> | R
> =>
  Effect.gen(function*() {
    const make = yield* makeServer(toolkit, options)
    const request = yield* HttpServerRequest.HttpServerRequest
    const asked = yield* Effect.either(HttpServerRequest.toWeb(request))
    if (asked._tag === "Left") return HttpServerResponse.empty({ status: 400 })
    // A client cancels a call by leaving
    const answer = yield* Effect.promise((signal) => createMcpHandler(make).fetch(new Request(asked.right, { signal })))
    return HttpServerResponse.fromWeb(answer)
    // A server without a router runs its handlers uninterruptibly
  }).pipe(Effect.interruptible)

/**
 * Serves one client over a transport of the SDK, for example a `StdioServerTransport`, until the scope closes.
 *
 * Fails with `McpError` if the transport cannot be started.
 *
 * @since 0.1.0
 * @category serving
 */
export const serve = <T extends Tool.Any, R = never>(
  toolkit: Toolkit.Toolkit<T>,
  options: Options<R> & { readonly transport: () => Transport }
): Effect.Effect<void, JsonSchemaError | McpError, Scope.Scope | Tool.Requirements<T> | R> =>
  Effect.gen(function*() {
    const make = yield* makeServer(toolkit, options)
    yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () => {
          const server = make()
          return server.connect(options.transport()).then(() => server)
        },
        catch: failedTo(options.name, "serve its client")
      }),
      (server) => Effect.ignore(Effect.tryPromise(() => server.close()))
    )
  })
