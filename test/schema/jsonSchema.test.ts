import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as JsonSchema from "../../src/schema/jsonSchema.js"
import { looked } from "../support/effect/schemas.js"
import { Point, Tree } from "./support/randomSchemas.js"

const strict = <A, I, R>(schema: Schema.Schema<A, I, R>) => Effect.map(JsonSchema.make(schema), ({ schema }) => schema)

const loose = <A, I, R>(schema: Schema.Schema<A, I, R>) =>
  Effect.map(JsonSchema.make(schema, { strict: false }), ({ schema }) => schema)

/** The schema of a field that stands alone. */
const fieldOf = <A, I, R>(schema: Schema.Schema<A, I, R>) =>
  Effect.map(strict(Schema.Struct({ it: schema })), (json) => Reflect.get(Object(json["properties"]), "it"))

const object = (
  properties: { readonly [name: string]: unknown },
  more: { readonly [keyword: string]: unknown } = {}
) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more
})

const orNull = (schema: unknown) => ({ anyOf: [schema, { type: "null" }] })

describe("strict", () => {
  it.effect("closes objects, requires every property, and allows null for optional properties", () =>
    Effect.gen(function*() {
      const json = yield* strict(Schema.Struct({
        a: Schema.String.annotations({ description: "the first" }),
        b: Schema.optional(Schema.Number.annotations({ description: "the second" })),
        c: Schema.optional(Schema.NullOr(Schema.Boolean)),
        d: Schema.NullOr(Schema.Boolean),
        e: Schema.optional(Schema.Literal("x", "y")),
        f: Schema.Struct({ g: Schema.optional(Schema.Array(Schema.String)) })
      }))
      assert.deepStrictEqual(
        json,
        object({
          a: { type: "string", description: "the first" },
          b: { ...orNull({ type: "number" }), description: "the second" },
          c: orNull({ type: "boolean" }),
          d: orNull({ type: "boolean" }),
          e: orNull({ type: "string", enum: ["x", "y"] }),
          f: object({ g: orNull({ type: "array", items: { type: "string" } }) })
        })
      )
    }))

  it.effect("wraps a root that is not an object in the property value", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* strict(Schema.Array(Schema.Int)),
        object({
          value: { type: "array", items: { type: "integer", description: "an integer" } }
        })
      )
      const union = Schema.Union(
        Schema.Struct({ kind: Schema.Literal("a") }),
        Schema.Struct({ kind: Schema.Literal("b"), n: Schema.Number })
      )
      assert.deepStrictEqual(
        yield* strict(union),
        object({
          value: {
            anyOf: [
              object({ kind: { type: "string", enum: ["a"] } }),
              object({ kind: { type: "string", enum: ["b"] }, n: { type: "number" } })
            ]
          }
        })
      )
    }))

  it.effect("converts a record to a list of entries, and a tuple to an object with a property for each position", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* fieldOf(Schema.Record({ key: Schema.String, value: Schema.Number })), {
        type: "array",
        items: object({ key: { type: "string" }, value: { type: "number" } }),
        description: "one entry for each key"
      })
      assert.deepStrictEqual(
        yield* fieldOf(Schema.Tuple(Schema.String, Schema.optionalElement(Schema.Number))),
        object({ 0: { type: "string" }, 1: orNull({ type: "number" }) })
      )
      assert.deepStrictEqual(
        yield* fieldOf(Schema.Tuple([Schema.String], Schema.Number)),
        object({ 0: { type: "string" }, rest: { type: "array", items: { type: "number" } } })
      )
    }))

  it.effect("moves constraints that only some providers enforce to the description", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(
        yield* fieldOf(Schema.String.annotations({ description: "A city" }).pipe(Schema.minLength(2))),
        { type: "string", description: "A city; a string at least 2 character(s) long (minLength: 2)" }
      )
      assert.deepStrictEqual(yield* fieldOf(Schema.NonEmptyArray(Schema.String)), {
        type: "array",
        items: { type: "string" },
        minItems: 1
      })
      const { description } = yield* fieldOf(Schema.Array(Schema.String).pipe(Schema.itemsCount(3)))
      assert.include(description, "minItems: 3")
      assert.include(description, "maxItems: 3")
    }))

  it.effect("describes the encoded side, and dates by their format", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* fieldOf(Schema.Date), {
        type: "string",
        format: "date-time",
        description: "an ISO 8601 date and time"
      })
      assert.strictEqual((yield* fieldOf(Schema.DateTimeUtc)).format, "date-time")
      assert.include((yield* fieldOf(Schema.Date.annotations({ description: "born" }))).description, "born")
      assert.strictEqual((yield* fieldOf(Schema.NumberFromString)).type, "string")
      assert.deepStrictEqual(
        yield* strict(Point),
        object({
          x: { type: "number", description: "a finite number" },
          y: { ...orNull({ type: "number" }), description: "a finite number" }
        })
      )
    }))

  it.effect("puts each recursive schema under its own name in $defs, and has no reference at the root", () =>
    Effect.gen(function*() {
      const ref = { $ref: "#/$defs/Recursive" }
      const tree = object({ value: { type: "string" }, children: { type: "array", items: ref }, next: orNull(ref) })
      assert.deepStrictEqual(yield* strict(Tree), { ...tree, $defs: { Recursive: tree } })

      const list = (value: Schema.Schema.AnyNoContext): Schema.Schema.AnyNoContext => {
        const List: Schema.Schema.AnyNoContext = Schema.Struct({
          value,
          next: Schema.NullOr(Schema.suspend(() => List))
        }).annotations({ identifier: "List" })
        return List
      }
      const both = yield* strict(Schema.Struct({ a: list(Schema.String), b: list(Schema.Boolean) }))
      assert.deepStrictEqual(both["$defs"], {
        List: object({ value: { type: "string" }, next: orNull({ $ref: "#/$defs/List" }) }),
        List2: object({ value: { type: "boolean" }, next: orNull({ $ref: "#/$defs/List2" }) })
      })
    }))

  it.effect("uses a jsonSchema annotation, made strict", () =>
    Effect.gen(function*() {
      const Money = Schema.declare((u): u is bigint => typeof u === "bigint", {
        jsonSchema: { type: "object", properties: { cents: { type: "integer", minimum: 0 } } }
      })
      assert.deepStrictEqual(
        yield* fieldOf(Money),
        object({ cents: { ...orNull({ type: "integer" }), description: "minimum: 0" } })
      )
    }))
})

