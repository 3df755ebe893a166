/** A few thousand of the cases that `npm run fuzz` has without end: none ends in a defect, a hang or a changed prototype. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Finding, fuzz } from "./support/fuzz.js"
import { seeds } from "./support/seeds.js"

/** What it takes to see a finding again. */
const told = ({ input, problem, seed, target }: Finding): string => `${target} ${seed}: ${problem}\n${input}`

const cases: ReadonlyArray<readonly [target: string, what: string, count: number]> = [
  ["streams", "streams whose bytes, events and values changed", 400],
  ["sequences", "events in any order with any values", 400],
  ["bodies", "answers whose text and values changed, under any status", 1100],
  ["toolArguments", "calls of tools with any text for arguments", 120],
  ["conversations", "conversations whose documents changed or went missing", 300]
]

describe("fuzz", () => {
  for (const [target, what, count] of cases) {
    it.live(`${count} ${what}`, () =>
      Effect.gen(function*() {
        const { findings, outcomes } = yield* fuzz("test", count, yield* seeds, [target])
        assert.deepStrictEqual(findings.map(told), [])
        const ends = Object.values(outcomes[target] ?? {})
        assert.strictEqual(ends.reduce((sum, times) => sum + times, 0), count)
        assert.isAbove(outcomes[target]?.["valid"] ?? 0, target === "sequences" ? -1 : 0)
      }), { timeout: 60_000 })
  }

  it.live("the same seed makes the same cases, and another makes others", () =>
    Effect.gen(function*() {
      const made = yield* seeds
      const outcomes = (seed: string) => Effect.map(fuzz(seed, 40, made, ["bodies"]), (report) => report.outcomes)
      assert.deepStrictEqual(yield* outcomes("a"), yield* outcomes("a"))
      assert.notDeepEqual(yield* outcomes("a"), yield* outcomes("b"))
    }))
})
