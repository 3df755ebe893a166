/**
 * Views of the events of a run: its text deltas, its items as they grow, its tool calls. Each is a function of the stream
 * of events.
 *
 * @since 0.1.0
 */
import * as Stream from "effect/Stream"
import { mapBatches } from "../internal/effect/batches.js"
import { reasoningDelta, textDelta } from "../response/responsesProtocol.js"
import type { AgentEvent, ItemSnapshot, NewMessage, ToolStreamEvent } from "./internal/events.js"
import type { FunctionCall } from "./internal/run.js"
import { DeltaView, readMessages } from "./internal/views/deltas.js"
import { ItemView } from "./internal/views/items.js"
import { readCalls, ToolView } from "./internal/views/tools.js"
import type * as Tool from "./Tool.js"

export type * from "./internal/events.js"

type Events<E, R> = Stream.Stream<AgentEvent<Tool.Any, unknown>, E, R>

/**
 * The text deltas of all turns. A message that arrives without deltas is one delta. If a turn is retried after its text
 * began, its text starts again; the event `turn.retry` marks that place.
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
 * The deltas of the readable reasoning of all turns.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reasoningDeltas = <E, R>(self: Events<E, R>): Stream.Stream<string, E, R> =>
  viewed(self, () => new DeltaView(reasoningDelta, "reasoning"))

/**
 * The calls of your tools, each once, at the end of its turn and before it executes. Calls with truncated arguments and
 * calls of failed attempts never execute, and are left out.
 *
 * @since 0.1.0
 * @category combinators
 */
export const toolCalls = <E, R>(self: Events<E, R>): Stream.Stream<FunctionCall, E, R> =>
  viewed(self, () => ({ read: readCalls }))

/**
 * The events of tools. The deltas of a call form its arguments; they have the call id of the model, which differs from the
 * id in the run if the model repeats an id.
 *
 * @since 0.1.0
 * @category combinators
 */
export const toolEvents = <T extends Tool.Any, A, E, R>(
  self: Stream.Stream<AgentEvent<T, A>, E, R>
): Stream.Stream<ToolStreamEvent<T>, E, R> => viewed(self, () => new ToolView<T, A>())

/**
 * Snapshots of each item as it grows: messages, reasoning, calls, items of server tools, and the outputs of your tools.
 * Events that arrive together give one snapshot of an item; the last one is the item as the response lists it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const items = <E, R>(self: Events<E, R>): Stream.Stream<ItemSnapshot, E, R> => viewed(self, () => new ItemView())

/**
 * The complete messages, calls and outputs that the run adds, each once, in order: those of a turn at its end, an output
 * when its call is done. Reasoning and items of server tools are not included; the `history` of the run has all items.
 *
 * @since 0.1.0
 * @category combinators
 */
export const newMessages = <E, R>(self: Events<E, R>): Stream.Stream<NewMessage, E, R> =>
  viewed(self, () => ({ read: readMessages }))

/** Reads each batch of events at once, which costs less than one effect for each event. */
const viewed = <In, Out, E, R>(
  self: Stream.Stream<In, E, R>,
  view: () => { readonly read: (events: ReadonlyArray<In>) => ReadonlyArray<Out> }
): Stream.Stream<Out, E, R> =>
  Stream.suspend(() => {
    const reader = view()
    return mapBatches(self, (events) => reader.read(events))
  })
