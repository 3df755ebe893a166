import type { PlatformError } from "@effect/platform/Error"
import * as Duration from "effect/Duration"
import { excerpt } from "../../../http/internal/json.js"
import type { Issue } from "../../../schema/guard.js"
import {
  ConversationBusyError,
  ConversationConflictError,
  ConversationDamagedError,
  ConversationStoreError,
  ConversationVersionError
} from "../../ConversationError.js"
import type { Hold } from "./lease.js"

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
export const busy = (id: string, { run, until }: Hold): ConversationBusyError =>
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
