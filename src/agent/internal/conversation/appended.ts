/** What is appended from outside of a run. */
import * as Effect from "effect/Effect"
import type { Entry, Log } from "./entry.js"
import type { ConversationError } from "./errors.js"
import { Conversation } from "./service.js"
import { withRetries } from "./storage.js"

/**
 * Appends an entry that may stand anywhere among those of a run.
 *
 * @internal
 */
export const appended = (
  id: string,
  entry: Entry,
  isThere: (log: Log) => boolean = () => false
): Effect.Effect<void, ConversationError, Conversation> =>
  Effect.flatMap(Conversation, (conversation) =>
    withRetries(conversation, (store) =>
      store.load(id).pipe(
        Effect.flatMap((log) => isThere(log) ? Effect.void : Effect.asVoid(store.append(id, log.version, [entry]))),
        Effect.retry({ times: 50, while: ({ _tag }) => _tag === "ConversationConflictError" })
      )))
