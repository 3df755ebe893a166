import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { guard, issues } from "../../src/schema/guard.js"
import { exact } from "../support/effect/schemas.js"

/** One schema of each kind that a user's own schema may have, with values on both sides. */
const kinds: ReadonlyArray<readonly [name: string, schema: Schema.Schema<unknown>, values: ReadonlyArray<unknown>]> = [
  ["a refinement", widen(Schema.NonEmptyString), ["", "a", 1]],
  ["a refinement of a refinement", widen(Schema.Int.pipe(Schema.positive())), [-1, 0.5, 2, NaN]],
  ["a transformation", widen(Schema.NumberFromString), ["1", "x", 1]],
  ["a refined transformation", widen(Schema.NumberFromString.pipe(Schema.positive())), ["1", "-1", 1]],
  ["a tuple", widen(Schema.Tuple(Schema.String, Schema.optionalElement(Schema.Number))), [["a"], ["a", 1], [1], []]],
  ["a tuple with a rest", widen(Schema.Tuple([Schema.String], Schema.Number)), [["a", 1, 2], ["a", "b"], []]],
  ["an exact optional field", widen(Schema.Struct({ a: exact(Schema.String) })), [
    {},
    { a: "b" },
    { a: undefined }
  ]],
  ["a required unknown field", widen(Schema.Struct({ a: Schema.Unknown })), [{}, { a: 1 }, [], null]],
  ["an empty struct", widen(Schema.Struct({})), [{}, [], 1, null, undefined]],
  ["a record of numbers", widen(Schema.Record({ key: Schema.String, value: Schema.Number })), [{}, { a: 1 }, {
    a: ""
  }]],
  ["a record with refined keys", widen(Schema.Record({ key: Schema.NonEmptyString, value: Schema.Number })), [
    { a: 1 },
    { "": "x" },
    { a: "x" }
  ]],
  [
    "a struct with a typed rest",
    widen(
      Schema.Struct(
        { a: Schema.String },
        Schema.Record({ key: Schema.String, value: Schema.Union(Schema.String, Schema.Number) })
      )
    ),
    [{ a: "" }, { a: "", b: 1 }, { a: "", b: true }, { a: 1 }]
  ],
  [
    "enums, symbols and templates",
    widen(
      Schema.Union(Schema.Enums({ A: 1, B: "b" }), Schema.TemplateLiteral("x-", Schema.Number), Schema.BigIntFromSelf)
    ),
    [1, "b", "x-1", "x-y", 1n, "A"]
  ],
  ["a class", widen(Schema.instanceOf(Date)), [new Date(0), {}, "1970-01-01"]],
  ["a literal of each kind", widen(Schema.Literal("a", 1, true, null)), ["a", 1, true, null, "b", 2, false, undefined]]
]

// The tests speak of any schema, whatever it decodes to
function widen(schema: Schema.Schema.AnyNoContext): Schema.Schema<unknown> {
  return Schema.make<unknown>(schema.ast)
}

interface Tree {
  readonly name: string
  readonly children: ReadonlyArray<Tree>
}

const Tree: Schema.Schema<Tree> = Schema.Struct({
  name: Schema.String,
  children: Schema.Array(Schema.suspend(() => Tree))
})

interface Link {
  readonly next: Link | null
}

const Link: Schema.Schema<Link> = Schema.Struct({ next: Schema.NullOr(Schema.suspend(() => Link)) })

describe("guard", () => {
  for (const [name, schema, values] of kinds) {
    it(`agrees with Schema on ${name}`, () => {
      const decode = Schema.decodeUnknownEither(schema)
      const results = values.map((value) => Either.isRight(decode(value)))
      assert.deepStrictEqual(values.map(guard(schema)), results)
      assert.sameMembers([...new Set(results)], [true, false], "the values should be on both sides")
      FastCheck.assert(
        FastCheck.property(FastCheck.anything(), (value) => guard(schema)(value) === Either.isRight(decode(value)))
      )
    })
  }

  it("checks recursive schemas", () => {
    assert.isTrue(guard(Tree)({ name: "a", children: [{ name: "b", children: [] }] }))
    assert.isFalse(guard(Tree)({ name: "a", children: [{ name: 1, children: [] }] }))
  })

  it("checks a schema whose required field has the type of the whole", () => {
    assert.isTrue(guard(Link)({ next: { next: null } }))
    assert.isFalse(guard(Link)({ next: {} }))
    assert.isFalse(guard(Link)({}))
  })

  it("compiles a schema on the first call", () => {
    let compiled = false
    const schema: Schema.Schema<string> = Schema.suspend(() => {
      compiled = true
      return Schema.String
    })
    const is = guard(schema)
    assert.isFalse(compiled)
    assert.isTrue(is("a"))
    assert.isTrue(compiled)
  })

  it("ignores fields that the schema does not know", () => {
    assert.isTrue(guard(Schema.Struct({ a: Schema.String }))({ a: "b", c: 1 }))
  })
})

describe("issues", () => {
  it("lists every problem with its path", () => {
    const schema = Schema.Struct({ a: Schema.Array(Schema.Struct({ b: Schema.Number })), c: Schema.String })
    assert.deepStrictEqual(issues(schema, { a: [{ b: 1 }, { b: "2" }] }), [
      { path: "a.1.b", message: "Expected number, actual \"2\"" },
      { path: "c", message: "is missing" }
    ])
    assert.deepStrictEqual(issues(schema, 1).map(({ path }) => path), [""])
    assert.deepStrictEqual(issues(schema, { a: [], c: "" }), [])
  })

  it("reports a value that is nested too deeply to print", () => {
    const deep: unknown = JSON.parse("[".repeat(20_000) + "]".repeat(20_000))
    const [issue, ...others] = issues(Schema.Struct({ a: Schema.String }), { a: deep })
    assert.include(issue?.message, "nested too deeply")
    assert.deepStrictEqual(others, [])
  })

  it("reports a value that cannot be converted to text, and one deep in a recursive schema", () => {
    const kinds = Schema.Union(
      Schema.Struct({ kind: Schema.Literal("a") }),
      Schema.Struct({ kind: Schema.Literal("b") })
    )
    for (const kind of [{ toString: 1 }, [[{ toString: null }]]]) {
      assert.isFalse(guard(kinds)({ kind }))
      assert.isFalse(guard(Schema.Tuple(kinds))([{ kind }]))
      assert.include(issues(kinds, { kind })[0]?.message, "`toString`")
    }
    interface List {
      readonly next?: List | undefined
      readonly end?: string | undefined
    }
    const List: Schema.Schema<List> = Schema.Struct({
      next: Schema.optional(Schema.suspend((): Schema.Schema<List> => List)),
      end: Schema.optional(Schema.String)
    }).annotations({ identifier: "List" })
    const deep: unknown = JSON.parse("{\"next\":".repeat(20_000) + "{\"end\":1}" + "}".repeat(20_000))
    assert.isAbove(issues(List, deep).length, 0)
  })
})
