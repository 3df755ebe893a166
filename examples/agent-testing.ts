/**
 * A test of an agent: the same toolkit with another layer. The model follows a script, the tools are fakes that record
 * their parameters, and the loop between them is real. `npx vitest run test/examples/agent-testing.test.ts` runs it.
 */
import { FetchHttpClient, HttpClient } from "@effect/platform"
import { assert, it } from "@effect/vitest"
import { Context, Effect, Layer, Ref, Schema } from "effect"
import { Agent, OpenRouterClient, Tool, Toolkit } from "effect-openrouter"
import { Script, TestModel } from "effect-openrouter/testing"

const BookTable = Tool.make("book_table", {
  description: "Books a table in our restaurant",
  parameters: Schema.Struct({ guests: Schema.Int, time: Schema.String }),
  success: Schema.Struct({ reference: Schema.String }),
  failure: Schema.Literal("full"),
  requireApproval: ({ guests }) => guests > 8
})
const Restaurant = Toolkit.make(BookTable)

/** The agent under test. It depends on neither the handlers nor the model. */
const host = (input: string) =>
  Agent.run({ model: "openai/gpt-5-nano", instructions: "You are the host.", input, tools: Restaurant })

/** In production, the tool calls a booking service, and `host` calls OpenRouter. */
const RestaurantLive = Restaurant.toLayer({
  book_table: ({ guests, time }) =>
    HttpClient.get("https://bookings.example.com/new", { urlParams: { guests, time } }).pipe(
      Effect.flatMap((response) => response.text),
      Effect.map((reference) => ({ reference })),
      Effect.orElseFail(() => "full" as const)
    )
})
export const Live = Layer.provideMerge(
  Layer.merge(RestaurantLive, OpenRouterClient.layerConfig()),
  FetchHttpClient.layer
)

/** In tests, a fake replaces the service. */
class Bookings extends Context.Tag("Bookings")<Bookings, Ref.Ref<ReadonlyArray<number>>>() {}

const RestaurantTest = Restaurant.toLayer({
  book_table: ({ guests }) =>
    Effect.gen(function*() {
      yield* Ref.update(yield* Bookings, (all) => [...all, guests])
      return guests > 4 ? yield* Effect.fail("full" as const) : { reference: "R-1" }
    })
}).pipe(Layer.provideMerge(Layer.effect(Bookings, Ref.make<ReadonlyArray<number>>([]))))

const test = (script: Script.Script) => Layer.merge(RestaurantTest, TestModel.layer(script))

it.effect("books a table, and the model receives the reference", () =>
  Effect.gen(function*() {
    const run = yield* host("A table for two at seven, please.")
    assert.strictEqual(run.text, "See you at seven!")
    assert.deepStrictEqual(yield* Ref.get(yield* Bookings), [2])
    const [, second] = yield* TestModel.requests
    assert.include(JSON.stringify(second?.json["input"]), "R-1")
  }).pipe(Effect.provide(test([
    Script.toolCall("book_table", { guests: 2, time: "19:00" }),
    "See you at seven!"
  ]))))

it.effect("returns failures to the model, which can correct its arguments", () =>
  Effect.gen(function*() {
    const run = yield* host("A table for six, please.")
    const results = run.steps.flatMap((step) => step.toolResults.map((result) => [result.status, result.output]))
    assert.match(String(results[0]), /^failure,.*The arguments do not fit/)
    assert.deepStrictEqual(results[1], ["failure", "{\"error\":\"full\"}"])
    assert.deepStrictEqual(yield* Ref.get(yield* Bookings), [6])
  }).pipe(Effect.provide(test([
    Script.toolCall("book_table", { guests: "six" }),
    Script.toolCall("book_table", { guests: 6, time: "19:00" }),
    "Sorry, we are full."
  ]))))

it.effect("books for a large party only after an approval", () =>
  Effect.gen(function*() {
    const run = yield* host("A table for twelve, please.")
    assert.strictEqual(run.outcome._tag, "awaiting_approval")
    assert.deepStrictEqual(yield* Ref.get(yield* Bookings), [])
    assert.strictEqual((yield* TestModel.requests).length, 1)
  }).pipe(Effect.provide(test([Script.toolCall("book_table", { guests: 12, time: "19:00" })]))))
