/**
 * A scripted model, for tests of code that uses OpenRouter: the real client over a scripted `HttpClient`. It uses no
 * network, and its time is that of the Clock, so that `TestClock` controls it.
 *
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Redacted } from "effect/Redacted"
import * as OpenRouterClient from "../http/OpenRouterClient.js"
import type { Handler } from "./internal/handler.js"
import type { RecordedRequest, Recording, ResponseCounts } from "./internal/recording.js"
import { makeResponder } from "./internal/responder.js"
import { makeClient, makeHttpClient } from "./internal/scriptedClient.js"
import { failOnUnused } from "./internal/unusedTurns.js"
import type { Script } from "./Script.js"

export type { RecordedRequest, Recording, ResponseCounts } from "./internal/recording.js"

/**
 * The record of the scripted model.
 *
 * @since 0.1.0
 * @category context
 */
export class TestModel extends Context.Tag("effect-openrouter/testing/TestModel")<TestModel, Recording>() {}

/**
 * Options of a `TestModel`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** Handlers of endpoints, made with `MockHttpClient.on`; they take priority over the script. */
  readonly handlers?: ReadonlyArray<Handler> | undefined
  /** Options of the client; it has its own key and reads no configuration. */
  readonly client?: OpenRouterClient.Options | undefined
  /** Responds with 401 to requests without a key, or without this key. Endpoints that work without a key need none. */
  readonly requireKey?: boolean | Redacted | undefined
  /** Whether the test may end before all turns are used. Default: false. */
  readonly allowUnused?: boolean | undefined
}

/**
 * A scripted model: each request to chat completions, responses, messages or completions gets the next turn. A
 * request without a turn is a defect whose message names the request.
 *
 * A test that succeeds and leaves turns unused fails with a defect whose message names them, when the scope of the
 * layer closes. Turns of `Script.forever` may stay unused; `allowUnused` allows it for all.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Chat } from "effect-openrouter"
 * import { Script, TestModel } from "effect-openrouter/testing"
 *
 * const ask = (content: string) => Chat.send({ model: "openai/gpt-5-nano", messages: [{ role: "user", content }] })
 *
 * const test = Effect.gen(function*() {
 *   yield* ask("Weather in Paris?")
 *   yield* ask("And now?")
 *   const [first, second] = yield* TestModel.requests
 *   return [first?.json["messages"], second?.model]
 * }).pipe(
 *   Effect.provide(TestModel.layer([
 *     Script.toolCall("get_weather", { city: "Paris" }),
 *     Script.turn("Sunny, 23 degrees.", { cost: 0.001 })
 *   ]))
 * )
 * ```
 */
export const layer = (
  script: Script,
  options: Options = {}
): Layer.Layer<TestModel | OpenRouterClient.OpenRouterClient | HttpClient.HttpClient> =>
  Layer.scopedContext(Effect.gen(function*() {
    const responder = makeResponder({
      name: "TestModel",
      turns: script,
      handlers: options.handlers,
      requireKey: options.requireKey
    })
    if (options.allowUnused !== true) yield* failOnUnused(responder.unused)
    const httpClient = makeHttpClient(responder)
    const client = yield* Effect.provideService(makeClient(options.client ?? {}), HttpClient.HttpClient, httpClient)
    return Context.make(TestModel, responder.recorder).pipe(
      Context.add(HttpClient.HttpClient, httpClient),
      Context.add(OpenRouterClient.OpenRouterClient, client)
    )
  }))

/**
 * The requests so far, in order of arrival.
 *
 * @since 0.1.0
 * @category accessors
 */
export const requests: Effect.Effect<ReadonlyArray<RecordedRequest>, never, TestModel> = Effect.flatMap(
  TestModel,
  (model) => model.requests
)

/**
 * The number of responses by their end, so far.
 *
 * @since 0.1.0
 * @category accessors
 */
export const responses: Effect.Effect<ResponseCounts, never, TestModel> = Effect.flatMap(
  TestModel,
  (model) => model.responses
)

/**
 * The number of turns left in the script; infinite when the next turn repeats forever.
 *
 * @since 0.1.0
 * @category accessors
 */
export const remaining: Effect.Effect<number, never, TestModel> = Effect.flatMap(TestModel, (model) => model.remaining)

/**
 * Waits until `count` requests have arrived, and returns them.
 *
 * @since 0.1.0
 * @category accessors
 */
export const awaitRequests = (count: number): Effect.Effect<ReadonlyArray<RecordedRequest>, never, TestModel> =>
  Effect.flatMap(TestModel, (model) => model.awaitRequests(count))

/**
 * Waits until the client has interrupted `count` responses.
 *
 * @since 0.1.0
 * @category accessors
 */
export const awaitInterrupted = (count: number): Effect.Effect<void, never, TestModel> =>
  Effect.flatMap(TestModel, (model) => model.awaitInterrupted(count))
