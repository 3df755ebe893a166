/**
 * What to make of the events of a run: its text as it is written, its items as they grow, the calls of its tools. Each is
 * a function over the stream of events, and costs nothing where it is not used.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Stream from "effect/Stream"
import type { OutputFunctionCallItem, OutputItems, OutputMessageItem } from "../schema/ResponsesItems.js"
import type { FunctionCallOutputItem } from "../schema/ResponsesItemsRequest.js"
import { reasoningDelta, textDelta } from "../stream/ResponsesProtocol.js"
import type { AgentEvent, ToolReport } from "./AgentEvent.js"
import { DeltaView } from "./internal/deltaView.js"
import { ItemView } from "./internal/itemView.js"
import { readMessages } from "./internal/messageView.js"
import { readCalls, ToolView } from "./internal/toolView.js"
import type { FunctionCall } from "./Run.js"
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

type Events<E, R> = Stream.Stream<AgentEvent<Tool.Any, unknown>, E, R>

/**
 * The text of all turns, in the pieces in which it arrives. A message that came whole is one piece. A turn that is tried
 * again after its answer had begun starts over with its text; the events tell by `turn.retry`.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Agent, AgentStream } from "effect-openrouter"
 *
 * const program = Agent.stream({ model: "openai/gpt-5-nano", input: "A story, please." }).pipe(
 *   AgentStream.textDeltas,
 *   Stream.runForEach((delta) => Console.log(delta))
 * )
 * ```
 */
export const textDeltas = <E, R>(self: Events<E, R>): Stream.Stream<string, E, R> =>
  viewed(self, () => new DeltaView(textDelta, "text"))

/**
 * The readable reasoning of all turns, in the pieces in which it arrives.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reasoningDeltas = <E, R>(self: Events<E, R>): Stream.Stream<string, E, R> =>
  viewed(self, () => new DeltaView(reasoningDelta, "reasoning"))

/**
 * The calls of your tools, each once, when its turn is over and before it is carried out. A call whose arguments broke
 * off is left out, and so are those of an attempt that is void: neither is ever carried out.
 *
 * @since 0.1.0
 * @category combinators
 */
export const toolCalls = <E, R>(self: Events<E, R>): Stream.Stream<FunctionCall, E, R> =>
  viewed(self, () => ({ read: readCalls }))

/**
 * What is heard of tools, as it happens. The pieces of a call add up to its arguments; they name it as the model does,
 * which may be otherwise than the run where the model gives an id again.
 *
 * @since 0.1.0
 * @category combinators
 */
export const toolEvents = <T extends Tool.Any, A, E, R>(
  self: Stream.Stream<AgentEvent<T, A>, E, R>
): Stream.Stream<ToolStreamEvent<T>, E, R> => viewed(self, () => new ToolView<T, A>())

/**
 * Each item as it grows: messages, reasoning, calls, what server tools do, and the outputs of your tools. However many
 * events arrive at the same time, an item is shown once; the last time as the API lists it in its response.
 *
 * @since 0.1.0
 * @category combinators
 */
export const items = <E, R>(self: Events<E, R>): Stream.Stream<ItemSnapshot, E, R> => viewed(self, () => new ItemView())

/**
 * The messages, calls and outputs that the run adds, whole, each once and in their order: those of a turn when it is
 * over, an output when the model is to be told of it. Reasoning and what server tools do is not among them: the
 * `history` of the run, which is what another run goes on from, has all.
 *
 * @since 0.1.0
 * @category combinators
 */
export const newMessages = <E, R>(self: Events<E, R>): Stream.Stream<NewMessage, E, R> =>
  viewed(self, () => ({ read: readMessages }))

/** One step for each batch of events, whatever is in it. */
const viewed = <In, Out, E, R>(
  self: Stream.Stream<In, E, R>,
  view: () => { readonly read: (events: ReadonlyArray<In>) => ReadonlyArray<Out> }
): Stream.Stream<Out, E, R> =>
  Stream.suspend(() => {
    const reader = view()
    return Stream.mapChunks(self, (events) => Chunk.unsafeFromArray(reader.read(Chunk.toReadonlyArray(events))))
  })
