import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"

/**
 * Rings after so many milliseconds, unless it is called off before: by what it gives back.
 *
 * @internal
 */
export type Alarm = (millis: number, ring: () => void) => () => void

/**
 * The alarm of the clock. A timer costs a fraction of a fiber that sleeps, which is for clocks that are not the runtime's
 * own, such as those of tests.
 *
 * @internal
 */
export const makeAlarm: Effect.Effect<Alarm> = Effect.clockWith((clock) =>
  clock === Context.get(DefaultServices.liveServices, Clock.Clock)
    ? Effect.succeed(byTimer)
    : Effect.map(Effect.runtime<never>(), (runtime) => (millis, ring) => {
      const sleeper = Runtime.runFork(runtime)(
        Effect.interruptible(Effect.map(clock.sleep(Duration.millis(millis)), ring))
      )
      return () => sleeper.unsafeInterruptAsFork(FiberId.none)
    })
)

/** What a timer can count, in milliseconds: 24 days. */
const longest = 2 ** 31 - 1

const byTimer: Alarm = (millis, ring) => {
  const timer = setTimeout(ring, Math.min(millis, longest))
  return () => clearTimeout(timer)
}