describe("a schema that cannot be sent", () => {
  const refused = <A, I, R>(schema: Schema.Schema<A, I, R>) => Effect.flip(JsonSchema.make(schema))
  const under = <A, I, R>(schema: Schema.Schema<A, I, R>) =>
    Schema.Struct({ a: Schema.Array(Schema.Struct({ b: schema })) })

  it.effect("fails with its path, and recommends strict: false when that helps", () =>
    Effect.gen(function*() {
      const unknown = yield* refused(under(Schema.Unknown))
      assert.strictEqual(unknown._tag, "JsonSchemaError")
      assert.strictEqual(unknown.path, "a.[].b")
      assert.include(unknown.message, "strict: false")
      const open = Schema.Struct({ c: Schema.String }, Schema.Record({ key: Schema.String, value: Schema.String }))
      assert.include((yield* refused(under(open))).message, "put them into a record")

      const bigint = yield* refused(under(Schema.BigIntFromSelf))
      assert.strictEqual(bigint.path, "a.[].b")
      assert.notInclude(bigint.message, "strict: false")
      assert.include((yield* refused(under(Schema.DateFromSelf))).message, "Date")
      assert.include((yield* refused(under(Schema.SymbolFromSelf))).message, "symbol")
      assert.strictEqual((yield* refused(Schema.Struct({ a: Schema.Never })))._tag, "JsonSchemaError")
      assert.strictEqual((yield* refused(Schema.Array(Schema.Undefined)))._tag, "JsonSchemaError")
    }))

  it.effect("fails when it is infinitely recursive", () =>
    Effect.gen(function*() {
      const Self: Schema.Schema<unknown> = Schema.suspend(() => Self)
      assert.include((yield* refused(Self)).message, "nothing but itself")
      const deeper = (): Schema.Schema.AnyNoContext => Schema.Struct({ a: Schema.NullOr(Schema.suspend(deeper)) })
      assert.include((yield* refused(deeper())).message, "never comes back")
    }))
})

