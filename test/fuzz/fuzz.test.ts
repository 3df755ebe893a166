/** Some thousand cases of `npm run fuzz`: no case ends in a defect, a hang or a changed prototype. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Finding, fuzz } from "./support/fuzz.js"
import { seeds } from "./support/seeds.js"

/** A finding with the seed that repeats it. */
const describeFinding = ({ input, problem, seed, target }: Finding): string => `${target} ${seed}: ${problem}\n${input}`

const cases: ReadonlyArray<readonly [target: string, what: string, count: number]> = [
  ["streams", "streams with changed bytes, events and values end as they may", 400],
  ["sequences", "sequences of events in any order end as they may", 400],
  ["bodies", "bodies with changed text and values, under any status, end as they may", 1100],
  ["toolArguments", "tool calls with any text as arguments end as they may", 120],
  ["values", "structured values in pieces, with any text, end as they do as a whole", 200],
  ["conversations", "conversations with changed or missing documents end as they may", 300]
]

describe("fuzz", () => {
  for (const [target, what, count] of cases) {
    it.live(`${count} ${what}`, () =>
      Effect.gen(function*() {
        const { findings, outcomes } = yield* fuzz("test", count, yield* seeds, [target])
        assert.deepStrictEqual(findings.map(describeFinding), [])
        const ends = Object.values(outcomes[target] ?? {})
        assert.strictEqual(ends.reduce((sum, times) => sum + times, 0), count)
        assert.isAbove(outcomes[target]?.["valid"] ?? 0, target === "sequences" ? -1 : 0)
      }), { timeout: 60_000 })
  }

  it.live("the same seed makes the same cases, another seed makes others", () =>
    Effect.gen(function*() {
      const made = yield* seeds
      const outcomes = (seed: string) => Effect.map(fuzz(seed, 40, made, ["bodies"]), (report) => report.outcomes)
      assert.deepStrictEqual(yield* outcomes("a"), yield* outcomes("a"))
      assert.notDeepEqual(yield* outcomes("a"), yield* outcomes("b"))
    }))
})
