/**
 * What a store of conversations has to do.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type { Entry, Log } from "./ConversationEntry.js"
import type { ConversationError } from "./ConversationError.js"

/**
 * Where conversations are kept. A store of your own has to hold to two rules: an append is made whole or not at all,
 * and of all appends to one `id` at one `version` at most one succeeds, whoever makes them. A run waits 30 seconds for
 * it, then interrupts it and goes on as if it had failed.
 *
 * @since 0.1.0
 * @category models
 */
export interface Store {
  /** What is stored; version 0 and no entries where nothing is. */
  readonly load: (id: string) => Effect.Effect<Log, ConversationError>
  /** Adds entries behind `version`, and gives the new version, which is one more. Fails where `version` is not the newest. */
  readonly append: (
    id: string,
    version: number,
    entries: ReadonlyArray<Entry>
  ) => Effect.Effect<Log["version"], ConversationError>
}
