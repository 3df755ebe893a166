/** Runs effects whose pauses take no time: the clock goes on to the next sleeper once nothing else happens. */
import * as Effect from "effect/Effect"
import { make } from "../../faults/support/clock.js"
import { withClock } from "../../support/effect/clocks.js"
import { poll } from "../../support/effect/fibers.js"
import { settled } from "../scenarios/support.js"

/** Runs an effect to its end, however long its pauses are. Returns the time of its clock then, in milliseconds. */
export const timedPatiently = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  startedAt = 0
): Effect.Effect<readonly [A, number], E, R> =>
  Effect.gen(function*() {
    const clock = make()
    clock.advance(startedAt)
    const fiber = yield* Effect.fork(withClock(clock)(effect))
    for (;;) {
      yield* settled
      const exit = yield* poll(fiber)
      if (exit._tag === "Some") return [yield* exit.value, clock.unsafeCurrentTimeMillis()] as const
      clock.skip("1 hour")
    }
  })

/** Runs an effect to its end, however long its pauses are. */
export const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.map(timedPatiently(effect), ([value]) => value)
