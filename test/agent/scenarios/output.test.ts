/** Runs with structured output. */
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
import { failureOf, getters } from "./getters.js"
import { itemsOf, model, sent } from "./support.js"

const Weather = Schema.Struct({ celsius: Schema.Number, at: Schema.Date }).annotations({ identifier: "Weather" })

const Look = Tool.make("look", { success: Schema.Number })
const tools = Toolkit.make(Look)

const script = (...turns: Script.Script) =>
  Layer.mergeAll(tools.toLayer({ look: () => Effect.succeed(5) }), TestModel.layer(turns))

const options = { model, input: "Weather?", output: Weather } as const

const good = JSON.stringify({ celsius: 5, at: "2026-01-01T00:00:00.000Z" })
const bad = JSON.stringify({ celsius: "five", at: "2026-01-01T00:00:00.000Z" })
const value = { celsius: 5, at: new Date("2026-01-01T00:00:00.000Z") }
const look = Script.toolCall("look")

const turn = (text: string) => Script.turn(text, { cost: 0.25 })

describe("structured output", () => {
  it.effect("is decoded, and its schema is in every request", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, tools, text: { verbosity: "low" } })
      assert.deepStrictEqual(run.value, value)
      assert.strictEqual(run.value?.at.getUTCFullYear(), 2026)
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      const formats = (yield* TestModel.requests).map(({ json }) => json["text"])
      assert.deepStrictEqual(formats[0], formats[1])
      assert.deepInclude(formats[0], { verbosity: "low" })
      const format: unknown = Reflect.get(Object(formats[0]), "format")
      assert.deepInclude(format, { type: "json_schema", name: "Weather", strict: true })
    }).pipe(Effect.provide(script(look, good))))

  it.effect("is the value of Agent.callModel", () =>
    Effect.gen(function*() {
      const found = yield* Effect.scoped(Effect.flatMap(Agent.callModel(options), (result) => result.value))
      assert.deepStrictEqual(found, value)
    }).pipe(Effect.provide(script(good))))

  it.effect("follows the reasoning that the model wrote into its text", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.value, value)
    }).pipe(Effect.provide(script(`<think>Is it ${good.replace("5", "4")}? No.</think>\n${good}`))))

  it.effect("that does not fit is repaired: the model receives the issues of its response", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.value, value)
      assert.strictEqual(run.cost, 0.5)
      assert.strictEqual(run.steps.length, 2)
      const [, second] = yield* TestModel.requests
      const [prompt, answer, complaint, ...more] = itemsOf(second)
      assert.deepStrictEqual(more, [])
      assert.deepStrictEqual(prompt, { role: "user", content: "Weather?" })
      assert.strictEqual(answer?.["role"], "assistant")
      assert.strictEqual(complaint?.["role"], "user")
      assert.include(String(complaint?.["content"]), "celsius")
    }).pipe(Effect.provide(script(turn(bad), turn(good)))))

  it.effect("can be repaired after tools were called again", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, tools })
      assert.deepStrictEqual(run.value, value)
      assert.strictEqual(run.steps.length, 4)
    }).pipe(Effect.provide(script(look, bad, look, good))))

  it.effect("whose repairs are exhausted is a typed error with the progress, at every getter", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.gen(function*() {
        const result = yield* Agent.callModel({ ...options, output: { schema: Weather, repairs: 2 } })
        const all = yield* Effect.all(getters(result), { concurrency: "unbounded" })
        for (const [getter, one] of Object.entries(all)) {
          assert.strictEqual(failureOf(one)?._tag, "StructuredOutputMismatchError", getter)
        }
        const { progress } = failureOf(all.run) ?? assert.fail("no failure")
        assert.strictEqual(progress.cost, 0.75)
        assert.strictEqual(progress.text, bad)
        assert.strictEqual(progress.steps.length, 3)
      }))
      assert.strictEqual(yield* sent, 3)
    }).pipe(Effect.provide(script(turn(bad), turn("no JSON"), turn(bad)))))

  it.effect("is not repaired if no repairs are allowed", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...options, output: { schema: Weather, repairs: 0 } }))
      assert.strictEqual(error._tag, "StructuredOutputMismatchError")
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(bad))))

  it.effect("counts only responses that do not fit as repairs", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, tools })
      assert.deepStrictEqual(run.value, value)
      assert.strictEqual(yield* sent, 4)
    }).pipe(Effect.provide(script(look, Script.turn([]), bad, good))))

  it.effect("that is refused is a typed error with the model's refusal, and is not requested again", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run(options))
      assert.strictEqual(error._tag, "StructuredOutputRefusedError")
      assert.strictEqual(error._tag === "StructuredOutputRefusedError" ? error.refusal : "", "I will not say.")
      assert.strictEqual(error.progress.cost, 0.25)
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(
      Script.turn([Script.refusal("I will not say.")], { cost: 0.25 })
    ))))

  it.effect("that is cut off makes the run incomplete, without a value", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "incomplete", reason: "max_output_tokens" })
      assert.isUndefined(run.value)
      assert.strictEqual(run.text, "{\"celsius\":")
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(Script.turn("{\"celsius\":", { finishReason: "length" })))))

  it.effect("is absent while calls are pending", () =>
    Effect.gen(function*() {
      const Ask = Tool.manual("ask")
      const run = yield* Agent.run({ ...options, tools: Toolkit.make(Ask) })
      assert.deepStrictEqual(run.outcome, { _tag: "awaiting_tools" })
      assert.isUndefined(run.value)
      const resumed = yield* Agent.run({
        ...options,
        input: run.history,
        tools: Toolkit.make(Ask),
        answer: { [run.pending[0]?.callId ?? ""]: "yes" }
      })
      assert.deepStrictEqual(resumed.value, value)
    }).pipe(Effect.provide(script(Script.toolCall("ask"), good))))

  it.effect("is not read from a text that is not the last", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, tools })
      assert.deepStrictEqual(run.value, value)
    }).pipe(Effect.provide(script([bad, look], good))))
})

