/** Random conversations of a random model with a random user, compared with the reference of the loop. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import { anyCase } from "./generators.js"
import { tellCase } from "./story.js"

/** `AGENT_MODEL_RUNS` and `AGENT_MODEL_SEED` set the number and the seed of the cases. */
const numRuns = Number(process.env["AGENT_MODEL_RUNS"] ?? 150)
const seed = Number(process.env["AGENT_MODEL_SEED"] ?? 20_261)

/** The exits of the cases. Many run at the same time, each with its own clock, because a clock waits a lot. */
const exits = Effect.forEach(
  FastCheck.sample(anyCase, { numRuns, seed }),
  (world) => Effect.exit(tellCase(world)),
  { concurrency: 16 }
)

describe("the loop, for any behavior of model and user", () => {
  it("keeps the invariants", { timeout: 300_000 + numRuns * 2000 }, async () => {
    const ended = await Effect.runPromise(exits)
    const failed = ended.findIndex(Exit.isFailure)
    if (failed === -1) return
    await FastCheck.assert(
      FastCheck.asyncProperty(anyCase, (world) => Effect.runPromise(tellCase(world))),
      { numRuns: 1, seed, path: `${failed}`, interruptAfterTimeLimit: 40_000 }
    )
    assert.fail(`case ${failed} of the seed ${seed} failed, but not again by itself: ${ended[failed]}`)
  })
})
