/**
 * A run that goes on while any number of readers look at it.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { OpenResponsesResult } from "../schema/Responses.js"
import type { AgentEvent } from "./AgentEvent.js"
import type { ItemSnapshot, NewMessage, ToolStreamEvent } from "./AgentStream.js"
import type { FunctionCall, Run } from "./Run.js"
import type * as Tool from "./Tool.js"
import type { Usage } from "./Usage.js"

/**
 * A run that has begun, and lasts at most as long as its scope: closing the scope interrupts the run, and with it the
 * request and the tools. Everything here can be used at the same time, early, late, after the end and the scope, and any
 * number of times; there is one run and one request for each turn, whoever reads.
 *
 * - Each stream begins with the first event of the run, and ends with the run or fails with its error, after all events.
 * - The run waits for no reader, and no reader misses anything: what happened is kept for as long as this value is.
 * - What is kept is in proportion to what was said, not to the number of events: when a turn is over, and in long turns
 *   already on the way, adjacent pieces of the same text become one piece for later readers. All other events stay as
 *   they came.
 * - A run that is interrupted interrupts its readers.
 *
 * Where there is one reader and its pace should be the pace of the run, `Agent.stream` is the better choice.
 *
 * @since 0.1.0
 * @category models
 */
export interface ModelResult<T extends Tool.Any = Tool.Any, out A = undefined, out E = never> {
  /** The run, when it is over. */
  readonly run: Effect.Effect<Run<A>, E>
  /** The text of the last turn, of all its messages. */
  readonly text: Effect.Effect<string, E>
  /** The last response. There is none where the run paused before its first turn: for an approval, say. */
  readonly response: Effect.Effect<OpenResponsesResult | undefined, E>
  /** The responses of all turns. */
  readonly responses: Effect.Effect<ReadonlyArray<OpenResponsesResult>, E>
  /** The decoded value, where one was asked for and the run is `completed`. */
  readonly value: Effect.Effect<A | undefined, E>
  /** What the whole run used up, when it is over; where it failed or was interrupted, what it had until then. */
  readonly usage: Effect.Effect<Usage>
  /** What the whole run cost in USD, like `usage`. */
  readonly cost: Effect.Effect<number>
  /** The text of all turns, in the pieces in which it arrives. */
  readonly textStream: Stream.Stream<string, E>
  /** The readable reasoning of all turns, in the pieces in which it arrives. */
  readonly reasoningStream: Stream.Stream<string, E>
  /** The calls of your tools, each once, when its turn is over and before it is carried out. */
  readonly toolCallsStream: Stream.Stream<FunctionCall, E>
  /** The arguments of calls as they are written, the progress of tools, and their results. */
  readonly toolStream: Stream.Stream<ToolStreamEvent<T>, E>
  /** Each item as it grows, and the outputs of tools: snapshots, of which the last under an `id` counts. */
  readonly itemsStream: Stream.Stream<ItemSnapshot, E>
  /** The messages, calls and outputs that the run adds, whole, each once and in their order. */
  readonly newMessagesStream: Stream.Stream<NewMessage, E>
  /** Every event. */
  readonly fullResponsesStream: Stream.Stream<AgentEvent<T, A>, E>
}
