/** Calls of a model: arguments of any kind, unknown names, repeated ids. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { looked } from "../../support/effect/schemas.js"
import { collect, errorIn, itemsOf, lastErrors, lastOutputs, model, outputsOf, shapeOf } from "./support.js"

const Book = Tool.make("book", {
  parameters: Schema.Struct({
    nights: Schema.Int,
    from: Schema.Date,
    note: Schema.optional(Schema.String),
    guest: Schema.Struct({ name: Schema.NonEmptyString })
  }),
  success: Schema.String,
  nextTurn: ({ params }) => ({ instructions: `Booked ${params.nights}` })
})
const Ping = Tool.make("ping", { success: Schema.String })
const Loose = Tool.make("loose", {
  parameters: Schema.Struct({ tags: Schema.Record({ key: Schema.String, value: Schema.Unknown }) }),
  strict: false,
  success: Schema.Unknown
})
const Raw = Tool.fromJsonSchema("raw", {
  parameters: {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "integer" } },
    required: ["city"]
  }
})
const tools = Toolkit.make(Book, Ping, Loose, Raw)

/** The parameters that the handlers received. */
let given: Array<unknown> = []

const Live = tools.toLayer(Effect.sync(() => {
  given = []
  const take = <A, B>(result: B) => (params: A) =>
    Effect.sync(() => {
      given.push(params)
      return result
    })
  return { book: take("booked"), ping: take("pong"), loose: take({ ok: true }), raw: take(null) }
}))

const script = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), Live)
const options = { model, input: "Go!", tools } as const
const valid = { nights: 2, from: "2026-01-02T00:00:00.000Z", note: null, guest: { name: "Ada" } }
const calls = (...all: ReadonlyArray<readonly [name: string, input: unknown]>) =>
  all.map(([name, input]) => Script.toolCall(name, input))

describe("arguments that do not fit the schema", () => {
  const wrong: ReadonlyArray<readonly [name: string, input: unknown, words: string]> = [
    ["a value of another type", { ...valid, nights: "two" }, "nights"],
    ["a fraction for an integer", { ...valid, nights: 1.5 }, "nights"],
    ["a date that is none", { ...valid, from: "tomorrow" }, "from"],
    ["a missing field", { nights: 2 }, "guest"],
    ["a fault deep inside", { ...valid, guest: { name: "" } }, "guest.name"],
    ["no arguments where some are required", "", "nights"],
    ["null", null, "arguments do not fit"],
    ["a list", [1], "arguments do not fit"],
    ["a text", "\"Paris\"", "arguments do not fit"]
  ]
  for (const [name, input, words] of wrong) {
    it.effect(`14: ${name} does not execute the tool, the model receives an error, and the run continues`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run(options)
        assert.strictEqual(run.text, "Sorry.")
        assert.deepStrictEqual(given, [])
        const [error] = yield* lastErrors
        assert.include(error, words)
        assert.strictEqual(run.steps[0]?.toolResults[0]?.status, "failure")
      }).pipe(Effect.provide(script(Script.toolCall("book", input), "Sorry."))))
  }

  it.effect("14: the model receives all issues at once", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      const [error] = yield* lastErrors
      for (const words of ["nights", "from", "guest"]) assert.include(error, words)
    }).pipe(Effect.provide(script(Script.toolCall("book", { nights: "x", from: 1, note: 2, guest: "Ada" }), "Sorry."))))

  it.effect("14: the event of the failure has the words that the model receives", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream(options))
      const [result] = events.filter((event) => event.type === "tool.result")
      assert(result?.type === "tool.result" && result.status === "failure")
      assert.strictEqual(result.message, (yield* lastErrors)[0])
      assert.isFalse(result.executed)
      assert.strictEqual(result.toolCallId, "call_1_1")
    }).pipe(Effect.provide(script(Script.toolCall("book", {}), "Sorry."))))

  it.effect("14: the model can correct itself, and the tool receives only decoded parameters", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "Done.")
      assert.deepStrictEqual(given, [{ nights: 2, from: new Date(valid.from), guest: { name: "Ada" } }])
      assert.deepStrictEqual(run.steps.map(({ toolResults }) => toolResults.map(({ status }) => status)), [
        ["failure"],
        ["success"],
        []
      ])
    }).pipe(Effect.provide(script(
      Script.toolCall("book", { ...valid, nights: "two" }),
      Script.toolCall("book", valid),
      "Done."
    ))))

  it.effect("14: an invalid call does not stop the valid calls of its turn", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      assert.strictEqual(given.length, 2)
      const outputs = yield* lastOutputs
      assert.deepStrictEqual(outputs.map(([id]) => id), ["call_1_1", "call_1_2", "call_1_3"])
      assert.include(String(errorIn(outputs[1]?.[1])), "nights")
    }).pipe(Effect.provide(script(calls(["ping", {}], ["book", {}], ["ping", {}]), "Done."))))

  it.effect("14: loose schemas and raw JSON Schemas accept arguments that strict schemas cannot express", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      assert.deepStrictEqual(given, [{ tags: { a: 1, b: [null] } }, { city: "Paris" }, { city: "Rome", days: 2 }])
      const wire = (yield* TestModel.requests)[0]?.json["tools"]
      assert.deepStrictEqual(
        Array.isArray(wire) ? wire.map((tool) => [tool.name, tool.strict]) : wire,
        [["book", true], ["ping", true], ["loose", false], ["raw", true]]
      )
      assert.deepStrictEqual((yield* lastOutputs).map(([, output]) => output), ["{\"ok\":true}", "null", "null"])
    }).pipe(Effect.provide(script(
      calls(
        ["loose", { tags: { a: 1, b: [null] } }],
        ["raw", { city: "Paris", days: null }],
        ["raw", { city: "Rome", days: 2 }]
      ),
      "Done."
    ))))

  it.effect("14: a raw tool does not check its schema, but its arguments must be an object", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      assert.deepStrictEqual(given, [{ city: 5 }])
      const [, second] = yield* lastOutputs
      assert.include(String(errorIn(second?.[1])), "object")
    }).pipe(Effect.provide(script(calls(["raw", { city: 5 }], ["raw", [1]]), "Done."))))
})