describe("loose", () => {
  it.effect("keeps every keyword of JSON Schema", () =>
    Effect.gen(function*() {
      const json = yield* loose(Schema.Struct({
        a: Schema.optional(Schema.String.pipe(Schema.minLength(1))),
        b: Schema.Record({ key: Schema.String, value: Schema.Unknown }),
        c: Schema.Tuple(Schema.String, Schema.Number)
      }))
      assert.deepStrictEqual(json, {
        type: "object",
        properties: {
          a: { type: "string", minLength: 1, description: "a string at least 1 character(s) long" },
          b: { type: "object", properties: {}, required: [], additionalProperties: {} },
          c: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false, minItems: 2 }
        },
        required: ["b", "c"],
        additionalProperties: false
      })
    }))

  it.effect("decodes null as a missing value", () =>
    Effect.gen(function*() {
      const { decode } = yield* JsonSchema.make(Schema.Struct({ a: Schema.optional(Schema.String) }), { strict: false })
      assert.deepStrictEqual(yield* decode({ a: null }), {})
    }))
})

describe("decode", () => {
  it.effect("accepts the requested form, and the original form when a model returns that", () =>
    Effect.gen(function*() {
      const schema = Schema.Struct({
        prices: Schema.Record({ key: Schema.String, value: Schema.Struct({ usd: Schema.optional(Schema.Number) }) }),
        at: Schema.Tuple([Schema.Number, Schema.optionalElement(Schema.Date)], Schema.String),
        note: Schema.optional(Schema.String)
      })
      const { decode } = yield* JsonSchema.make(schema)
      const expected = { prices: { tea: { usd: 2 }, air: {} }, at: [1, new Date(0), "x"] }
      const date = "1970-01-01T00:00:00.000Z"
      const asked = yield* decode({
        prices: [{ key: "tea", value: { usd: 2 } }, { key: "air", value: { usd: null } }],
        at: { 0: 1, 1: date, rest: ["x"] },
        note: null
      })
      assert.deepStrictEqual<unknown>(asked, expected)
      assert.deepStrictEqual<unknown>(
        yield* decode({ prices: { tea: { usd: 2 }, air: { usd: null } }, at: [1, date, "x"] }),
        expected
      )
      assert.deepStrictEqual<unknown>(
        (yield* decode({ prices: [], at: { 0: 1, 1: null, rest: [] }, note: "n" })).at,
        [1]
      )
    }))

  it.effect("removes null by the member of a union that the value belongs to", () =>
    Effect.gen(function*() {
      const schema = Schema.Union(
        Schema.Struct({ kind: Schema.Literal("optional"), x: Schema.optional(Schema.String) }),
        Schema.Struct({ kind: Schema.Literal("nullable"), x: Schema.NullOr(Schema.String) })
      )
      const { decode } = yield* JsonSchema.make(schema)
      assert.deepStrictEqual(yield* decode({ value: { kind: "optional", x: null } }), { kind: "optional" })
      assert.deepStrictEqual(yield* decode({ kind: "nullable", x: null }), { kind: "nullable", x: null })
      assert.deepStrictEqual(yield* decode({ kind: "optional", x: null, more: 1 }), { kind: "optional" })
    }))

  it.effect("prefers the union member that knows every field", () =>
    Effect.gen(function*() {
      const schema = Schema.Union(
        Schema.Struct({ x: Schema.optional(Schema.String) }),
        Schema.Struct({ x: Schema.NullOr(Schema.String), y: Schema.Boolean })
      )
      const { decode } = yield* JsonSchema.make(schema)
      assert.deepStrictEqual(yield* decode({ value: { x: null, y: true } }), { x: null, y: true })
    }))

  it.effect("fails with a path and the message of the schema", () =>
    Effect.gen(function*() {
      const schema = Schema.Array(Schema.Struct({ n: Schema.Int.pipe(Schema.positive()), s: Schema.String }))
      const { decode } = yield* JsonSchema.make(schema)
      const issues = yield* Effect.flip(decode({ value: [{ n: 1, s: "" }, { n: -1, s: 2 }] }))
      assert.deepStrictEqual(issues.map(({ path }) => path), ["1.n", "1.s"])
      assert.match(issues[0]?.message ?? "", /positive|greater than 0/)
    }))

  it.effect("runs transformations with the services that they require", () =>
    Effect.gen(function*() {
      const Known = looked((name) => Effect.map(Prices, (prices) => prices[name] ?? 0))
      const { decode } = yield* JsonSchema.make(Schema.Struct({ price: Known }))
      const program = Effect.provideService(decode({ price: "tea" }), Prices, { tea: 2 })
      assert.deepStrictEqual(yield* program, { price: 2 })
    }))
})

