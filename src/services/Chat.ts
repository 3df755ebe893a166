/**
 * Chat completions: the API that every model on OpenRouter answers.
 *
 * @since 0.1.0
 */
import type * as Stream from "effect/Stream"
import type { ChatStreamChunk } from "../schema/Chat.js"
import * as ChatProtocol from "../stream/ChatProtocol.js"
import { deltas } from "./internal/deltas.js"

export { accumulate, text } from "../stream/ChatProtocol.js"
export * from "./endpoints/Chat.js"

/**
 * Keeps the text of a stream, in the pieces in which it arrives.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Stream } from "effect"
 * import { Chat } from "effect-openrouter"
 *
 * const story = Chat.stream({
 *   model: "openai/gpt-5-nano",
 *   messages: [{ role: "user", content: "A story, please." }]
 * }).pipe(Chat.textDeltas, Stream.runForEach((delta) => Console.log(delta)))
 * ```
 */
export const textDeltas: <E, R>(self: Stream.Stream<ChatStreamChunk, E, R>) => Stream.Stream<string, E, R> = deltas(
  ChatProtocol.textDelta
)

/**
 * Keeps the readable reasoning of a stream, in the pieces in which it arrives. Encrypted reasoning is not text and is
 * left out; `accumulate` keeps it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reasoningDeltas: <E, R>(self: Stream.Stream<ChatStreamChunk, E, R>) => Stream.Stream<string, E, R> =
  deltas(
    ChatProtocol.reasoningDelta
  )
