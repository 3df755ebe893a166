import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { parseUnrounded, plainJson } from "../../../src/internal/longNumbers.js"
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
).map((value): unknown => parseUnrounded(JSON.stringify(value))?.value)

/** The marks before and after reasoning. */
const marks = FastCheck.constantFrom(
  ["<think>", "</think>"],
  ["<THINKING>", "</THINKING>"],
  ["<reasoning>", "</reasoning>"],
  ["[THINK]", "[/THINK]"],
  ["◁think▷", "◁/think▷"],
  ["<|channel|>analysis<|message|>", "<|end|><|start|>assistant<|channel|>final<|message|>"]
)

const indent = FastCheck.constantFrom(undefined, 2)

const valuesIn = (text: string, isTruncated = false): ReadonlyArray<unknown> =>
  findJson(text, isTruncated).map(({ value }) => plainJson(value))

describe("findJson", () => {
  it("returns only the whole text when it is JSON", () => {
    assert.deepStrictEqual(valuesIn(" {\"a\": [1]}\n"), [{ a: [1] }])
    assert.deepStrictEqual(valuesIn("\uFEFF3"), [3])
    assert.deepStrictEqual(valuesIn("\"{}\""), ["{}"])
    assert.deepStrictEqual(valuesIn("{\"a\":\"</think>{}\"}"), [{ a: "</think>{}" }])
  })

  it("finds any value in fences and in prose, before all others", () =>
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
        if (after.includes("</think>")) assert.deepStrictEqual(valuesIn(text), [])
        else assert.deepStrictEqual(valuesIn(text)[0], value)
      })
    ))

  it("returns the last piece first, and empty ones last", () => {
    assert.deepStrictEqual(valuesIn(`Not {"a":0} but\n${fence}json\n{"a":1}\n${fence}\nor {"a":2}`), [
      { a: 2 },
      { a: 1 },
      { a: 1 },
      { a: 0 }
    ])
    assert.deepStrictEqual(valuesIn(`~~~\n3\n~~~\nfor []`), [3, []])
    assert.deepStrictEqual(valuesIn("{\"a\":1}{\"a\":2}"), [{ a: 2 }, { a: 1 }])
  })

  it("returns nothing of the reasoning, whatever its marks", () =>
    FastCheck.assert(
      FastCheck.property(marks, value, value, FastCheck.boolean(), ([open, close], draft, final, isOpened) => {
        const before = `${isOpened ? open : ""}Perhaps ${JSON.stringify(draft)}? No: {"${close}`
        assert.deepStrictEqual(valuesIn(`${before}\n${JSON.stringify(final)}`), [final])
        assert.deepStrictEqual(valuesIn(`${before}It is ${JSON.stringify(final)}.`), [final])
        assert.deepStrictEqual(valuesIn(`${before}I do not know.`), [])
        assert.deepStrictEqual(valuesIn(`${open}Perhaps ${JSON.stringify(draft)}`), [])
        assert.deepStrictEqual(valuesIn(`${before}${open}or ${JSON.stringify(draft)}`), [])
      })
    ))

  it("takes a mark of reasoning within a value for a part of it", () => {
    const text = JSON.stringify({ tag: "</think>" })
    assert.deepStrictEqual(valuesIn(`Here: ${text}`), [{ tag: "</think>" }])
    assert.deepStrictEqual(valuesIn(`<think>[1] is not ${text}</think>Here: ${text}`), [{ tag: "</think>" }])
  })

  it("does not return a part of malformed JSON", () => {
    assert.deepStrictEqual(valuesIn("{\"items\": [{\"a\": 1}, {\"a\": 2}"), [])
    assert.deepStrictEqual(valuesIn("{\"items\": [{\"a\": 1},]}"), [])
    assert.deepStrictEqual(valuesIn("Here: {\"a\": \"}"), [])
  })

  it("returns only the whole text of a truncated response", () => {
    assert.deepStrictEqual(valuesIn("{\"a\":1}", true), [{ a: 1 }])
    assert.deepStrictEqual(valuesIn("<think>[1]</think>{\"a\":1}", true), [{ a: 1 }])
    assert.deepStrictEqual(valuesIn("First [1], then {\"a\":", true), [])
  })

  // A search that is not linear would take minutes for each of these
  const long = 2 ** 19
  const tedious: { readonly [title: string]: string } = {
    "opening fences": "```x\n".repeat(long / 5),
    "a fence before blanks": "```\n" + " ".repeat(long) + "x",
    "a fence before empty lines": "```\n" + "\n".repeat(long) + "x",
    "fences and blanks": ("~~~x\n" + " ".repeat(45)).repeat(long / 50),
    "backticks": "`".repeat(long),
    "blanks": "x" + " ".repeat(long) + "x",
    "braces": "{ ".repeat(long / 2),
    "objects that never close": "{\"".repeat(long / 2),
    "lists that never close": "[ ".repeat(long / 2),
    "braces before blanks": "{" + " ".repeat(long) + "x",
    "broken objects": "{\"a}".repeat(long / 4),
    "ends of reasoning": "</think>".repeat(long / 8),
    "ends of reasoning after opened objects": "{\"</think>".repeat(long / 10),
    "small values": "[1]".repeat(long / 3)
  }
  for (const [title, text] of Object.entries(tedious)) {
    it(`reads a long text of ${title} in one pass`, () => {
      assert.deepStrictEqual(valuesIn(`${text}\n</think>{"a":1}`), [{ a: 1 }])
    })
  }
})
