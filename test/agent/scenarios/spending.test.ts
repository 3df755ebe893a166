/** What tools spend on models, and the budgets of their parent run. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { sent } from "./support.js"

const Delegate = Tool.make("delegate", { success: Schema.String })
const tools = Toolkit.make(Delegate)
const inner = Effect.map(Effect.orDie(Agent.run({ model: "test/inner", input: "Do it" })), (run) => run.text)
const layer = tools.toLayer({ delegate: () => inner })

const outer = { model: "test/outer", input: "Have it done", tools, stopWhen: StopWhen.maxCost(1) } as const

const script = (...turns: Script.Script) =>
  Effect.provide(Layer.provideMerge(
    layer,
    TestModel.layer([
      Script.turn(Script.toolCall("delegate"), { cost: 0.25 }),
      Script.turn("Done", { cost: 0.75 }),
      ...turns
    ])
  ))

describe("a budget that a tool uses up", () => {
  it.effect("ends the run before its next request, with the output of the tool", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(outer)
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(1)" })
      assert.strictEqual(run.cost, 1)
      assert.strictEqual(yield* sent, 2)
      assert.deepStrictEqual(run.pending, [])
      const last = run.history.at(-1)
      assert.strictEqual(last?.type === "function_call_output" ? last.output : undefined, "Done")
    }).pipe(script()))

  it.effect("is followed by the final response with allowFinalResponse", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...outer, allowFinalResponse: "" })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(1)" })
      assert.deepStrictEqual([run.text, run.steps.length, yield* sent], ["It is done.", 2, 3])
      assert.strictEqual((yield* TestModel.requests)[2]?.json["tool_choice"], "none")
    }).pipe(script("It is done.")))

  it.effect("lets the middleware continue the run", () =>
    Effect.gen(function*() {
      const outcomes: Array<string> = []
      const middleware = Middleware.make({
        stop: (_, outcome) =>
          Effect.sync(() => {
            outcomes.push(outcome._tag)
            return outcome._tag === "stopped" ? [{ role: "user", content: "Sum up" }] : undefined
          })
      })
      const run = yield* Agent.run({ ...outer, middleware })
      assert.deepStrictEqual([run.outcome._tag, run.text], ["completed", "It is done."])
      assert.deepStrictEqual(outcomes, ["stopped", "completed"])
    }).pipe(script("It is done.")))

  it.effect("of an outer run ends both", () =>
    Effect.gen(function*() {
      const { stopWhen, ...middle } = outer
      const Chief = Toolkit.make(Tool.make("chief", { success: Schema.String }))
      const chief = Chief.toLayer({
        chief: () => Effect.map(Effect.orDie(Agent.run(middle)), ({ outcome }) => JSON.stringify(outcome))
      })
      const run = yield* Effect.provide(Agent.run({ model: "test/chief", input: "Go", tools: Chief, stopWhen }), chief)
      const stopped = { _tag: "stopped", condition: "maxCost(1)" } as const
      assert.deepStrictEqual(run.outcome, stopped)
      assert.strictEqual(run.steps[0]?.toolResults[0]?.output, JSON.stringify(stopped))
      assert.strictEqual(yield* sent, 3)
    }).pipe(Effect.provide(Layer.provideMerge(
      layer,
      TestModel.layer([
        Script.toolCall("chief"),
        Script.turn(Script.toolCall("delegate"), { cost: 0.25 }),
        Script.turn("Done", { cost: 0.75 })
      ])
    ))))
})
