/**
 * Text completions: the old API that continues a prompt, without messages.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { StreamTruncatedError } from "../http/OpenRouterError.js"
import * as CompletionsProtocol from "../response/completionsProtocol.js"
import type { CompletionChunk, CompletionResponse } from "../schema/Completions.js"
import * as EventStream from "../stream/EventStream.js"

export { text } from "../response/completionsProtocol.js"
export * from "./endpoints/Completions.js"

/**
 * Runs a stream of chunks to its end and returns the whole response. Fails with `StreamTruncatedError` when no choice
 * was finished and no usage was reported.
 *
 * @since 0.1.0
 * @category destructors
 */
export const accumulate = <E, R>(
  stream: Stream.Stream<CompletionChunk, E, R>
): Effect.Effect<CompletionResponse, E | StreamTruncatedError, R> =>
  EventStream.accumulate(stream, CompletionsProtocol.protocol)

/**
 * The text of a stream, in the pieces in which it arrives.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Completions } from "effect-openrouter"
 *
 * const story = Completions.stream({ model: "openai/gpt-3.5-turbo-instruct", prompt: "Once upon a time" }).pipe(
 *   Completions.textDeltas,
 *   Stream.runForEach((delta) => Console.log(delta))
 * )
 * ```
 */
export const textDeltas: <E, R>(self: Stream.Stream<CompletionChunk, E, R>) => Stream.Stream<string, E, R> = EventStream
  .deltas(
    CompletionsProtocol.textDelta
  )