describe("arguments whose conversion to text throws", () => {
  const Kind = Schema.Union(
    Schema.Struct({ kind: Schema.Literal("a"), at: Schema.String }),
    Schema.Struct({ kind: Schema.Literal("b") })
  )
  const Sort = Tool.make("sort", { parameters: Schema.Struct({ of: Kind }) })
  const Broken = Tool.make("broken", {
    parameters: Schema.Struct({
      at: looked(() => Effect.die(new TypeError("a bug")))
    })
  })
  const tools = Toolkit.make(Sort, Broken)
  const live = tools.toLayer({ sort: () => Effect.void, broken: () => Effect.void })
  const run = (input: unknown, name = "sort") =>
    Agent.run({ model, input: "Go!", tools }).pipe(
      Effect.provide(Layer.merge(TestModel.layer([Script.toolCall(name, input), "Sorry."]), live))
    )

  it.effect("14: are rejected like other arguments", () =>
    Effect.gen(function*() {
      for (const kind of [{ toString: 1 }, [[{ toString: null }]], { valueOf: 1, toString: { call: 1 } }]) {
        const { steps, text } = yield* run({ of: { kind } })
        assert.strictEqual(text, "Sorry.")
        assert.strictEqual(steps[0]?.toolResults[0]?.status, "failure")
        assert.include(JSON.stringify(steps[0]?.toolResults[0]?.output), "arguments do not fit")
      }
    }))

  it.effect("14: and a schema that throws is still a defect", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(run({ at: "x" }, "broken"))
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
    }))
})

describe("arguments that are not JSON", () => {
  for (const text of ["{\"nights\":", "nights=2", "{'nights': 2}", "undefined", "{} {}"]) {
    it.effect(`15: ${text} has an error as its output, even for a tool with nextTurn, and the run continues`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run(options)
        assert.strictEqual(run.text, "Sorry.")
        assert.deepStrictEqual(given, [])
        const [error] = yield* lastErrors
        assert.include(error, "not valid JSON")
        const [, second] = yield* TestModel.requests
        assert.strictEqual(second?.json["instructions"], undefined)
        assert.strictEqual(itemsOf(second)[1]?.["arguments"], "{}")
        assert.deepInclude(JSON.parse(String(outputsOf(second)[0]?.[1])), { arguments_as_written: text })
        const [call] = run.steps[0]?.toolCalls ?? []
        assert.deepStrictEqual([call?.arguments, call?.argumentsText], [undefined, text])
      }).pipe(Effect.provide(script(Script.toolCall("book", text), "Sorry."))))
  }

  it.effect("15: only a valid call of the same tool changes the next turn", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      assert.strictEqual((yield* TestModel.requests)[1]?.json["instructions"], "Booked 2")
      assert.strictEqual(given.length, 1)
    }).pipe(Effect.provide(script(calls(["book", "{"], ["book", valid], ["book", {}]), "Done."))))

  for (const text of ["", "  ", "{}", " {} \n"]) {
    it.effect(`15: ${JSON.stringify(text)} means no arguments`, () =>
      Effect.gen(function*() {
        yield* Agent.run(options)
        assert.deepStrictEqual(given, [{}])
        assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "pong"]])
      }).pipe(Effect.provide(script(Script.toolCall("ping", text), "Done."))))
  }

  for (
    const [fragments, name] of [[1, "in one piece"], [30, "in many"], [
      ["", "{", "", "}", " "],
      "with empty ones"
    ]] as const
  ) {
    it.effect(`15: arguments that arrive ${name} are joined`, () =>
      Effect.gen(function*() {
        yield* Agent.run(options)
        assert.strictEqual(given.length, 1)
      }).pipe(Effect.provide(script(
        typeof fragments === "number"
          ? Script.toolCall("book", valid, { fragments })
          : Script.toolCall("ping", "", { fragments }),
        "Done."
      ))))
  }
})

