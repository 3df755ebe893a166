/**
 * What the views of a run give, beside its events.
 *
 * @since 0.1.0
 */
import type { OutputFunctionCallItem, OutputItems, OutputMessageItem } from "../schema/ResponsesItems.js"
import type { FunctionCallOutputItem } from "../schema/ResponsesItemsRequest.js"
import type { ToolReport } from "./AgentEvent.js"
import type * as Tool from "./Tool.js"

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
