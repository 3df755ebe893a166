import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { isObject } from "../../src/internal/json.js"
import { JsonReader } from "../../src/internal/jsonReader.js"
import { LongNumber, parseUnrounded } from "../../src/internal/longNumbers.js"

/** Whether a value may grow to another one: nothing in it is taken back. */
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

/** A copy with the digits of numbers that JavaScript would round. */
const plain = (value: unknown): unknown =>
  value instanceof LongNumber
    ? value.plain
    : Array.isArray(value)
    ? value.map(plain)
    : isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
    : value

const parameters = { seed: 20261202, numRuns: 400 }

const texts = FastCheck.tuple(FastCheck.jsonValue(), FastCheck.boolean()).map(([value, isSpaced]) =>
  JSON.stringify(value, undefined, isSpaced ? 2 : 0)
)

/** JSON with one change, which often breaks it. */
const mutated = FastCheck.tuple(
  texts,
  FastCheck.nat(),
  FastCheck.nat(2),
  FastCheck.constantFrom(..."{}[]:,\"\\ue0123456789.-+tfn \n\u0000\u00a0é_")
).map(([text, place, removed, added]) => {
  const at = place % (text.length + 1)
  return text.slice(0, at) + added + text.slice(at + removed)
})

const readWhole = (pieces: Iterable<string>) => {
  const reader = new JsonReader()
  for (const piece of pieces) reader.push(piece)
  return reader.end() ? { value: plain(reader.snapshot().value) } : undefined
}

const cut = (text: string, sizes: ReadonlyArray<number>): ReadonlyArray<string> => {
  const pieces: Array<string> = []
  for (let at = 0, turn = 0; at < text.length; turn++) {
    const size = 1 + (sizes[turn % sizes.length] ?? 0)
    pieces.push(text.slice(at, at + size))
    at += size
  }
  return pieces
}

const read = (text: string) => {
  const reader = new JsonReader()
  reader.push(text)
  return reader.snapshot().value
}

