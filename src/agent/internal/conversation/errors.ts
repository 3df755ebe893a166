/**
 * The errors of stored conversations. They hold no content of a conversation.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { failedMethod, type StorageFailure } from "../../../internal/effect/storage.js"
import { excerpt } from "../../../internal/json.js"
import type { Issue } from "../../../schema/guard.js"

/**
 * Another run appended to the conversation: `version` is not the newest any more. This append was not written.
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
 * The run `run` holds the conversation until `until` (milliseconds since 1970), or longer if it continues.
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
 * The conversation is stored in a version of the format that this library does not read.
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
 * The stored conversation is damaged, or was not written by this library. The path of each issue starts with the number of
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
 * The storage failed at each try, and `reason` has its last message; or it did not respond; or an entry is not JSON and
 * cannot be stored. After a failure it may be unknown whether the append was written: the next append finds it out.
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
 * The store has no `list`, or no `remove`: they are optional.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConversationUnsupportedError
  extends Schema.TaggedError<ConversationUnsupportedError>()("ConversationUnsupportedError", {
    message: Schema.String,
    operation: Schema.Literal("list", "remove")
  })
{}

/**
 * Any error of a stored conversation.
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

const named = (id: string): string => `conversation ${JSON.stringify(excerpt(id, 100))}`

// A lease may end after the year 275760, the last one of a Date
const dateOf = (time: number): string => {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? "the end of all dates" : date.toISOString()
}

/** @internal */
export const conflict = (id: string, version: number): ConversationConflictError =>
  new ConversationConflictError({
    message: `${named(id)}: another run appended after version ${version}, so this append was not written. ` +
      "Load the conversation again and decide whether to continue.",
    id,
    version
  })

/** @internal */
export const busy = (
  id: string,
  { run, until }: { readonly run: string; readonly until: number }
): ConversationBusyError =>
  new ConversationBusyError({
    message: `${named(id)}: the run ${JSON.stringify(run)} holds it until ${dateOf(until)}, and longer while it ` +
      "continues. Wait for that run, or interrupt it with Conversation.interrupt. If its process is dead, try again " +
      "after that time, or take the conversation from it now with Conversation.takeOver.",
    id,
    run,
    until
  })

/** @internal */
export const otherVersion = (id: string, found: number, known: number): ConversationVersionError =>
  new ConversationVersionError({
    message: `${named(id)}: it is stored in version ${found} of the format, but this release reads version ${known}. ` +
      "Use the release of effect-openrouter that wrote it, or a newer one.",
    id,
    found
  })

/** @internal */
export const damaged = (id: string, issues: ReadonlyArray<Issue>): ConversationDamagedError => {
  const [first] = issues
  const where = first === undefined ? "" : ` (at ${first.path}: ${first.message})`
  return new ConversationDamagedError({
    message:
      `${named(id)}: the stored data is damaged, or was not written by this library${where}. Restore it from a ` +
      "backup, or start another conversation.",
    id,
    issues
  })
}

/** @internal */
export const unreadable = (issues: ReadonlyArray<Issue>): ConversationDamagedError => {
  const [first] = issues
  const where = first === undefined ? "" : ` (line ${first.path}: ${first.message})`
  return new ConversationDamagedError({
    message:
      `conversations: nothing was imported, because the text is incomplete, was changed, or is no export${where}. ` +
      "Export the conversation again.",
    id: "",
    issues
  })
}

/** @internal */
export const notJson = (id: string, reason: string): ConversationStoreError =>
  new ConversationStoreError({
    message:
      `${named(id)}: an entry cannot be stored as JSON (${reason}), so nothing was written. Encode the results ` +
      "of tools as JSON.",
    id,
    reason
  })

type Operation = "load" | "append" | "remove"

/** @internal */
export const unsupported = (operation: "list" | "remove"): ConversationUnsupportedError =>
  new ConversationUnsupportedError({
    message: `conversations: this store has no \`${operation}\`, so nothing was done. Use one of the layers of ` +
      `Conversation, or add \`${operation}\` to your own Store.`,
    operation
  })

/** @internal */
export const storeFailed = (id: string, doing: Operation) => (cause: StorageFailure): ConversationStoreError =>
  new ConversationStoreError({
    message: `${named(id)}: the storage failed to ${doing} (${cause.message}).${
      failedMethod(cause) === "link" ? " Use a directory on a file system that supports hard links." : ""
    }`,
    id,
    reason: cause.message
  })

/** @internal */
export const listFailed = ({ message: reason }: { readonly message: string }): ConversationStoreError =>
  new ConversationStoreError({
    message: `conversations: the storage failed to list them (${reason}). Try again.`,
    id: "",
    reason
  })

/** @internal */
export const noResponse = (id: string, doing: Operation, limit: Duration.Duration): ConversationStoreError => {
  const reason = `no response within ${Duration.format(limit)}`
  return new ConversationStoreError({
    message: `${named(id)}: the storage failed to ${doing} (${reason}).${
      doing === "load"
        ? " Try again."
        : " It may have been done nevertheless: load the conversation before you continue."
    }`,
    id,
    reason
  })
}

/** @internal */
export const noDigest = (id: string): ConversationStoreError =>
  new ConversationStoreError({
    message:
      `${named(id)}: an id of this length requires SHA-256, which is not available on this page. Use a shorter ` +
      "id, or serve the page over https.",
    id,
    reason: "no SHA-256"
  })
