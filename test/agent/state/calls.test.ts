import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { callOf, pendingCall } from "../../../src/agent/internal/state/calls.js"
import { call } from "../support/logs.js"

const callWith = (text: string) => {
  const item = call("a", text)
  return item.type === "function_call" ? callOf(item, false) : assert.fail("no call")
}

/** Texts with many brackets, as code and drawings have. */
const bracketed = FastCheck.tuple(FastCheck.constantFrom("[", "{", "[[", "]", "\\\"[", "([{"), FastCheck.nat(600)).map(
  ([bracket, times]) => bracket.repeat(times)
)

/** Without numbers that JavaScript may round, which are shown as texts. */
const anyArguments = FastCheck.dictionary(
  FastCheck.string({ maxLength: 5 }),
  FastCheck.oneof(bracketed, FastCheck.jsonValue({ maxDepth: 3 }))
).map((value) => JSON.stringify(value, (_, part) => typeof part === "number" ? Math.trunc(part % 1_000_000) : part))

const nested = (depth: number) => `{"to":${"[".repeat(depth)}${"]".repeat(depth)}}`

describe("the arguments of a call", () => {
  it("are shown to those who decide about it, whatever they are", () =>
    FastCheck.assert(FastCheck.property(anyArguments, (text) => {
      const read = callWith(text)
      assert.deepStrictEqual<unknown>(pendingCall(1, read, "approval").arguments, JSON.parse(text))
      assert.deepStrictEqual<unknown>(read.arguments, JSON.parse(text))
    })))

  it("are shown to those who decide about it, however deeply they are nested", () => {
    for (const depth of [400, 501, 5000]) {
      const shown = pendingCall(1, callWith(nested(depth)), "approval").arguments
      let inner = Reflect.get(Object(shown), "to")
      let found = 0
      for (; Array.isArray(inner); inner = inner[0]) found++
      assert.strictEqual(found, depth)
    }
  })

  it("are left as text in a step where JSON could not write them again", () => {
    const { arguments: parsed, argumentsText } = callWith(nested(50_000))
    assert.isUndefined(parsed)
    assert.strictEqual(argumentsText, nested(50_000))
  })
})
