/**
 * Stored conversations: append-only logs. An append fails if another run has appended before. So of two runs that continue
 * the same conversation only one succeeds, and no tool executes twice.
 *
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import * as Path from "@effect/platform/Path"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { InvalidRequestError } from "../http/OpenRouterError.js"
import { randomText } from "../internal/crypto.js"
import type { InputItem } from "../schema/ResponsesItemsRequest.js"
import { appended } from "./internal/conversation/appended.js"
import { compared, type Comparison } from "./internal/conversation/copies/compare.js"
import type { Entry, Listed, Log, Page } from "./internal/conversation/entry.js"
import { conflict, type ConversationError, type ConversationUnsupportedError } from "./internal/conversation/errors.js"
import * as History from "./internal/conversation/history.js"
import { Inbox, type Message, messageOf } from "./internal/conversation/inbox.js"
import { holdOf } from "./internal/conversation/lease.js"
import { listIn, removeFrom, removeOld } from "./internal/conversation/removal.js"
import { Conversation } from "./internal/conversation/service.js"
import { inTime, load as loadFrom } from "./internal/conversation/storage.js"
import { makeFileStore } from "./internal/conversation/stores/fileStore.js"
import { makeKeyValueStore } from "./internal/conversation/stores/keyValueStore.js"
import { makeMemoryStore } from "./internal/conversation/stores/memoryStore.js"
import { inheritedBy, usageOf } from "./internal/conversation/totals.js"
import type { PendingCall } from "./internal/run.js"
import type * as Usage from "./Usage.js"

export { type Branch, type Comparison } from "./internal/conversation/copies/compare.js"
export { export, import } from "./internal/conversation/copies/exchange.js"
export { type Copy, fork } from "./internal/conversation/copies/fork.js"
export { Entry, type Listed, type Log, type Page, type Store } from "./internal/conversation/entry.js"
export {
  ConversationBusyError,
  ConversationConflictError,
  ConversationDamagedError,
  type ConversationError,
  ConversationStoreError,
  ConversationUnsupportedError,
  ConversationVersionError
} from "./internal/conversation/errors.js"
export { type Message } from "./internal/conversation/inbox.js"

export { Conversation } from "./internal/conversation/service.js"

/**
 * Stores conversations in memory, as long as the layer exists.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<Conversation> = Layer.sync(Conversation, makeMemoryStore)

/**
 * Stores conversations in a `KeyValueStore`, one value for each append. A `KeyValueStore` has no compare-and-set, so appends
 * exclude each other within one process only. If several processes share the store, two appends at the same moment may
 * both succeed: use {@link layerFileSystem} or a {@link Store} of your own instead.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerKeyValueStore: Layer.Layer<Conversation, never, KeyValueStore.KeyValueStore> = Layer.effect(
  Conversation,
  Effect.map(KeyValueStore.KeyValueStore, makeKeyValueStore)
)

/**
 * Stores conversations in a directory, one file for each append, written completely or not at all. Any number of processes
 * may share the directory. Its file system has to support hard links.
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
  /** The directory of the conversations. The first append creates it. */
  readonly directory: string
}): Layer.Layer<Conversation, never, FileSystem.FileSystem | Path.Path> =>
  Layer.effect(
    Conversation,
    Effect.map(
      Effect.all([FileSystem.FileSystem, Path.Path]),
      ([fs, path]) => makeFileStore(fs, path, options.directory)
    )
  )

/**
 * Loads a conversation. A conversation that does not exist is empty. While the storage fails, it is tried again, for a
 * minute at most.
 *
 * @since 0.1.0
 * @category access
 */
export const load = (id: string): Effect.Effect<Log, ConversationError, Conversation> =>
  Effect.flatMap(Conversation, (store) => loadFrom(store, id))

/**
 * Says something to a conversation, from any process that has the store. If a run holds the conversation, it takes the
 * message up: all outputs of a turn come first, then the message, then the next request. A run that would end requests one
 * more turn. If no run holds it, or if the run ends before, the message waits for the next run. Nothing that was said is
 * lost: it is stored when this effect succeeds, and waits until a response that has seen it is stored.
 *
 * An `urgent` message interrupts the request that is on its way, which then is sent again with the message; what the
 * interrupted response cost counts. Tools that execute come to their end. A message is only input: it decides nothing about
 * calls that wait for an approval.
 *
 * Fails with `InvalidRequestError` if the input has anything but messages, such as the output of a call. Give a `messageId`
 * to repeat the effect safely: an id that the conversation knows is not said again.
 *
 * @since 0.1.0
 * @category access
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Conversation } from "effect-openrouter"
 *
 * const program = Effect.gen(function*() {
 *   const { id } = yield* Conversation.say("user-17", "Skip the tests, only the docs.")
 *   return id
 * })
 * ```
 */
