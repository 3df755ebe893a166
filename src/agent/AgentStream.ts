/**
 * Views of the events of a run: its text deltas, its items as they grow, its tool calls. Each is a function of the stream
 * of events.
 *
 * @since 0.1.0
 */
import type * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { mapBatches } from "../internal/effect/batches.js"
import { reasoningDelta, textDelta } from "../response/responsesProtocol.js"
import type { JsonSchemaError } from "../schema/jsonSchema.js"
import type {
  AgentEvent,
  ItemSnapshot,
  NewMessage,
  OutputElement,
  PartialArguments,
  PartialOutput,
  ToolCallResult,
  ToolStreamEvent
} from "./internal/events.js"
import type { ContextIn, ElementIn, ListIn, Output, PartialIn } from "./internal/options.js"
import { DeltaView, readMessages } from "./internal/views/deltas.js"
import { ItemView } from "./internal/views/items.js"
import { elementsOf, partialArgumentsOf, partialsOf } from "./internal/views/partials.js"
import { CallView, ToolView } from "./internal/views/tools.js"
import type * as Tool from "./Tool.js"
import type { Toolkit } from "./Toolkit.js"

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
 * The calls of your tools with their arguments and results, each once: when the call has ended, or at the end of the run if
 * it waits. A call that does not execute, for example because its arguments are cut off, is a failure. Calls of failed
 * attempts are left out. To see a call before it ends, use {@link toolEvents} or {@link items}.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Schema, Stream } from "effect"
 * import { Agent, AgentStream, Tool, Toolkit } from "effect-openrouter"
 *
 * const Search = Tool.make("search", { parameters: Schema.Struct({ query: Schema.String }), success: Schema.String })
 *
 * const program = Agent.stream({ model: "openai/gpt-5-nano", input: "Who won?", tools: Toolkit.make(Search) }).pipe(
 *   AgentStream.toolCalls,
 *   Stream.runForEach((call) => Console.log(call.name, call.arguments, call.result))
 * )
 * ```
 */
export const toolCalls = <T extends Tool.Any, A, E, R>(
  self: Stream.Stream<AgentEvent<T, A>, E, R>
): Stream.Stream<ToolCallResult<T>, E, R> =>
  // The schemas of the tools T decode the values in the events, which stay as they are
  viewed(self as Events<E, R>, () => new CallView()) as Stream.Stream<ToolCallResult<T>, E, R>

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

/**
 * The structured output while the model writes it, at most one partial value for each batch of events. `output` is that of
 * the options. A partial value has the encoded form of the schema, its strings are as long as they are written, and nothing
 * has checked it: show it, but decide nothing by it. The decoded value is in `run.end`.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Schema, Stream } from "effect"
 * import { Agent, AgentStream } from "effect-openrouter"
 *
 * const Report = Schema.Struct({ title: Schema.String, sources: Schema.Array(Schema.String) })
 *
 * const program = Agent.stream({ model: "openai/gpt-5-nano", input: "A report, please.", output: Report }).pipe(
 *   AgentStream.partials(Report),
 *   Stream.runForEach(({ value }) => Console.log(value.title, value.sources?.length))
 * )
 * ```
 */
export const partials =
  <S extends Schema.Schema.All | Output>(output: S) =>
  <E, R>(self: Events<E, R>): Stream.Stream<PartialOutput<PartialIn<S>>, E, R> => partialsOf(self, () => output)

/**
 * The elements of a list in the structured output, each decoded as soon as it is complete. `list` is the name of a field, or
 * `true` for a value that is a list itself. From an element on that does not fit the schema, a turn has no more elements: the
 * run decides whether the model repairs its response.
 *
 * Fails with `JsonSchemaError` if the elements cannot be decoded one by one, because a transformation of the whole list
 * makes them.
 *
 * @since 0.1.0
 * @category combinators
 */
export const elements =
  <S extends Schema.Schema.All | Output, const List extends ListIn<S>>(output: S, list: List) =>
  <E, R>(
    self: Events<E, R>
  ): Stream.Stream<OutputElement<ElementIn<S, List>>, E | JsonSchemaError, R | ContextIn<S>> =>
    elementsOf(self, output, list)

/**
 * The arguments of the calls of these tools while the model writes them, at most one partial value of a call for each batch
 * of events. Its strings are as long as they are written, and nothing has checked it: show it, but decide nothing by it. The
 * call has the id of the model, as in {@link toolEvents}.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Schema, Stream } from "effect"
 * import { Agent, AgentStream, Tool, Toolkit } from "effect-openrouter"
 *
 * const WriteFile = Tool.make("write_file", {
 *   parameters: Schema.Struct({ path: Schema.String, content: Schema.String })
 * })
 * const tools = Toolkit.make(WriteFile)
 *
 * const program = Agent.stream({ model: "openai/gpt-5-nano", input: "Write a poem to poem.txt", tools }).pipe(
 *   AgentStream.partialArguments(tools),
 *   Stream.runForEach(({ value }) => Console.log(value.path, value.content?.length))
 * )
 * ```
 */
export const partialArguments =
  <T extends Tool.Any>(tools: Toolkit<T> | ReadonlyArray<T>) =>
  <E, R>(self: Events<E, R>): Stream.Stream<PartialArguments<T>, E, R> =>
    partialArgumentsOf(self, "tools" in tools ? tools.tools : tools)

/** Reads each batch of events at once, which costs less than one effect for each event. */
const viewed = <In, Out, E, R>(
  self: Stream.Stream<In, E, R>,
  view: () => { readonly read: (events: ReadonlyArray<In>) => ReadonlyArray<Out> }
): Stream.Stream<Out, E, R> =>
  Stream.suspend(() => {
    const reader = view()
    return mapBatches(self, (events) => reader.read(events))
  })
