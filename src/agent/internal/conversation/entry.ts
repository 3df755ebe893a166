/**
 * The log of a conversation and its entries.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { lazy } from "../../../schema/prelude.js"
import { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import { Usage } from "../../Usage.js"
import { CompactionRecord, Decision, ToolRecord, TurnRecord } from "../run.js"
import type { ConversationError } from "./errors.js"

/**
 * One entry of a conversation. Times are milliseconds since 1970.
 *
 * - `input`: the new input of a run, which begins a task; or, `by` the run itself, items such as a directive. `messages` are
 *   the ids of the messages that these items are.
 * - `inbox`: a message that was said to the conversation. It is part of the history when an `input` names it.
 * - `turn`: a turn of the model.
 * - `tool`: a tool executed a call, or began to, in the background. Then another entry has its result.
 * - `compacted`: the history was made shorter. Requests behind it send the items of the record in place of all before it.
 * - `spent`: what a run spent beside its turns and tools: on failed attempts, in work that outlived its call, or in the
 *   calls of `calls`, which got no record.
 * - `output`: the output of a call without a handler: from the caller, or because the call did not execute.
 * - `decision`: a decision about a pending call.
 * - `nested`: what a run did that the handler of the call started. `inner` is the id of that run, `attempt` counts the
 *   attempts of the handler that started it anew. The history of the conversation does not have it.
 * - `restarted`: a call executes again, and the runs inside of it continue, after a decision or a crash.
 * - `copied`: all entries before it were copied from the conversation `from`, the first `at` of its entries or fewer. What they
 *   spent was not spent here.
 * - `allowed`: calls of a tool need no further approval, those that meet `where`, until a time. `parameters` is a digest of
 *   what the tool expects. `revoked`: that is over.
 * - `opened`, `renewed`: a run holds the conversation until a time.
 * - `cancel`: a request to stop a call that goes on in the background.
 * - `interrupt`: a request to interrupt the run that holds the conversation.
 * - `closed`: a run ended and released the conversation. `by` and `reason` are those of the outcome `blocked`.
 *
 * @since 0.1.0
 * @category models
 */
export type Entry =
  | {
    readonly _tag: "input"
    readonly items: ReadonlyArray<InputItem>
    readonly by?: "run" | undefined
    readonly messages?: ReadonlyArray<string> | undefined
  }
  | {
    readonly _tag: "inbox"
    readonly id: string
    readonly items: ReadonlyArray<InputItem>
    readonly urgent?: boolean | undefined
  }
  | { readonly _tag: "turn"; readonly run: string; readonly record: TurnRecord }
  | { readonly _tag: "tool"; readonly run: string; readonly record: ToolRecord }
  | { readonly _tag: "compacted"; readonly run: string; readonly record: CompactionRecord }
  | {
    readonly _tag: "spent"
    readonly run: string
    readonly usage: Usage
    readonly unsettled?: ReadonlyArray<string> | undefined
    readonly calls?: ReadonlyArray<string> | undefined
  }
  | { readonly _tag: "output"; readonly item: FunctionCallOutputItem }
  | { readonly _tag: "decision"; readonly callId: string; readonly decision: Decision }
  | {
    readonly _tag: "nested"
    readonly run: string
    readonly callId: string
    readonly attempt: number
    readonly inner: string
    readonly entry: Entry
  }
  | { readonly _tag: "restarted"; readonly run: string; readonly callId: string }
  | { readonly _tag: "copied"; readonly from: string; readonly at: number }
  | {
    readonly _tag: "allowed"
    readonly id: string
    readonly tool: string
    readonly parameters: string
    readonly where?:
      | { readonly [parameter: string]: string | number | boolean | null | { readonly startsWith: string } }
      | undefined
    readonly until?: number | undefined
  }
  | { readonly _tag: "revoked"; readonly id: string }
  | { readonly _tag: "opened"; readonly run: string; readonly at: number; readonly until: number }
  | { readonly _tag: "renewed"; readonly run: string; readonly until: number }
  | { readonly _tag: "cancel"; readonly callId: string }
  | { readonly _tag: "interrupt"; readonly reason?: string | undefined }
  | {
    readonly _tag: "closed"
    readonly run: string
    readonly outcome: string
    readonly by?: string | undefined
    readonly reason?: string | undefined
  }

