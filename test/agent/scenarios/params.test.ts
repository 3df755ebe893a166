/** Parameters that change from turn to turn: by functions of the turn, and by what tools found out. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { itemsOf, model, sent } from "./support.js"

class NoQuota extends Schema.TaggedError<NoQuota>()("NoQuota", { team: Schema.String }) {}
class Prices extends Context.Tag("test/Prices")<Prices, { readonly cheapest: string }>() {}

const Learn = Tool.make("learn", {
  parameters: Schema.Struct({ skill: Schema.String, times: Schema.NumberFromString }),
  success: Schema.Struct({ at: Schema.Date }),
  failure: Schema.String,
  nextTurn: ({ current, params, result }) => ({
    instructions: `${current.instructions ?? ""}+${params.skill}*${params.times}@${result.at.getTime()}`
  })
})
const Cool = Tool.make("cool", {
  success: Schema.Void,
  nextTurn: ({ current }) => ({ temperature: (current.temperature ?? 0) / 2, top_p: null })
})
const Broken = Tool.make("broken", {
  nextTurn: () => {
    throw new Error("no such skill")
  }
})
const tools = Toolkit.make(Cool, Learn, Broken)
const Live = tools.toLayer({
  learn: ({ skill }) => skill === "flying" ? Effect.fail("impossible") : Effect.succeed({ at: new Date(7) }),
  cool: () => Effect.void,
  broken: () => Effect.void
})
const script = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), Live)
const options = { model, input: "Go!", tools } as const

const learn = (skill: string, times = "2") => Script.toolCall("learn", { skill, times })
const field = (name: string) => Effect.map(TestModel.requests, (requests) => requests.map(({ json }) => json[name]))

describe("parameters that are functions of the turn", () => {
  it.effect("65: they get the turn, its attempt and the run so far", () =>
    Effect.gen(function*() {
      const seen: Array<readonly [turn: number, attempt: number, steps: number, cost: number]> = []
      yield* Agent.run({
        ...options,
        temperature: ({ attempt, run, turn }) => {
          seen.push([turn, attempt, run.steps.length, run.cost])
          return turn / 10
        },
        instructions: ({ turn }) => Effect.succeed(`turn ${turn}`),
        max_output_tokens: ({ turn }) => turn === 2 ? 100 : undefined
      })
      assert.deepStrictEqual(seen, [[1, 1, 0, 0], [2, 1, 1, 0.5], [3, 1, 2, 1]])
      assert.deepStrictEqual(yield* field("temperature"), [0.1, 0.2, 0.3])
      assert.deepStrictEqual(yield* field("instructions"), ["turn 1", "turn 2", "turn 3"])
      assert.deepStrictEqual(yield* field("max_output_tokens"), [undefined, 100, undefined])
    }).pipe(Effect.provide(script(
      Script.turn(Script.toolCall("nothing"), { cost: 0.5 }),
      Script.turn(Script.toolCall("nothing"), { cost: 0.5 }),
      "Done."
    ))))

  it.effect("65: the input is asked for once, and later turns have all that was said", () =>
    Effect.gen(function*() {
      let asked = 0
      yield* Agent.run({ ...options, input: () => Effect.sync(() => `Hello ${++asked}`) })
      assert.strictEqual(asked, 1)
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(requests.map((request) => itemsOf(request).length), [1, 3])
    }).pipe(Effect.provide(script(Script.toolCall("nothing"), "Done."))))

  it.effect("65: a model of its own for a turn, with what it requires from the environment", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({
        ...options,
        model: ({ turn }) => turn === 1 ? model : Effect.map(Prices, ({ cheapest }) => cheapest)
      })
      assert.strictEqual(run.text, "Done.")
      assert.deepStrictEqual(yield* field("model"), [model, "tiny"])
    }).pipe(
      Effect.provide(script(Script.toolCall("nothing"), "Done.")),
      Effect.provideService(Prices, { cheapest: "tiny" })
    ))

  it.effect("65: one that fails fails the run with its own error, and what was paid is told", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({
        ...options,
        max_output_tokens: ({ turn }) => turn === 1 ? 10 : new NoQuota({ team: "a" })
      }))
      assert(error._tag === "NoQuota")
      assert.strictEqual(error.team, "a")
      assert.strictEqual(error.progress.cost, 0.5)
      assert.strictEqual(error.progress.steps[0]?.toolResults.length, 1)
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(Script.turn(Script.toolCall("nothing"), { cost: 0.5 })))))

  it.effect("65: one that throws fails the run with a CallbackError that names the parameter", () =>
    Effect.gen(function*() {
      const cause = new Error("no table")
      const fail = (): never => {
        throw cause
      }
      for (const dynamic of [{ temperature: fail }, { input: fail }, { tool_choice: fail }]) {
        const error = yield* Effect.flip(Agent.run({ ...options, ...dynamic }))
        assert(error._tag === "CallbackError")
        assert.strictEqual(error.callback, `The parameter "${Object.keys(dynamic)[0]}"`)
        assert.strictEqual(error.cause, cause)
        assert.include(error.message, "no table")
        assert.deepStrictEqual(error.progress.steps, [])
      }
      assert.strictEqual(yield* sent, 0)
    }).pipe(Effect.provide(script())))

  it.effect("65: one that gives undefined leaves the field out, null is sent", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, temperature: () => undefined, top_p: () => Effect.succeed(null) })
      const [request] = yield* TestModel.requests
      assert.deepStrictEqual(Object.keys(request?.json ?? {}).sort(), ["input", "model", "stream", "tools", "top_p"])
      assert.isNull(request?.json["top_p"])
    }).pipe(Effect.provide(script("Done."))))
})

describe("what tools change in the turns to come", () => {
  it.effect("65: it gets decoded values, and holds for all later turns", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, instructions: "base" })
      assert.deepStrictEqual(yield* field("instructions"), [
        "base",
        "base+cooking*2@7",
        "base+cooking*2@7",
        "base+cooking*2@7+sewing*3@7"
      ])
    }).pipe(Effect.provide(script(
      learn("cooking"),
      Script.toolCall("nothing"),
      learn("sewing", "3"),
      "Done."
    ))))

  it.effect("65: together with a function of the turn both hold over three turns", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, instructions: ({ turn }) => `base${turn}` })
      assert.deepStrictEqual(yield* field("instructions"), [
        "base1",
        "base2+cooking*2@7",
        "base3+cooking*2@7+sewing*2@7"
      ])
    }).pipe(Effect.provide(script(learn("cooking"), learn("sewing"), "Done."))))

  it.effect("65: of one turn it goes in the order of the tools, then of the calls", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, instructions: "base", temperature: 1, top_p: 0.5 })
      const [, second] = yield* TestModel.requests
      assert.strictEqual(second?.json["instructions"], "base+a*2@7+b*2@7")
      assert.strictEqual(second?.json["temperature"], 0.25)
      assert.notProperty(second?.json, "top_p")
    }).pipe(Effect.provide(script([
      learn("a"),
      Script.toolCall("cool"),
      learn("b"),
      Script.toolCall("cool")
    ], "Done."))))

  it.effect("65: calls that failed, and those whose arguments did not fit, change nothing", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, instructions: "base" })
      assert.deepStrictEqual(yield* field("instructions"), ["base", "base"])
    }).pipe(Effect.provide(script([
      learn("flying"),
      learn("cooking", "often"),
      Script.toolCall("learn", "{\"skill\":\"a\""),
      Script.toolCall("learn", "")
    ], "Done."))))

  it.effect("65: one that throws fails the run with a CallbackError that names the tool", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run(options))
      assert(error._tag === "CallbackError")
      assert.strictEqual(error.callback, "nextTurn of the tool \"broken\"")
      assert.strictEqual(error.progress.steps[0]?.toolResults.length, 1)
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(Script.toolCall("broken")))))

  it.effect("65: it holds for the final answer too, and cannot undo that it has no tools", () =>
    Effect.gen(function*() {
      const Force = Toolkit.make(Tool.make("force", { nextTurn: () => ({ tool_choice: "required", temperature: 0 }) }))
      yield* Agent.run({ ...options, tools: Force, maxSteps: 1, allowFinalResponse: true }).pipe(
        Effect.provide(Force.toLayer({ force: () => Effect.void }))
      )
      assert.deepStrictEqual(yield* field("tool_choice"), [undefined, "none"])
      assert.deepStrictEqual(yield* field("temperature"), [undefined, 0])
    }).pipe(Effect.provide(TestModel.layer([Script.toolCall("force"), "Done."]))))

  it.effect("65: it cannot touch what is not a parameter", () =>
    Effect.gen(function*() {
      const odd = { input: "stolen", stream: false, tools: [], temperature: 0 }
      const Odd = Toolkit.make(Tool.make("odd", { nextTurn: () => odd }))
      yield* Agent.run({ ...options, tools: Odd }).pipe(Effect.provide(Odd.toLayer({ odd: () => Effect.void })))
      const [first, second] = yield* TestModel.requests
      assert.strictEqual(second?.json["stream"], true)
      assert.strictEqual(itemsOf(second).length, 3)
      assert.deepStrictEqual(second?.json["tools"], first?.json["tools"])
      assert.strictEqual(second?.json["temperature"], 0)
    }).pipe(Effect.provide(TestModel.layer([Script.toolCall("odd"), "Done."]))))
})
