/**
 * What a conversation is made of.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { lazy } from "../../../schema/prelude.js"
import { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import { Decision, ToolRecord, TurnRecord } from "../run.js"
import type { ConversationError } from "./errors.js"

/**
 * One thing that happened in a conversation. Times are milliseconds since 1970.
 *
 * - `input`: items were said to the model.
 * - `turn`: the model answered.
 * - `tool`: a tool ran for a call.
 * - `output`: a call got an output that no tool gave: yours, or that it was not carried out.
 * - `decision`: it was decided about a call that waits.
 * - `opened`, `renewed`: a run claims the conversation until a time.
 * - `interrupt`: somebody asked the run that holds the conversation to stop.
 * - `closed`: a run is over and gave the conversation back.
 *
 * @since 0.1.0
 * @category models
 */
export type Entry =
  | { readonly _tag: "input"; readonly items: ReadonlyArray<InputItem> }
  | { readonly _tag: "turn"; readonly run: string; readonly record: TurnRecord }
  | { readonly _tag: "tool"; readonly run: string; readonly record: ToolRecord }
  | { readonly _tag: "output"; readonly item: FunctionCallOutputItem }
  | { readonly _tag: "decision"; readonly callId: string; readonly decision: Decision }
  | { readonly _tag: "opened"; readonly run: string; readonly at: number; readonly until: number }
  | { readonly _tag: "renewed"; readonly run: string; readonly until: number }
  | { readonly _tag: "interrupt"; readonly reason?: string | undefined }
  | { readonly _tag: "closed"; readonly run: string; readonly outcome: string }

/**
 * Items and responses are held to the library's own schemas: what those do not know passes and is kept as it came.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Entry: Schema.Schema<Entry> = lazy(() =>
  Schema.Union(
    Schema.Struct({ _tag: Schema.Literal("input"), items: Schema.Array(InputItem) }),
    Schema.Struct({ _tag: Schema.Literal("turn"), run: Schema.String, record: TurnRecord }),
    Schema.Struct({ _tag: Schema.Literal("tool"), run: Schema.String, record: ToolRecord }),
    Schema.Struct({ _tag: Schema.Literal("output"), item: FunctionCallOutputItem }),
    Schema.Struct({ _tag: Schema.Literal("decision"), callId: Schema.String, decision: Decision }),
    Schema.Struct({ _tag: Schema.Literal("opened"), run: Schema.String, at: Schema.Number, until: Schema.Number }),
    Schema.Struct({ _tag: Schema.Literal("renewed"), run: Schema.String, until: Schema.Number }),
    Schema.Struct({ _tag: Schema.Literal("interrupt"), reason: Schema.optional(Schema.String) }),
    Schema.Struct({ _tag: Schema.Literal("closed"), run: Schema.String, outcome: Schema.String })
  )
)

/**
 * A conversation as it is stored. `version` counts the appends that made it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Log {
  readonly version: number
  readonly entries: ReadonlyArray<Entry>
}

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
