import type * as Clock from "effect/Clock"
import { clockAt, liveSleep } from "../../support/effect/clocks.js"

/** A clock that stands still at the time of a recording, so that its dates are as far in the future as they were. */
export const standingAt = (millis: number): Clock.Clock => clockAt(() => millis, liveSleep)
