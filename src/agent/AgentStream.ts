/**
 * What to make of the events of a run: its text as it is written, its items as they grow, the calls of its tools. Each is
 * a function over the stream of events, and costs nothing where it is not used.
 *
 * @since 0.1.0
 */
import * as Chunk from "effect/Chunk"
import * as Stream from "effect/Stream"
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
