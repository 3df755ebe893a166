/**
 * Text completions: the old API that goes on with a prompt, without messages.
 *
 * @since 0.1.0
 */
import type * as Stream from "effect/Stream"
import type { CompletionChunk } from "../schema/Completions.js"
import * as CompletionsProtocol from "../stream/CompletionsProtocol.js"
import { deltas } from "../stream/EventStream.js"

export { accumulate, text } from "../stream/CompletionsProtocol.js"
export * from "./endpoints/Completions.js"

/**
 * Keeps the text of a stream, in the pieces in which it arrives.
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
export const textDeltas: <E, R>(self: Stream.Stream<CompletionChunk, E, R>) => Stream.Stream<string, E, R> = deltas(
  CompletionsProtocol.textDelta
)
