/** References within a JSON Schema, by any pointer, as tools of other systems send them. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as JsonSchema from "../../src/schema/jsonSchema.js"
import { breaches, complaints } from "./support/strictJson.js"

type Json = JsonSchema.JsonSchema

const strict = (schema: Json) => Effect.map(JsonSchema.convert(schema), ({ schema }) => schema)
const loose = (schema: Json) => Effect.map(JsonSchema.convert(schema, { strict: false }), ({ schema }) => schema)

const accepts = (schema: Json) => {
  const complain = complaints(schema)
  return (value: unknown) => complain(value).length === 0
}

const status = { type: "string", enum: ["open", "done"] }
/** An object whose property `it` is a list of what the reference leads to. */
const listOf = ($ref: string, more: Json = {}, properties: Json = {}): Json => ({
  type: "object",
  properties: { status, ...properties, it: { type: "array", items: { $ref } } },
  required: ["it"],
  ...more
})

/** The reference leads to `status`. */
const references: ReadonlyArray<readonly [name: string, schema: Json]> = [
  ["a property", listOf("#/properties/status")],
  ["a definition", listOf("#/$defs/S", { $defs: { S: status } })],
  ["an older definition", listOf("#/definitions/S", { definitions: { S: status } })],
  ["a definition under the other keyword", listOf("#/definitions/S", { $defs: { S: status } })],
  ["items", listOf("#/properties/all/items", {}, { all: { type: "array", items: status } })],
  ["a member of a union", listOf("#/properties/u/anyOf/1", {}, { u: { anyOf: [{ type: "null" }, status] } })],
  ["a name with ~ and /", listOf("#/properties/a~1b~0c", {}, { "a/b~c": status })],
  ["a name in percent escapes", listOf("#/properties/a%20b%25%C3%A9", {}, { "a b%é": status })],
  ["a definition named with /", listOf("#/$defs/a~1b", { $defs: { "a/b": status } })],
  ["a definition within a definition", listOf("#/$defs/A/$defs/B", { $defs: { A: { $defs: { B: status } } } })],
  ["a definition named self", listOf("#/$defs/self", { $defs: { self: status } })],
  ["a reference", listOf("#/properties/other", {}, { other: { $ref: "#/properties/status" } })],
  [
    "a reference to a reference",
    listOf("#/properties/a", { $defs: { B: { $ref: "#/properties/status" } } }, { a: { $ref: "#/$defs/B" } })
  ],
  ["an anchor", listOf("#S", { $defs: { x: { $anchor: "S", ...status } } })],
  ["an older anchor", listOf("#S", { definitions: { x: { $id: "#S", ...status } } })],
  ["an id", listOf("status.json", { $defs: { x: { $id: "status.json", ...status } } })],
  [
    "an id relative to that of the root",
    listOf("status.json", { $id: "https://example.com/a.json", $defs: { x: { $id: "/status.json", ...status } } })
  ],
  [
    "the id of the root, and a pointer",
    listOf("https://example.com/a.json#/properties/status", { $id: "https://example.com/a.json" })
  ],
  ["a property with the name of a keyword", listOf("#/properties/default", {}, { default: status })],
  ["a pointer from a definition", listOf("#/$defs/A", { $defs: { A: { $ref: "#/properties/status" } } })]
]

