/**
 * A run and its records: turns, tool calls, decisions. All of it is plain data.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { lazyStruct } from "../../schema/prelude.js"
import { OpenResponsesResult } from "../../schema/Responses.js"
import { ToolCallOutput } from "../../schema/ResponsesItems.js"
import type { InputItem } from "../../schema/ResponsesItemsRequest.js"
import { Usage } from "../Usage.js"

/**
 * What came of one turn of the model. `turn` counts from 1; times are milliseconds since 1970. `discarded` is what was used
 * up beside the response, by answers that broke off or that a middleware did not take, and `unsettled` lists those of
 * them that did not tell.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnRecord {
  readonly turn: number
  readonly response: OpenResponsesResult
  readonly discarded?: Usage | undefined
  readonly unsettled?: ReadonlyArray<string> | undefined
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TurnRecord: Schema.Schema<TurnRecord> = lazyStruct(() => ({
  turn: Schema.Number,
  response: OpenResponsesResult,
  discarded: Schema.optional(Usage),
  unsettled: Schema.optional(Schema.Array(Schema.String)),
  startedAt: Schema.Number,
  endedAt: Schema.Number
}))

/**
 * What came of one tool call. `output` is what the model is told, `result` the encoded success or failure, `usage` what
 * the tool spent on models itself, and `unsettled` lists those of its generations that did not tell what they cost. A
 * `suspended` call has no output yet: it waits for an answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolRecord {
  readonly turn: number
  readonly callId: string
  readonly name: string
  readonly status: "success" | "failure" | "suspended"
  readonly output: ToolCallOutput
  readonly result: unknown
  readonly usage: Usage
  readonly unsettled?: ReadonlyArray<string> | undefined
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const ToolRecord: Schema.Schema<ToolRecord> = lazyStruct(() => ({
  turn: Schema.Number,
  callId: Schema.String,
  name: Schema.String,
  status: Schema.Literal("success", "failure", "suspended"),
  output: ToolCallOutput,
  result: Schema.Unknown,
  usage: Usage,
  unsettled: Schema.optional(Schema.Array(Schema.String)),
  startedAt: Schema.Number,
  endedAt: Schema.Number
}))

/**
 * What was decided about a call that could not go on by itself: to run it, not to run it, or the value that it waited
 * for (JSON, as the schema of the answer encodes it).
 *
 * @since 0.1.0
 * @category models
 */
export type Decision =
  | { readonly _tag: "approve" }
  | { readonly _tag: "reject"; readonly reason?: string | undefined }
  | { readonly _tag: "answer"; readonly value: unknown }

/**
 * @since 0.1.0
 * @category schemas
 */
export const Decision: Schema.Schema<Decision> = Schema.Union(
  Schema.Struct({ _tag: Schema.Literal("approve") }),
  Schema.Struct({ _tag: Schema.Literal("reject"), reason: Schema.optional(Schema.String) }),
  Schema.Struct({ _tag: Schema.Literal("answer"), value: Schema.Unknown })
)

/**
 * A call that the run cannot carry out by itself. `arguments` is the JSON that the model sent. `reason` says what it
 * waits for: an approval, an answer to its handler, an output from you (`manual`), or a run that goes on (`stopped`).
 * `turn` is 0 where a run before made the call.
 *
 * @since 0.1.0
 * @category models
 */
export interface PendingCall {
  readonly callId: string
  readonly name: string
  readonly arguments: unknown
  readonly turn: number
  readonly reason: "approval" | "answer" | "manual" | "stopped"
}

/**
 * A call of one of your tools, as the model sent it; `arguments` is its JSON text. A `callId` is unique in its history:
 * one that a model repeats gets a suffix.
 *
 * @since 0.1.0
 * @category models
 */
export interface FunctionCall {
  readonly callId: string
  readonly name: string
  readonly arguments: string
  /** Whether the answer broke off before the arguments were whole. Such a call is never carried out. */
  readonly truncated: boolean
}

/**
 * One turn of the model and what came of its calls, in the order of the calls. `finishReason` is the reason why the
 * response is incomplete, else its status. `usage` includes what the tools spent on models themselves, and failed
 * attempts at the turn.
 *
 * @since 0.1.0
 * @category models
 */
export interface Step {
  readonly turn: number
  readonly response: OpenResponsesResult
  readonly text: string
  readonly toolCalls: ReadonlyArray<FunctionCall>
  readonly toolResults: ReadonlyArray<ToolRecord>
  readonly finishReason: string | undefined
  readonly usage: Usage
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * A run so far. `items` is what it added to the conversation, `history` the whole of it: the input of a run that goes
 * on from here. `text` is that of the last turn, `usage` and `cost` (USD) are sums over all turns. `unsettled` lists
 * generations that broke off before they told their cost, which `Generations.settle` can find out.
 *
 * @since 0.1.0
 * @category models
 */
export interface Progress {
  readonly steps: ReadonlyArray<Step>
  readonly items: ReadonlyArray<InputItem>
  readonly history: ReadonlyArray<InputItem>
  readonly text: string
  readonly usage: Usage
  readonly cost: number
  readonly unsettled: ReadonlyArray<string>
  /** Milliseconds since 1970; 0 before the first response. */
  readonly startedAt: number
  /** When the last step ended: milliseconds since 1970. */
  readonly updatedAt: number
}

/**
 * How a run ended.
 *
 * - `completed`: the model answered and called no more tools.
 * - `incomplete`: the answer broke off, `reason` says why (`max_output_tokens`, `content_filter`).
 * - `stopped`: the stop condition of that name ended it.
 * - `awaiting_approval`: calls wait for `approve` or `reject`.
 * - `awaiting_tools`: calls wait for an output, or their handlers for an `answer`.
 * - `interrupted`: somebody asked for it with `Conversation.interrupt`.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome =
  | { readonly _tag: "completed" }
  | { readonly _tag: "incomplete"; readonly reason: string }
  | { readonly _tag: "stopped"; readonly condition: string }
  | { readonly _tag: "awaiting_approval" }
  | { readonly _tag: "awaiting_tools" }
  | { readonly _tag: "interrupted"; readonly reason: string | undefined }

/**
 * A run that is over. `response` is the last one; `pending` are calls without an output, which the next run over this
 * `history` or conversation can carry out; `value` is the structured output where one was asked for and the run is
 * `completed`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Run<out A = undefined> extends Progress {
  readonly outcome: Outcome
  readonly pending: ReadonlyArray<PendingCall>
  readonly response: OpenResponsesResult | undefined
  readonly value: A | undefined
}
