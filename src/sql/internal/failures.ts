/** What failures of a database mean. */
import type { SqlError } from "@effect/sql/SqlError"
import { ConversationStoreError } from "../../agent/Conversation.js"
import { backoff } from "../../internal/effect/schedules.js"
import { excerpt, objectAt, stringAt } from "../../internal/json.js"
import { driverError } from "./effect.js"

/** The code of the driver: of SQLite, an SQLSTATE, or of MySQL. */
const codeOf = (error: SqlError): string => {
  const cause = driverError(error)
  const code = stringAt(cause, "code") ?? stringAt(objectAt(cause, "cause"), "code")
  return code ?? ""
}

/**
 * Whether nothing was written, because another transaction had the row or the file: to try again is safe.
 *
 * @internal
 */
export const isBusy = (error: SqlError): boolean =>
  /^(SQLITE_BUSY|SQLITE_LOCKED|40001|40P01|55P03|ER_LOCK_DEADLOCK|ER_LOCK_WAIT_TIMEOUT)/.test(codeOf(error))

/**
 * Tries again for about five seconds: another transaction has the row, or the file of SQLite.
 *
 * @internal
 */
export const whileBusy = {
  schedule: backoff({ initialDelay: "20 millis", maxDelay: "1 second", maxRetries: 10, jitter: true }),
  while: isBusy
}

/**
 * The words of the driver, which repeat no parameter.
 *
 * @internal
 */
export const reasonOf = (error: SqlError): string => {
  const message = stringAt(driverError(error), "message") ?? error.message ?? "unknown"
  const code = codeOf(error)
  return excerpt(code === "" || message.includes(code) ? message : `${code}: ${message}`, 200)
}

/**
 * The error of an operation whose statement failed.
 *
 * @internal
 */
export const failedTo =
  (doing: "load" | "append" | "remove" | "list", id = "") => (error: SqlError): ConversationStoreError => {
    const reason = reasonOf(error)
    const what = id === "" ? "conversations" : `conversation ${JSON.stringify(excerpt(id, 100))}`
    return new ConversationStoreError({
      message:
        `${what}: the database failed to ${doing} (${reason}). Check the connection, and that the migrations ran.`,
      id,
      reason
    })
  }
