/** What Effect 3 and Effect 4 say differently of Node, beyond a name. */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type { Dispatcher } from "@effect/platform-node/Undici"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"

/**
 * The client that sends requests through a dispatcher of undici.
 *
 * @internal
 */
export const clientOf = (dispatcher: Dispatcher): Effect.Effect<HttpClient.HttpClient> =>
  Effect.provideService(NodeHttpClient.makeUndici, NodeHttpClient.Dispatcher, dispatcher)
