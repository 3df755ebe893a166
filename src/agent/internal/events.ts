/**
 * The events of a run: every event of the API, and the events of the loop.
 *
 * @since 0.1.0
 */
import type { OpenResponsesResult } from "../../schema/Responses.js"
import type { StreamEvents } from "../../schema/ResponsesEvents.js"
import type { OutputFunctionCallItem, OutputItems, OutputMessageItem } from "../../schema/ResponsesItems.js"
import type { FunctionCallOutputItem, InputItem } from "../../schema/ResponsesItemsRequest.js"
import type { DeepPartial } from "../../services/StructuredOutput.js"
import type * as Tool from "../Tool.js"
import type { Usage } from "../Usage.js"
import type { CompactionRecord, FunctionCall, PendingCall, Run } from "./run.js"

/**
 * A request is about to be sent. `attempt` counts from 1 and grows when the turn is retried. `agent` is the name of the
 * agent that speaks, if it has one.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnStart {
  readonly type: "turn.start"
  readonly turn: number
  readonly attempt: number
  readonly agent?: string | undefined
}

/**
 * An attempt at a turn failed, or an urgent message interrupted it, and the turn is retried. Discard its events.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnRetry {
  readonly type: "turn.retry"
  readonly turn: number
  readonly attempt: number
  readonly error: { readonly _tag: string; readonly message: string }
}

/**
 * The run took up a message that was said to its conversation: the next request sends its items.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageAccepted {
  readonly type: "message.accepted"
  readonly id: string
  readonly items: ReadonlyArray<InputItem>
}

/**
 * A turn has seen a message, and both are stored.
 *
 * @since 0.1.0
 * @category models
 */
export interface MessageDelivered {
  readonly type: "message.delivered"
  readonly id: string
  readonly turn: number
}

/**
 * The history was compacted before an attempt at a turn. If `after` equals `before`, it could not be made shorter.
 *
 * @since 0.1.0
 * @category models
 */
export interface ContextCompacted extends Omit<CompactionRecord, "items"> {
  readonly type: "context.compacted"
}

/**
 * A response is complete; its tools have not executed yet.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnEnd {
  readonly type: "turn.end"
  readonly turn: number
  readonly response: OpenResponsesResult
  readonly toolCalls: ReadonlyArray<FunctionCall>
  readonly usage: Usage
}

/**
 * A tool reports progress. `result` has the type of the tool's progress schema.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolPreliminaryResult<out Name extends string = string, out Progress = unknown> {
  readonly type: "tool.preliminary_result"
  readonly turn: number
  readonly toolCallId: string
  readonly name: Name
  readonly result: Progress
}

/**
 * A call goes on in the background. Its `tool.result` comes when it has ended.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolStarted {
  readonly type: "tool.started"
  readonly turn: number
  readonly toolCallId: string
  readonly name: string
}

/**
 * A call succeeded. `arguments` is the JSON that the model sent; `result` is the value that its handler returned, and
 * `encoded` the same as JSON, in the encoded form of the tool's schema.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolSuccess<out Name extends string = string, out Success = unknown> {
  readonly type: "tool.result"
  readonly status: "success"
  readonly turn: number
  readonly toolCallId: string
  readonly name: Name
  readonly arguments: unknown
  readonly result: Success
  readonly encoded: unknown
}

/**
 * A call failed, or did not execute. `message` says why: the words of the failure, or what the model receives. A call that
 * did not execute has `executed: false`; if somebody rejected it, also `rejected: true`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolFailure {
  readonly type: "tool.result"
  readonly status: "failure"
  readonly turn: number
  readonly toolCallId: string
  readonly name: string
  readonly arguments: unknown
  readonly message: string
  readonly executed?: false | undefined
  readonly rejected?: true | undefined
}

/**
 * The output of a call, as the next request sends it.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolCallOutputEvent {
  readonly type: "tool.call_output"
  readonly turn: number
  readonly output: FunctionCallOutputItem
}

/**
 * Another agent took over: the next turn is one of the agent `to`. `from` is the name of the agent that spoke until then, if
 * it has one.
 *
 * @since 0.1.0
 * @category models
 */
export interface AgentHandoff {
  readonly type: "agent.handoff"
  readonly turn: number
  readonly toolCallId: string
  readonly from: string | undefined
  readonly to: string
}

/**
 * An event of a run inside of a call, such as that of an agent that is a tool. `path` has the ids of the calls around it,
 * the outermost first; `run` is the id of the inner run, and `agent` its name.
 *
 * @since 0.1.0
 * @category models
 */
export interface NestedEvent {
  readonly type: "nested"
  readonly path: ReadonlyArray<string>
  readonly run: string
  readonly agent?: string | undefined
  readonly event: Exclude<AgentEvent<Tool.Any, unknown>, NestedEvent>
}

