/** Tools outside of a run, and tools that have their handlers. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../src/agent/Agent.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"

const At = Tool.make("at", {
  parameters: Schema.Struct({ at: Schema.Date, note: Schema.optional(Schema.String) }),
  success: Schema.Date,
  failure: Schema.Struct({ message: Schema.String }),
  timeout: Duration.seconds(5)
})
const Pay = Tool.make("pay", {
  parameters: Schema.Struct({ eur: Schema.Number }),
  success: Schema.Number,
  requireApproval: ({ eur }) => eur > 10
})
const Ask = Tool.make("ask", { success: Schema.String, answer: Schema.String })
const Flaky = Tool.make("flaky", { success: Schema.Number, failure: Schema.String, retry: Schedule.recurs(2) })
const tools = Toolkit.make(At, Pay, Ask, Flaky, Tool.manual("by_hand"), Tool.server({ type: "openrouter:web_search" }))

const ToolsLive = tools.toLayer(Effect.sync(() => {
  let tries = 0
  return {
    at: ({ at, note }) =>
      note === "slow" ? Effect.never : note === "dark" ? Effect.fail({ message: "It is dark." }) : Effect.succeed(at),
    pay: ({ eur }) => Effect.succeed(eur),
    ask: (_, { answer }) => answer,
    flaky: () => Effect.suspend(() => ++tries < 3 ? Effect.fail("again") : Effect.succeed(tries))
  }
}))

const refused = (name: string, args: unknown) =>
  Effect.map(
    Effect.flip(Toolkit.call(tools, name, args)),
    (error) => error._tag === "ToolCallError" ? { reason: error.reason, message: error.message } : error
  )

describe("a call outside of a run", () => {
  it.effect("decodes the arguments and encodes the result", () =>
    Effect.gen(function*() {
      const at = "2026-01-01T00:00:00.000Z"
      assert.deepStrictEqual(yield* Toolkit.call(tools, "at", { at }), { result: at, output: at })
      assert.deepStrictEqual((yield* Toolkit.call(tools, "flaky", {})).result, 3)
    }).pipe(Effect.provide(ToolsLive)))

  it.effect("says why it has no result", () =>
    Effect.gen(function*() {
      const at = "2026-01-01T00:00:00.000Z"
      assert.deepStrictEqual(yield* refused("none", {}), {
        reason: "unknown",
        message: "There is no tool \"none\". Available: at, pay, ask, flaky."
      })
      const invalid = yield* refused("pay", { eur: "much" })
      assert.deepInclude(invalid, { reason: "arguments" })
      assert.deepStrictEqual(yield* refused("at", { at, note: "dark" }), { reason: "failure", message: "It is dark." })
      assert.deepStrictEqual(yield* refused("pay", { eur: 11 }), {
        reason: "approval",
        message: "This call is not allowed."
      })
      assert.deepInclude(yield* refused("ask", {}), { reason: "answer" })
      assert.deepInclude(yield* refused("by_hand", {}), { reason: "unknown" })
      const slow = yield* Effect.fork(refused("at", { at, note: "slow" }))
      yield* TestClock.adjust("7 seconds")
      assert.deepStrictEqual(yield* Fiber.join(slow), {
        reason: "timeout",
        message: "The tool \"at\" took longer than 5s and was stopped."
      })
    }).pipe(Effect.provide(ToolsLive)))

  it.effect("asks who decides, with decoded parameters", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const call = (eur: number, isApproved: boolean) =>
        Effect.either(Toolkit.call(tools, "pay", { eur }, {
          approve: (params) =>
            Effect.sync(() => {
              asked.push(params)
              return isApproved
            })
        }))
      assert.strictEqual((yield* call(10, false))._tag, "Right")
      assert.strictEqual((yield* call(11, false))._tag, "Left")
      assert.strictEqual((yield* call(12, true))._tag, "Right")
      assert.deepStrictEqual(asked, [{ eur: 11 }, { eur: 12 }])
    }).pipe(Effect.provide(ToolsLive)))

  it.effect("has the schema as it is, and lists what can be called", () =>
    Effect.gen(function*() {
      const schema = yield* Toolkit.jsonSchema(At)
      assert.deepStrictEqual(schema["required"], ["at"])
      assert.deepStrictEqual(Toolkit.callable(tools).map(({ name }) => name), ["at", "pay", "ask", "flaky"])
      assert.deepStrictEqual(Toolkit.callable(tools, false).map(({ name }) => name), ["at", "ask", "flaky"])
    }))
})

describe("a toolkit with its handlers", () => {
  it.effect("needs no layer, and uses the services of the run", () =>
    Effect.gen(function*() {
      const provided = Toolkit.provide(
        Toolkit.make(Tool.make("double", {
          parameters: Schema.Struct({ of: Schema.Number }),
          success: Schema.Number
        })),
        { double: ({ of }) => Effect.succeed(2 * of) }
      )
      const run = yield* Agent.run({ model: "m", input: "go", tools: provided })
      assert.strictEqual(run.text, "done")
      assert.deepStrictEqual(run.steps[0]?.toolResults.map(({ result }) => result), [42])
    }).pipe(Effect.provide(TestModel.layer([Script.toolCall("double", { of: 21 }), "done"]))))
})
