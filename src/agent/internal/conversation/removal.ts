/** Which conversations there are, and their removal. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Listed, Page, Store } from "./entry.js"
import { busy, type ConversationError, type ConversationUnsupportedError, unsupported } from "./errors.js"
import { heldAt, holdOf } from "./lease.js"
import { timeOf, withRetries } from "./storage.js"

type Failure = ConversationError | ConversationUnsupportedError

interface ListOptions {
  readonly prefix?: string | undefined
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

/** @internal */
export const listIn = (store: Store, { after, limit = 100, prefix = "" }: ListOptions): Effect.Effect<Page, Failure> =>
  withRetries<Page, Failure>(
    store,
    ({ list }) =>
      list === undefined
        ? Effect.fail(unsupported("list"))
        : list({ prefix, after, limit: Math.max(1, Math.floor(limit)) })
  )

/** Removes the conversation as it is, unless a run holds it. `false` if it is another version than the expected one. */
const removeOnce = (
  store: Store,
  id: string,
  options: { readonly isForced: boolean; readonly expected?: number | undefined }
): Effect.Effect<boolean, Failure> =>
  Effect.gen(function*() {
    if (store.remove === undefined) return yield* unsupported("remove")
    const { entries, version } = yield* store.load(id)
    if (version !== (options.expected ?? version)) return false
    const holder = heldAt(holdOf(entries), yield* timeOf(store))
    if (holder !== undefined && !options.isForced) return yield* busy(id, holder)
    if (version > 0) yield* store.remove(id, version)
    return true
  })

/** @internal */
export const removeFrom = (store: Store, id: string, isForced: boolean): Effect.Effect<void, Failure> =>
  withRetries<boolean, Failure>(store, (store) =>
    Effect.retry(removeOnce(store, id, { isForced }), {
      times: 50,
      while: ({ _tag }) => _tag === "ConversationConflictError"
    }))

/**
 * Removes what had no append for a time, and no run holds. Returns the removed conversations.
 *
 * @internal
 */
export const removeOld = (
  store: Store,
  age: Duration.DurationInput,
  prefix: string
): Effect.Effect<ReadonlyArray<Listed>, Failure> =>
  Effect.gen(function*() {
    const end = (yield* timeOf(store)) - Duration.toMillis(age)
    const removed: Array<Listed> = []
    for (let after: string | undefined = undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const page: Page = yield* listIn(store, { after, prefix })
      const old = page.conversations.filter(({ updatedAt }) => updatedAt <= end)
      const gone = yield* Effect.filter(old, ({ id, version }) => removeUnchanged(store, id, version), {
        concurrency: 4
      })
      removed.push(...gone)
      after = page.next
    }
    return removed
  })

/** Whether the conversation was removed: not if anything was appended since, or a run holds it. */
const removeUnchanged = (store: Store, id: string, version: number): Effect.Effect<boolean, Failure> =>
  withRetries<boolean, Failure>(store, (store) => removeOnce(store, id, { isForced: false, expected: version })).pipe(
    Effect.catchIf(
      ({ _tag }) => _tag === "ConversationConflictError" || _tag === "ConversationBusyError",
      () => Effect.succeed(false)
    )
  )
