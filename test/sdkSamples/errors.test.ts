/** Errors by status, retries, and leaving a stream early. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../src/agent/Agent.js"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"

const options = { model: "openai/gpt-5-nano", input: "Hello!" } as const

describe("an error", () => {
  const explained = Effect.gen(function*() {
    const result = yield* Agent.callModel(options)
    return yield* result.text
  }).pipe(
    Effect.scoped,
    Effect.catchTags({
      UnauthorizedResponseError: () => Effect.succeed("Invalid API key - check your OPENROUTER_API_KEY"),
      PaymentRequiredResponseError: () => Effect.succeed("Insufficient credits - add credits at openrouter.ai"),
      TooManyRequestsResponseError: () => Effect.succeed("Rate limited - implement backoff retry"),
      ServiceUnavailableResponseError: () => Effect.succeed("Model temporarily unavailable - try again or use fallback")
    }),
    Effect.catchAll((error) => Effect.succeed(`Unexpected error: ${error._tag}`)),
    OpenRouterClient.withOptions({ retry: false })
  )

  for (
    const [status, text] of [
      [400, "Unexpected error: BadRequestResponseError"],
      [401, "Invalid API key - check your OPENROUTER_API_KEY"],
      [402, "Insufficient credits - add credits at openrouter.ai"],
      [429, "Rate limited - implement backoff retry"],
      [500, "Unexpected error: InternalServerResponseError"],
      [503, "Model temporarily unavailable - try again or use fallback"]
    ] as const
  ) {
    it.effect(`of status ${status} has a class of its own`, () =>
      Effect.map(explained, (told) => assert.strictEqual(told, text)).pipe(
        Effect.provide(TestModel.layer([Script.error(status)]))
      ))
  }

  it.effect("that passes is retried, with longer and longer waits", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(
        Agent.run(options).pipe(OpenRouterClient.withOptions({ retry: Schedule.exponential("1 second") }))
      )
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).text, "Hi!")
      assert.strictEqual((yield* TestModel.requests).length, 3)
    }).pipe(Effect.provide(TestModel.layer([Script.error(429), Script.error(503), "Hi!"]))))
})

describe("a stream", () => {
  it.effect("that its reader leaves ends the request", () =>
    Effect.gen(function*() {
      const text = yield* Effect.scoped(Effect.gen(function*() {
        const result = yield* Agent.callModel(options)
        return yield* Stream.mkString(Stream.take(result.textStream, 2))
      }))
      assert.strictEqual(text, "Once upon ")
      yield* TestModel.awaitInterrupted(1)
    }).pipe(Effect.provide(TestModel.layer([[
      Script.text(["Once ", "upon "]),
      Script.wait("1 hour"),
      Script.text("a time.")
    ]]))))
})
