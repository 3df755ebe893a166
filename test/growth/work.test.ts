/** The counter finds work that grows with the square of its input, and accepts linear work. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { assertLinear, workOf } from "./work.js"

const numbers = (size: number): ReadonlyArray<number> => Array.from({ length: size }, (_, index) => index)

/** Runs a step for each number, with all numbers before it. */
const again = (step: (before: ReadonlyArray<number>, number: number) => unknown) => (size: number) =>
  Effect.sync(() => {
    const before: Array<number> = []
    for (let number = 0; number < size; number++) {
      step(before, number)
      before.push(number)
    }
  })

const quadratic: { readonly [name: string]: (before: ReadonlyArray<number>, number: number) => unknown } = {
  "copies by spreading": (before, number) => [...before, number],
  "copies by concat": (before, number) => before.concat(number),
  "copies by slice": (before) => before.slice(),
  "walks": (before) => {
    for (const _ of before);
  },
  "searches": (before, number) => before.find((other) => other === number),
  "looks for": (before, number) => before.includes(number),
  "makes sets": (before) => new Set(before),
  "copies sets": (before) => [...new Set(before)],
  "moves": (before) => [...before].splice(0, 1),
  "writes JSON": (before) => JSON.stringify(before),
  "encodes": (before) => new TextEncoder().encode(before.join("")),
  "copies bytes": (before) => new Uint8Array(before.length).set(before)
}

describe("the counter of work", () => {
  for (const [name, step] of Object.entries(quadratic)) {
    it.effect(`finds a step that ${name}`, () =>
      Effect.gen(function*() {
        const exit = yield* Effect.exit(Effect.sandbox(assertLinear(100, again(step))))
        assert.isTrue(Exit.isFailure(exit))
      }))
  }

  it.effect("accepts linear work", () =>
    assertLinear(100, (size) =>
      Effect.sync(() => {
        const [first] = numbers(size)
        return JSON.stringify(numbers(size).map((number) => number + (first ?? 0)))
      })))

  it.effect("counts the same each time", () =>
    Effect.gen(function*() {
      const once = yield* workOf(again((before) => [...before])(50))
      assert.strictEqual(yield* workOf(again((before) => [...before])(50)), once)
      assert.strictEqual(once, 50 * 51 / 2)
    }))

  it.effect("restores every method", () =>
    Effect.gen(function*() {
      const before = [Array.prototype.map, JSON.stringify, TextDecoder.prototype.decode, Uint8Array.prototype.set]
      yield* Effect.exit(workOf(Effect.fail("no")))
      assert.deepStrictEqual(
        [Array.prototype.map, JSON.stringify, TextDecoder.prototype.decode, Uint8Array.prototype.set],
        before
      )
      assert.isFalse(Object.hasOwn(Uint8Array.prototype, "set"))
    }))
})
