/**
 * Runs and chat completions as the UI message stream of the AI SDK, which `useChat` reads.
 *
 * @since 0.1.0
 */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { PendingCall } from "../agent/Activities.js"
import type { Run } from "../agent/Agent.js"
import type { AgentEvent } from "../agent/AgentStream.js"
import type * as Tool from "../agent/Tool.js"
import { mapBatches } from "../internal/effect/batches.js"
import { jsonText } from "../internal/json.js"
import type { ChatStreamChunk } from "../schema/Chat.js"
import { agentEncoder } from "./internal/agentEncoder.js"
import { ChatEncoder } from "./internal/chatEncoder.js"
import type { Chunk } from "./internal/chunk.js"
import { defaultErrorText } from "./internal/errorText.js"
import type { Protocol } from "./internal/finishReason.js"
import { headers } from "./internal/uiHeaders.js"
import * as Sse from "./Sse.js"

export type { Chunk, FinishReason } from "./internal/chunk.js"
export type { Protocol } from "./internal/finishReason.js"

/**
 * Options of every stream.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<E> {
  /** The id of the message. Default: the browser makes one. */
  readonly messageId?: string | undefined
  /** What the browser shows when the stream fails. Default: a sentence without any detail. */
  readonly errorText?: ((error: E) => string) | undefined
  /** Whether the browser has no type for a tool, as for tools of an MCP server. Default: it has one for each. */
  readonly dynamic?: ((tool: string) => boolean) | undefined
}

/**
 * Options of the stream of a run.
 *
 * @since 0.1.0
 * @category models
 */
export interface AgentOptions<E> extends Options<E> {
  /** The line of the protocol that all browsers understand. Default 6. */
  readonly protocol?: Protocol | undefined
  /** The metadata of the message at the end of a run. Default: `{ outcome, usage, cost }`, of all that it took. */
  readonly metadata?: ((run: Run<unknown>) => unknown) | undefined
  /** The ids of the calls that the message has already, where the run goes on with it. */
  readonly known?: ReadonlySet<string> | undefined
  /** The calls that waited when the run began, from `Conversation.pending`. */
  readonly waiting?: ReadonlyArray<PendingCall> | undefined
}

/**
 * The chunks of a run. They show its texts and reasoning, its sources and images, its calls with their progress and results,
 * the calls that wait for an approval, and at the end its outcome and its cost (USD). What a failed attempt had shown is taken
 * back. A failure is the last chunk: it has the text of `errorText`, and nothing of the error itself.
 *
 * @since 0.1.0
 * @category streams
 * @example
 * ```ts
 * import { Agent } from "effect-openrouter"
 * import { UiStream } from "effect-openrouter/ui"
 *
 * // A handler of a router or a server
 * const story = UiStream.response(
 *   UiStream.fromAgent(Agent.stream({ model: "openai/gpt-5-nano", input: "A story, please." }))
 * )
 * ```
 */
export const fromAgent = <E, R>(
  events: Stream.Stream<AgentEvent<Tool.Any, unknown>, E, R>,
  options: AgentOptions<E> = {}
): Stream.Stream<Chunk, never, R> =>
  Stream.suspend(() => {
    const encoder = agentEncoder(options)
    return told(mapBatches(events, (batch) => encoder.read(batch)), options)
  })

/**
 * The chunks of a chat completion, of its first choice: texts and reasoning, sources, images and calls, and at the end the
 * tokens and their cost (USD). A failure is the last chunk, as in {@link fromAgent}.
 *
 * @since 0.1.0
 * @category streams
 * @example
 * ```ts
 * import { Chat } from "effect-openrouter"
 * import { UiStream } from "effect-openrouter/ui"
 *
 * const chunks = UiStream.fromChat(
 *   Chat.stream({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hello!" }] })
 * )
 * ```
 */
export const fromChat = <E, R>(
  stream: Stream.Stream<ChatStreamChunk, E, R>,
  options: Options<E> = {}
): Stream.Stream<Chunk, never, R> =>
  Stream.suspend(() => {
    const encoder = new ChatEncoder(options.dynamic ?? (() => false))
    const chunks = Stream.concat(
      mapBatches(stream, (batch) => encoder.read(batch)),
      Stream.suspend(() => Stream.fromIterable(encoder.end()))
    )
    return told(chunks, options)
  })

/** The first chunk of a message, its chunks, and in place of a failure a chunk that tells of it. */
const told = <E, R>(
  chunks: Stream.Stream<Chunk, E, R>,
  { errorText = defaultErrorText, messageId }: Options<E>
): Stream.Stream<Chunk, never, R> =>
  Stream.concat(
    Stream.succeed<Chunk>({ type: "start", ...(messageId === undefined ? {} : { messageId }) }),
    Stream.catchAll(chunks, (error) => Stream.succeed<Chunk>({ type: "error", errorText: errorText(error) }))
  )

/**
 * Sends chunks to a browser. The response waits for the first text, call or failure, for 15 seconds at most; a browser that
 * leaves interrupts the stream.
 *
 * To answer with a status of its own when a run cannot begin, and for chats that are stored, use `UiChat.handler`.
 *
 * @since 0.1.0
 * @category responses
 */
export const response = <R>(
  chunks: Stream.Stream<Chunk, never, R>
): Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | Scope.Scope> =>
  Sse.response(Stream.concat(Stream.map(chunks, jsonText), Stream.succeed("[DONE]")), {
    encode: (data) => data,
    headers
  })
