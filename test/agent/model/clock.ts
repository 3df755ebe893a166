/** The clock of a case. */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import { poll, turnsToRest } from "../../support/effect/fibers.js"

/** No run works longer, whatever its store and its reader do, in milliseconds. */
const longest = 3_600_000

/** How long an effect takes that never ends by itself as long as a run works, in milliseconds. */
export const forever = 2 * longest

const turn = Effect.async<void>((resume) => {
  const immediate = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(immediate))
})

/** Lets all fibers run that can run now. */
export const rest = Effect.repeat(turn, { times: turnsToRest })

/**
 * Moves the clock from one moment at which something happens to the next, until the fibers are over. `atRest` runs when
 * no fiber can go on before the next moment.
 */
export const elapse = (
  fibers: ReadonlyArray<Fiber.RuntimeFiber<unknown, unknown>>,
  atRest: () => void = () => {}
): Effect.Effect<void> =>
  Effect.gen(function*() {
    const end = longest + (yield* Clock.currentTimeMillis)
    while (true) {
      yield* rest
      atRest()
      const exits = yield* Effect.forEach(fibers, poll)
      if (exits.every(Option.isSome)) return
      const now = yield* Clock.currentTimeMillis
      const next = Math.min(...Chunk.toReadonlyArray(yield* TestClock.sleeps()).filter((at) => at > now))
      if (next - now > 60_000 || next > end) return yield* Effect.die(new Error(`a run hangs at ${now} ms`))
      yield* TestClock.setTime(next)
    }
  })