describe("a reference", () => {
  for (const [name, schema] of references) {
    it.effect(`to ${name} leads to its schema, strict or not`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(breaches(yield* strict(schema)), [])
        for (const converted of [yield* strict(schema), yield* loose(schema)]) {
          const others = Object.fromEntries(
            Object.keys(Object(converted["properties"])).map((key) => [key, null] as const)
          )
          const given = JSON.stringify(converted["required"]) === "[\"it\"]" ? {} : others
          const isValid = accepts(converted)
          assert.isTrue(isValid({ ...given, it: ["open", "done"] }), JSON.stringify(converted))
          assert.isFalse(isValid({ ...given, it: ["other"] }))
          assert.isFalse(isValid({ ...given, it: [1] }))
        }
      }))
  }

  it.effect("is only renamed where its place is not under $defs", () =>
    Effect.gen(function*() {
      const { $defs, properties } = yield* loose(
        listOf("#/properties/status", { $defs: { status: { type: "number" } } }, {
          n: { $ref: "#/$defs/status" }
        })
      )
      assert.deepStrictEqual($defs, { status: { type: "number" }, status2: status })
      assert.deepStrictEqual(Reflect.get(Object(properties), "it"), {
        type: "array",
        items: { $ref: "#/$defs/status2" }
      })
    }))

  it.effect("may lead around the place where it stands", () =>
    Effect.gen(function*() {
      for (const ref of ["#", "#/properties/next/anyOf/0", "#/properties/of/items"]) {
        const schema = {
          type: "object",
          properties: {
            next: { anyOf: [{ type: "object", properties: { of: { $ref: "#/properties/of" } } }, { type: "null" }] },
            of: { type: "array", items: { type: "object", properties: { deeper: { $ref: ref } } } }
          }
        }
        const [isValid, isMeant] = [accepts(yield* loose(schema)), accepts(schema)]
        assert.deepStrictEqual(breaches(yield* strict(schema)), [])
        for (const value of [{ of: [{ deeper: {} }] }, { next: { of: [{}] } }, { of: [{ deeper: 1 }] }, { of: 1 }]) {
          assert.strictEqual(isValid(value), isMeant(value), JSON.stringify([ref, value]))
        }
      }
    }))

  it.effect("in an allOf brings its properties to the others", () =>
    Effect.gen(function*() {
      const schema = yield* strict({
        allOf: [{ $ref: "#/$defs/Base" }, { properties: { b: { type: "number" } }, required: ["b"] }],
        $defs: { Base: { type: "object", properties: { a: { type: "string" } }, required: ["a"] } }
      })
      assert.isTrue(accepts(schema)({ a: "x", b: 1 }))
      assert.isFalse(accepts(schema)({ a: "x" }))
      assert.isFalse(accepts(schema)({ b: 1 }))
    }))

  it.effect("within data is data, and a property may have its name", () =>
    Effect.gen(function*() {
      const value = { $ref: "#/nowhere" }
      const { properties } = yield* loose({
        type: "object",
        properties: { $ref: { type: "string" }, a: { type: "object", default: value, examples: [value] } }
      })
      assert.deepStrictEqual(Reflect.get(Object(properties), "$ref"), { type: "string" })
      assert.deepStrictEqual(Reflect.get(Object(Reflect.get(Object(properties), "a")), "default"), value)
    }))

  it.effect("that leads nowhere is named, with its place", () =>
    Effect.gen(function*() {
      const wrong = [
        "#/properties/none",
        "#/properties/status/enum",
        "#/properties/status/enum/0",
        "#/required",
        "#/properties/__proto__",
        "#nothing",
        "other.json",
        "https://example.com/a.json#/a",
        "#/%E0%A4%A"
      ]
      for (const ref of wrong) {
        const error = yield* Effect.flip(loose(listOf(ref)))
        assert.strictEqual(error._tag, "JsonSchemaError")
        assert.include(error.message, `"${ref}"`)
        assert.strictEqual(error.path, "it.[]")
      }
      assert.include((yield* Effect.flip(strict({ allOf: [{ $ref: "#" }, { title: "x" }] }))).message, "part of itself")
    }))
})

const leaves = FastCheck.constantFrom<Json>(
  { type: "string" },
  { type: "integer" },
  { type: ["number", "null"] },
  { type: "boolean" },
  { type: "string", enum: ["a", "b"] },
  { type: "object", properties: { x: { type: "number" } }, required: ["x"], additionalProperties: false }
)
const samples: ReadonlyArray<unknown> = ["a", "c", 1, 1.5, null, true, { x: 1 }, { x: "1" }, {}, [], [1], ["a"]]

describe("any schema", () => {
  it("accepts the same values with a pointer, with a definition, and with the schema itself", () =>
    FastCheck.assert(
      FastCheck.property(FastCheck.array(leaves, { minLength: 1, maxLength: 4 }), FastCheck.nat(), (all, at) => {
        const names = all.map((_, index) => `p${index}`)
        const properties = Object.fromEntries(all.map((schema, index) => [names[index], schema]))
        const chosen = at % all.length
        const document = (of: Json, more: Json = {}): Json => ({
          type: "object",
          properties: { ...properties, it: { anyOf: [of, { type: "array", items: of }] } },
          additionalProperties: false,
          ...more
        })
        const documents = [
          document({ $ref: `#/properties/p${chosen}` }),
          document({ $ref: "#/$defs/D" }, { $defs: { D: all[chosen] } }),
          document(all[chosen] ?? {})
        ]
        for (const convert of [loose, strict]) {
          const verdicts = documents.map((schema) => {
            const isValid = accepts(Effect.runSync(convert(schema)))
            const others = Object.fromEntries(names.map((name) => [name, null] as const))
            return samples.map((it) => isValid(convert === strict ? { ...others, it } : { it }))
          })
          assert.deepStrictEqual(verdicts[0], verdicts[1])
          assert.deepStrictEqual(verdicts[0], verdicts[2])
        }
      }),
      { numRuns: 25 }
    ))
})
