/**
 * Conversations that outlive a run: a log that is only ever appended to, each append under the condition that nobody
 * else appended before. So of two runs that carry on with the same conversation one wins, and no tool runs twice.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Path from "@effect/platform/Path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { InputItem } from "../schema/ResponsesItemsRequest.js"
import type { Log, Store } from "./internal/conversation/entry.js"
import type { ConversationError } from "./internal/conversation/errors.js"
import * as History from "./internal/conversation/history.js"
import { makeFileSystemStore, makeKeyValueStore, makeMemoryStore } from "./internal/conversation/stores.js"
import type { PendingCall } from "./internal/run.js"
import * as Usage from "./Usage.js"

export { Entry, type Log, type Store } from "./internal/conversation/entry.js"
export {
  ConversationBusyError,
  ConversationConflictError,
  ConversationDamagedError,
  type ConversationError,
  ConversationStoreError,
  ConversationVersionError
} from "./internal/conversation/errors.js"

/**
 * The store that runs keep their conversations in.
 *
 * @since 0.1.0
 * @category context
 */
export class Conversation extends Context.Tag("effect-openrouter/agent/Conversation")<Conversation, Store>() {}

/**
 * Keeps conversations as long as the layer lives.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<Conversation> = Layer.sync(Conversation, makeMemoryStore)

/**
 * Keeps conversations in a `KeyValueStore`, one value for each append. A `KeyValueStore` cannot compare and set, so the
 * appends are exact within one process only. Where several share the store, two that append in the same moment may
 * both seem to win; take {@link layerFileSystem} or a {@link Store} of your own there.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerKeyValueStore: Layer.Layer<Conversation, never, KeyValueStore.KeyValueStore> = Layer.effect(
  Conversation,
  Effect.map(KeyValueStore.KeyValueStore, makeKeyValueStore)
)

/**
 * Keeps conversations in a directory, one file for each append, which is there whole or not at all. Any number of
 * processes may share the directory. It has to be on a file system that has hard links.
 *
 * @since 0.1.0
 * @category layers
 * @example
 * ```ts
 * import { NodeContext } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { Conversation } from "effect-openrouter"
 *
 * const Conversations = Conversation.layerFileSystem({ directory: "./conversations" }).pipe(
 *   Layer.provide(NodeContext.layer)
 * )
 * ```
 */
export const layerFileSystem = (options: {
  /** Where the conversations are; made with the first append. */
  readonly directory: string
}): Layer.Layer<Conversation, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    Conversation,
    Effect.map(
      Effect.all([FileSystem.FileSystem, Path.Path]),
      ([fs, path]) => makeFileSystemStore(fs, path, options.directory)
    )
  )

/**
 * Loads a conversation; one that does not exist is empty.
 *
 * @since 0.1.0
 * @category access
 */
export const load = (id: string): Effect.Effect<Log, ConversationError, Conversation> =>
  Effect.flatMap(Conversation, (store) => store.load(id))

/**
 * Asks the run that holds a conversation to stop, from wherever the store can be reached. The run sees it with its next
 * append and ends as `interrupted`; where no run holds the conversation it has no effect.
 *
 * @since 0.1.0
 * @category access
 */
export const interrupt = (id: string, reason?: string): Effect.Effect<void, ConversationError, Conversation> =>
  Effect.flatMap(Conversation, (store) =>
    store.load(id).pipe(
      Effect.flatMap(({ version }) =>
        store.append(id, version, [reason === undefined ? { _tag: "interrupt" } : { _tag: "interrupt", reason }])
      ),
      Effect.retry({ times: 50, while: ({ _tag }) => _tag === "ConversationConflictError" }),
      Effect.asVoid
    ))

/**
 * Everything that was said, in order: what a request would send. The output of a call stands behind the turn of the
 * call, in the order of the calls; calls that wait have none.
 *
 * @since 0.1.0
 * @category reading
 */
export const history = (log: Log): ReadonlyArray<InputItem> => History.history(log.entries)

/**
 * The calls without an output. What a call waits for is told as well as the log can: it does not know the tools.
 *
 * @since 0.1.0
 * @category reading
 */
export const pending = (log: Log): ReadonlyArray<PendingCall> => History.pending(log.entries)

/**
 * What the turns used up, answers in vain included, and the tools with models of their own.
 *
 * @since 0.1.0
 * @category reading
 */
export const usage = (log: Log): Usage.Usage =>
  log.entries.reduce((sum, entry) => {
    if (entry._tag === "turn") {
      const { response, discarded = Usage.none } = entry.record
      return Usage.add(Usage.add(sum, Usage.ofResponse(response)), discarded)
    }
    return entry._tag === "tool" ? Usage.add(sum, entry.record.usage) : sum
  }, Usage.none)
