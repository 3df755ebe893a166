/** The end of a run by a guardrail. */
import * as Schema from "effect/Schema"

/**
 * A guardrail ends the run. A middleware that fails with it does not fail the run: the outcome is `blocked`.
 *
 * @since 0.1.0
 * @category errors
 */
export class Blocked extends Schema.TaggedError<Blocked>()("Blocked", {
  /** The name of the guardrail. */
  by: Schema.String,
  reason: Schema.String
}) {}
