/** What the tests of stores have in common. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ConversationError, Entry, Listed, Page, Store } from "../../../agent/Conversation.js"
import { canonicalJson, isSameJson } from "../../../internal/canonicalJson.js"
import { randomText } from "../../../internal/crypto.js"

/**
 * A store does not keep what a test states.
 *
 * @since 0.1.0
 * @category errors
 */
export class StoreTestError extends Schema.TaggedError<StoreTestError>()("StoreTestError", {
  message: Schema.String
}) {}

/** @internal */
export interface StoreTest {
  readonly name: string
  readonly needs?: ReadonlyArray<"list" | "remove"> | undefined
  readonly run: (store: Store) => Effect.Effect<void, StoreTestError | ConversationError>
}

/** @internal */
export const failed = (message: string): Effect.Effect<never, StoreTestError> =>
  Effect.fail(new StoreTestError({ message: `store of conversations: ${message}` }))

const shown = (value: unknown): string => {
  const text = canonicalJson(value) ?? "undefined"
  return text.length > 500 ? `${text.slice(0, 500)}…` : text
}

/** @internal */
export const isEqual = (what: string, found: unknown, expected: unknown): Effect.Effect<void, StoreTestError> =>
  isSameJson(found, expected) ? Effect.void : failed(`${what}: expected ${shown(expected)}, found ${shown(found)}.`)

/** @internal */
export const isConflict = (
  what: string,
  append: Effect.Effect<unknown, ConversationError | StoreTestError>
): Effect.Effect<void, StoreTestError> =>
  Effect.matchEffect(append, {
    onFailure: ({ _tag }) => isEqual(what, _tag, "ConversationConflictError"),
    onSuccess: () => failed(`${what}: it should fail with ConversationConflictError, but succeeded.`)
  })

/**
 * Ids that no other test uses.
 *
 * @internal
 */
export const newPrefix: Effect.Effect<string> = Effect.map(randomText(12), (text) => `test/${text}/`)

/** @internal */
export const said = (content: string): Entry => ({ _tag: "input", items: [{ role: "user", content }] })

/** @internal */
export const appendAll = (
  store: Store,
  id: string,
  texts: ReadonlyArray<string>
): Effect.Effect<void, ConversationError> =>
  Effect.forEach(texts, (text, version) => store.append(id, version, [said(text)]), { discard: true })

/**
 * The list of a store; a test that needs it runs only if there is one.
 *
 * @internal
 */
export const pageOf = (
  store: Store,
  options: { readonly prefix: string; readonly after?: string | undefined; readonly limit?: number }
): Effect.Effect<Page, StoreTestError | ConversationError> =>
  store.list === undefined
    ? failed("it has no `list`. Add it, or leave its tests out with `without`.")
    : store.list({ after: undefined, limit: 100, ...options })

/** @internal */
export const allOf = (
  store: Store,
  prefix: string,
  limit: number,
  between: (page: number) => Effect.Effect<void, ConversationError> = () => Effect.void
): Effect.Effect<ReadonlyArray<Listed>, StoreTestError | ConversationError> =>
  Effect.gen(function*() {
    const found: Array<Listed> = []
    let after: string | undefined
    for (let number = 1; number <= 1000; number++) {
      const page: Page = yield* pageOf(store, { prefix, after, limit })
      if (page.conversations.length > limit) return yield* failed(`a page of at most ${limit} has more conversations.`)
      found.push(...page.conversations)
      if (page.next === undefined) return found
      after = page.next
      yield* between(number)
    }
    return yield* failed("its list has no end: `next` is always set.")
  })

/** @internal */
export const removed = (
  store: Store,
  id: string,
  version: number
): Effect.Effect<number, StoreTestError | ConversationError> =>
  store.remove === undefined
    ? failed("it has no `remove`. Add it, or leave its tests out with `without`.")
    : store.remove(id, version)
