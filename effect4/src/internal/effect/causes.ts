/** Causes of failures. Effect 3 has trees of them, Effect 4 lists. */
import * as Cause from "effect/Cause"

/**
 * The defects and interruptions of a cause.
 *
 * @internal
 */
export const withoutFailures = (cause: Cause.Cause<unknown>): Cause.Cause<never> =>
  Cause.fromReasons(cause.reasons.filter((reason) => !Cause.isFailReason(reason)))
