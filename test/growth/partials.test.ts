/** The cost of all partial values together grows in proportion to the text that the model writes. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { conversionOf } from "../../src/schema/jsonSchema.js"
import { GrowingOutput } from "../../src/services/growingOutput.js"
import { assertLinear } from "./work.js"

const times = <A>(size: number, make: (index: number) => A): ReadonlyArray<A> =>
  Array.from({ length: size }, (_, index) => make(index))

/** Reads a text in pieces of eight characters, and takes what there is after each piece. */
const read = <A, I>(schema: Schema.Schema<A, I>, text: string, list?: string | true) => {
  const pieces = text.match(/[^]{1,8}/g) ?? []
  return Effect.sync(() => {
    const output = new GrowingOutput(conversionOf(schema) ?? assert.fail("no JSON Schema"), list)
    let partials = 0
    let elements = 0
    for (const piece of pieces) {
      output.push(piece)
      const written = output.take()
      if (written.partial !== undefined) partials++
      elements += written.elements.length
    }
    return { partials, elements }
  })
}

const Source = Schema.Struct({ url: Schema.String, seen: Schema.optional(Schema.Int) })
const Report = Schema.Struct({ text: Schema.String, sources: Schema.Array(Source) })

const report = (size: number) =>
  JSON.stringify({ text: "", sources: times(size, (index) => ({ url: `https://a/${index}`, seen: null })) })

describe("the cost of partial values grows in proportion to", () => {
  it.effect("the elements of a list", () =>
    Effect.gen(function*() {
      yield* assertLinear(4000, (size) => read(Report, report(size), "sources"), true)
      const { elements, partials } = yield* read(Report, report(16_000), "sources")
      assert.strictEqual(elements, 16_000)
      assert.isAbove(partials, 1000)
    }))

  it.effect("the elements of a list of numbers", () =>
    assertLinear(
      4000,
      (size) => read(Schema.Array(Schema.Int), JSON.stringify({ value: times(size, (index) => index % 10) }), true),
      true
    ))

  it.effect("the keys of a record", () =>
    assertLinear(1000, (size) =>
      read(
        Schema.Record({ key: Schema.String, value: Schema.Int }),
        JSON.stringify({ value: times(size, (index) => ({ key: `k${index}`, value: index })) })
      ), true))

  it.effect("the length of a text, each piece of which is shown", () =>
    Effect.gen(function*() {
      const text = (length: number) => JSON.stringify({ text: "wörds \"and\" 🙂\n".repeat(length / 16), sources: [] })
      yield* assertLinear(190_000, (length) => read(Report, text(length)), true)
      assert.isAbove((yield* read(Report, text(760_000))).partials, 90_000)
    }))

  it.effect("the depth of a value", () => {
    interface Tree {
      readonly inner: ReadonlyArray<Tree>
    }
    const Tree: Schema.Schema<Tree> = Schema.Struct({ inner: Schema.Array(Schema.suspend(() => Tree)) })
    return assertLinear(2000, (size) => read(Tree, "{\"inner\":[".repeat(size) + "]}".repeat(size)), true)
  })

  it.effect("the prose around it", () =>
    assertLinear(2000, (size) => read(Report, `${"Well [1], {so}: ".repeat(size)}{"text":"a"`), true))

  it.effect("the white space behind a bracket", () =>
    assertLinear(20_000, (size) => read(Report, `{${" ".repeat(size)}prose`), true))
})
