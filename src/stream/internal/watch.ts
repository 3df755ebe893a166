import type * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import { constVoid } from "effect/Function"
import * as Scope from "effect/Scope"
import type { Ask } from "../../http/kernel.js"
import { makeAlarm } from "../../internal/timeLimit.js"

/**
 * How many milliseconds something may take, and what comes of it where it takes longer.
 *
 * @internal
 */
export interface Limit<E> {
  readonly millis: number
  readonly onTimeout: Effect.Effect<never, E>
  /** Since when, where that is not when the answer was asked for. */
  readonly since?: (() => number) | undefined
}

/**
 * Fails what is asked for where one of the limits is over. One alarm is for all of them, and looks at the clock when
 * it rings, so that an answer in time costs no timer. Time in which nobody asks does not count.
 *
 * @internal
 */
export const watch = <A, E, E2>(
  ask: Ask<A, E>,
  limits: Arr.NonEmptyReadonlyArray<Limit<E2>>,
  scope: Scope.Scope
): Effect.Effect<Effect.Effect<A, E | E2>> =>
  Effect.gen(function*() {
    const clock = yield* Effect.clock
    const alarm = yield* makeAlarm
    let asked = 0
    let giveUp: ((limit: Limit<E2>) => void) | undefined

    const end = ({ millis, since }: Limit<E2>): number => (since === undefined ? asked : since()) + millis
    const firstBy = (place: (limit: Limit<E2>) => number): Limit<E2> =>
      limits.reduce((first, limit) => place(limit) < place(first) ? limit : first)
    const shortest = firstBy(({ millis }) => millis).millis

    let callOff = constVoid
    const patrol = (): void => {
      const next = firstBy(end)
      const left = giveUp === undefined ? shortest : end(next) - clock.unsafeCurrentTimeMillis()
      if (left > 0) callOff = alarm(left, patrol)
      else giveUp?.(next)
    }
    patrol()
    yield* Scope.addFinalizer(scope, Effect.sync(() => callOff()))

    return Effect.async((resume) => {
      asked = clock.unsafeCurrentTimeMillis()
      let stop: Effect.Effect<void> | void = undefined
      giveUp = ({ onTimeout }) => {
        giveUp = undefined
        resume(stop === undefined ? onTimeout : Effect.zipRight(Effect.forkDaemon(stop), onTimeout))
      }
      stop = ask((answer) => {
        giveUp = undefined
        resume(answer)
      })
      return stop
    })
  })