describe("structured output under budgets", () => {
  it.effect("is taken from the response that uses up the budget", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.maxCost(0.25) })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(run.value, value)
    }).pipe(Effect.provide(script(turn(good)))))

  it.effect("is not repaired beyond the budget", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Agent.run({ ...options, output: { schema: Weather, repairs: 5 }, stopWhen: StopWhen.maxCost(0.5) })
      )
      assert.strictEqual(error._tag, "StructuredOutputMismatchError")
      assert.strictEqual(error.progress.cost, 0.5)
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(turn(bad), turn(bad)))))

  it.effect("is not repaired beyond the limit of steps, even if repairs are left", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Agent.run({ ...options, output: { schema: Weather, repairs: 5 }, maxSteps: 2 })
      )
      assert.strictEqual(error._tag, "StructuredOutputMismatchError")
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(turn(bad), turn(bad)))))

  it.effect("can come from the final response after a stop", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({
        ...options,
        tools,
        stopWhen: StopWhen.stepCountIs(1),
        allowFinalResponse: true
      })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "stepCountIs(1)" })
      assert.deepStrictEqual(run.value, value)
      const [, second] = yield* TestModel.requests
      assert.strictEqual(second?.json["tool_choice"], "none")
    }).pipe(Effect.provide(script(look, good))))

  it.effect("may be missing from the final response after a stop", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({
        ...options,
        tools,
        stopWhen: StopWhen.stepCountIs(1),
        allowFinalResponse: true
      })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "stepCountIs(1)" })
      assert.isUndefined(run.value)
      assert.strictEqual(run.text, "No idea.")
    }).pipe(Effect.provide(script(look, "No idea."))))

  it.effect("sends nothing if its schema has no JSON Schema", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...options, output: Schema.BigIntFromSelf }))
      assert.strictEqual(error._tag, "JsonSchemaError")
      assert.strictEqual(yield* sent, 0)
    }).pipe(Effect.provide(script())))
})
