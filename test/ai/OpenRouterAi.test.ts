/** Errors: of `@effect/ai`, with ours behind them, and without secrets. */
import * as LanguageModel from "@effect/ai/LanguageModel"
import type * as Prompt from "@effect/ai/Prompt"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { inspect } from "node:util"
import * as OpenRouterAi from "../../src/ai/OpenRouterAi.js"
import * as OpenRouterLanguageModel from "../../src/ai/OpenRouterLanguageModel.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { kindOf, kinds, Kit, KitLive } from "../support/effect/ai.js"

const live = (script: Script.Script) =>
  Layer.mergeAll(
    Layer.provideMerge(
      OpenRouterLanguageModel.layer({ model: "m/m" }),
      TestModel.layer(script, { client: { apiKey: Redacted.make("sk-or-secret"), retry: false } })
    ),
    KitLive
  )

const generate = (prompt: Prompt.RawInput = "My PIN is 9731") => Effect.flip(LanguageModel.generateText({ prompt }))

const stream = Effect.suspend(() =>
  Effect.flip(Stream.runDrain(LanguageModel.streamText({ prompt: "My PIN is 9731" })))
)

describe("OpenRouterAi.original", () => {
  it.effect("an error keeps its tag, its status and the time to wait", () =>
    Effect.gen(function*() {
      for (const failure of [generate(), stream]) {
        const payment = yield* failure
        assert.deepStrictEqual(kindOf(payment), kinds.payment)
        const original = OpenRouterAi.original(payment)
        assert.strictEqual(original?._tag, "PaymentRequiredResponseError")

        const limit = yield* failure
        assert.deepStrictEqual(kindOf(limit), kinds.rateLimit)
        const behind = OpenRouterAi.original(limit)
        assert.strictEqual(behind?._tag, "TooManyRequestsResponseError")
        if (behind?._tag === "TooManyRequestsResponseError") {
          assert.strictEqual(behind.status, 429)
          assert.strictEqual(Duration.toSeconds(behind.retryAfter ?? 0), 7)
        }
      }
    }).pipe(
      Effect.provide(live([
        Script.error(402),
        Script.error(429, { retryAfter: "7 seconds" }),
        Script.error(402),
        Script.error(429, { retryAfter: "7 seconds" })
      ]))
    ))

  it.effect("no error has the key or the prompt", () =>
    Effect.gen(function*() {
      const errors = [yield* generate(), yield* generate(), yield* stream]
      for (const error of errors) {
        const shown = inspect(error, { depth: 10, showHidden: true }) + JSON.stringify(error) + String(error)
        assert.notInclude(shown, "9731")
        assert.notInclude(shown, "sk-or-secret")
      }
    }).pipe(Effect.provide(live([Script.error(401), Script.reply("<html>", { status: 200 }), Script.error(500)]))))

  it.effect("a stream that breaks off fails as one that lost its connection", () =>
    Effect.gen(function*() {
      const error = yield* stream
      assert.deepStrictEqual(kindOf(error), kinds.network)
      assert.strictEqual(OpenRouterAi.original(error)?._tag, "StreamTruncatedError")
    }).pipe(
      Effect.provide(live([
        Script.reply(`data: {"id":"1","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n`, {
          headers: { "content-type": "text/event-stream" }
        })
      ]))
    ))

  it.effect("arguments that are no JSON fail, and are not in the error", () =>
    Effect.gen(function*() {
      const options = { prompt: "1 + 2", toolkit: Kit } as const
      const whole = yield* Effect.flip(LanguageModel.generateText(options))
      const streamed = yield* Effect.flip(Stream.runDrain(LanguageModel.streamText(options)))
      for (const error of [whole, streamed]) {
        assert.deepStrictEqual(kindOf(error), kinds.output)
        assert.include(inspect(error), "The arguments for the tool add are no JSON")
        assert.notInclude(inspect(error), "9731")
      }
    }).pipe(
      Effect.provide(live([[Script.toolCall("add", "{\"a\":9731")], [Script.toolCall("add", "{\"a\":9731")]]))
    ))

  it.effect("a value that does not fit, and a refusal, have the response behind them", () =>
    Effect.gen(function*() {
      const ask = Effect.flip(
        LanguageModel.generateObject({ prompt: "1", schema: Schema.Struct({ n: Schema.Number }) })
      )
      const unfit = yield* ask
      assert.deepStrictEqual(kindOf(unfit), kinds.unfit)
      const mismatch = OpenRouterAi.original(unfit)
      assert.strictEqual(mismatch?._tag, "StructuredOutputMismatchError")
      if (mismatch?._tag === "StructuredOutputMismatchError") assert.strictEqual(mismatch.response.cost, 0.25)

      const refused = yield* ask
      assert.deepStrictEqual(kindOf(refused), kinds.refused)
      assert.strictEqual(OpenRouterAi.original(refused)?._tag, "StructuredOutputRefusedError")
    }).pipe(Effect.provide(live([Script.turn(`{"n":"one"}`, { cost: 0.25 }), [Script.refusal("No.")]]))))

  it.effect("a schema that cannot be sent fails before the request", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        LanguageModel.generateObject({ prompt: "1", schema: Schema.Struct({ n: Schema.BigIntFromSelf }) })
      )
      assert.deepStrictEqual(kindOf(error), kinds.input)
      assert.strictEqual(OpenRouterAi.original(error)?._tag, "JsonSchemaError")
    }).pipe(Effect.provide(live([]))))

  it.effect("audio with an address fails before the request", () =>
    Effect.gen(function*() {
      const data = new URL("https://e.org/a.mp3")
      const error = yield* generate([{ role: "user", content: [{ type: "file", mediaType: "audio/mpeg", data }] }])
      assert.deepStrictEqual(kindOf(error), kinds.input)
      assert.isUndefined(OpenRouterAi.original(error))
    }).pipe(Effect.provide(live([]))))

  it("an error from somewhere else has none", () =>
    assert.deepStrictEqual([new Error("no"), "no", null, undefined].map(OpenRouterAi.original), [
      undefined,
      undefined,
      undefined,
      undefined
    ]))
})
