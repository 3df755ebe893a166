/** Checks of tools before anything is sent, gates that fail, and calls of truncated responses. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type { OpenRouterClient } from "../../../src/http/OpenRouterClient.js"
import { arrayAt, isObject } from "../../../src/internal/json.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { withDefault } from "../../support/effect/schemas.js"
import { errorIn, lastErrors, lastOutputs, model, outputsOf, sent, shapeOf } from "./support.js"

class NoJudge extends Schema.TaggedError<NoJudge>()("NoJudge", {}) {}

const Echo = Tool.make("echo", { parameters: Schema.Struct({ text: Schema.String }), success: Schema.String })
const echo = Toolkit.make(Echo)
const EchoLive = echo.toLayer({ echo: ({ text }) => Effect.succeed(text) })
const script = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), EchoLive)
const said = (text: string, id?: string) => Script.toolCall("echo", { text }, { id })
const ask = { model, input: "Go!" } as const

/** The tools of the first request by name. */
const wire = Effect.map(
  TestModel.requests,
  ([request]) =>
    new Map(arrayAt(request?.json, "tools").flatMap((tool) => isObject(tool) ? [[tool["name"], tool]] : []))
)

describe("invalid tools", () => {
  const tagOf = (run: Effect.Effect<unknown, { readonly _tag: string }, OpenRouterClient>) =>
    Effect.map(Effect.flip(run), ({ _tag }) => _tag)
  const Any = Schema.Struct({ any: Schema.Unknown })
  const Big = Schema.Struct({ big: Schema.BigIntFromSelf })
  const refused = [
    ["two of one name", Toolkit.make(Tool.manual("a"), Tool.manual("a")), "InvalidRequestError"],
    ["a name with a space", Toolkit.make(Tool.manual("a b")), "InvalidRequestError"],
    ["no name", Toolkit.make(Tool.manual("")), "InvalidRequestError"],
    ["parameters without JSON", Toolkit.make(Tool.manual("a", { parameters: Big })), "JsonSchemaError"],
    [
      "a strict tool that cannot be",
      Toolkit.make(Tool.manual("a", { parameters: Any, strict: true })),
      "JsonSchemaError"
    ]
  ] as const
  for (const [name, tools, tag] of refused) {
    it.effect(`14: ${name}: the run fails before anything is sent`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* tagOf(Agent.run({ ...ask, tools })), tag)
        assert.strictEqual(yield* sent, 0)
      }).pipe(Effect.provide(script())))
  }
})

describe("a tool that is made twice", () => {
  const makeEcho = () => Toolkit.make(Tool.make("echo", { success: Schema.String }))
  const layer = Layer.merge(
    makeEcho().toLayer({ echo: () => Effect.succeed("echo") }),
    TestModel.layer([])
  )

  it.effect("fails the run before anything is sent, because its handler is missing", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...ask, tools: makeEcho() }))
      assert(error._tag === "InvalidRequestError" && error.parameter === "tools")
      assert.include(error.message, "\"echo\"")
      assert.include(error.message, "made twice")
      assert.strictEqual(yield* sent, 0)
    }).pipe(Effect.provide(layer)))
})

describe("a list of tools", () => {
  it.effect("works like a toolkit", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...ask, tools: [Echo] })
      assert.strictEqual(run.text, "Done.")
      assert.deepStrictEqual(yield* lastOutputs, [["a", "hi"]])
    }).pipe(Effect.provide(script(said("hi", "a"), "Done."))))
})

describe("schemas on the wire", () => {
  const Loose = Tool.manual("loose", { parameters: Schema.Struct({ any: Schema.Unknown }) })
  const Optional = Tool.manual("optional", {
    parameters: Schema.Struct({
      city: Schema.String.annotations({ description: "Where" }),
      days: withDefault(Schema.NumberFromString, () => 3)
    })
  })
  const Lenient = Tool.manual("lenient", {
    parameters: Schema.Struct({ days: Schema.optional(Schema.Number) }),
    strict: false
  })

  it.effect("14: are strict where strict mode can express them, otherwise loose", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...ask, tools: Toolkit.make(Loose, Optional, Lenient, Tool.manual("none")) })
      const tools = yield* wire
      assert.deepStrictEqual([...tools].map(([name, tool]) => [name, tool["strict"]]), [
        ["loose", false],
        ["optional", true],
        ["lenient", false],
        ["none", true]
      ])
      const parameters = tools.get("optional")?.["parameters"]
      assert.deepStrictEqual(arrayAt(parameters, "required"), ["city", "days"])
      assert.include(JSON.stringify(parameters), "Where")
      assert.deepStrictEqual(arrayAt(tools.get("lenient")?.["parameters"], "required"), [])
    }).pipe(Effect.provide(script("Done."))))

  it.effect("14: null for an optional field means absent, and defaults are filled in", () =>
    Effect.gen(function*() {
      const kit = Toolkit.make(Tool.make("trip", {
        parameters: Schema.Struct({
          city: Schema.optional(Schema.String),
          days: withDefault(Schema.NumberFromString, () => 3)
        }),
        success: Schema.Unknown
      }))
      yield* Agent.run({ ...ask, tools: kit }).pipe(
        Effect.provide(kit.toLayer({ trip: (params) => Effect.succeed(params) }))
      )
      assert.deepStrictEqual((yield* lastOutputs).map(([, output]) => output), [
        "{\"days\":3}",
        "{\"days\":3}",
        "{\"city\":\"Paris\",\"days\":5}"
      ])
    }).pipe(Effect.provide(script([
      Script.toolCall("trip", { city: null, days: null }),
      Script.toolCall("trip", ""),
      Script.toolCall("trip", { city: "Paris", days: "5" })
    ], "Done."))))
})