describe("an unknown name", () => {
  it.effect("16: the model receives the names of the tools, and recovers", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "Done.")
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      const [first] = outputsOf((yield* TestModel.requests)[1])
      assert.strictEqual(
        errorIn(first?.[1]),
        "There is no tool \"get_wheather\". Available: book, ping, loose, raw."
      )
      assert.strictEqual(given.length, 1)
    }).pipe(Effect.provide(script(Script.toolCall("get_wheather"), Script.toolCall("ping"), "Done."))))

  it.effect("16: the model receives that the run has no tools", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Go!" })
      assert.strictEqual(run.text, "Done.")
      assert.include((yield* lastErrors)[0], "There are no tools to call")
    }).pipe(Effect.provide(script(Script.toolCall("ping"), "Done."))))

  for (const name of ["Ping", "functions.ping", "toString", "__proto__", "constructor"]) {
    it.effect(`16: ${name} is unknown`, () =>
      Effect.gen(function*() {
        yield* Agent.run(options)
        assert.include((yield* lastErrors)[0], `There is no tool "${name}"`)
      }).pipe(Effect.provide(script(Script.toolCall(name), "Done."))))
  }

  it.effect("16: the run fails with its progress if onUnknownTool is \"error\"", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...options, onUnknownTool: "error" }))
      assert(error._tag === "UnknownToolError")
      assert.deepStrictEqual([error.name, error.callId], ["get_wheather", "call_1_1"])
      assert.include(error.message, "book, ping, loose, raw")
      assert.strictEqual(error.progress.cost, 0.5)
      assert.strictEqual(error.progress.steps[0]?.toolCalls.length, 1)
    }).pipe(Effect.provide(script(Script.turn(Script.toolCall("get_wheather"), { cost: 0.5 })))))

  it.effect("17: a known call beside it executes, and both have outputs in order", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(given.length, 2)
      const outputs = yield* lastOutputs
      assert.deepStrictEqual(outputs.map(([id]) => id), ["call_1_1", "call_1_2", "call_1_3"])
      assert.deepStrictEqual([outputs[0]?.[1], outputs[2]?.[1]], ["pong", "pong"])
      assert.include(String(errorIn(outputs[1]?.[1])), "There is no tool \"pong\"")
      assert.deepStrictEqual(run.steps[0]?.toolResults.map(({ name, status }) => [name, status]), [
        ["ping", "success"],
        ["pong", "failure"],
        ["ping", "success"]
      ])
    }).pipe(Effect.provide(script(calls(["ping", {}], ["pong", {}], ["ping", {}]), "Done."))))
})

describe("call ids that repeat", () => {
  const twice = ["a", "a", "a"].map((id) => Script.toolCall("ping", {}, { id }))

  it.effect("28: each call of a turn has its own id and output, and the first keeps the model's id", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(given.length, 3)
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]), [
        "message user",
        "function_call a",
        "function_call a_2",
        "function_call a_3",
        "function_call_output a",
        "function_call_output a_2",
        "function_call_output a_3"
      ])
      assert.deepStrictEqual(run.steps[0]?.toolCalls.map(({ callId }) => callId), ["a", "a_2", "a_3"])
      assert.deepStrictEqual(run.steps[0]?.toolResults.map(({ callId }) => callId), ["a", "a_2", "a_3"])
    }).pipe(Effect.provide(script(twice, "Done."))))

  it.effect("28: ids are unique across turns, and deterministic", () =>
    Effect.gen(function*() {
      const ids = Effect.map(Agent.run(options), ({ steps }) =>
        steps.flatMap(({ toolCalls }) => toolCalls.map(({ callId }) => callId)))
      const first = yield* ids
      assert.strictEqual(new Set(first).size, 5)
      assert.deepStrictEqual(yield* ids, first)
    }).pipe(Effect.provide(script(twice, twice.slice(1), "Done.", twice, twice.slice(1), "Done."))))

  it.effect("28: an id that looks like a generated one is not used twice", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      const ids = (yield* lastOutputs).map(([id]) => id)
      assert.strictEqual(new Set(ids).size, 3)
      assert.include(ids, "a_2")
    }).pipe(Effect.provide(script(
      ["a", "a", "a_2"].map((id) => Script.toolCall("ping", {}, { id })),
      "Done."
    ))))

  it.effect("28: an empty id is replaced", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      const outputs = yield* lastOutputs
      assert.strictEqual(outputs.length, 2)
      assert.isTrue(outputs.every(([id]) => id !== ""))
      assert.strictEqual(new Set(outputs.map(([id]) => id)).size, 2)
    }).pipe(Effect.provide(script(["", ""].map((id) => Script.toolCall("ping", {}, { id })), "Done."))))

  it.effect("28: events, results and requests agree on the ids", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream(options))
      const told = events.flatMap((event) => event.type === "tool.result" ? [event.toolCallId] : [])
      assert.deepStrictEqual([...told].sort(), ["a", "a_2", "a_3"])
      assert.deepStrictEqual((yield* lastOutputs).map(([id]) => id), ["a", "a_2", "a_3"])
    }).pipe(Effect.provide(script(twice, "Done."))))
})