/**
 * The end of the run: the last event.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunEnd<out A = undefined> {
  readonly type: "run.end"
  readonly run: Run<A>
}

/**
 * The reports of a tool of `T`: its progress, if it has any, and its result.
 *
 * @since 0.1.0
 * @category models
 */
export type ToolReport<T extends Tool.Any = Tool.Any> =
  | (T extends Tool.Tool<infer Name, infer Types> ?
      | ToolSuccess<Name, Types["success"]>
      | ([Types["progress"]] extends [never] ? never : ToolPreliminaryResult<Name, Types["progress"]>)
    : never)
  | ToolFailure

/**
 * The events of a tool.
 *
 * @since 0.1.0
 * @category models
 */
export type ToolEvent<T extends Tool.Any = Tool.Any> = ToolReport<T> | ToolCallOutputEvent

/**
 * Any event of a run with the tools `T`.
 *
 * @since 0.1.0
 * @category models
 */
export type AgentEvent<T extends Tool.Any = Tool.Any, A = undefined> =
  | StreamEvents
  | TurnStart
  | TurnRetry
  | MessageAccepted
  | MessageDelivered
  | ContextCompacted
  | TurnEnd
  | ToolStarted
  | ToolEvent<T>
  | AgentHandoff
  | NestedEvent
  | RunEnd<A>

/**
 * An item as far as it has arrived. It replaces the earlier snapshot with the same `id`. A `whole` item does not change any
 * more; a `void` item belongs to a failed attempt: discard it.
 *
 * The `id` is the id of the item, or another one if the item has none or an earlier item has the same. It stays the same
 * when OpenRouter changes the id of the item during the stream.
 *
 * @since 0.1.0
 * @category models
 */
export interface ItemSnapshot {
  readonly id: string
  readonly turn: number
  readonly state: "growing" | "whole" | "void"
  readonly item: OutputItems | FunctionCallOutputItem
}

/**
 * A message, a call of a tool, or the output of one.
 *
 * @since 0.1.0
 * @category models
 */
export type NewMessage = OutputMessageItem | OutputFunctionCallItem | FunctionCallOutputItem

/**
 * A delta of the arguments of a call. All deltas together are JSON.
 *
 * @since 0.1.0
 * @category models
 */
export interface ArgumentsDelta {
  readonly type: "delta"
  readonly turn: number
  readonly toolCallId: string
  readonly name: string
  readonly content: string
}

/**
 * The events of tools: the argument deltas of their calls, their progress, and their results.
 *
 * @since 0.1.0
 * @category models
 */
export type ToolStreamEvent<T extends Tool.Any = Tool.Any> = ArgumentsDelta | ToolReport<T>

/**
 * A call of a tool of `T` that has ended, or that waits at the end of the run. `arguments` is the JSON that the model sent,
 * `result` the value that the handler returned, and `preliminaryResults` the progress that it reported. `status` says
 * which: a `pending` call waits for what `reason` says, and a `failure` has a `message` and no result.
 *
 * @since 0.1.0
 * @category models
 */
export type ToolCallResult<T extends Tool.Any = Tool.Any> =
  | (T extends Tool.Tool<infer Name, infer Types> ? Types["kind"] extends "server" ? never
    : Omit<ToolSuccess<Name, Types["success"]>, "type" | "encoded"> & {
      readonly preliminaryResults: ReadonlyArray<Types["progress"]>
    }
    : never)
  | (Omit<ToolFailure, "type"> & { readonly result: undefined; readonly preliminaryResults: ReadonlyArray<unknown> })
  | (Omit<PendingCall, "callId"> & {
    readonly status: "pending"
    readonly toolCallId: string
    readonly result: undefined
    readonly preliminaryResults: ReadonlyArray<unknown>
  })

/**
 * A structured output as far as the model has written it. It replaces the one before of the same turn, and of earlier turns.
 * The value of a `void` one belongs to a failed attempt: discard it.
 *
 * @since 0.1.0
 * @category models
 */
export interface PartialOutput<out Value> {
  readonly turn: number
  readonly state: "growing" | "void"
  readonly value: Value
}

/**
 * An element of a list in a structured output, decoded. If the model begins the value anew, `index` begins at 0 again.
 *
 * @since 0.1.0
 * @category models
 */
export interface OutputElement<out Element> {
  readonly turn: number
  readonly index: number
  readonly value: Element
}

/**
 * The arguments of a call as far as the model has written them, for each tool of `T` by its `name`. They replace those
 * before with the same `toolCallId`. `void` ones belong to a failed attempt: discard them.
 *
 * @since 0.1.0
 * @category models
 */
export type PartialArguments<T extends Tool.Any = Tool.Any> = T extends Tool.Tool<infer Name, infer Types>
  ? Types["kind"] extends "server" ? never : {
    readonly turn: number
    readonly toolCallId: string
    readonly name: Name
    readonly state: "growing" | "void"
    readonly value: DeepPartial<Types["arguments"]>
  }
  : never
