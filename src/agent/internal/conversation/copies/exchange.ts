/** Conversations as text, for their users and for other stores. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { InvalidRequestError } from "../../../../http/OpenRouterError.js"
import { randomText } from "../../../../internal/crypto.js"
import { isObject, parseJson } from "../../../../internal/json.js"
import { guard, type Issue, issues } from "../../../../schema/guard.js"
import { lazyStruct } from "../../../../schema/prelude.js"
import { Entry, type Log } from "../entry.js"
import { type ConversationDamagedError, type ConversationError, otherVersion, unreadable } from "../errors.js"
import { Conversation } from "../service.js"
import { load } from "../storage.js"
import { shortIssues } from "../stores/document.js"
import { copyOf, placesOf } from "./copy.js"
import { create, refused } from "./create.js"
import type { Copy } from "./fork.js"

const format = "effect-openrouter/conversation-export"
const version = 1

/** The first line. */
interface Header {
  readonly format: typeof format
  readonly version: typeof version
  readonly id: string
  readonly entries: number
  readonly removed?: number | undefined
}

const Header: Schema.Schema<Header> = lazyStruct(() => ({
  format: Schema.Literal(format),
  version: Schema.Literal(version),
  id: Schema.String,
  entries: Schema.Number,
  removed: Schema.optional(Schema.Number)
}))

const isHeader = guard(Header)
const isEntry = guard(Entry)

/**
 * A conversation as text: JSON lines, of which the first one says what they are, and each other one is an entry. It is all
 * that is stored, and `import` reads it.
 *
 * @since 0.1.0
 * @category copying
 */
const exportText = (id: string): Effect.Effect<string, ConversationError | InvalidRequestError, Conversation> =>
  Effect.gen(function*() {
    const { entries, removed } = yield* load(yield* Conversation, id)
    if (entries.length === 0) {
      return yield* refused(id, "id", "there is no such conversation. List the ids with Conversation.list")
    }
    const header: Header = {
      format,
      version,
      id,
      entries: entries.length,
      ...(removed === undefined ? {} : { removed })
    }
    return [header, ...entries].map((line) => `${JSON.stringify(line)}\n`).join("")
  })

/**
 * Stores the text of `export` as a new conversation: under `to`, by default a new id that begins with the id of the origin and
 * a slash. What is copied, and where the copy ends, is that of {@link fork}: so an export in the middle of a turn is moved
 * back to the boundary before, and what was spent does not count here.
 *
 * Nothing is stored of a text that is incomplete or was changed so that it cannot be read: it fails with
 * `ConversationDamagedError`, whose paths begin with the number of the line, or with `ConversationVersionError`. A text is
 * not signed: import only what you trust, because a conversation decides what its next run sends.
 *
 * @since 0.1.0
 * @category copying
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Conversation } from "effect-openrouter"
 *
 * const copied = Effect.flatMap(Conversation.export("user-17"), (text) => Conversation.import(text, { to: "user-18" }))
 * ```
 */
const importText = (
  text: string,
  options: { readonly to?: string | undefined } = {}
): Effect.Effect<Copy, ConversationError | InvalidRequestError, Conversation> =>
  Effect.gen(function*() {
    const store = yield* Conversation
    const { entries, id, removed } = yield* read(text)
    const at = placesOf(entries).boundaries.at(-1) ?? 0
    const to = options.to ?? `${id}/${yield* randomText(9)}`
    yield* create(store, to, (toRemoved) =>
      copyOf(entries.slice(0, at), { from: { id, removed }, to: { id: to, removed: toRemoved } }))
    return { id: to, at }
  })

interface Read extends Pick<Log, "entries" | "removed"> {
  readonly id: string
}

const read = (text: string): Effect.Effect<Read, ConversationDamagedError | ConversationError> =>
  Effect.gen(function*() {
    const [first = "", ...lines] = text.replace(/\r?\n$/, "").split(/\r?\n/)
    const header = parseJson(first)?.value
    if (isObject(header) && header["format"] === format && !isHeader(header)) {
      const found = header["version"]
      if (typeof found === "number" && found !== version) return yield* otherVersion("", found, version)
    }
    if (!isHeader(header)) {
      return yield* unreadable([{ path: "1", message: "is not the first line of an export" }])
    }
    const { entries: count, id, removed } = header
    if (lines.length !== count) {
      return yield* unreadable([{ path: "1", message: `announces ${count} entries, but there are ${lines.length}` }])
    }
    const entries: Array<Entry> = []
    for (const [index, line] of lines.entries()) {
      const value = parseJson(line)?.value
      if (!isEntry(value)) return yield* unreadable(issuesIn(index + 2, value))
      entries.push(value)
    }
    return { entries, id, removed }
  })

const issuesIn = (line: number, value: unknown): ReadonlyArray<Issue> =>
  value === undefined
    ? [{ path: `${line}`, message: "is not JSON" }]
    : shortIssues(issues(Entry, value)).map(({ message, path }) => ({
      path: path === "" ? `${line}` : `${line}.${path}`,
      message
    }))

export { exportText as export, importText as import }
