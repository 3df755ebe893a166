/** A real server on this machine, as scripted as a test needs it. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import { deferred } from "../../support/effect/fibers.js"
import { listen } from "./listen.js"
import { environment, key } from "./memory.js"

export interface Exchange {
  readonly method: string
  readonly url: string
  readonly headers: Http.IncomingHttpHeaders
  readonly body: string
  readonly response: Http.ServerResponse
  /** Done once the connection is gone although the response was not finished. */
  readonly abandoned: Effect.Effect<void>
}

export interface Loopback {
  readonly origin: string
  readonly exchanges: Array<Exchange>
  /** The exchange of this index, as soon as its request is there. */
  readonly exchange: (index: number) => Effect.Effect<Exchange>
}

/** Serves until the scope closes; connections that are open then are cut. */
export const serve = (handler: (exchange: Exchange) => void): Effect.Effect<Loopback, never, Scope.Scope> =>
  Effect.gen(function*() {
    const exchanges: Array<Exchange> = []
    const arrivals: Array<Deferred.Deferred<Exchange>> = []
    const arrival = (index: number) => {
      for (let n = arrivals.length; n <= index; n++) arrivals.push(deferred())
      return arrivals[index] ?? deferred<Exchange>()
    }
    const server = Http.createServer((request, response) => {
      const gone = deferred<void>()
      response.on("close", () => {
        if (!response.writableFinished) Deferred.unsafeDone(gone, Exit.void)
      })
      const pieces: Array<Buffer> = []
      request.on("data", (piece: Buffer) => pieces.push(piece))
      request.on("end", () => {
        const exchange = {
          method: request.method ?? "",
          url: request.url ?? "",
          headers: request.headers,
          body: Buffer.concat(pieces).toString("utf8"),
          response,
          abandoned: Deferred.await(gone)
        }
        exchanges.push(exchange)
        Deferred.unsafeDone(arrival(exchanges.length - 1), Exit.succeed(exchange))
        handler(exchange)
      })
    })
    const port = yield* listen(server, () => server.closeAllConnections())
    return {
      origin: `http://127.0.0.1:${port}`,
      exchanges,
      exchange: (index) => Effect.suspend(() => Deferred.await(arrival(index)))
    }
  })

/** The client as an application has it: over `fetch`, with this server as OpenRouter. */
export const overFetch = (server: Loopback, options: OpenRouterClient.Options = {}) =>
  OpenRouterClient.layer({ apiKey: key, baseUrl: `${server.origin}/api/v1`, retry: false, ...options }).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provide(environment())
  )
