/** The values of arguments: numbers that JavaScript would round, and JSON text in place of what a schema wants. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as DoomLoop from "../../../src/agent/DoomLoop.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import { viewOf } from "../../../src/internal/effect/schemaView.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model } from "./support.js"

const digits = "2512292042121000001"
const rounded = String(Number(digits))

const Bigint = Schema.BigIntFromSelf.annotations({ jsonSchema: { type: "integer" } })

/** Runs one call of a tool with these parameters: what its handler receives, and what the model is told. */
const callOf = (parameters: Schema.Schema.AnyNoContext, text: string, strict?: boolean) => {
  const kit = Toolkit.make(Tool.make("f", { parameters, success: Schema.String, strict }))
  let given: unknown = "not called"
  return Effect.map(
    Agent.run({ model, input: "Go!", tools: kit }).pipe(
      Effect.provide(kit.toLayer({ f: (params) => Effect.sync(() => String(given = params)) })),
      Effect.provide(TestModel.layer([Script.toolCall("f", text), "Done."]))
    ),
    (run) => ({ given, told: String(run.steps[0]?.toolResults[0]?.output) })
  )
}

const inside = (schema: Schema.Schema.AnyNoContext) => Schema.Struct({ a: schema })

describe("numbers that JavaScript would round", () => {
  const kept: ReadonlyArray<readonly [name: string, schema: Schema.Schema.AnyNoContext, json: string, a: unknown]> = [
    ["a string", Schema.String, digits, digits],
    ["a string for money", Schema.String, "12345678901234567.89", "12345678901234567.89"],
    ["a string for an even integer", Schema.String, "9007199254740994", "9007199254740994"],
    ["a bigint that is encoded as a string", Schema.BigInt, `-${digits}`, -BigInt(digits)],
    ["a bigint", Bigint, digits, BigInt(digits)],
    ["a small bigint", Bigint, "5", 5n],
    ["a number or a string", Schema.Union(Schema.Number, Schema.String), digits, digits],
    ["a list of strings or nulls", Schema.Array(Schema.NullOr(Schema.String)), `[${digits}, null]`, [digits, null]],
    ["an optional string", Schema.Struct({ b: Schema.optional(Schema.String) }), `{"b": ${digits}}`, { b: digits }],
    ["a record", Schema.Record({ key: Schema.String, value: Schema.String }), `{"k": ${digits}}`, { k: digits }],
    [
      "a union of structs",
      Schema.Union(
        Schema.Struct({ kind: Schema.Literal("n"), id: Schema.Number }),
        Schema.Struct({ kind: Schema.Literal("s"), id: Schema.String })
      ),
      `{"kind": "s", "id": ${digits}}`,
      { kind: "s", id: digits }
    ],
    ["a number that holds it", Schema.Number, "9007199254740994", 9007199254740994],
    ["an ordinary number", Schema.Number, "6.022e23", 6.022e23]
  ]
  for (const [name, schema, json, a] of kept) {
    it.effect(`14: ${name} receives ${json} as it is written`, () =>
      Effect.gen(function*() {
        const { given } = yield* callOf(inside(schema), `{"a": ${json}}`)
        assert.deepStrictEqual(given, { a })
      }))
  }

  it.effect("14: a value of any type receives the digits as a string", () =>
    Effect.gen(function*() {
      const { given } = yield* callOf(inside(Schema.Unknown), `{"a": [${digits}, 5, 9007199254740994]}`)
      assert.deepStrictEqual(given, { a: [digits, 5, 9007199254740994] })
    }))

  it.effect("14: a number, an integer and a literal refuse it with the reason", () =>
    Effect.gen(function*() {
      for (const schema of [Schema.Number, Schema.Int, Schema.Literal(1), Schema.Array(Schema.Number)]) {
        for (const json of [digits, `"${digits}"`, "1e999", "0.1234567890123456789"]) {
          const { given, told } = yield* callOf(
            inside(schema),
            `{"a": ${viewOf(schema.ast).kind === "array" ? `[${json}]` : json}}`
          )
          assert.strictEqual(given, "not called")
          assert.include(told, json.replaceAll("\"", ""))
          assert.include(told, "more digits than a number can hold")
          assert.notInclude(told, rounded)
        }
      }
    }))

  it.effect("14: a tool with a JSON Schema receives the digits", () =>
    Effect.gen(function*() {
      let given: unknown
      const kit = Toolkit.make(Tool.fromJsonSchema("f", {
        parameters: {
          type: "object",
          properties: { id: { type: "integer" }, name: { type: "string" }, of: { type: "object", properties: {} } }
        }
      }))
      yield* Agent.run({ model, input: "Go!", tools: kit }).pipe(
        Effect.provide(kit.toLayer({ f: (params) => Effect.sync(() => given = params) })),
        Effect.provide(
          TestModel.layer([
            Script.toolCall("f", `{"id": ${digits}, "name": ${digits}, "of": {"x": ${digits}}}`),
            "Done."
          ])
        )
      )
      assert.deepStrictEqual(given, { id: digits, name: digits, of: { x: digits } })
    }))

  it.effect("14: approvals, pending calls and the calls after them have the same digits", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const kit = Toolkit.make(Tool.make("pay", {
        parameters: Schema.Struct({ id: Schema.String }),
        success: Schema.String,
        requireApproval: (params) => {
          asked.push(params.id)
          return true
        }
      }))
      const agent = { model, tools: kit, conversation: "c" } as const
      const { first, second } = yield* Effect.gen(function*() {
        const first = yield* Agent.run({ ...agent, input: "Go!" })
        const second = yield* Agent.run({ ...agent, approve: first.pending.map((call) => call.callId) })
        return { first, second }
      }).pipe(
        Effect.provide(kit.toLayer({ pay: ({ id }) => Effect.succeed(id) })),
        Effect.provide(Layer.merge(
          Conversation.layerMemory,
          TestModel.layer([Script.toolCall("pay", `{"id": ${digits}}`), "Done."])
        ))
      )
      assert.deepStrictEqual(first.pending[0]?.arguments, { id: digits })
      assert.deepStrictEqual(asked, [digits])
      assert.include(JSON.stringify(second.history), `"output":"${digits}"`)
      assert.notInclude(JSON.stringify([first, second]), rounded)
    }))

  it("14: calls whose numbers differ in the last digit are not the same call", () => {
    const print = (text: string) => DoomLoop.fingerprint({ name: "f", argumentsText: text })
    assert.notStrictEqual(print("{\"id\": 9007199254740993}"), print("{\"id\": 9007199254740992}"))
    assert.strictEqual(print("{\"id\": 9007199254740993.0}"), print("{\"id\": 9007199254740993}"))
    assert.strictEqual(print("{\"id\": 1e20}"), print("{\"id\": 100000000000000000000}"))
  })
})

