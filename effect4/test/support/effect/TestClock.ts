/**
 * The `TestClock` of Effect 4, whose time moves on only when no fiber runs any more, as in Effect 3: a fiber that reads
 * a body of many pieces may need several turns before it sleeps.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/testing/TestClock"
import { settled } from "../settled.js"

export * from "effect/testing/TestClock"

export const adjust = (duration: Duration.Input): Effect.Effect<void> =>
  Effect.andThen(settled, Effect.andThen(TestClock.adjust(duration), settled))

export const setTime = (timestamp: number): Effect.Effect<void> =>
  Effect.andThen(settled, Effect.andThen(TestClock.setTime(timestamp), settled))

/**
 * A test whose clock has been moved. Otherwise the clock prepares to warn of a test that does not move it, and that
 * interrupts the first sleep of a fiber that was interrupted before, as in a finalizer.
 */
export const withoutWarning = <A, E, R>(test: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.andThen(TestClock.adjust(0), test)

/** When the fibers that sleep wake up, by the clock that they sleep by. */
const wakes = new WeakMap<Clock.Clock, Map<object, number>>()

const watched = (clock: Clock.Clock): Clock.Clock => {
  const sleeping = new Map<object, number>()
  const watching: Clock.Clock = Object.create(clock, {
    sleep: {
      value: (duration: Duration.Duration) =>
        Effect.suspend(() => {
          const sleeper = {}
          sleeping.set(sleeper, clock.currentTimeMillisUnsafe() + Duration.toMillis(duration))
          return Effect.ensuring(clock.sleep(duration), Effect.sync(() => sleeping.delete(sleeper)))
        })
    }
  })
  wakes.set(watching, sleeping)
  return watching
}

export const layer = (): Layer.Layer<never> =>
  Layer.effect(Clock.Clock, withoutWarning(Effect.map(Effect.service(Clock.Clock), watched))).pipe(
    Layer.provide(TestClock.layer())
  )

/** When the sleeping fibers of the clock of a `layer` wake up. */
export const sleeps = (): Effect.Effect<ReadonlyArray<number>> =>
  Clock.clockWith((clock) => Effect.sync(() => [...wakes.get(clock)?.values() ?? []]))
