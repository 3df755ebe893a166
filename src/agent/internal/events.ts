/**
 * What happens during a run, as it happens: every event of the API, and those of the loop around it.
 *
 * @since 0.1.0
 */
import type { OpenResponsesResult } from "../../schema/Responses.js"
import type { StreamEvents } from "../../schema/ResponsesEvents.js"
import type { OutputFunctionCallItem, OutputItems, OutputMessageItem } from "../../schema/ResponsesItems.js"
import type { FunctionCallOutputItem } from "../../schema/ResponsesItemsRequest.js"
import type * as Tool from "../Tool.js"
import type { Usage } from "../Usage.js"
import type { FunctionCall, Run } from "./run.js"

/**
 * A request is about to be sent. `attempt` counts from 1 and grows where a turn is tried again.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnStart {
  readonly type: "turn.start"
  readonly turn: number
  readonly attempt: number
}

/**
 * An attempt at a turn failed, and the turn is tried again: what was shown of it is void.
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
 * A response is whole; its tools have not run yet.
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
 * A tool is done, at the moment when it is. `result` is what its handler gave, undecorated.
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
  readonly result: Success
}

/**
 * A call failed, or was not carried out; `message` is what the model is told.
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
  readonly message: string
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
 * The run is over: the last event.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunEnd<out A = undefined> {
  readonly type: "run.end"
  readonly run: Run<A>
}

/**
 * What a tool of `T` reports: its progress where it has any, and what came of it.
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
 * The events that a tool can cause.
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
  | TurnEnd
  | ToolEvent<T>
  | RunEnd<A>

/**
 * An item as far as it has arrived, in place of what was shown before under the same `id`. `whole` items do not change
 * any more; a `void` one belongs to an attempt that failed, and is to be forgotten.
 *
 * The `id` is the item's own, and another where it has none or an earlier item has the same. It stays when OpenRouter
 * changes the item's own on the way.
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
 * A piece of the arguments of a call, which are JSON when they are whole.
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
 * What is heard of tools: the arguments of their calls as they are written, their progress, and their results.
 *
 * @since 0.1.0
 * @category models
 */
export type ToolStreamEvent<T extends Tool.Any = Tool.Any> = ArgumentsDelta | ToolReport<T>
