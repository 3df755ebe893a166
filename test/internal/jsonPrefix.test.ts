import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { isObject } from "../../src/internal/json.js"
import { readJsonPrefix } from "../../src/internal/jsonPrefix.js"

/** The paths at which a value is no beginning of another one. */
const isBeginning = (part: unknown, whole: unknown): boolean => {
  if (typeof part === "string") return typeof whole === "string" && whole.startsWith(part)
  if (Array.isArray(part)) return Array.isArray(whole) && entriesBegin(part, whole)
  if (isObject(part)) {
    const keys = Object.keys(part)
    return isObject(whole) && keys.every((key, index) => Object.keys(whole)[index] === key) &&
      entriesBegin(keys.map((key) => part[key]), Object.keys(whole).map((key) => whole[key]))
  }
  return Object.is(part, whole)
}

/** All entries but the last one are whole. */
const entriesBegin = (part: ReadonlyArray<unknown>, whole: ReadonlyArray<unknown>): boolean =>
  part.length <= whole.length && part.every((value, index) =>
    index < part.length - 1
      ? JSON.stringify(value) === JSON.stringify(whole[index])
      : isBeginning(value, whole[index])
  )

const parameters = { seed: 20260822, numRuns: 400 }

describe("readJsonPrefix", () => {
  it("reads the beginning of any value, wherever it is cut", () =>
    FastCheck.assert(
      FastCheck.property(FastCheck.jsonValue(), FastCheck.nat(), FastCheck.boolean(), (value, cut, isSpaced) => {
        const text = JSON.stringify(value, undefined, isSpaced ? 2 : 0)
        const found = readJsonPrefix(text.slice(0, cut % (text.length + 1)))
        return found === undefined || isBeginning(found.value, JSON.parse(text))
      }),
      parameters
    ))

  it("reads a whole value as it is, whatever follows it", () =>
    FastCheck.assert(
      FastCheck.property(FastCheck.jsonValue(), FastCheck.string(), (value, junk) => {
        const text = JSON.stringify({ value })
        assert.deepStrictEqual(readJsonPrefix(text + junk), { value: JSON.parse(text), isWhole: true })
      }),
      parameters
    ))

  it("keeps every character of a text that had arrived", () => {
    const content = "The ünïcödé \"answer\" is\n42 🙂."
    const text = JSON.stringify({ choices: [{ message: { content } }] })
    const start = text.indexOf("The ")
    let longest = ""
    for (let cut = start; cut <= text.length; cut++) {
      const found = JSON.stringify(readJsonPrefix(text.slice(0, cut))?.value)
      assert.isAtLeast(found.length, longest.length)
      longest = found
    }
    assert.strictEqual(longest, text)
  })

  it("leaves out what may go on: numbers, words, keys, halves of escapes and characters", () => {
    const read = (text: string) => readJsonPrefix(text)?.value
    assert.deepStrictEqual(read("{\"a\":1,\"b\":2"), { a: 1 })
    assert.deepStrictEqual(read("{\"a\":1,\"b\":2,"), { a: 1, b: 2 })
    assert.deepStrictEqual(read("[true,fals"), [true])
    assert.deepStrictEqual(read("{\"a\":1,\"b"), { a: 1 })
    assert.deepStrictEqual(read("{\"a\":1,\"b\""), { a: 1 })
    assert.deepStrictEqual(read("{\"a\":1,\"b\":"), { a: 1 })
    assert.deepStrictEqual(read("[\"x\\"), ["x"])
    assert.deepStrictEqual(read("[\"x\\u00e"), ["x"])
    assert.deepStrictEqual(read("[\"x\\ud83d"), ["x"])
    assert.deepStrictEqual(read("{\"a\":[{"), { a: [{}] })
  })

  it("stops at what is no JSON, with what came before", () => {
    const read = (text: string) => readJsonPrefix(text)?.value
    assert.deepStrictEqual(read("{\"a\":[1,2}"), { a: [1, 2] })
    assert.deepStrictEqual(read("[1,,2]"), [1])
    assert.deepStrictEqual(read("[1 2]"), [1])
    assert.deepStrictEqual(read("{\"a\" 1}"), {})
    assert.deepStrictEqual(read("[\"a\\x\",1]"), [])
    assert.deepStrictEqual(read("[\"a\ndata: {}\",1]"), ["a"])
    assert.deepStrictEqual(read("[01,1]"), [])
    for (const text of ["", "  ", "<html>", "data: {}", "}", ",", "undefined", ":"]) {
      assert.isUndefined(readJsonPrefix(text), text)
    }
  })

  it("sets no prototype", () => {
    const value: unknown = readJsonPrefix("{\"__proto__\":{\"cost\":-1},\"constructor\":{\"a\":1")?.value
    assert.strictEqual(Object.getPrototypeOf(value), Object.prototype)
    assert.deepStrictEqual(Object.keys(Object(value)), ["__proto__", "constructor"])
  })

  it("bounds the depth, without a stack", () => {
    const value = readJsonPrefix("[".repeat(1_000_000))?.value
    assert.strictEqual(JSON.stringify(value), "[".repeat(1000) + "]".repeat(1000))
  })
})
