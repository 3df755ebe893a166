import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"

/**
 * As `Effect.timeoutFail`, but holds where nothing may interrupt too, as in a finalizer, where the limit alone can end
 * the effect. And where it is interrupted, it is over when the effect is, not before.
 *
 * @internal
 */
export const timeLimit = <A, E, R, E2>(
  effect: Effect.Effect<A, E, R>,
  duration: Duration.DurationInput,
  onTimeout: () => E2
): Effect.Effect<A, E | E2, R> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      // Daemons, as an interruption is told to the children even of a fiber that does not yet heed it
      const worker = yield* Effect.forkDaemon(Effect.interruptible(effect))
      let late = false
      const giveUp = Effect.suspend(() => {
        late = true
        return Fiber.interruptFork(worker)
      })
      const timer = yield* Effect.forkDaemon(Effect.interruptible(Effect.delay(giveUp, duration)))
      const exit = yield* Effect.onInterrupt(restore(Fiber.await(worker)), () => Fiber.interrupt(worker)).pipe(
        Effect.ensuring(Fiber.interrupt(timer))
      )
      yield* Fiber.inheritAll(worker)
      return yield* late && Exit.isInterrupted(exit) ? Effect.fail(onTimeout()) : exit
    })
  )
