import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { isObject } from "../../src/internal/json.js"
import { GrowingValue } from "../../src/schema/growingValue.js"
import * as JsonSchema from "../../src/schema/jsonSchema.js"
import { arbitraryOf, exact } from "../support/effect/schemas.js"

const conversion = <A, I, R>(schema: Schema.Schema<A, I, R>, strict = true) =>
  JsonSchema.conversionOf(schema, { strict }) ?? assert.fail("no JSON Schema")

/** What is shown of a text, after each of its pieces. */
const shown = <A, I, R>(schema: Schema.Schema<A, I, R>, pieces: ReadonlyArray<string>, strict = true) => {
  const growing = new GrowingValue(conversion(schema, strict))
  return pieces.flatMap((piece) => {
    growing.push(piece)
    const next = growing.next()
    return next === undefined ? [] : [next.value]
  })
}

describe("a growing value has the form of the schema:", () => {
  it("a list under `value`, or without it", () => {
    const Primes = Schema.Array(Schema.Int)
    assert.deepStrictEqual(shown(Primes, ["{", "\"val", "ue\"", ":", "[", "2,", "3", "]", "}"]), [
      [],
      [2],
      [2, 3],
      [2, 3]
    ])
    assert.deepStrictEqual(shown(Primes, ["[2", ",3]"]), [[], [2, 3]])
  })

  it("a text under `value`", () => {
    assert.deepStrictEqual(shown(Schema.String, ["{\"value\":\"Pa", "ris\"}"]), ["Pa", "Paris"])
  })

  it("no field where null stands for an absent one", () => {
    const Person = Schema.Struct({
      name: Schema.optional(Schema.String),
      born: Schema.optional(Schema.NullOr(Schema.Int)),
      died: Schema.NullOr(Schema.Int)
    })
    assert.deepStrictEqual(shown(Person, ["{\"name\":null,", "\"born\":nul", "l,", "\"died\":null}"]), [
      {},
      { born: null },
      { born: null, died: null }
    ])
  })

  it("a record in place of its entries, whose keys are shown when they are complete", () => {
    const Ages = Schema.Struct({ ages: Schema.Record({ key: Schema.String, value: Schema.Struct({ n: Schema.Int }) }) })
    assert.deepStrictEqual(
      shown(Ages, [
        "{\"ages\":[{\"key\":\"A",
        "da\"",
        ",\"value\":{\"n\":3",
        "6}},{\"key\":\"Bob\",\"value\":{",
        "}}]}"
      ]),
      [
        { ages: {} },
        { ages: {} },
        { ages: { Ada: {} } },
        { ages: { Ada: { n: 36 }, Bob: {} } },
        { ages: { Ada: { n: 36 }, Bob: {} } }
      ]
    )
    assert.deepStrictEqual(shown(Ages, ["{\"ages\":{\"Ada\":{\"n\":3"]), [{ ages: { Ada: {} } }])
  })

  it("a tuple in place of its object, up to the first element that is missing", () => {
    const Pair = Schema.Struct({ pair: Schema.Tuple([Schema.String, Schema.Int], Schema.String) })
    assert.deepStrictEqual(
      shown(Pair, ["{\"pair\":{\"0\":\"a", "b\",\"1\":7,", "\"rest\":[\"x", "y\"]}}"]),
      [{ pair: ["a"] }, { pair: ["ab", 7] }, { pair: ["ab", 7, "x"] }, { pair: ["ab", 7, "xy"] }]
    )
    assert.deepStrictEqual(shown(Pair, ["{\"pair\":{\"1\":7,", "\"0\":\"a\""]), [{ pair: [] }, { pair: ["a", 7] }])
  })

  it("the member of a union, once the others are excluded", () => {
    const Block = Schema.Union(
      Schema.Struct({ type: Schema.Literal("text"), text: Schema.String }),
      Schema.Struct({ type: Schema.Literal("pairs"), pairs: Schema.Record({ key: Schema.String, value: Schema.Int }) })
    )
    const Page = Schema.Struct({ blocks: Schema.Array(Block) })
    assert.deepStrictEqual(
      shown(Page, [
        "{\"blocks\":[{\"type\":\"pairs\",\"pairs\":[{\"key\":\"a\",\"value\":1",
        "}]},{",
        "\"type\":\"text\""
      ]),
      [
        { blocks: [{ type: "pairs", pairs: {} }] },
        { blocks: [{ type: "pairs", pairs: { a: 1 } }, {}] },
        { blocks: [{ type: "pairs", pairs: { a: 1 } }, { type: "text" }] }
      ]
    )
  })

  it("nothing of a union while its members would show a list and an object", () => {
    const Either = Schema.Struct({
      it: Schema.Union(Schema.Array(Schema.Int), Schema.Record({ key: Schema.String, value: Schema.Int }))
    })
    assert.deepStrictEqual(shown(Either, ["{\"it\":[", "{\"key\":\"a\",", "\"value\":1}", "]}"]), [
      {},
      { it: {} },
      { it: { a: 1 } },
      { it: { a: 1 } }
    ])
  })

  it("numbers that are not rounded", () => {
    const Long = Schema.Struct({ id: Schema.String, n: Schema.Number, any: Schema.Unknown })
    const digits = "12345678901234567890"
    assert.deepStrictEqual(
      shown(Long, [`{"id":${digits},"n":1e3,"any":[{"x":${digits}}]}`], false),
      [{ id: digits, n: 1000, any: [{ x: digits }] }]
    )
  })

  it("no value that does not begin as the schema says", () => {
    const Person = Schema.Struct({ name: Schema.String })
    assert.deepStrictEqual(shown(Person, ["[1", ",2]"]), [])
    assert.deepStrictEqual(shown(Person, ["{\"name\":1,", "\"more\":2}"]), [])
    // Nothing prevents a field that is not in the schema
    assert.deepStrictEqual(shown(Person, ["{\"more\":1,\"name\":\"A"]), [{ more: 1, name: "A" }])
  })

  it("no value that is nested too deeply to be shown", () => {
    const Deep = Schema.Struct({ any: Schema.Unknown })
    assert.deepStrictEqual(shown(Deep, ["{\"any\":", "[".repeat(300), "]".repeat(300), "}"], false), [{}])
  })
})

