/** Random cases, many at the same time, each with its own clock, because a clock waits a lot. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"

/** `AGENT_MODEL_RUNS` and `AGENT_MODEL_SEED` set the number and the seed of the cases. */
const numRuns = Number(process.env["AGENT_MODEL_RUNS"] ?? 150)
const seed = Number(process.env["AGENT_MODEL_SEED"] ?? 20_261)

/** Tests that no case dies. The first one that does is reduced to a minimum. */
export const holdsForSamples = <Case>(
  title: string,
  any: FastCheck.Arbitrary<Case>,
  tell: (world: Case) => Effect.Effect<void>
): void =>
  it(title, { timeout: 300_000 + numRuns * 2000 }, async () => {
    const cases = FastCheck.sample(any, { numRuns, seed })
    const ended = await Effect.runPromise(
      Effect.forEach(cases, (world) => Effect.exit(tell(world)), { concurrency: 16 })
    )
    const failed = ended.findIndex(Exit.isFailure)
    if (failed === -1) return
    await FastCheck.assert(
      FastCheck.asyncProperty(any, (world) => Effect.runPromise(tell(world))),
      { numRuns: 1, seed, path: `${failed}`, interruptAfterTimeLimit: 40_000 }
    )
    assert.fail(`case ${failed} of the seed ${seed} failed, but not again by itself: ${ended[failed]}`)
  })
