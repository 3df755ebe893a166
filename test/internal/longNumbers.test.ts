import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { LongNumber, parseExactJson, parseUnrounded } from "../../src/internal/longNumbers.js"

const read = (text: string): unknown => parseExactJson(text)?.value

/** JSON text of a value in which a bigint is a number. */
const textOf = (value: unknown): string => {
  if (typeof value === "bigint") return String(value)
  if (Array.isArray(value)) return `[${value.map(textOf).join(", ")}]`
  return typeof value === "object" && value !== null
    ? `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${textOf(item)}`).join(",")}}`
    : JSON.stringify(value)
}

/** The value with each number that is long as a bigint again. */
const withBigints = (value: unknown): unknown => {
  if (value instanceof LongNumber) return value.integer
  if (Array.isArray(value)) return value.map(withBigints)
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withBigints(item)]))
    : value
}

const long = FastCheck.bigInt({ min: 2n ** 53n, max: 2n ** 200n }).chain((n) => FastCheck.constantFrom(n, -n))
const keys = FastCheck.oneof(
  FastCheck.constantFrom("__proto__", "constructor", "12345678901234567890"),
  FastCheck.string()
)

const values = FastCheck.letrec<{ value: unknown }>((tie) => ({
  value: FastCheck.oneof(
    { maxDepth: 4 },
    long,
    FastCheck.integer(),
    FastCheck.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    FastCheck.constantFrom(null, true, "12345678901234567890", "a \\\" 12345678901234567890 \\"),
    FastCheck.string(),
    FastCheck.array(tie("value"), { maxLength: 4 }),
    FastCheck.dictionary(keys, tie("value"), { maxKeys: 4 })
  )
})).value

describe("parseExactJson", () => {
  it("reads every integer exactly, and everything else as JSON.parse does", () =>
    FastCheck.assert(
      FastCheck.property(values, (value) => {
        const text = textOf(value)
        assert.strictEqual(textOf(withBigints(read(text))), textOf(withBigints(value)))
        if (!/\d{16}|e/.test(text)) assert.deepStrictEqual(read(text), JSON.parse(text))
      }),
      { numRuns: 500 }
    ))

  for (
    const text of ["5", "-0", "0.1", "1.50", "9007199254740991", "6.022e23", "1e21", "0.30000000000000004", "5e-324"]
  ) {
    it(`leaves ${text} a number`, () => assert.strictEqual(read(text), Number(text)))
  }

  const inexact = [
    "9007199254740993",
    "-2512292042121000001",
    "2512292042121000000",
    "12345678901234567.89",
    "0.1234567890123456789",
    "1e999",
    "-1e400",
    "1e-999",
    `1${"0".repeat(400)}`
  ]
  for (const text of inexact) {
    it(`does not round ${text.slice(0, 30)}`, () => {
      const value = read(`{"a": [${text}]}`)
      assert.deepStrictEqual(value, { a: [new LongNumber(text)] })
      assert.deepStrictEqual(parseUnrounded(`{"a": [${text}]}`), { value: { a: [text] } })
    })
  }

  it("keeps an integer that a number holds a number, where nothing else is wanted", () => {
    assert.deepStrictEqual(read("9007199254740994"), new LongNumber("9007199254740994"))
    assert.deepStrictEqual(parseUnrounded("[9007199254740994]"), { value: [9007199254740994] })
  })

  it("pollutes no prototype", () => {
    const value = read("{\"__proto__\": {\"evil\": 9007199254740993}, \"a\": 1}")
    assert.deepStrictEqual(Object.keys(Object(value)), ["__proto__", "a"])
    assert.strictEqual(Reflect.get(Object(value), "evil"), undefined)
    assert.deepStrictEqual(
      JSON.stringify(parseUnrounded("{\"__proto__\": 9007199254740993}")?.value),
      "{\"__proto__\":\"9007199254740993\"}"
    )
  })

  it("reads deep values and refuses what is not JSON", () => {
    const deep = `${"[".repeat(100_000)}9007199254740993${"]".repeat(100_000)}`
    assert.isTrue(Array.isArray(read(deep)))
    assert.isTrue(Array.isArray(parseUnrounded(deep)?.value))
    for (const text of ["", "9007199254740993,", "{\"a\": 09007199254740993}", "NaN", "{9007199254740993: 1}"]) {
      assert.strictEqual(parseExactJson(text), undefined)
    }
  })
})