class Prices extends Context.Tag("test/Prices")<Prices, { readonly [name: string]: number }>() {}

describe("convert", () => {
  const converted = (schema: JsonSchema.JsonSchema) => Effect.map(JsonSchema.convert(schema), ({ schema }) => schema)

  it.effect("makes the JSON Schema of an external tool strict", () =>
    Effect.gen(function*() {
      const { restore, schema } = yield* JsonSchema.convert({
        $schema: "http://json-schema.org/draft-07/schema#",
        title: "Search",
        type: "object",
        properties: {
          query: { type: "string", title: "Query" },
          limit: { type: "integer", default: 10, maximum: 100 },
          filter: { $ref: "#/definitions/Filter", description: "narrower" },
          sort: { type: ["string", "null"], enum: ["up", "down", null] },
          size: { const: "big" }
        },
        required: ["query"],
        definitions: {
          Filter: { oneOf: [{ $ref: "#/definitions/Name" }, { type: "array", items: [{ type: "number" }] }] },
          Name: {
            allOf: [{ type: "object", properties: { first: { type: "string" } } }, {
              properties: { last: { type: "string" } },
              required: ["last"]
            }]
          }
        }
      })
      const name = object({ first: orNull({ type: "string" }), last: { type: "string" } })
      assert.deepStrictEqual(schema, {
        ...object({
          query: { type: "string", description: "Query" },
          limit: { ...orNull({ type: "integer" }), description: "maximum: 100, default: 10" },
          filter: { anyOf: [{ $ref: "#/$defs/Filter" }, { type: "null" }], description: "narrower" },
          sort: { anyOf: [{ type: "string", enum: ["up", "down"] }, { type: "null" }] },
          size: orNull({ type: "string", enum: ["big"] })
        }, { description: "Search" }),
        $defs: {
          Name: name,
          Filter: { anyOf: [{ $ref: "#/$defs/Name" }, object({ 0: orNull({ type: "number" }) })] }
        }
      })
      assert.deepStrictEqual(
        restore({ query: "q", limit: null, filter: { first: null, last: "l" }, sort: null, size: null }),
        { query: "q", filter: { last: "l" }, sort: null }
      )
      assert.deepStrictEqual(restore({ query: "q", filter: { 0: 3 } }), { query: "q", filter: [3] })
    }))

  it.effect("keeps the formats that all providers know, and moves the others to the description", () =>
    Effect.gen(function*() {
      const { properties } = yield* converted({
        type: "object",
        properties: {
          id: { type: "string", format: "uuid", pattern: "^.{36}$" },
          at: { type: "string", format: "uri" }
        },
        required: ["id", "at"]
      })
      assert.deepStrictEqual(properties, {
        id: { type: "string", format: "uuid" },
        at: { type: "string", description: "format: uri" }
      })
    }))

  it.effect("follows references to the root", () =>
    Effect.gen(function*() {
      const node = {
        type: "object",
        properties: { next: { anyOf: [{ $ref: "#" }, { type: "null" }] } },
        required: ["next"]
      }
      const strict = object({ next: orNull({ $ref: "#/$defs/self" }) })
      assert.deepStrictEqual(yield* converted(node), { ...strict, $defs: { self: strict } })
    }))

  it.effect("rejects broken references, objects of any keys, and conditions", () =>
    Effect.gen(function*() {
      const refused = (schema: JsonSchema.JsonSchema) =>
        Effect.map(Effect.flip(converted(schema)), ({ message }) => message)
      assert.include(yield* refused({ $ref: "#/$defs/None" }), "does not exist")
      assert.include(yield* refused({ $ref: "#/$defs/A", $defs: { A: { $ref: "#/$defs/A" } } }), "reference to itself")
      assert.include(yield* refused({ type: "object" }), "allows any keys")
      assert.include(yield* refused({ type: "object", properties: {}, not: { required: ["a"] } }), `"not"`)
      assert.include(yield* refused({ allOf: [{ type: "string" }, { type: "number" }] }), "has two values")
      const loose = yield* JsonSchema.convert({ type: "object", not: { required: ["a"] } }, { strict: false })
      assert.deepStrictEqual(loose.schema["not"], { required: ["a"] })
    }))
})
