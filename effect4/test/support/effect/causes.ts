/** Causes as tests compare them. Those of Effect 3 are trees. */
import type * as Cause from "effect/Cause"
import * as Equal from "effect/Equal"

/** Whether a cause is another one, or has it as a part. */
export const sameCause = (cause: Cause.Cause<unknown>, part: Cause.Cause<unknown>): boolean =>
  part.reasons.every((reason) =>
    cause.reasons.some((other) => Equal.equals(other, reason) || other._tag === reason._tag)
  )
