/** A conversation that begins with copied entries. */
import * as Effect from "effect/Effect"
import { InvalidRequestError } from "../../../../http/OpenRouterError.js"
import { isSameJson } from "../../../../internal/canonicalJson.js"
import { excerpt } from "../../../../internal/json.js"
import type { Entry, Store } from "../entry.js"
import type { ConversationError } from "../errors.js"
import { withRetries } from "../storage.js"

/** @internal */
export const refused = (id: string, parameter: string, problem: string): InvalidRequestError =>
  new InvalidRequestError({
    parameter,
    message: `conversation ${
      JSON.stringify(excerpt(id, 100))
    }: nothing was copied, because \`${parameter}\` is invalid: ${problem}.`
  })

/**
 * Stores the entries as the beginning of a conversation. A try that failed may have been done: then the entries are there.
 *
 * @internal
 */
export const create = (
  store: Store,
  to: string,
  entriesFor: (removed: number | undefined) => ReadonlyArray<Entry>
): Effect.Effect<void, ConversationError | InvalidRequestError> =>
  withRetries<void, ConversationError | InvalidRequestError>(store, (store) =>
    Effect.gen(function*() {
      const { entries: stored, removed, version } = yield* store.load(to)
      const entries = entriesFor(removed)
      if (stored.length === 0) yield* store.append(to, version, entries)
      else if (!isSameJson(stored, entries)) {
        return yield* refused(
          to,
          "to",
          "this conversation exists. Choose another id, or remove the conversation before"
        )
      }
    }).pipe(Effect.retry({ times: 5, while: ({ _tag }) => _tag === "ConversationConflictError" })))