interface Tree {
  readonly label: string
  readonly children: ReadonlyArray<Tree>
  readonly pair?: readonly [string, number]
}

const Tree: Schema.Schema<Tree> = Schema.Struct({
  label: Schema.String,
  children: Schema.Array(Schema.suspend(() => Tree)),
  pair: exact(Schema.Tuple(Schema.String, Schema.Int))
})

const Value = Schema.Struct({
  name: Schema.String,
  ages: Schema.Record({
    key: Schema.String,
    value: Schema.Struct({ n: exact(Schema.Int) })
  }),
  blocks: Schema.Array(Schema.Union(
    Schema.Struct({ type: Schema.Literal("a"), pair: Schema.Tuple(Schema.Int, Schema.String) }),
    Schema.Struct({ type: Schema.Literal("b"), flags: Schema.Array(Schema.Boolean) }),
    Schema.Null,
    Schema.String
  )),
  tree: Tree
})

/** The value as a model writes it in strict mode. */
const sent = (value: typeof Value.Type): unknown => ({
  name: value.name,
  ages: Object.entries(value.ages).map(([key, { n }]) => ({ key, value: { n: n ?? null } })),
  blocks: value.blocks.map((block) =>
    isObject(block) && block.type === "a" ? { type: "a", pair: { 0: block.pair[0], 1: block.pair[1] } } : block
  ),
  tree: sentTree(value.tree)
})

const sentTree = ({ children, label, pair }: Tree): unknown => ({
  label,
  children: children.map(sentTree),
  pair: pair === undefined ? null : { 0: pair[0], 1: pair[1] }
})

const isBefore = (part: unknown, whole: unknown): boolean => {
  if (typeof part === "string") return typeof whole === "string" && whole.startsWith(part)
  if (Array.isArray(part)) {
    return Array.isArray(whole) && part.length <= whole.length && part.every((value, at) => isBefore(value, whole[at]))
  }
  if (isObject(part)) {
    return isObject(whole) &&
      Object.keys(part).every((key) => Object.hasOwn(whole, key) && isBefore(part[key], whole[key]))
  }
  return part === undefined || Object.is(part, whole)
}

describe("a growing value", () => {
  it("is a beginning of the next one and of the decoded value, wherever it is cut", () => {
    const codec = Effect.runSync(JsonSchema.make(Value))
    FastCheck.assert(
      FastCheck.property(arbitraryOf(Value), FastCheck.integer({ min: 1, max: 40 }), (value, size) => {
        const text = JSON.stringify(sent(value))
        const decoded = Effect.runSync(codec.decode(JSON.parse(text)))
        assert.deepStrictEqual(decoded, value)
        const growing = new GrowingValue(codec)
        let before: unknown
        for (let at = 0; at < text.length; at += size) {
          growing.push(text.slice(at, at + size))
          const next = growing.next()
          if (next === undefined) continue
          assert.isTrue(isBefore(before, next.value), `${JSON.stringify(before)} ${JSON.stringify(next.value)}`)
          assert.isTrue(isBefore(next.value, value), `${JSON.stringify(next.value)} ${JSON.stringify(value)}`)
          before = next.value
        }
        assert.deepStrictEqual(before, value)
      }),
      { seed: 20261202, numRuns: 40 }
    )
  })
})