describe("JSON text in place of a value", () => {
  const Shape = Schema.Struct({
    n: Schema.optional(Schema.Number),
    ok: Schema.optional(Schema.Boolean),
    items: Schema.optional(Schema.Array(Schema.Int)),
    at: Schema.optional(Schema.Struct({ x: Schema.Number })),
    by: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Number })),
    pair: Schema.optional(Schema.Tuple(Schema.String, Schema.Number)),
    text: Schema.optional(Schema.String),
    either: Schema.optional(Schema.Union(Schema.Number, Schema.String)),
    choice: Schema.optional(Schema.Union(Schema.Literal("auto"), Schema.Array(Schema.Number))),
    size: Schema.optional(Schema.Literal(1, 2))
  })
  const read: ReadonlyArray<readonly [given: unknown, params: unknown]> = [
    [{ n: "1" }, { n: 1 }],
    [{ n: " -1.5 " }, { n: -1.5 }],
    [{ ok: "true" }, { ok: true }],
    [{ items: "[1, 2]" }, { items: [1, 2] }],
    [{ items: ["1", 2] }, { items: [1, 2] }],
    [{ at: "{\"x\": 1}" }, { at: { x: 1 } }],
    [{ at: { x: "1" } }, { at: { x: 1 } }],
    [{ by: "{\"k\": 1}" }, { by: { k: 1 } }],
    [{ by: { k: "1" } }, { by: { k: 1 } }],
    [{ pair: "[\"1\", 2]" }, { pair: ["1", 2] }],
    [{ choice: "[1]" }, { choice: [1] }],
    [{ size: "2" }, { size: 2 }],
    [{ n: "1", text: "2", either: "3" }, { n: 1, text: "2", either: "3" }],
    [JSON.stringify({ n: 1, text: "[1]" }), { n: 1, text: "[1]" }],
    [JSON.stringify({ n: "1" }), { n: 1 }]
  ]
  for (const strict of [undefined, false]) {
    for (const [given, params] of read) {
      it.effect(`14: ${JSON.stringify(given)} is read once more, ${strict === false ? "loose" : "strict"}`, () =>
        Effect.gen(function*() {
          const result = yield* callOf(Shape, JSON.stringify(given), strict)
          assert.deepStrictEqual(result.given, params, result.told)
        }))
    }
  }

  it.effect("14: a text is read in the forms that strict schemas have for records and tuples", () =>
    Effect.gen(function*() {
      const given = { by: [{ key: "k", value: "1" }], pair: { 0: "1", 1: "2" } }
      const result = yield* callOf(Shape, JSON.stringify(given))
      assert.deepStrictEqual(result.given, { by: { k: 1 }, pair: ["1", 2] })
    }))

  const refused: ReadonlyArray<readonly [given: unknown, words: string]> = [
    [{ n: "one" }, "Expected number, actual \\\"one\\\""],
    [{ n: "[1]" }, "Expected number, actual \\\"[1]\\\""],
    [{ n: "" }, "Expected number, actual \\\"\\\""],
    [{ ok: "yes" }, "Expected boolean, actual \\\"yes\\\""],
    [{ items: "[1.5]" }, "actual \\\"[1.5]\\\""],
    [{ items: "1, 2" }, "actual \\\"1, 2\\\""],
    [{ n: "1", ok: "no" }, "Expected number, actual \\\"1\\\""],
    [{ text: 5 }, "Expected string, actual 5"],
    ["\"{\\\"n\\\": 1}\"", "actual"],
    ["not JSON", "actual"]
  ]
  for (const [given, words] of refused) {
    it.effect(`14: ${JSON.stringify(given)} is refused with the first message`, () =>
      Effect.gen(function*() {
        const { given: params, told } = yield* callOf(Shape, JSON.stringify(given))
        assert.strictEqual(params, "not called")
        assert.include(told, words)
      }))
  }

  it.effect("14: a tool with a JSON Schema reads the whole arguments, and nothing within them", () =>
    Effect.gen(function*() {
      let given: unknown
      const kit = Toolkit.make(Tool.fromJsonSchema("f", {
        parameters: { type: "object", properties: { n: { type: "number" } } }
      }))
      yield* Agent.run({ model, input: "Go!", tools: kit }).pipe(
        Effect.provide(kit.toLayer({ f: (params) => Effect.sync(() => given = params) })),
        Effect.provide(TestModel.layer([Script.toolCall("f", JSON.stringify("{\"n\": 1}")), "Done."]))
      )
      assert.deepStrictEqual(given, { n: 1 })
    }))

  it.effect("14: arguments that are nested too deeply are refused", () =>
    Effect.gen(function*() {
      interface Tree {
        readonly of: ReadonlyArray<Tree>
      }
      const Tree: Schema.Schema<Tree> = Schema.Struct({ of: Schema.Array(Schema.suspend(() => Tree)) })
      const text = `${"{\"of\":[".repeat(20_000)}${"]}".repeat(20_000)}`
      const { given, told } = yield* callOf(Tree, text)
      assert.strictEqual(given, "not called")
      assert.include(told, "nested too deeply")
    }))
})
