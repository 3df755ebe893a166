/** A server for requests and answers that are too large to be kept: it counts, and reads and writes at its own pace. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import { listen } from "./listen.js"
import { environment, key } from "./memory.js"

/** Serves until the scope closes; connections that are open then are cut. */
export const serveBytes = (handler: Http.RequestListener): Effect.Effect<string, never, Scope.Scope> =>
  Effect.gen(function*() {
    const server = Http.createServer(handler)
    const port = yield* listen(server, () => server.closeAllConnections())
    return `http://127.0.0.1:${port}/api/v1`
  })

/** The clients that applications on Node have. */
export const clients: ReadonlyArray<readonly [name: string, layer: Layer.Layer<HttpClient>]> = [
  ["fetch", FetchHttpClient.layer],
  ["undici", NodeHttpClient.layerUndici],
  ["node:http", NodeHttpClient.layer]
]

export const clientOf = (
  baseUrl: string,
  http: Layer.Layer<HttpClient> = FetchHttpClient.layer,
  options: OpenRouterClient.Options = {}
) =>
  OpenRouterClient.layer({ apiKey: key, baseUrl, retry: false, ...options }).pipe(
    Layer.provide(http),
    Layer.provide(environment())
  )
