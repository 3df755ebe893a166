/** Clocks of tests. Those of Effect 4 have other members, and are provided as a service. */
import * as Clock from "effect/Clock"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** A clock that stands at `millis()`. */
export const clockAt = (
  millis: () => number,
  sleep: (duration: Duration.Duration) => Effect.Effect<void>
): Clock.Clock => {
  const nanos = () => BigInt(Math.floor(millis())) * 1_000_000n
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: millis,
    unsafeCurrentTimeNanos: nanos,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    sleep
  }
}

/** Sleeps in real time. */
export const liveSleep: (duration: Duration.Duration) => Effect.Effect<void> = Clock.make().sleep

export const withClock = (clock: Clock.Clock): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> =>
  Effect.withClock(clock)
