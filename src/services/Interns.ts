/**
 * Interns: agents with a machine of their own, which keep at it after the answer. For members of the programme.
 *
 * @since 0.1.0
 */
import type * as Stream from "effect/Stream"
import type { InternChatEvent } from "../schema/Interns.js"
import { deltas } from "../stream/EventStream.js"
import * as InternsProtocol from "../stream/InternsProtocol.js"

export { accumulate, isSteered } from "../stream/InternsProtocol.js"
export * from "./endpoints/Interns.js"

/**
 * Keeps the text of a conversation, in the pieces in which it arrives.
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
export const textDeltas: <E, R>(self: Stream.Stream<InternChatEvent, E, R>) => Stream.Stream<string, E, R> = deltas(
  InternsProtocol.textDelta
)

/**
 * Keeps the reasoning of a conversation, in the pieces in which it arrives.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reasoningDeltas: <E, R>(self: Stream.Stream<InternChatEvent, E, R>) => Stream.Stream<string, E, R> =
  deltas(InternsProtocol.reasoningDelta)
