import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Schedule from "effect/Schedule"
import * as ScheduleDecision from "effect/ScheduleDecision"
import * as ScheduleIntervals from "effect/ScheduleIntervals"

/**
 * Asks a schedule how long to wait after each failure, and leaves the waiting to the caller; `undefined` for no more.
 *
 * @internal
 */
export const delays = <E>(
  schedule: Schedule.Schedule<unknown, E> | undefined
): (error: E) => Effect.Effect<Duration.Duration | undefined> => {
  if (schedule === undefined) return () => Effect.succeed(undefined)
  let state: unknown = schedule.initial
  return (error) =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const [next, _, decision] = yield* schedule.step(now, error, state)
      state = next
      return ScheduleDecision.isContinue(decision)
        ? Duration.millis(Math.max(0, ScheduleIntervals.start(decision.intervals) - now))
        : undefined
    })
}
