/**
 * Counts work instead of measuring time: elements that are read from arrays, maps and sets, callbacks of array methods,
 * elements and bytes that are copied or moved, characters of JSON.
 */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"

/** How much work a call of a method was. */
type Measure = (self: unknown, args: ReadonlyArray<unknown>, result: unknown) => number

type Method = (this: unknown, ...args: Array<unknown>) => unknown

const isMethod = (value: unknown): value is Method => typeof value === "function"

interface Patch {
  readonly target: object
  readonly name: string
  readonly replacement: (original: Method, count: (work: number) => void) => Method
}

const measured = (target: object, names: ReadonlyArray<string>, measure: Measure): ReadonlyArray<Patch> =>
  names.map((name) => ({
    target,
    name,
    replacement: (original, count) =>
      function(this: unknown, ...args: Array<unknown>) {
        const result: unknown = Reflect.apply(original, this, args)
        count(measure(this, args, result))
        return result
      }
  }))

/** Methods with a callback: each call of it counts. */
const walking = (target: object, names: ReadonlyArray<string>): ReadonlyArray<Patch> =>
  names.map((name) => ({
    target,
    name,
    replacement: (original, count) =>
      function(this: unknown, ...args: Array<unknown>) {
        const [callback] = args
        if (isMethod(callback)) {
          args[0] = function(this: unknown, ...inner: Array<unknown>) {
            count(1)
            return Reflect.apply(callback, this, inner)
          }
        }
        return Reflect.apply(original, this, args)
      }
  }))

const lengthOf = (value: unknown): number => {
  const length: unknown = typeof value === "string" ? value.length : Reflect.get(Object(value), "length")
  return typeof length === "number" ? length : 0
}

const ofResult: Measure = (_, __, result) => lengthOf(result)
const ofSelf: Measure = (self) => lengthOf(self)
const ofFirst: Measure = (_, args) => lengthOf(args[0])

const prototypeOf = (iterator: Iterator<unknown>): object => Object.getPrototypeOf(iterator)

const patches: ReadonlyArray<Patch> = [
  ...[[].values(), new Map().entries(), new Set().values()].flatMap((iterator) =>
    measured(prototypeOf(iterator), ["next"], () => 1)
  ),
  ...walking(Array.prototype, [
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "map",
    "reduce",
    "reduceRight",
    "some",
    "sort",
    "toSorted"
  ]),
  ...measured(Array.prototype, ["concat", "flat", "slice", "toReversed", "toSpliced"], ofResult),
  ...measured(Array.prototype, ["includes", "indexOf", "join", "shift", "unshift"], ofSelf),
  ...measured(Array.prototype, ["splice"], (self, [from]) => Math.max(0, lengthOf(self) - Number(from))),
  ...measured(Object, ["entries", "keys", "values"], ofResult),
  ...measured(Uint8Array.prototype, ["set"], ofFirst)
]

/** What each byte costs that is sent or received. */
const bytes: ReadonlyArray<Patch> = [
  ...measured(TextDecoder.prototype, ["decode"], ofResult),
  ...measured(TextEncoder.prototype, ["encode"], ofResult),
  ...measured(JSON, ["parse"], ofFirst),
  ...measured(JSON, ["stringify"], ofResult)
]

/** What it costs to look into a text that has grown by concatenation: its parts are copied. */
const texts: ReadonlyArray<Patch> = measured(
  String.prototype,
  ["charCodeAt", "charAt", "at", "codePointAt", "slice", "substring", "startsWith", "endsWith", "includes", "trim"],
  ofSelf
)

/** Runs an effect and returns how much work it did, with or without that of bytes and characters. */
export const workOf = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  withBytes = true,
  withTexts = false
): Effect.Effect<number, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      let work = 0
      const count = (more: number) => {
        work += more
      }
      const undo = [...patches, ...(withBytes ? bytes : []), ...(withTexts ? texts : [])].map(
        ({ name, replacement, target }) => {
          const original = Object.getOwnPropertyDescriptor(target, name)
          const value: unknown = Reflect.get(target, name)
          if (!isMethod(value)) throw new Error(`work: no method ${name} to count`)
          Object.defineProperty(target, name, {
            configurable: true,
            writable: true,
            value: replacement(value, count)
          })
          return () =>
            original === undefined
              ? Reflect.deleteProperty(target, name)
              : Object.defineProperty(target, name, original)
        }
      )
      return { undo, work: () => work }
    }),
    ({ work }) => Effect.map(effect, work),
    ({ undo }) => Effect.sync(() => undo.forEach((restore) => restore()))
  )

/**
 * Checks that work grows in proportion to the size: four times the size does at most five times the work. Quadratic work
 * would be sixteen times as much. `withTexts` counts looks into texts, too: each as long as its text.
 */
export const assertLinear = <E, R>(
  size: number,
  effect: (size: number) => Effect.Effect<unknown, E, R>,
  withTexts = false
): Effect.Effect<void, E, R> =>
  Effect.gen(function*() {
    // The first run does not count, because it builds what later runs use again
    yield* effect(2)
    const once = yield* workOf(effect(size), true, withTexts)
    const fourfold = yield* workOf(effect(4 * size), true, withTexts)
    assert.isAbove(once, size, "the work was not counted")
    assert.isBelow(fourfold / once, 5, `${once} for ${size}, ${fourfold} for ${4 * size}`)
  })

/**
 * Checks that twice the turns do at most 2.2 times the work, apart from that of bytes and of the items of each request:
 * each request of a run carries all that was said before. `effect` returns how many items all requests carried, and
 * `perItem` is what it costs to carry one of them.
 */
export const assertLinearInTurns = <E, R>(
  turns: number,
  perItem: number,
  effect: (turns: number) => Effect.Effect<number, E, R>
): Effect.Effect<void, E, R> =>
  Effect.gen(function*() {
    yield* effect(2)
    const measure = (turns: number) => {
      let sent = 0
      const counted = Effect.map(effect(turns), (items) => {
        sent = items
      })
      return Effect.map(workOf(counted, false), (work) => work - sent * perItem)
    }
    const once = yield* measure(turns)
    const twice = yield* measure(2 * turns)
    assert.isAbove(once, turns, "the work was not counted")
    assert.isBelow(twice / once, 2.2, `${once} for ${turns}, ${twice} for ${2 * turns}`)
  })
