/**
 * Anthropic's Messages API, for any model.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { StreamTruncatedError } from "../http/OpenRouterError.js"
import * as MessagesProtocol from "../response/messagesProtocol.js"
import type { MessagesResult } from "../schema/Messages.js"
import type { MessagesStreamEvents } from "../schema/MessagesEvents.js"
import * as EventStream from "../stream/EventStream.js"

export { text } from "../response/messagesProtocol.js"
export * from "./endpoints/Messages.js"

/**
 * Runs a stream of events to its end and returns the whole message. Fails with `StreamTruncatedError` when
 * there was no `message_stop`.
 *
 * @since 0.1.0
 * @category destructors
 */
export const accumulate = <E, R>(
  stream: Stream.Stream<MessagesStreamEvents, E, R>
): Effect.Effect<MessagesResult, E | StreamTruncatedError, R> =>
  EventStream.accumulate(stream, MessagesProtocol.protocol)

/**
 * The text of a stream, in the pieces in which it arrives.
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
  EventStream.deltas(
    MessagesProtocol.textDelta
  )

/**
 * The readable reasoning of a stream, in the pieces in which it arrives. Encrypted reasoning is not text and is
 * omitted; `accumulate` keeps it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reasoningDeltas: <E, R>(self: Stream.Stream<MessagesStreamEvents, E, R>) => Stream.Stream<string, E, R> =
  EventStream.deltas(
    MessagesProtocol.reasoningDelta
  )