describe("JsonReader", () => {
  it("shows a beginning of the value after each character, and of what it shows later", () =>
    FastCheck.assert(
      FastCheck.property(texts, (text) => {
        const reader = new JsonReader()
        const whole = parseUnrounded(text)?.value
        let before: unknown = undefined
        let shown: unknown = undefined
        let kept = ""
        for (const char of cut(text, [0])) {
          assert.isTrue(reader.push(char))
          // What was shown before has not changed
          assert.strictEqual(JSON.stringify(shown) ?? "", kept)
          shown = reader.snapshot().value
          const value = plain(shown)
          assert.isTrue(isBefore(before, value), text)
          assert.isTrue(isBefore(value, whole), text)
          before = value
          kept = JSON.stringify(shown) ?? ""
        }
        assert.isTrue(reader.end())
        assert.deepStrictEqual(plain(reader.snapshot().value), whole)
      }),
      parameters
    ))

  it("reads the same, however the text is cut", () =>
    FastCheck.assert(
      FastCheck.property(texts, FastCheck.array(FastCheck.nat(9), { minLength: 1 }), (text, sizes) => {
        assert.deepStrictEqual(readWhole(cut(text, sizes)), parseUnrounded(text))
      }),
      parameters
    ))

  it("refuses what JSON.parse refuses, and nothing else", () => {
    let refused = 0
    FastCheck.assert(
      FastCheck.property(mutated, FastCheck.nat(9), (text, size) => {
        const expected = parseUnrounded(text)
        if (expected === undefined) refused++
        assert.deepStrictEqual(readWhole(cut(text, [size])), expected, JSON.stringify(text))
      }),
      { ...parameters, numRuns: 4000 }
    )
    assert.isAbove(refused, 1000)
  })

  it("refuses at the first character that cannot belong to JSON", () => {
    const refusedAt = (text: string) => {
      const reader = new JsonReader()
      const end = reader.take(text, 0)
      return reader.isRefused ? end : undefined
    }
    assert.strictEqual(refusedAt("{\"a\" 1}"), 5)
    assert.strictEqual(refusedAt("[1,]"), 3)
    assert.strictEqual(refusedAt("[\"a\\x\"]"), 4)
    assert.strictEqual(refusedAt("[tru]"), 4)
    assert.strictEqual(refusedAt("[\"a\nb\"]"), 3)
    assert.strictEqual(refusedAt("{\"a\":1, b"), 8)
  })

  it("leaves out what may go on: numbers, words, keys, halves of escapes and characters", () => {
    assert.deepStrictEqual(read("{\"a\":1,\"b\":1"), { a: 1 })
    assert.deepStrictEqual(read("{\"a\":1,\"b\":12,"), { a: 1, b: 12 })
    assert.deepStrictEqual(read("[true,fals"), [true])
    assert.deepStrictEqual(read("{\"a\":1,\"b\":"), { a: 1 })
    assert.deepStrictEqual(read("{\"a\":1,\"b"), { a: 1 })
    assert.deepStrictEqual(read("{\"a\":\""), { a: "" })
    assert.deepStrictEqual(read("[\"x\\"), ["x"])
    assert.deepStrictEqual(read("[\"x\\u00e"), ["x"])
    assert.deepStrictEqual(read("[\"x\\ud83d"), ["x"])
    assert.deepStrictEqual(read("[\"x\\ud83d\\ude42"), ["x🙂"])
    assert.deepStrictEqual(read("[\"x\ud83d"), ["x"])
    assert.deepStrictEqual(read("[\"x\\ud83dy"), ["x\ud83dy"])
    assert.deepStrictEqual(read("[\"\\ud83d\""), ["\ud83d"])
    assert.strictEqual(read("\"half a t"), "half a t")
    assert.isUndefined(read("12"))
    assert.isUndefined(read(""))
  })

  it("takes __proto__ for a key like any other", () => {
    for (const text of ["{\"__proto__\":{\"a\":[1", "{\"b\":{\"__proto__\":\"x"]) {
      const value = read(text)
      assert.strictEqual(Object.getPrototypeOf(value), Object.prototype)
      assert.include(JSON.stringify(value), "__proto__")
    }
    assert.isUndefined(Object(read("{\"__proto__\":{\"a\":1},\"b\":"))["a"])
  })

  it("reads any depth without the stack", () => {
    const deep = 200_000
    const reader = new JsonReader()
    assert.isTrue(reader.push("[".repeat(deep)))
    assert.strictEqual(reader.depth, deep)
    assert.isTrue(reader.push("]".repeat(deep)))
    assert.isTrue(reader.isWhole)
  })

  it("shares what is closed between snapshots, and copies what is open", () => {
    const reader = new JsonReader()
    reader.push("{\"a\":{\"b\":1},\"c\":[[2],[")
    const first = reader.snapshot()
    reader.push("3],4]")
    const second = reader.snapshot()
    assert.deepStrictEqual(first.value, { a: { b: 1 }, c: [[2], []] })
    assert.deepStrictEqual(second.value, { a: { b: 1 }, c: [[2], [3], 4] })
    assert.strictEqual(Object(first.value).a, Object(second.value).a)
    assert.strictEqual(Object(first.value).c[0], Object(second.value).c[0])
    assert.deepStrictEqual([first.open.size, second.open.size], [3, 1])
  })

  it("knows which elements of a list are closed", () => {
    const reader = new JsonReader()
    const closed = (from = 0) => reader.closedElements("a", from)
    assert.deepStrictEqual(closed(), [])
    reader.push("{\"b\":[7],\"a\":[")
    assert.deepStrictEqual(closed(), [])
    reader.push("{\"x\":1")
    assert.deepStrictEqual(closed(), [])
    reader.push("},\"two")
    assert.deepStrictEqual(closed(), [{ x: 1 }])
    reader.push("\",3")
    assert.deepStrictEqual(closed(1), ["two"])
    reader.push("]")
    assert.deepStrictEqual(closed(1), ["two", 3])
    assert.deepStrictEqual(reader.closedElements("b", 0), [7])
    assert.deepStrictEqual(reader.closedElements("none", 0), [])
    assert.deepStrictEqual(reader.closedElements(undefined, 0), [])
  })
})