describe("a gate that cannot decide", () => {
  const gated = (requireApproval: () => boolean | Effect.Effect<boolean, NoJudge>) => {
    const kit = Toolkit.make(Tool.make("gated", { requireApproval }))
    const runs: Array<string> = []
    const layer = kit.toLayer({ gated: (_, { id }) => Effect.asVoid(Effect.sync(() => runs.push(id))) })
    return { runs, run: Effect.provide(Agent.run({ ...ask, tools: kit }), layer) }
  }

  it.effect("29: fails the run with its own error if it fails, and the tool does not execute", () =>
    Effect.gen(function*() {
      const { run, runs } = gated(() => new NoJudge())
      const error = yield* Effect.flip(run)
      assert(error._tag === "NoJudge")
      assert.strictEqual(error.progress.cost, 0.5)
      assert.deepStrictEqual(runs, [])
    }).pipe(Effect.provide(script(Script.turn(Script.toolCall("gated"), { cost: 0.5 })))))

  it.effect("29: fails the run with a CallbackError that names the tool if it throws", () =>
    Effect.gen(function*() {
      const { run, runs } = gated(() => {
        throw new Error("no policy")
      })
      const error = yield* Effect.flip(run)
      assert(error._tag === "CallbackError")
      assert.strictEqual(error.callback, "requireApproval of the tool \"gated\"")
      assert.deepStrictEqual(runs, [])
    }).pipe(Effect.provide(script(Script.toolCall("gated")))))

  it.effect("29: does not receive arguments that do not fit", () =>
    Effect.gen(function*() {
      let asked = 0
      const { run } = gated(() => ++asked > 0)
      const { outcome } = yield* run
      assert.deepStrictEqual(outcome, { _tag: "completed" })
      assert.strictEqual(asked, 0)
    }).pipe(Effect.provide(script(Script.toolCall("gated", "[1"), "Sorry."))))
})

describe("calls of a truncated response", () => {
  for (const [name, text] of [["in the middle", "{\"text\":\"a"], ["before the first sign", ""]] as const) {
    it.effect(`15: arguments that were cut off ${name} do not execute; complete calls of the turn do`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run({ ...ask, tools: echo })
        assert.strictEqual(run.text, "Done.")
        assert.deepStrictEqual(run.steps[0]?.toolCalls.map(({ truncated }) => truncated), [false, true])
        const [whole, broken] = outputsOf((yield* TestModel.requests)[1])
        assert.strictEqual(whole?.[1], "a")
        assert.include(String(errorIn(broken?.[1])), "broke off")
      }).pipe(Effect.provide(script(
        Script.turn([said("a"), Script.toolCall("echo", text)], { finishReason: "length" }),
        "Done."
      ))))
  }

  it.effect("15: do not execute even with an approval", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...ask, tools: echo, maxSteps: 1 })
      assert.deepStrictEqual(first.pending.map(({ callId }) => callId), ["call_1_1"])
      yield* Agent.run({ model, input: first.history, tools: echo, approve: ["call_1_1"] })
      assert.include((yield* lastErrors)[0], "broke off")
    }).pipe(Effect.provide(script(
      Script.turn(Script.toolCall("echo", "{\"text\":\"a"), { finishReason: "length" }),
      "Done."
    ))))

  it.effect("28: an id that is already in the history is not used again", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...ask, tools: echo })
      yield* Agent.run({ model, input: [...first.history, { role: "user", content: "Again!" }], tools: echo })
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests).at(-1)), [
        "message user",
        "function_call a",
        "function_call_output a",
        "message assistant",
        "message user",
        "function_call a_2",
        "function_call_output a_2"
      ])
      assert.deepStrictEqual(yield* lastOutputs, [["a", "one"], ["a_2", "two"]])
    }).pipe(Effect.provide(script(said("one", "a"), "Done.", said("two", "a"), "Done."))))
})
