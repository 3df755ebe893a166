/**
 * Interns: agents with a machine of their own, which continue to work after a response. For members of the program.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { StreamTruncatedError } from "../http/OpenRouterError.js"
import * as InternsProtocol from "../response/internsProtocol.js"
import type { InternChatEvent } from "../schema/Interns.js"
import * as EventStream from "../stream/EventStream.js"

export { type InternReply, type InternResult, isSteered } from "../response/internsProtocol.js"
export * from "./endpoints/Interns.js"

/**
 * Runs a stream to its end and returns the text of the intern, or that the message steered a running turn. Fails with
 * `StreamTruncatedError` when the stream ended early.
 *
 * @since 0.1.0
 * @category destructors
 */
export const accumulate = <E, R>(
  stream: Stream.Stream<InternChatEvent, E, R>
): Effect.Effect<InternsProtocol.InternResult, E | StreamTruncatedError, R> =>
  EventStream.accumulate(stream, InternsProtocol.protocol)

/**
 * The text of a conversation, in the pieces in which it arrives.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Interns } from "effect-openrouter"
 *
 * const report = Interns.chat({
 *   internId: "int_1",
 *   messages: [{ role: "user", content: "How far are you?" }]
 * }).pipe(Interns.textDeltas, Stream.runForEach((delta) => Console.log(delta)))
 * ```
 */
export const textDeltas: <E, R>(self: Stream.Stream<InternChatEvent, E, R>) => Stream.Stream<string, E, R> = EventStream
  .deltas(
    InternsProtocol.textDelta
  )

/**
 * The reasoning of a conversation, in the pieces in which it arrives.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reasoningDeltas: <E, R>(self: Stream.Stream<InternChatEvent, E, R>) => Stream.Stream<string, E, R> =
  EventStream.deltas(InternsProtocol.reasoningDelta)