export const say = (
  id: string,
  input: string | ReadonlyArray<InputItem>,
  options: { readonly messageId?: string | undefined; readonly urgent?: boolean | undefined } = {}
): Effect.Effect<{ readonly id: string }, ConversationError | InvalidRequestError, Conversation> =>
  Effect.gen(function*() {
    const items = yield* messageOf(input)
    const messageId = options.messageId ?? (yield* randomText(16))
    const entry: Entry = { _tag: "inbox", id: messageId, items, ...(options.urgent === true ? { urgent: true } : {}) }
    yield* appended(id, entry, ({ entries }) => entries.some((one) => one._tag === "inbox" && one.id === messageId))
    return { id: messageId }
  })

/**
 * Stops a call that goes on in the background, from any process that has the store. The model receives a message that says
 * so. If the call has ended, it has no effect.
 *
 * @since 0.1.0
 * @category access
 */
export const cancel = (id: string, callId: string): Effect.Effect<void, ConversationError, Conversation> =>
  appended(id, { _tag: "cancel", callId })

/**
 * The stored conversations, page by page: at most `limit` of them, 100 by default, from `after` on, which is the `next` of the
 * page before. With `prefix`, those whose ids begin with it. A conversation that exists all the time is in exactly one page,
 * whatever others do meanwhile; the order means nothing. No entries are read.
 *
 * Fails with `ConversationUnsupportedError` if a store of your own has no `list`.
 *
 * @since 0.1.0
 * @category access
 */
export const list = (
  options: {
    readonly prefix?: string | undefined
    readonly after?: string | undefined
    readonly limit?: number | undefined
  } = {}
): Effect.Effect<Page, ConversationError | ConversationUnsupportedError, Conversation> =>
  Effect.flatMap(Conversation, (store) => listIn(store, options))

/**
 * Deletes a conversation with all that it holds: what was said, what tools returned, what was kept aside, what runs inside
 * of tools did. It cannot be undone. Of the conversation, the store keeps its id and a number, so that nothing that began
 * before can bring it to life. A new run under the same id begins an empty conversation. Forks are conversations of their
 * own and stay.
 *
 * Fails with `ConversationBusyError` while a run holds the conversation. With `force`, that run fails with
 * `ConversationConflictError` at its next append or renewal of its lease, and its tools are interrupted.
 *
 * @since 0.1.0
 * @category access
 */
export const remove = (
  id: string,
  options: { readonly force?: boolean | undefined } = {}
): Effect.Effect<void, ConversationError | ConversationUnsupportedError, Conversation> =>
  Effect.flatMap(Conversation, (store) => removeFrom(store, id, options.force === true))

/**
 * Deletes the conversations that had no append for a time, as {@link remove} does, and returns them. With `prefix`, those
 * whose ids begin with it. A conversation that a run holds, or that gets an append meanwhile, stays. The times are those of
 * the store: of files, the time of the newest one.
 *
 * @since 0.1.0
 * @category access
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Conversation } from "effect-openrouter"
 *
 * const daily = Conversation.removeOlderThan("90 days").pipe(
 *   Effect.flatMap((removed) => Effect.log(`removed ${removed.length} conversations`))
 * )
 * ```
 */
export const removeOlderThan = (
  age: Duration.DurationInput,
  options: { readonly prefix?: string | undefined } = {}
): Effect.Effect<ReadonlyArray<Listed>, ConversationError | ConversationUnsupportedError, Conversation> =>
  Effect.flatMap(Conversation, (store) => removeOld(store, age, options.prefix ?? ""))

/**
 * Interrupts the run that holds a conversation, from any process that has the store. The run sees the request with its
 * next append or renewal of its lease, and ends as `interrupted`. If no run holds the conversation, it has no effect; neither
 * has it if the process of the run is dead: then the next run starts after the lease, or after {@link takeOver}.
 *
 * @since 0.1.0
 * @category access
 */
