import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { excerpt, isObject, parseJson } from "../../../http/internal/json.js"
import { guard, type Issue, issues } from "../../../schema/guard.js"
import { expectation } from "../../../schema/internal/issues.js"
import { struct } from "../../../schema/prelude.js"
import { Entry, type Log } from "../../ConversationEntry.js"
import type {
  ConversationDamagedError,
  ConversationStoreError,
  ConversationVersionError
} from "../../ConversationError.js"
import { damaged, notJson, otherVersion } from "./errors.js"

const format = "effect-openrouter/conversation"
const version = 1

interface Document {
  readonly format: typeof format
  readonly version: typeof version
  readonly entries: ReadonlyArray<Entry>
}

const Document: Schema.Schema<Document> = struct(() => ({
  format: Schema.Literal(format),
  version: Schema.Literal(version),
  entries: Schema.Array(Entry)
}))

const isDocument = guard(Document)

/** What is wrong, and where, without the value that is there. */
const issuesOf = (input: unknown): ReadonlyArray<Issue> =>
  issues(Document, input).slice(0, 10).map(({ message, path }) => ({
    path,
    message: excerpt(expectation(message), 100)
  }))

const stringify = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

/**
 * The entries of one append as text. It is read back first: nothing is stored that could not be loaded.
 *
 * @internal
 */
export const encode = (
  id: string,
  entries: ReadonlyArray<Entry>
): Either.Either<{ readonly text: string; readonly entries: ReadonlyArray<Entry> }, ConversationStoreError> => {
  const text = stringify({ format, version, entries } satisfies Document)
  if (text === undefined) return Either.left(notJson(id, "it has a cycle, or values that JSON does not know"))
  const value: unknown = JSON.parse(text)
  if (isDocument(value)) return Either.right({ text, entries: value.entries })
  return Either.left(notJson(id, issuesOf(value).map(({ message, path }) => `${path}: ${message}`).join("; ")))
}

const isOtherVersion = (value: unknown): value is { readonly version: number } =>
  isObject(value) && value["format"] === format && typeof value["version"] === "number" && value["version"] !== version

/** The entries of append `number`. */
const decode = (
  id: string,
  number: number,
  text: string
): Either.Either<ReadonlyArray<Entry>, ConversationDamagedError | ConversationVersionError> => {
  const parsed = parseJson(text)
  if (parsed === undefined) return Either.left(damaged(id, [{ path: `${number}`, message: "is not JSON" }]))
  const { value } = parsed
  if (isDocument(value)) return Either.right(value.entries)
  if (isOtherVersion(value)) return Either.left(otherVersion(id, value.version, version))
  const place = (path: string) => path === "" ? `${number}` : `${number}.${path}`
  return Either.left(damaged(id, issuesOf(value).map(({ message, path }) => ({ path: place(path), message }))))
}

/** @internal */
export const missing = (id: string, number: number): ConversationDamagedError =>
  damaged(id, [{ path: `${number}`, message: "is missing" }])

/**
 * The log that the texts of all appends make, in their order.
 *
 * @internal
 */
export const logOf = (
  id: string,
  texts: ReadonlyArray<string>
): Effect.Effect<Log, ConversationDamagedError | ConversationVersionError> =>
  Effect.map(
    Effect.forEach(texts, (text, index) => decode(id, index + 1, text)),
    (entries) => ({ version: texts.length, entries: entries.flat() })
  )
