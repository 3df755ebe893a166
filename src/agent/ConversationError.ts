/**
 * Every way a stored conversation can fail. None of the errors holds anything of what was said in it.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * Somebody else appended: `version` is not the newest any more. Nothing was written.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConversationConflictError
  extends Schema.TaggedError<ConversationConflictError>()("ConversationConflictError", {
    message: Schema.String,
    id: Schema.String,
    version: Schema.Number
  })
{}

/**
 * The run `run` holds the conversation until `until` (milliseconds since 1970), or for longer if it goes on.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConversationBusyError extends Schema.TaggedError<ConversationBusyError>()("ConversationBusyError", {
  message: Schema.String,
  id: Schema.String,
  run: Schema.String,
  until: Schema.Number
}) {}

/**
 * What is stored has a format of another version than those that this library reads.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConversationVersionError
  extends Schema.TaggedError<ConversationVersionError>()("ConversationVersionError", {
    message: Schema.String,
    id: Schema.String,
    found: Schema.Number
  })
{}

/**
 * What is stored is not of this library, or not whole. Each of the `issues` has a path that begins with the number of
 * the append.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConversationDamagedError
  extends Schema.TaggedError<ConversationDamagedError>()("ConversationDamagedError", {
    message: Schema.String,
    id: Schema.String,
    issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String }))
  })
{}

/**
 * The storage itself failed, and `reason` has its words; or it did not answer a run within 30 seconds; or an entry
 * cannot be stored because it is not JSON. After a failed append it may be open whether it was made: the next one finds
 * out.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConversationStoreError extends Schema.TaggedError<ConversationStoreError>()("ConversationStoreError", {
  message: Schema.String,
  id: Schema.String,
  reason: Schema.String
}) {}

/**
 * Whatever a stored conversation can fail with.
 *
 * @since 0.1.0
 * @category errors
 */
export type ConversationError =
  | ConversationConflictError
  | ConversationBusyError
  | ConversationVersionError
  | ConversationDamagedError
  | ConversationStoreError