/**
 * The schema of an entry. Unknown fields of items and responses are kept.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Entry: Schema.Schema<Entry> = lazy(() =>
  Schema.Union(
    Schema.Struct({
      _tag: Schema.Literal("input"),
      items: Schema.Array(InputItem),
      by: Schema.optional(Schema.Literal("run")),
      messages: Schema.optional(Schema.Array(Schema.String))
    }),
    Schema.Struct({
      _tag: Schema.Literal("inbox"),
      id: Schema.String,
      items: Schema.Array(InputItem),
      urgent: Schema.optional(Schema.Boolean)
    }),
    Schema.Struct({ _tag: Schema.Literal("turn"), run: Schema.String, record: TurnRecord }),
    Schema.Struct({ _tag: Schema.Literal("tool"), run: Schema.String, record: ToolRecord }),
    Schema.Struct({ _tag: Schema.Literal("compacted"), run: Schema.String, record: CompactionRecord }),
    Schema.Struct({
      _tag: Schema.Literal("spent"),
      run: Schema.String,
      usage: Usage,
      unsettled: Schema.optional(Schema.Array(Schema.String)),
      calls: Schema.optional(Schema.Array(Schema.String))
    }),
    Schema.Struct({ _tag: Schema.Literal("output"), item: FunctionCallOutputItem }),
    Schema.Struct({ _tag: Schema.Literal("decision"), callId: Schema.String, decision: Decision }),
    Schema.Struct({
      _tag: Schema.Literal("nested"),
      run: Schema.String,
      callId: Schema.String,
      attempt: Schema.Number,
      inner: Schema.String,
      entry: Schema.suspend(() => Entry)
    }),
    Schema.Struct({ _tag: Schema.Literal("restarted"), run: Schema.String, callId: Schema.String }),
    Schema.Struct({ _tag: Schema.Literal("copied"), from: Schema.String, at: Schema.Number }),
    Schema.Struct({
      _tag: Schema.Literal("allowed"),
      id: Schema.String,
      tool: Schema.String,
      parameters: Schema.String,
      where: Schema.optional(Schema.Record({
        key: Schema.String,
        value: Schema.Union(
          Schema.String,
          Schema.Number,
          Schema.Boolean,
          Schema.Null,
          Schema.Struct({ startsWith: Schema.String })
        )
      })),
      until: Schema.optional(Schema.Number)
    }),
    Schema.Struct({ _tag: Schema.Literal("revoked"), id: Schema.String }),
    Schema.Struct({ _tag: Schema.Literal("opened"), run: Schema.String, at: Schema.Number, until: Schema.Number }),
    Schema.Struct({ _tag: Schema.Literal("renewed"), run: Schema.String, until: Schema.Number }),
    Schema.Struct({ _tag: Schema.Literal("cancel"), callId: Schema.String }),
    Schema.Struct({ _tag: Schema.Literal("interrupt"), reason: Schema.optional(Schema.String) }),
    Schema.Struct({
      _tag: Schema.Literal("closed"),
      run: Schema.String,
      outcome: Schema.String,
      by: Schema.optional(Schema.String),
      reason: Schema.optional(Schema.String)
    })
  )
)

/**
 * A conversation as it is stored. `version` counts the appends that made it. If the conversation was removed, `removed` is
 * the version at which that happened: `entries` has what was appended since, and the versions go on.
 *
 * @since 0.1.0
 * @category models
 */
export interface Log {
  readonly version: number
  readonly entries: ReadonlyArray<Entry>
  readonly removed?: number | undefined
}

/**
 * A conversation in a list. `updatedAt` is the time of the last append, in milliseconds since 1970.
 *
 * @since 0.1.0
 * @category models
 */
export interface Listed {
  readonly id: string
  readonly version: number
  readonly updatedAt: number
}

/**
 * A part of the list of conversations. `next` is where the next part begins; the last part has none.
 *
 * @since 0.1.0
 * @category models
 */
export interface Page {
  readonly conversations: ReadonlyArray<Listed>
  readonly next: string | undefined
}

/**
 * A store of conversations. A store of your own must follow two rules: an append is written completely or not at all, and
 * of all appends to one `id` at one `version`, from any process, at most one succeeds. A run waits 30 seconds for the
 * store, then interrupts the operation and treats it as failed. After a `ConversationStoreError` it tries again, so an
 * operation must be safe to repeat. An operation that failed may have been done.
 *
 * Runs need `load` and `append` alone. With `isNewest` they hear of other processes earlier, and with `now` they share one
 * clock. Without `list` and `remove`, what needs them fails with `ConversationUnsupportedError`. `StoreTests` of
 * `effect-openrouter/testing` tests a store of your own.
 *
 * @since 0.1.0
 * @category models
 */
export interface Store {
  /** The stored log. A conversation that does not exist has version 0 and no entries. */
  readonly load: (id: string) => Effect.Effect<Log, ConversationError>
  /** Appends entries and returns `version + 1`. Fails with `ConversationConflictError` if `version` is not the newest. */
  readonly append: (
    id: string,
    version: number,
    entries: ReadonlyArray<Entry>
  ) => Effect.Effect<Log["version"], ConversationError>
  /**
   * Whether no append came behind `version`, without reading the log. A run asks before each turn, and once a second during
   * a request, so that it hears of messages and interruptions of other processes. Without this function, it hears of them
   * with its next append.
   */
  readonly isNewest?: ((id: string, version: number) => Effect.Effect<boolean, ConversationError>) | undefined
  /**
   * The conversations that have appends since their removal and whose ids begin with `prefix`, in any order that stays: at
   * most `limit` of them, from `after` on, which is the `next` of another page. A conversation that exists all the time is in
   * exactly one page, whatever is appended, added and removed meanwhile. It should read no entries.
   */
  readonly list?:
    | ((options: {
      readonly prefix: string
      readonly after: string | undefined
      readonly limit: number
    }) => Effect.Effect<Page, ConversationError>)
    | undefined
  /**
   * Deletes all entries of a conversation and returns `version + 1`, its new version. Fails with
   * `ConversationConflictError` if `version` is not the newest. The store keeps this number, so that a run which read the
   * conversation before cannot append to it. A conversation without appends stays at version 0.
   */
  readonly remove?: ((id: string, version: number) => Effect.Effect<Log["version"], ConversationError>) | undefined
  /**
   * The time of the store, in milliseconds since 1970. Leases follow it, so the clocks of the machines need not agree. A run
   * reads it once, when it begins. Without it, leases follow the clock of each machine.
   */
  readonly now?: Effect.Effect<number, ConversationError> | undefined
}
