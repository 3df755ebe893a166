/**
 * The Responses API: typed items in, typed items out, with reasoning and server tools.
 *
 * @since 0.1.0
 */
import type * as Stream from "effect/Stream"
import type { StreamEvents } from "../schema/ResponsesEvents.js"
import * as ResponsesProtocol from "../stream/ResponsesProtocol.js"
import { deltas } from "./internal/deltas.js"

export { accumulate, text } from "../stream/ResponsesProtocol.js"
export * from "./endpoints/Responses.js"

/**
 * Keeps the text of a stream, in the pieces in which it arrives.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Responses } from "effect-openrouter"
 *
 * const story = Responses.stream({
 *   model: "openai/gpt-5-nano",
 *   input: "A story, please."
 * }).pipe(Responses.textDeltas, Stream.runForEach((delta) => Console.log(delta)))
 * ```
 */
export const textDeltas: <E, R>(self: Stream.Stream<StreamEvents, E, R>) => Stream.Stream<string, E, R> = deltas(
  ResponsesProtocol.textDelta
)

/**
 * Keeps the readable reasoning of a stream, in the pieces in which it arrives. Encrypted reasoning is not text and is
 * left out; `accumulate` keeps it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reasoningDeltas: <E, R>(self: Stream.Stream<StreamEvents, E, R>) => Stream.Stream<string, E, R> = deltas(
  ResponsesProtocol.reasoningDelta
)
