import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"

/**
 * Fails a pull that takes longer than `limit` milliseconds. One fiber sleeps for all pulls and looks at the clock when
 * it wakes up, so that a pull that is answered in time arms no timer. Time in which nobody pulls does not count.
 *
 * @internal
 */
export const watch = <A, E, E2>(
  pull: Effect.Effect<A, E>,
  limit: number,
  onTimeout: Effect.Effect<never, E2>
): Effect.Effect<Effect.Effect<A, E | E2>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Clock.clockWith(Effect.succeed)
    const runFork = Runtime.runFork(yield* Effect.runtime<never>())
    let since = 0
    let giveUp: (() => void) | undefined

    const patrol: Effect.Effect<void> = Effect.suspend(() => {
      const left = giveUp === undefined ? limit : since + limit - clock.unsafeCurrentTimeMillis()
      if (left > 0) return Effect.zipRight(clock.sleep(Duration.millis(left)), patrol)
      giveUp?.()
      return Effect.void
    })
    // Where nothing may interrupt, as in a finalizer, closing the scope would wait for its end
    yield* Effect.forkScoped(Effect.interruptible(patrol))

    return Effect.async<A, E | E2>((resume) => {
      since = clock.unsafeCurrentTimeMillis()
      const fiber = runFork(Effect.interruptible(pull))
      giveUp = () => {
        giveUp = undefined
        resume(Effect.zipRight(Fiber.interruptFork(fiber), onTimeout))
      }
      fiber.addObserver((exit) => {
        giveUp = undefined
        resume(exit)
      })
      return Fiber.interrupt(fiber)
    })
  })
