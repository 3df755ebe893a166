/**
 * A run and its records: turns, tool calls, decisions. All of it is plain data.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { lazyStruct } from "../../schema/prelude.js"
import { OpenResponsesResult } from "../../schema/Responses.js"
import { ToolCallOutput } from "../../schema/ResponsesItems.js"
import { InputItem } from "../../schema/ResponsesItemsRequest.js"
import { Usage } from "../Usage.js"

/**
 * The record of one turn. `turn` counts from 1; times are milliseconds since 1970. `usage` is
 * what all requests of the turn used, also those whose responses a middleware did not return. A response that did not need
 * a request costs nothing. `unsettled` lists the generations whose cost is not known. `contextLength` is that of the model,
 * in tokens, if the run asked for it. `agent` is the name of the agent that spoke, if it has one; `tools` are the names of
 * the tools that the model could call, if the option `activeTools` chose them.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnRecord {
  readonly turn: number
  readonly agent?: string | undefined
  readonly tools?: ReadonlyArray<string> | undefined
  readonly response: OpenResponsesResult
  readonly usage: Usage
  readonly unsettled?: ReadonlyArray<string> | undefined
  readonly contextLength?: number | undefined
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const TurnRecord: Schema.Schema<TurnRecord> = lazyStruct(() => ({
  turn: Schema.Number,
  agent: Schema.optional(Schema.String),
  tools: Schema.optional(Schema.Array(Schema.String)),
  response: OpenResponsesResult,
  usage: Usage,
  unsettled: Schema.optional(Schema.Array(Schema.String)),
  contextLength: Schema.optional(Schema.Number),
  startedAt: Schema.Number,
  endedAt: Schema.Number
}))

/**
 * The record of one tool call. The model receives `output`; `result` is the encoded success or failure. `usage` is what the
 * tool spent on models itself, and `unsettled` lists its generations whose cost is not known. `kept` is the whole
 * text of the output, if the model saw a part of it and can read the rest. `handoff` is the name of the agent that took over
 * with this call. A `suspended` call has no output yet: it waits for an answer, or, if it has `pending`, for decisions about
 * these calls of the runs inside of it. Without a stored conversation, its `result` has what these runs did so far, as
 * entries.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolRecord {
  readonly turn: number
  readonly callId: string
  readonly name: string
  readonly status: "success" | "failure" | "suspended" | "started"
  /** The call was left in the background: this is its result, and the model received the output that it was started. */
  readonly background?: true | undefined
  /** False if the call did not execute: it is invalid, was rejected, or a middleware refused it. */
  readonly executed?: false | undefined
  /** The call was rejected: with the option `reject`, or by a decision of another kind. */
  readonly rejected?: true | undefined
  readonly output: ToolCallOutput
  readonly kept?: string | undefined
  readonly handoff?: string | undefined
  readonly result: unknown
  readonly pending?: ReadonlyArray<PendingCall> | undefined
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
  status: Schema.Literal("success", "failure", "suspended", "started"),
  background: Schema.optional(Schema.Literal(true)),
  executed: Schema.optional(Schema.Literal(false)),
  rejected: Schema.optional(Schema.Literal(true)),
  output: ToolCallOutput,
  kept: Schema.optional(Schema.String),
  handoff: Schema.optional(Schema.String),
  result: Schema.Unknown,
  pending: Schema.optional(Schema.Array(PendingCall)),
  usage: Usage,
  unsettled: Schema.optional(Schema.Array(Schema.String)),
  startedAt: Schema.Number,
  endedAt: Schema.Number
}))

/**
 * The record of a compaction before an attempt at a turn. `items` is what the requests of the run send from then on in place
 * of the whole history; without it, the history could not be made shorter. `before` and `after` are estimates of the tokens
 * of the next request. `strategies` names those that made the history shorter, `failures` those that failed. `usage` is what
 * a summary used.
 *
 * @since 0.1.0
 * @category models
 */
