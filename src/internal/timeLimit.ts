import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DefaultServices from "effect/DefaultServices"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Runtime from "effect/Runtime"

/**
 * As `Effect.timeoutFail`, but holds where nothing may interrupt too, as in a finalizer, where the limit alone can end
 * the effect. Where it is interrupted, it is over when the effect is, not before. What the effect sets on its fiber stays
 * there.
 *
 * @internal
 */
export const timeLimit = <A, E, R, E2>(
  effect: Effect.Effect<A, E, R>,
  duration: Duration.DurationInput,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(makeAlarm, (alarm) =>
      // A daemon, as an interruption is told to the children even of a fiber that does not yet heed it
      Effect.flatMap(Effect.forkDaemon(Effect.interruptible(effect)), (worker) => {
        let late = false
        const callOff = alarm(Duration.toMillis(duration), () => {
          late = true
          worker.unsafeInterruptAsFork(FiberId.none)
        })
        const outcome = Effect.async((resume: (outcome: Effect.Effect<A, E | E2>) => void) => {
          worker.addObserver((exit) => {
            callOff()
            resume(late && Exit.isInterrupted(exit) ? Effect.failSync(onTimeout) : exit)
          })
        })
        return Effect.onInterrupt(restore(outcome), () => Fiber.interrupt(worker))
      }))
  )

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
