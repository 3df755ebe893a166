/**
 * Every way a stored conversation can fail. None of the errors holds anything of what was said in it.
 *
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { excerpt } from "../../../internal/json.js"
import type { Issue } from "../../../schema/guard.js"

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

const called = (id: string): string => `Conversation ${JSON.stringify(excerpt(id, 100))}`

// Dates end in the year 275760; a lease need not
const dateOf = (time: number): string => {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? "the end of time" : date.toISOString()
}

/** @internal */
export const conflict = (id: string, version: number): ConversationConflictError =>
  new ConversationConflictError({
    message: `${called(id)}: version ${version} is not the newest any more, somebody else appended, and nothing was ` +
      "written. Load the conversation again and decide anew.",
    id,
    version
  })

/** @internal */
export const busy = (
  id: string,
  { run, until }: { readonly run: string; readonly until: number }
): ConversationBusyError =>
  new ConversationBusyError({
    message:
      `${called(id)}: the run ${JSON.stringify(run)} holds it until ${dateOf(until)}. Wait for it, or ask it to ` +
      "stop with Conversation.interrupt.",
    id,
    run,
    until
  })

/** @internal */
export const otherVersion = (id: string, found: number, known: number): ConversationVersionError =>
  new ConversationVersionError({
    message:
      `${called(id)}: it is stored in version ${found} of the format, and this library reads version ${known}. ` +
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
      `${called(id)}: what is stored is not of this library, or not whole${where}. Bring it back from a backup, ` +
      "or begin another conversation.",
    id,
    issues
  })
}

/** @internal */
export const notJson = (id: string, reason: string): ConversationStoreError =>
  new ConversationStoreError({
    message:
      `${called(id)}: an entry could not be read back from JSON (${reason}), and nothing was written. Tools must ` +
      "encode their results as JSON.",
    id,
    reason
  })

/** @internal */
export const storeFailed = (id: string, doing: "load" | "append") => (cause: PlatformError): ConversationStoreError =>
  new ConversationStoreError({
    message: `${called(id)}: the storage failed to ${doing} (${cause.message}).${
      cause.method === "link" ? " The directory has to be on a file system that has hard links." : ""
    }`,
    id,
    reason: cause.message
  })

/** @internal */
export const noAnswer = (id: string, doing: "load" | "append", limit: Duration.Duration): ConversationStoreError => {
  const reason = `no answer within ${Duration.format(limit)}`
  return new ConversationStoreError({
    message: `${called(id)}: the storage failed to ${doing} (${reason}).${
      doing === "append" ? " It may be appended all the same: load the conversation before you go on." : ""
    }`,
    id,
    reason
  })
}

/** @internal */
export const noDigest = (id: string): ConversationStoreError =>
  new ConversationStoreError({
    message: `${called(id)}: an id of this length needs SHA-256, which this page may not use. Take a shorter id, or ` +
      "serve the page over https.",
    id,
    reason: "no SHA-256"
  })
