import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { JsonReader } from "../../../src/internal/jsonReader.js"
import { plainJson } from "../../../src/internal/longNumbers.js"
import { JsonFinder } from "../../../src/services/internal/jsonFinder.js"
import { findJson } from "../../../src/services/internal/jsonText.js"

interface Found {
  readonly values: ReadonlyArray<unknown>
  /** Whether each bracket that looks like JSON begins JSON. */
  readonly isClean: boolean
}

/** The objects and lists in a text that is cut into pieces of a size, in order. */
const found = (text: string, size: number): Found => {
  let readers: Array<FoundReader> = []
  const all: Array<FoundReader> = []
  const finder = new JsonFinder((isReasoning) => {
    const reader = new FoundReader()
    all.push(reader)
    if (!isReasoning) readers.push(reader)
    return reader
  }, () => {
    readers = []
  })
  for (let at = 0; at < text.length; at += size) finder.push(text.slice(at, at + size))
  return {
    values: readers.filter((reader) => reader.isWhole).map((reader) => plainJson(reader.place.snapshot().value)),
    isClean: all.every((reader) => reader.isWhole)
  }
}

class FoundReader {
  readonly place = new JsonReader()
  get isWhole() {
    return this.place.isWhole
  }
  get isRefused() {
    return this.place.isRefused
  }
  take(text: string, from: number) {
    return this.place.take(text, from)
  }
}

/** Those that `findJson` finds in the whole text, in order. */
const expected = (text: string): ReadonlyArray<unknown> =>
  [...new Map(findJson(text, false).map((piece) => [piece.start, piece])).values()]
    .sort((a, b) => a.start - b.start)
    .map(({ value }) => value)

const agrees = (text: string) => {
  const values = expected(text)
  for (const size of [1, 2, 7, text.length]) {
    assert.deepStrictEqual(found(text, size).values, values, `${size}: ${text}`)
  }
}

describe("JsonFinder finds what findJson finds:", () => {
  const cases: ReadonlyArray<readonly [title: string, text: string, count: number]> = [
    ["a value alone", " \n{\"a\": 1}\n", 1],
    ["a value in a code block", "Sure:\n```json\n{\n  \"a\": [1]\n}\n```\nAnything else?", 1],
    ["values between other words", "That {one}: {\"a\":1}. (See [1] and [note] and [true story] or [ ])", 3],
    ["a value after brackets of prose", "{ [1] } { [ {\"a\":1} ] } [", 2],
    ["a value after reasoning", "<think>Is it {\"a\":0}? No.</think>\n{\"a\":1}", 1],
    ["a value after reasoning without an opening mark", "Or {\"a\":0}?</think>Here: {\"a\":1}", 1],
    ["no value in reasoning that goes on", "<think>Is it {\"a\":0}?", 0],
    ["no value in reasoning that begins again", "{\"a\":0}</think> <THINK>Is it {\"a\":1}?", 0],
    ["a value after marks of other models", "[THINK]{\"a\":0}[/think]◁think▷ [1] ◁/think▷{\"a\":1}", 1],
    ["a mark within a value", "<think>{\"a\":\"</think>\"}</think>{\"a\":\"<think></think>\"}", 1],
    ["a mark within what is no JSON", "<think>{\"a\": foo</think>{\"b\":1}", 1],
    ["a value after one that is broken", "{\"a\": foo \"}\" } {\"b\":1}", 1],
    ["a value after a broken escape", "{\"a\":\"\\x}\"} {\"b\":1} {\"\\u12\"} {\"c\":2}", 2],
    ["no value within one that is never closed", "{\"a\": {\"b\":1}", 0]
  ]
  for (const [title, text, count] of cases) {
    it(title, () => {
      assert.lengthOf(expected(text), count)
      agrees(text)
    })
  }

  it("whatever stands around the values", () => {
    const part = FastCheck.constantFrom(
      "{\"a\":1}",
      "[1]",
      "{}",
      " ",
      "\n",
      "x",
      "</think>",
      "<think>",
      "[",
      "]",
      "{",
      "}",
      "\"",
      "\\",
      "1",
      "true",
      "[/THINK]",
      "[null,{\"b\":\"}\"}]",
      "{\"a\":\"\\\"{\"}",
      "```\n",
      ":",
      ",",
      "tr"
    )
    let compared = 0
    FastCheck.assert(
      FastCheck.property(FastCheck.array(part, { maxLength: 12 }), (parts) => {
        const text = parts.join("")
        const { isClean, values } = found(text, 3)
        // What looks like JSON and is none can be told only at the end of the text
        if (!isClean) return
        compared++
        const containers = expected(text).filter((value) => typeof value === "object" && value !== null)
        assert.deepStrictEqual(values, containers, text)
      }),
      { seed: 20261202, numRuns: 3000 }
    )
    assert.isAbove(compared, 1000)
  })
})
