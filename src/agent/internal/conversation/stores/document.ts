/** The stored form of an append: encoding, decoding, names of files and keys. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { sha256 } from "../../../../internal/crypto.js"
import { toEffect } from "../../../../internal/effect/results.js"
import { expectation } from "../../../../internal/effect/schemaIssues.js"
import { excerpt, isObject, parseJson } from "../../../../internal/json.js"
import { guard, type Issue, issues } from "../../../../schema/guard.js"
import { lazyStruct } from "../../../../schema/prelude.js"
import { withoutEchoes } from "../../echoes.js"
import { Entry, type Log } from "../entry.js"
import {
  type ConversationDamagedError,
  type ConversationStoreError,
  type ConversationVersionError,
  damaged,
  noDigest,
  notJson,
  otherVersion
} from "../errors.js"

const format = "effect-openrouter/conversation"
const version = 1

interface Document {
  readonly format: typeof format
  readonly version: typeof version
  readonly entries: ReadonlyArray<Entry>
  /** When it was appended, for stores that know no times themselves. */
  readonly at?: number | undefined
  /** The id, for stores whose names of long ids do not show it. */
  readonly id?: string | undefined
  /** Whether the conversation was removed with this document. */
  readonly removed?: true | undefined
}

const Document: Schema.Schema<Document> = lazyStruct(() => ({
  format: Schema.Literal(format),
  version: Schema.Literal(version),
  entries: Schema.Array(Entry),
  at: Schema.optional(Schema.Number),
  id: Schema.optional(Schema.String),
  removed: Schema.optional(Schema.Literal(true))
}))

const isDocument = guard(Document)

/**
 * The text in place of a conversation that was removed.
 *
 * @internal
 */
export const removedText = JSON.stringify({ format, version, entries: [], removed: true } satisfies Document)

/**
 * What is wrong and where, without the values, which may be private.
 *
 * @internal
 */
export const shortIssues = (found: ReadonlyArray<Issue>): ReadonlyArray<Issue> =>
  found.slice(0, 10).map(({ message, path }) => ({ path, message: excerpt(expectation(message), 100) }))

const issuesOf = (input: unknown): ReadonlyArray<Issue> => shortIssues(issues(Document, input))

const stringify = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

/**
 * The entries of one append as text. The text is decoded first, so that everything that is stored can be loaded.
 *
 * @internal
 */
export const encode = (
  id: string,
  entries: ReadonlyArray<Entry>,
  more: Pick<Document, "at" | "id"> = {}
): Either.Either<{ readonly text: string; readonly entries: ReadonlyArray<Entry> }, ConversationStoreError> => {
  const text = stringify({ format, version, entries, ...more } satisfies Document)
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
): Either.Either<Document, ConversationDamagedError | ConversationVersionError> => {
  const parsed = parseJson(text)
  if (parsed === undefined) return Either.left(damaged(id, [{ path: `${number}`, message: "is not JSON" }]))
  const { value } = parsed
  if (isDocument(value)) return Either.right(value)
  if (isOtherVersion(value)) return Either.left(otherVersion(id, value.version, version))
  const place = (path: string) => path === "" ? `${number}` : `${number}.${path}`
  return Either.left(damaged(id, issuesOf(value).map(({ message, path }) => ({ path: place(path), message }))))
}

/** @internal */
export const missing = (id: string, number: number): ConversationDamagedError =>
  damaged(id, [{ path: `${number}`, message: "is missing" }])

/**
 * The log from the texts of all appends since `before`, in order. They are all appends of the conversation, or one of them
 * says that it was removed. `before` is the version before the first text; without texts, that of the log.
 *
 * @internal
 */
export const logOf = (
  id: string,
  texts: ReadonlyArray<string>,
  before = 0
): Effect.Effect<Log, ConversationDamagedError | ConversationVersionError> =>
  Effect.map(
    Effect.forEach(texts, (text, index) => toEffect(decode(id, before + index + 1, text))),
    (documents) => {
      const last = documents.findLastIndex(({ removed }) => removed === true)
      const removed = last === -1 ? before : before + last + 1
      const entries = documents.slice(last + 1).flatMap((document) => document.entries)
      const version = before + texts.length
      return removed === 0 ? { version, entries } : { version, entries, removed }
    }
  )

/**
 * What a text says of itself beside its entries, if it is a document.
 *
 * @internal
 */
export const labelsOf = (text: string): Pick<Document, "at" | "id"> => {
  const value = parseJson(text)?.value
  return isDocument(value) ? value : {}
}

/**
 * The entry without fields that repeat the request: otherwise every turn would store the instructions and tools again.
 *
 * @internal
 */
export const compact = (entry: Entry): Entry => {
  if (entry._tag === "nested") return { ...entry, entry: compact(entry.entry) }
  return entry._tag === "turn"
    ? { ...entry, record: { ...entry.record, response: withoutEchoes(entry.record.response) } }
    : entry
}

const longest = 120

/** Different ids give different texts, without capital letters, because some file systems ignore case. */
const escape = (id: string): string =>
  id.replace(/[^a-z0-9_-]/g, (unit) => `.${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)

const unescape = (name: string): string =>
  name.replace(/\.([0-9a-f]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

/**
 * The id of a name, if the name shows it.
 *
 * @internal
 */
export const idOf = (name: string): string | undefined => name.startsWith("c-") ? unescape(name.slice(2)) : undefined

/**
 * A file name for an id, valid in any file system. Short ids stay readable; long ones become a digest.
 *
 * @internal
 */
export const nameOf = (id: string): Effect.Effect<string, ConversationStoreError> => {
  const name = escape(id)
  return name.length <= longest ? Effect.succeed(`c-${name}`) : Effect.flatMap(
    sha256(name),
    (digest) => digest === undefined ? Effect.fail(noDigest(id)) : Effect.succeed(`h-${digest.toLowerCase()}`)
  )
}

/**
 * The number of an append for the name of its document, so that names sort like numbers.
 *
 * @internal
 */
export const numbered = (number: number): string => `${number}`.padStart(6, "0")
