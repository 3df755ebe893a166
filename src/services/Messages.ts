/**
 * Anthropic's Messages API, for any model.
 *
 * @since 0.1.0
 */
import type * as Stream from "effect/Stream"
import type { MessagesStreamEvents } from "../schema/MessagesEvents.js"
import { deltas } from "../stream/EventStream.js"
import * as MessagesProtocol from "../stream/MessagesProtocol.js"

export { accumulate, text } from "../stream/MessagesProtocol.js"
export * from "./endpoints/Messages.js"

/**
 * Keeps the text of a stream, in the pieces in which it arrives.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Messages } from "effect-openrouter"
 *
 * const story = Messages.stream({
 *   model: "anthropic/claude-haiku-4.5",
 *   max_tokens: 1000,
 *   messages: [{ role: "user", content: "A story, please." }]
 * }).pipe(Messages.textDeltas, Stream.runForEach((delta) => Console.log(delta)))
 * ```
 */
export const textDeltas: <E, R>(self: Stream.Stream<MessagesStreamEvents, E, R>) => Stream.Stream<string, E, R> =
  deltas(
    MessagesProtocol.textDelta
  )

/**
 * Keeps the readable reasoning of a stream, in the pieces in which it arrives. Encrypted reasoning is not text and is
 * left out; `accumulate` keeps it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reasoningDeltas: <E, R>(self: Stream.Stream<MessagesStreamEvents, E, R>) => Stream.Stream<string, E, R> =
  deltas(
    MessagesProtocol.reasoningDelta
  )