export const interrupt = (id: string, reason?: string): Effect.Effect<void, ConversationError, Conversation> =>
  appended(
    id,
    reason === undefined ? { _tag: "interrupt" } : { _tag: "interrupt", reason },
    // Nothing but new input may bring a removed conversation to life
    ({ removed, version }) => removed === version
  )

/**
 * Takes a conversation from the run that holds it, at once: for a run whose process is known to be dead, because otherwise
 * its lease has to end first. The run is fenced out: if it lives after all, its next append fails with
 * `ConversationConflictError`, and it spends no more; but a tool that it was executing may execute a second time in the
 * next run, with the same `idempotencyKey`. If no run holds the conversation, it has no effect.
 *
 * Of several processes that take over the same run at the same moment one succeeds, and the others fail with
 * `ConversationConflictError`. So does a take-over while the run appends, because then it lives. With `run`, the
 * take-over also fails in this way if another run than this one holds the conversation by now.
 *
 * @since 0.1.0
 * @category access
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Agent, Conversation } from "effect-openrouter"
 *
 * declare const isDead: (run: string) => boolean
 *
 * const proceed = Agent.run({ model: "openai/gpt-5-nano", conversation: "user-17" })
 *
 * const program = proceed.pipe(
 *   Effect.catchTag("ConversationBusyError", (error) =>
 *     isDead(error.run)
 *       ? Effect.zipRight(Conversation.takeOver(error.id, { run: error.run }), proceed)
 *       : Effect.fail(error))
 * )
 * ```
 */
export const takeOver = (
  id: string,
  options: { readonly run?: string | undefined } = {}
): Effect.Effect<void, ConversationError, Conversation> =>
  Effect.flatMap(Conversation, (store) =>
    Effect.flatMap(loadFrom(store, id), ({ entries, version }) => {
      const hold = holdOf(entries)
      const isOther = options.run !== undefined && hold?.run !== options.run
      if (isOther) return Effect.fail(conflict(id, version))
      return hold?.isOpen === true
        ? Effect.asVoid(inTime(store).append(id, version, [{ _tag: "closed", run: hold.run, outcome: "taken_over" }]))
        : Effect.void
    }))

/**
 * The items of a conversation in order, as a request would send them: compacted, if a run compacted them. With `whole`,
 * everything that was said. The output of a call stands behind the turn of the call, in the order of the calls. Pending
 * calls have no output.
 *
 * @since 0.1.0
 * @category reading
 */
export const history = (
  log: Log,
  options: { readonly whole?: boolean | undefined } = {}
): ReadonlyArray<InputItem> => History.history(log.entries, options.whole === true)

/**
 * The calls without an output. The `reason` of a call is derived from the log alone, which does not know the tools.
 *
 * @since 0.1.0
 * @category reading
 */
export const pending = (log: Log): ReadonlyArray<PendingCall> => History.pending(log.entries)

/**
 * The messages that wait for a run, in their order.
 *
 * @since 0.1.0
 * @category reading
 */
export const waiting = (log: Log): ReadonlyArray<Message> => new Inbox(log.entries).waiting

/**
 * The usage of a conversation: of its turns, of its tools, and of what its runs spent beside them, such as failed attempts.
 * What a fork copied counts nothing, because it was spent in another conversation; with `inherited`, it is what counts.
 *
 * @since 0.1.0
 * @category reading
 */
export const usage = (log: Log, options: { readonly inherited?: boolean | undefined } = {}): Usage.Usage =>
  options.inherited === true ? inheritedBy(log.entries) : usageOf(log.entries)

/**
 * What two conversations have in common, and what each of them said, did and cost behind that: a fork beside its origin, or
 * two runs of the same task.
 *
 * @since 0.1.0
 * @category reading
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Agent, Conversation } from "effect-openrouter"
 *
 * const program = Effect.gen(function*() {
 *   const { id } = yield* Conversation.fork("user-17", { at: 2 })
 *   yield* Agent.run({ model: "openai/gpt-5", conversation: id })
 *   const logs = [yield* Conversation.load("user-17"), yield* Conversation.load(id)] as const
 *   const { first, second } = Conversation.compare(...logs)
 *   return [first.usage.cost, second.usage.cost]
 * })
 * ```
 */
export const compare: (first: Log, second: Log) => Comparison = compared
