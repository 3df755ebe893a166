/**
 * A clock that stands still until a test moves it. It moves at once, where `TestClock` first waits for all fibers to
 * be suspended: here the tests know when both ends of the connections are at rest.
 */
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { clockAt } from "../../support/effect/clocks.js"

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

export interface StoppedClock extends Clock.Clock {
  readonly advance: (duration: Duration.DurationInput) => void
  /** Goes on to when the next sleeper wakes up, if that is soon. */
  readonly skip: (most: Duration.DurationInput) => void
}

export const make = (): StoppedClock => {
  let now = 0
  const sleepers = new Set<Sleeper>()
  const sleep = (duration: Duration.Duration) =>
    Effect.async<void>((resume) => {
      const sleeper = { at: now + Duration.toMillis(duration), wake: () => resume(Effect.void) }
      if (sleeper.at <= now) return resume(Effect.void)
      sleepers.add(sleeper)
      return Effect.sync(() => void sleepers.delete(sleeper))
    })
  const goTo = (time: number) => {
    now = time
    for (const sleeper of sleepers) {
      if (sleeper.at > now) continue
      sleepers.delete(sleeper)
      sleeper.wake()
    }
  }
  return {
    ...clockAt(() => now, sleep),
    advance: (duration) => goTo(now + Duration.toMillis(duration)),
    skip: (most) => goTo(Math.min(now + Duration.toMillis(most), ...Array.from(sleepers, ({ at }) => at)))
  }
}
