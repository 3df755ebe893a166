/** Clocks of tests. Those of Effect 3 have other members, and a function of their own provides them. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** A clock that stands at `millis()`. */
export const clockAt = (
  millis: () => number,
  sleep: (duration: Duration.Duration) => Effect.Effect<void>
): Clock.Clock => {
  const nanos = () => BigInt(Math.floor(millis())) * 1_000_000n
  return {
    currentTimeMillisUnsafe: millis,
    currentTimeNanosUnsafe: nanos,
    monotonicTimeNanosUnsafe: nanos,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanos: Effect.sync(nanos),
    sleep
  }
}

/** Sleeps in real time. */
export const liveSleep = (duration: Duration.Duration): Effect.Effect<void> =>
  Context.get(Context.empty(), Clock.Clock).sleep(duration)

export const withClock = (clock: Clock.Clock): <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> =>
  Effect.provideService(Clock.Clock, clock)
