/** The errors of those who wait for a durable run, or decide about its calls. */
import * as Schema from "effect/Schema"

/**
 * No call of that id waits in the execution, or it waits for another kind of decision. `message` says which, and what to do.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotWaitingError extends Schema.TaggedError<NotWaitingError>()("NotWaitingError", {
  message: Schema.String,
  executionId: Schema.String,
  callId: Schema.String
}) {}

/**
 * The execution was interrupted, so it has no result.
 *
 * @since 0.1.0
 * @category errors
 */
export class RunInterruptedError extends Schema.TaggedError<RunInterruptedError>()("RunInterruptedError", {
  message: Schema.String,
  executionId: Schema.String
}) {}
