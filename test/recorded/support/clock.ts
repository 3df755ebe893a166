import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

/** A clock that stands still at the time of a recording, so that its dates are as far in the future as they were. */
export const standingAt = (millis: number): Clock.Clock => {
  const live = Clock.make()
  const nanos = BigInt(millis) * 1_000_000n
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => millis,
    unsafeCurrentTimeNanos: () => nanos,
    currentTimeMillis: Effect.succeed(millis),
    currentTimeNanos: Effect.succeed(nanos),
    sleep: (duration) => live.sleep(duration)
  }
}