export interface CompactionRecord {
  readonly turn: number
  readonly attempt: number
  readonly items?: ReadonlyArray<InputItem> | undefined
  readonly before: number
  readonly after: number
  readonly strategies: ReadonlyArray<string>
  readonly failures?: ReadonlyArray<{ readonly strategy: string; readonly message: string }> | undefined
  readonly usage: Usage
  readonly unsettled?: ReadonlyArray<string> | undefined
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const CompactionRecord: Schema.Schema<CompactionRecord> = lazyStruct(() => ({
  turn: Schema.Number,
  attempt: Schema.Number,
  items: Schema.optional(Schema.Array(InputItem)),
  before: Schema.Number,
  after: Schema.Number,
  strategies: Schema.Array(Schema.String),
  failures: Schema.optional(Schema.Array(Schema.Struct({ strategy: Schema.String, message: Schema.String }))),
  usage: Usage,
  unsettled: Schema.optional(Schema.Array(Schema.String)),
  startedAt: Schema.Number,
  endedAt: Schema.Number
}))

/**
 * A decision about a pending call: to execute it, not to execute it, or the answer that it waits for (JSON in the encoded
 * form of the answer's schema).
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
 * A call that waits. `arguments` is the JSON that the model sent; a number that JavaScript would round is a string. `reason`
 * says what it waits for: an approval, an answer for its handler, an output from the caller (`manual`), or a run that
 * continues (`stopped`). `turn` is 0 for a call of an earlier run. A call that an MCP server executes after its approval has
 * the label of the server; its `callId` is the id of the `mcp_approval_request`.
 *
 * A call of a run that a handler started has a `path`: the ids of the calls above it, from the outermost. Its `callId` is
 * unique in the outer run: it begins with the id of the call above.
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
  readonly serverLabel?: string | undefined
  readonly path?: ReadonlyArray<string> | undefined
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const PendingCall: Schema.Schema<PendingCall> = Schema.Struct({
  callId: Schema.String,
  name: Schema.String,
  arguments: Schema.Unknown,
  turn: Schema.Number,
  reason: Schema.Literal("approval", "answer", "manual", "stopped"),
  serverLabel: Schema.optional(Schema.String),
  path: Schema.optional(Schema.Array(Schema.String))
})

/**
 * A call of one of your tools, as the model sent it. A `callId` is unique in its history: a repeated id gets a suffix.
 *
 * @since 0.1.0
 * @category models
 */
export interface FunctionCall {
  readonly callId: string
  readonly name: string
  /**
   * The JSON that the model sent, parsed. A number that JavaScript would round is a string. Undefined if the text is not JSON,
   * or has more than 500 levels.
   */
  readonly arguments: unknown
  /** The arguments as the model wrote them. */
  readonly argumentsText: string
  /** Whether the response ended before the arguments were complete. Such a call never executes. */
  readonly truncated: boolean
}

/**
 * One turn and the results of its calls, in the order of the calls. `agent` is the name of the agent that spoke, if it has
 * one. `finishReason` is the reason why the response is
 * incomplete, else its status. `refusal` is what the model said in place of a response, or beside it, if it refused.
 * `usage` includes failed attempts at the turn, and what the tools spent on models.
 *
 * @since 0.1.0
 * @category models
 */
export interface Step {
  readonly turn: number
  readonly agent?: string | undefined
  readonly response: OpenResponsesResult
  readonly text: string
  readonly refusal?: string | undefined
  readonly toolCalls: ReadonlyArray<FunctionCall>
  readonly toolResults: ReadonlyArray<ToolRecord>
  readonly finishReason: string | undefined
  readonly usage: Usage
  readonly startedAt: number
  readonly endedAt: number
}

/**
 * What several runs did together. `steps` counts their turns. `elapsed` is the time, in milliseconds, from the start of the
 * first turn or call of each run to the end of its last one, without the time between the runs.
 *
 * @since 0.1.0
 * @category models
 */
export interface Totals {
  readonly usage: Usage
  readonly cost: number
  readonly steps: number
  readonly elapsed: number
}

/**
 * How much of the model's context a conversation takes, in tokens. `used` is what the provider reported for the last turn,
 * with its response; 0 before the first one. `estimate` is what the next request would have: `used`, and an estimate of what
 * was added since. `limit` is the context length of the model, if it is known: from the option `compaction`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ContextSize {
  readonly used: number
  readonly estimate: number
  readonly limit: number | undefined
}

/**
 * A run so far. `items` is what the run added to the conversation; `history` is the whole conversation, compacted where the
 * option `compaction` asks for it, which can be the input of the next run. `text` is the text of the last turn; `usage` and `cost` (USD) are sums over all turns.
 * `unsettled` lists generations whose cost is not known, because they ended early; `Generations.settle` finds it out.
 * `resumed` has the results of calls that earlier runs left, if this run executed some.
 *
 * @since 0.1.0
 * @category models
 */
export interface Progress {
  /** The name of the agent that speaks: that of the run, or the one that took over last. */
  readonly agent?: string | undefined
  readonly steps: ReadonlyArray<Step>
  readonly resumed?: ReadonlyArray<ToolRecord> | undefined
  readonly items: ReadonlyArray<InputItem>
  readonly history: ReadonlyArray<InputItem>
  readonly text: string
  readonly usage: Usage
  readonly cost: number
  readonly unsettled: ReadonlyArray<string>
  /** How much of the model's context the conversation takes. */
  readonly context: ContextSize
  /** The start of the first turn, or of a call before it that an earlier run left. Milliseconds since 1970; 0 before. */
  readonly startedAt: number
  /** The end of the last turn or call, in milliseconds since 1970. */
  readonly updatedAt: number
  /** All runs since the last new input, this one included. Only with `conversation`: else a run is a task. */
  readonly task?: Totals | undefined
  /** All runs of the stored conversation, this one included. Only with `conversation`. */
  readonly conversation?: Totals | undefined
}

/**
 * How a run ended.
 *
 * - `completed`: the last response has no calls.
 * - `refused`: the model refused, and the last response has no text; `refusal` has its words. With text it is `completed`.
 * - `incomplete`: the last response is incomplete; `reason` says why (`max_output_tokens`, `content_filter`). Also if all calls
 *   of two turns in a row are truncated.
 * - `stopped`: the stop condition of that name stopped the run.
 * - `awaiting_approval`: calls wait for `approve` or `reject`.
 * - `awaiting_tools`: calls wait for an output, or their handlers for an `answer`.
 * - `blocked`: the guardrail `by` ended the run, with its `reason`. What it judged is not part of the conversation.
 * - `interrupted`: the run was interrupted with `Conversation.interrupt`.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome =
  | { readonly _tag: "completed" }
  | { readonly _tag: "refused"; readonly refusal: string }
  | { readonly _tag: "incomplete"; readonly reason: string }
  | { readonly _tag: "stopped"; readonly condition: string }
  | { readonly _tag: "awaiting_approval" }
  | { readonly _tag: "awaiting_tools" }
  | { readonly _tag: "blocked"; readonly by: string; readonly reason: string }
  | { readonly _tag: "interrupted"; readonly reason: string | undefined }

/**
 * The result of a run. `response` is the last response, perhaps that of an earlier run that left nothing to do; `pending`
 * lists calls without an output, which the next run with this `history` or conversation can execute; `value` is the
 * structured output, if the run has the option `output` and is `completed`.
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
