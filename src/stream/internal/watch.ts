import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Ask } from "../../http/internal/body.js"

/**
 * Fails what is asked for where the answer takes longer than `limit` milliseconds. One fiber sleeps for all of them and
 * looks at the clock when it wakes up, so that an answer in time costs no timer. Time in which nobody asks does not count.
 *
 * @internal
 */
export const watch = <A, E, E2>(
  ask: Ask<A, E>,
  limit: number,
  onTimeout: Effect.Effect<never, E2>
): Effect.Effect<Effect.Effect<A, E | E2>, never, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Clock.clockWith(Effect.succeed)
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

    return Effect.async((resume) => {
      since = clock.unsafeCurrentTimeMillis()
      let stop = Effect.void
      giveUp = () => {
        giveUp = undefined
        resume(Effect.zipRight(Effect.forkDaemon(stop), onTimeout))
      }
      stop = ask((answer) => {
        giveUp = undefined
        resume(answer)
      })
      return stop
    })
  })
