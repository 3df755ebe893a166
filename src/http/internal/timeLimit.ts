import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import { makeAlarm } from "./alarm.js"

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
