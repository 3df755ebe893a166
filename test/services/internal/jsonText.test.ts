import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { findJson } from "../../../src/services/internal/jsonText.js"

const fence = "```"

/** Prose that does not end in the middle of JSON. */
const prose = FastCheck.constantFrom(
  "",
  "Sure! Here it is:\n",
  "The function {x} => [y] says \"hi\":\n",
  "It's simple { or so } [see 1], and [note].\n",
  "\uFEFF\n",
  "<think>maybe {} is enough?</think>\n"
)

const value = FastCheck.oneof(
  FastCheck.dictionary(FastCheck.string(), FastCheck.jsonValue({ maxDepth: 2 }), { minKeys: 1, maxKeys: 3 }),
  FastCheck.array(FastCheck.jsonValue({ maxDepth: 2 }), { minLength: 1, maxLength: 3 })
).map((value): unknown => JSON.parse(JSON.stringify(value)))

const indent = FastCheck.constantFrom(undefined, 2)

describe("findJson", () => {
  it("returns the whole text first when it is JSON", () => {
    assert.deepStrictEqual(findJson(" {\"a\": [1]}\n", false), [{ a: [1] }])
    assert.deepStrictEqual(findJson("\uFEFF3", false), [3])
    assert.deepStrictEqual(findJson("\"{}\"", false)[0], "{}")
  })

  it("finds any value in fences and in prose", () =>
    FastCheck.assert(
      FastCheck.property(prose, value, indent, prose, FastCheck.constantFrom("none", "", "json", "JSON"), (
        before,
        value,
        indent,
        after,
        info
      ) => {
        const json = JSON.stringify(value, null, indent)
        const text = info === "none"
          ? `${before}${json}\n${after}`
          : `${before}${fence}${info}\n${json}\n${fence}\n${after}`
        assert.deepInclude(findJson(text, false), value)
      })
    ))

  it("prefers fenced code blocks, in their order", () => {
    assert.deepStrictEqual(findJson(`Not {"a":0} but\n${fence}json\n{"a":1}\n${fence}\nor {"a":2}`, false), [
      { a: 1 },
      { a: 0 },
      { a: 2 }
    ])
    assert.deepStrictEqual(findJson(`~~~\n[1]\n~~~`, false), [[1]])
    assert.deepStrictEqual(findJson("{\"a\":1}{\"a\":2}", false), [{ a: 1 }, { a: 2 }])
  })

  it("does not return a part of malformed JSON", () => {
    assert.deepStrictEqual(findJson("{\"items\": [{\"a\": 1}, {\"a\": 2}", false), [])
    assert.deepStrictEqual(findJson("{\"items\": [{\"a\": 1},]}", false), [])
    assert.deepStrictEqual(findJson("Here: {\"a\": \"}", false), [])
  })

  it("returns only the whole text of a truncated response", () => {
    assert.deepStrictEqual(findJson("{\"a\":1}", true), [{ a: 1 }])
    assert.deepStrictEqual(findJson("First [1], then {\"a\":", true), [])
  })

  it("reads long texts in one pass", () => {
    const text = "{ ".repeat(50_000) + "[x ".repeat(50_000) + "{\"a\":1}"
    assert.deepStrictEqual(findJson(text, false), [{ a: 1 }])
  })
})
