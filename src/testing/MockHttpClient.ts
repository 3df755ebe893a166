/**
 * An `HttpClient` that responds to single endpoints with handlers, keyed by the endpoint itself, with its types.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as OpenRouterClient from "../http/OpenRouterClient.js"
import type { Handler } from "./internal/handler.js"
import type { RecordedRequest, Recording } from "./internal/recording.js"
import { makeResponder } from "./internal/responder.js"
import { makeClient, makeHttpClient } from "./internal/scriptedClient.js"

export * from "./internal/handler.js"

/**
 * The record of the mock.
 *
 * @since 0.1.0
 * @category context
 */
export class MockHttpClient
  extends Context.Tag("effect-openrouter/testing/MockHttpClient")<MockHttpClient, Recording>()
{}

/**
 * The HttpClient alone, for a client that the test makes itself. A request without a handler is a defect whose message
 * names the request.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (handlers: ReadonlyArray<Handler>): Layer.Layer<MockHttpClient | HttpClient.HttpClient> =>
  Layer.effectContext(Effect.sync(() => make(handlers)))

const make = (handlers: ReadonlyArray<Handler>): Context.Context<MockHttpClient | HttpClient.HttpClient> => {
  const responder = makeResponder({ name: "MockHttpClient", handlers })
  return Context.make(MockHttpClient, responder.recorder).pipe(
    Context.add(HttpClient.HttpClient, makeHttpClient(responder))
  )
}

/**
 * The mock with the real client over it. The client has its own key and reads no configuration.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Credits } from "effect-openrouter"
 * import { MockHttpClient } from "effect-openrouter/testing"
 *
 * const left = Credits.getCredits().pipe(
 *   Effect.map(({ data }) => data.total_credits - data.total_usage),
 *   Effect.provide(MockHttpClient.layerClient([
 *     MockHttpClient.on(Credits.getCredits, () => ({ data: { total_credits: 10, total_usage: 2.5 } }))
 *   ]))
 * )
 * ```
 */
export const layerClient = (
  handlers: ReadonlyArray<Handler>,
  options: OpenRouterClient.Options = {}
): Layer.Layer<MockHttpClient | OpenRouterClient.OpenRouterClient | HttpClient.HttpClient> =>
  Layer.effectContext(Effect.gen(function*() {
    const context = make(handlers)
    const client = yield* Effect.provide(makeClient(options), context)
    return Context.add(context, OpenRouterClient.OpenRouterClient, client)
  }))

/**
 * The requests so far, in order of arrival.
 *
 * @since 0.1.0
 * @category accessors
 */
export const requests: Effect.Effect<ReadonlyArray<RecordedRequest>, never, MockHttpClient> = Effect.flatMap(
  MockHttpClient,
  (mock) => mock.requests
)
