/**
 * What is known of a run: while it goes on, when it failed, and when it is over. All of it is plain data.
 *
 * @since 0.1.0
 */
import type { OpenResponsesResult } from "../../schema/Responses.js"
import type { InputItem } from "../../schema/ResponsesItemsRequest.js"
import type { Usage } from "../Usage.js"
import type { PendingCall, ToolRecord } from "./records.js"

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
