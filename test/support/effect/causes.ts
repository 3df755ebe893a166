/** Causes as tests compare them. Those of Effect 4 are lists. */
import * as Cause from "effect/Cause"

/** Whether a cause is another one, or has it as a part. */
export const sameCause = (cause: Cause.Cause<unknown>, part: Cause.Cause<unknown>): boolean =>
  Cause.contains(cause, part)
