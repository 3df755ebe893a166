import { FileSystem } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Layer } from "effect"
import { Script, TestModel } from "effect-openrouter/testing"
import { evaluation, table } from "../../../examples/recipes/evaluation.js"
import { quiet } from "../../support/effect/logs.js"

const reviews = [
  { id: "1", input: "I love this lamp.", expected: "positive" },
  { id: "2", input: "It broke at once.", expected: "negative" },
  { id: "3", input: "It is a lamp.", expected: "neutral" }
]

/** A folder with the data set. */
const files = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  yield* fs.writeFileString(`${folder}/reviews.json`, JSON.stringify(reviews))
  return { rows: `${folder}/reviews.json`, results: `${folder}/results.jsonl` }
})

const mood = (mood: string) => Script.turn(JSON.stringify({ mood }), { cost: 0.001 })

/** The rows are asked at the same time, so turns go by what is asked. */
const model = (turns: { readonly [input: string]: Script.TurnInput }) =>
  Script.forever(({ json }) => {
    const input = reviews.find(({ input }) => JSON.stringify(json["messages"]).includes(input))?.input ?? ""
    return turns[input] ?? Script.error(400)
  })

const environment = (...script: Script.Script) => Layer.mergeAll(NodeContext.layer, TestModel.layer(script), quiet)

const [first, second, third] = ["I love this lamp.", "It broke at once.", "It is a lamp."] as const

describe("the recipe of an evaluation", () => {
  it.scoped("prints a table with the cost of each row, also of a response without a value", () =>
    Effect.gen(function*() {
      const { missing, results } = yield* evaluation(yield* files)
      assert.strictEqual(missing, 0)
      assert.deepStrictEqual(table(results).split("\n"), [
        "   row  expected  actual                         cost       time",
        "✓  1    positive  positive                       $0.001000  0.0 s",
        "✗  2    negative  neutral                        $0.001000  0.0 s",
        "✗  3    neutral   StructuredOutputMismatchError  $0.001000  0.0 s",
        "1 of 3 are right, for $0.003000"
      ])
    }).pipe(
      Effect.provide(environment(model({ [first]: mood("positive"), [second]: mood("neutral"), [third]: mood("odd") })))
    ))

  it.scoped("continues with the rows that have no result, and pays for none twice", () =>
    Effect.gen(function*() {
      const options = yield* files
      assert.strictEqual((yield* evaluation(options)).missing, 1)
      assert.strictEqual((yield* TestModel.requests).length, 3)
      const { missing, results } = yield* evaluation(options)
      assert.deepStrictEqual([missing, results.length], [1, 2])
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(requests.slice(3).map(({ json }) => JSON.stringify(json["messages"]).includes(third)), [
        true
      ])
    }).pipe(Effect.provide(environment(model({ [first]: mood("positive"), [second]: mood("negative") })))))

  it.scoped("has written what came when it is interrupted, and removes a line that was cut off", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const options = yield* files
      const waits = yield* Deferred.make<void>()
      const text = Effect.orElseSucceed(fs.readFileString(options.results), () => "")
      yield* Effect.provide(
        Effect.gen(function*() {
          const running = yield* Effect.fork(evaluation(options))
          yield* Effect.repeat(text, { until: (text) => text.split("\n").length === 3 })
          yield* Deferred.await(waits)
          yield* Fiber.interrupt(running)
        }),
        environment(model({
          [first]: mood("positive"),
          [second]: mood("negative"),
          [third]: () => Effect.as(Deferred.succeed(waits, void 0), Script.stall)
        }))
      )
      yield* fs.writeFileString(options.results, `${yield* text}{"model":"openai/g`)
      yield* Effect.provide(
        Effect.gen(function*() {
          assert.strictEqual((yield* evaluation(options)).missing, 0)
          assert.strictEqual((yield* TestModel.requests).length, 1)
        }),
        environment(model({ [third]: mood("neutral") }))
      )
      const ids = (yield* text).trim().split("\n").map((line) => JSON.parse(line).id)
      assert.deepStrictEqual(ids.toSorted(), ["1", "2", "3"])
    }).pipe(Effect.provide(NodeContext.layer)))
})
