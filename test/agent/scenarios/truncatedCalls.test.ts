/** Calls whose arguments a limit of tokens cut short, again and again. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model, outputsOf } from "./support.js"

const tools = Toolkit.make(Tool.make("count", { success: Schema.Number }))

/** How often the tool ran. */
let runs = 0

const script = (...turns: Script.Script) =>
  Layer.mergeAll(
    TestModel.layer(turns),
    tools.toLayer(Effect.sync(() => {
      runs = 0
      return { count: () => Effect.sync(() => ++runs) }
    }))
  )

const call = Script.toolCall("count")
const options = { model, input: "Count!", tools } as const

describe("calls that are truncated", () => {
  const cut = Script.turn(Script.toolCall("count", "{\"a\":\"long"), { finishReason: "length", cost: 1 })
  const mixed = Script.turn([call, Script.toolCall("count", "{\"a\":\"long")], { finishReason: "length" })
  const incomplete: Agent.Outcome = { _tag: "incomplete", reason: "max_output_tokens" }

  it.effect("in two turns in a row end the run, and its history can be sent", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual([run.outcome, run.pending, run.cost], [incomplete, [], 2])
      assert.strictEqual(outputsOf((yield* TestModel.requests)[1]).length, 1)
      const next = yield* Agent.run({ ...options, input: run.history, max_output_tokens: 1000 })
      assert.strictEqual(next.text, "None.")
      assert.strictEqual(runs, 0)
    }).pipe(Effect.provide(script(cut, cut, "None."))))

  it.effect("in one turn are told to the model, and turns between them count anew", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual(runs, 2)
    }).pipe(Effect.provide(script(cut, mixed, cut, call, "Two."))))

  it.effect("give way to a condition that holds", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.maxCost(2) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(2)" })
    }).pipe(Effect.provide(script(cut, cut))))
})
