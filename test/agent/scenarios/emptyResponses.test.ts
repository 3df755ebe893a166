/** Empty responses, and tool choices that force a call. */
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
import { model, sent, shapeOf } from "./support.js"

const Count = Tool.make("count", { success: Schema.Number })
const tools = Toolkit.make(Count)
const CountLive = tools.toLayer({ count: () => Effect.succeed(1) })
const script = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), CountLive)

const call = Script.toolCall("count")
const options = { model, input: "Count!", tools } as const
const choices = Effect.map(TestModel.requests, (requests) => requests.map(({ json }) => json["tool_choice"]))

/** Empty responses. */
const emptyResponses: ReadonlyArray<readonly [name: string, parts: ReadonlyArray<Script.Part>]> = [
  ["no items", []],
  ["an empty text", [Script.text([""])]],
  ["reasoning only", [Script.reasoning("hm")]]
]

describe("an empty response", () => {
  for (const [name, parts] of emptyResponses) {
    it.effect(`12: ${name} after tools is requested again once, without tools`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run(options)
        assert.strictEqual(run.text, "One.")
        assert.deepStrictEqual(run.outcome, { _tag: "completed" })
        assert.deepStrictEqual(yield* choices, [undefined, undefined, "none"])
        assert.strictEqual(run.steps.length, 3)
        assert.strictEqual(run.cost, 3)
      }).pipe(Effect.provide(script(
        Script.turn(call, { cost: 1 }),
        Script.turn(parts, { cost: 1 }),
        Script.turn("One.", { cost: 1 })
      ))))

    it.effect(`12: ${name} once more is an empty text`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run(options)
        assert.strictEqual(run.text, "")
        assert.deepStrictEqual(run.outcome, { _tag: "completed" })
        assert.strictEqual(yield* sent, 3)
      }).pipe(Effect.provide(script(call, Script.turn(parts), Script.turn(parts)))))

    it.effect(`12: ${name} after tools is a typed error if the run is strict`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(Agent.run({ ...options, strictFinalResponse: true }))
        assert(error._tag === "EmptyResponseError")
        assert.strictEqual(error.progress.steps.length, 2)
        assert.strictEqual(error.progress.steps[0]?.toolResults[0]?.output, "1")
        assert.strictEqual(error.progress.cost, 3)
        assert.strictEqual(error.generationId, error.progress.steps[1]?.response.id)
        assert.strictEqual(yield* sent, 2)
      }).pipe(Effect.provide(script(Script.turn(call, { cost: 1 }), Script.turn(parts, { cost: 2 })))))

    for (const strictFinalResponse of [false, true]) {
      it.effect(`12: ${name} at first is a typed error, strict ${strictFinalResponse}`, () =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(Agent.run({ ...options, strictFinalResponse }))
          assert(error._tag === "EmptyResponseError")
          assert.strictEqual(error.progress.steps.length, 1)
          assert.strictEqual(error.progress.cost, 0.5)
          assert.strictEqual(yield* sent, 1)
        }).pipe(Effect.provide(script(Script.turn(parts, { cost: 0.5 })))))
    }
  }

  it.effect("12: an empty response after only an unknown tool is requested again once", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "")
      assert.strictEqual(yield* sent, 3)
    }).pipe(Effect.provide(script(Script.toolCall("nothing"), Script.turn([]), Script.turn([])))))

  it.effect("12: the second request is not sent if the budget is used up", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.maxCost(2) })
      assert.strictEqual(run.text, "")
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(Script.turn(call, { cost: 1 }), Script.turn([], { cost: 1 })))))

  it.effect("12: a call in the second response executes, and a second empty response is not requested again", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "")
      assert.strictEqual(yield* sent, 4)
    }).pipe(Effect.provide(script(call, Script.turn([]), call, Script.turn([])))))

  it.effect("12: a refusal, an image and a server tool's item are not empty", () =>
    Effect.gen(function*() {
      for (const _tag of ["refused", "completed", "completed"]) {
        const run = yield* Agent.run(options)
        assert.strictEqual(run.outcome._tag, _tag)
      }
      assert.strictEqual(yield* sent, 3)
    }).pipe(Effect.provide(script(
      Script.refusal("No."),
      Script.image(),
      Script.item({ id: "ws_1", type: "web_search_call", status: "completed", action: { type: "search", query: "a" } })
    ))))

  it.effect("12: a response that was cut off before its first word is incomplete, not empty", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "incomplete", reason: "max_output_tokens" })
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(Script.turn([Script.reasoning("hm")], { finishReason: "length" })))))
})

describe("a forced call", () => {
  const forced = { type: "function", name: "count" } as const

  for (const tool_choice of ["required", forced] as const) {
    it.effect(`13: ${JSON.stringify(tool_choice)} holds until the model has made a call`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run({ ...options, tool_choice })
        assert.strictEqual(run.text, "One.")
        assert.deepStrictEqual(yield* choices, [tool_choice, "auto", "auto"])
      }).pipe(Effect.provide(script(call, call, "One."))))
  }

  for (const tool_choice of ["auto", "none"] as const) {
    it.effect(`13: ${tool_choice} stays as it is`, () =>
      Effect.gen(function*() {
        yield* Agent.run({ ...options, tool_choice })
        assert.deepStrictEqual(yield* choices, [tool_choice, tool_choice])
      }).pipe(Effect.provide(script(call, "One."))))
  }

  it.effect("13: tools that are allowed stay allowed, and are required once", () =>
    Effect.gen(function*() {
      const allowed = { type: "allowed_tools", tools: [{ type: "function", name: "count" }] } as const
      yield* Agent.run({ ...options, tool_choice: { ...allowed, mode: "auto" } })
      yield* Agent.run({ ...options, tool_choice: { ...allowed, mode: "required" } })
      assert.deepStrictEqual(yield* choices, [
        { ...allowed, mode: "auto" },
        { ...allowed, mode: "auto" },
        { ...allowed, mode: "required" },
        { ...allowed, mode: "auto" }
      ])
    }).pipe(Effect.provide(script(call, "One.", call, "One."))))

  it.effect("13: a function of the turn decides for each turn", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, tool_choice: ({ turn }) => turn < 3 ? "required" : "auto" })
      assert.deepStrictEqual(yield* choices, ["required", "required", "auto"])
    }).pipe(Effect.provide(script(call, call, "One."))))

  it.effect("13: the final request has no forced call", () =>
    Effect.gen(function*() {
      yield* Agent.run({
        ...options,
        tool_choice: "required",
        stopWhen: StopWhen.stepCountIs(1),
        allowFinalResponse: ""
      })
      assert.deepStrictEqual(yield* choices, ["required", "none"])
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]).slice(1), [
        "function_call call_1_1",
        "function_call_output call_1_1"
      ])
    }).pipe(Effect.provide(script(call, "One."))))
})
