/**
 * Chat completions: the API that every model on OpenRouter supports.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import type { StreamTruncatedError } from "../http/OpenRouterError.js"
import * as ChatProtocol from "../response/chatProtocol.js"
import type { ChatResult, ChatStreamChunk } from "../schema/Chat.js"
import * as EventStream from "../stream/EventStream.js"
import { send, type SendParams, stream } from "./endpoints/Chat.js"
import { streamParts } from "./internal/streamParts.js"
import * as StructuredOutput from "./StructuredOutput.js"

export { text } from "../response/chatProtocol.js"
export * from "./endpoints/Chat.js"

/**
 * Runs a stream of chunks to its end and returns the whole completion. Fails with `StreamTruncatedError` when no
 * choice was finished and no usage was reported.
 *
 * Fields that this version does not know are kept. A text that is the same in each chunk is kept once; texts that differ
 * are joined, and so are lists. Parts of the content that are no text, reasoning, refusal or image are in the field
 * `content_parts` of the message.
 *
 * @example
 * ```ts
 * import * as Effect from "effect/Effect"
 * import { Chat } from "effect-openrouter"
 *
 * const stream = Chat.stream({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hello" }] })
 *
 * const cost = Effect.map(Chat.accumulate(stream), (result) => result.usage?.cost)
 * ```
 *
 * @since 0.1.0
 * @category destructors
 */
export const accumulate = <E, R>(
  stream: Stream.Stream<ChatStreamChunk, E, R>
): Effect.Effect<ChatResult, E | StreamTruncatedError, R> => EventStream.accumulate(stream, ChatProtocol.protocol)

/**
 * The text of a stream, in the pieces in which it arrives.
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
export const textDeltas: <E, R>(self: Stream.Stream<ChatStreamChunk, E, R>) => Stream.Stream<string, E, R> = EventStream
  .deltas(
    ChatProtocol.textDelta
  )

/**
 * The readable reasoning of a stream, in the pieces in which it arrives. Encrypted reasoning is not text and is
 * omitted; `accumulate` keeps it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reasoningDeltas: <E, R>(self: Stream.Stream<ChatStreamChunk, E, R>) => Stream.Stream<string, E, R> =
  EventStream.deltas(
    ChatProtocol.reasoningDelta
  )

/**
 * Parameters of {@link object}: a chat request, with the schema of the value in place of `response_format`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectParams<A, I, R>
  extends Omit<SendParams, "response_format" | "stream">, StructuredOutput.Options<A, I, R>
{}

/**
 * Requests a value in place of a text: the response must match `schema` and is decoded with it. Only providers that
 * support `response_format` are used, unless `provider.require_parameters` is set. Fails with the errors of {@link send}, with
 * `JsonSchemaError` when the schema cannot be sent (then nothing is sent), and with an error of its own when the
 * response does not fit, is a refusal, or is truncated; these errors contain the paid response.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Effect, Schema } from "effect"
 * import { Chat } from "effect-openrouter"
 *
 * const Person = Schema.Struct({ name: Schema.String, born: Schema.optional(Schema.Date) })
 *
 * const program = Chat.object({
 *   model: "openai/gpt-5-nano",
 *   messages: [{ role: "user", content: "Who wrote the first program?" }],
 *   schema: Person
 * }).pipe(
 *   Effect.flatMap(({ result, value }) => Console.log(value.name, value.born?.getFullYear(), result.usage?.cost)),
 *   Effect.catchTag("StructuredOutputMismatchError", (error) => Console.log(error.issues, error.response.cost))
 * )
 * ```
 */
export const object = <A, I, R>(
  params: ObjectParams<A, I, R>
): Effect.Effect<
  StructuredOutput.ObjectResult<A, ChatResult>,
  Effect.Effect.Error<ReturnType<typeof send>> | StructuredOutput.StructuredOutputError,
  OpenRouterClient | R
> =>
  Effect.gen(function*() {
    const { description, name, schema, strict, ...request } = params
    const output = yield* StructuredOutput.make({ description, name, schema, strict })
    const provider = StructuredOutput.requireSupport(request.provider)
    const result = yield* send({ ...request, provider, response_format: output.responseFormat })
    return { value: yield* output.read(result), result }
  })

/**
 * Parameters of {@link streamObject}: those of {@link object}, and the list whose elements are emitted one by one.
 *
 * @since 0.1.0
 * @category models
 */
export interface StreamObjectParams<A, I, R, List> extends ObjectParams<A, I, R> {
  /** The name of a field that is a list, or `true` if the value is a list. Its elements are emitted when they are complete. */
  readonly elements?: List | undefined
}

/**
 * Requests a value as {@link object} does, and emits it while the model writes: partial values, at most one for each network
 * read, and at the end the decoded value with its result. With `elements`, each element of a list is emitted, too, decoded,
 * as soon as it is complete.
 *
 * Fails with the errors of {@link stream}, and with those of a value that {@link object} has. An element that does not fit
 * fails the stream at once, with its path; the request then ends, and `response` has what had arrived.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Console, Schema, Stream } from "effect"
 * import { Chat } from "effect-openrouter"
 *
 * const Report = Schema.Struct({ title: Schema.String, sources: Schema.Array(Schema.Struct({ url: Schema.String })) })
 *
 * const program = Chat.streamObject({
 *   model: "openai/gpt-5-nano",
 *   messages: [{ role: "user", content: "A report on lighthouses, please." }],
 *   schema: Report,
 *   elements: "sources"
 * }).pipe(
 *   Stream.runForEach((part) => {
 *     switch (part._tag) {
 *       case "partial":
 *         return Console.log(part.value.title, part.value.sources?.length)
 *       case "element":
 *         return Console.log(part.index, part.value.url)
 *       case "done":
 *         return Console.log(part.value.sources.length, part.result.usage?.cost)
 *     }
 *   })
 * )
 * ```
 */
export const streamObject = <A, I, R, const List extends StructuredOutput.ListOf<A, I> = never>(
  params: StreamObjectParams<A, I, R, List>
): Stream.Stream<
  StructuredOutput.ObjectPart<A, I, ChatResult, StructuredOutput.ElementOf<A, List>>,
  Stream.Stream.Error<ReturnType<typeof stream>> | StructuredOutput.StructuredOutputError,
  OpenRouterClient | R
> =>
  streamParts(params, ChatProtocol.protocol, (output) => {
    const { description: _, elements: __, name: ___, schema: ____, strict: _____, ...request } = params
    const provider = StructuredOutput.requireSupport(request.provider)
    return stream({ ...request, provider, response_format: output.responseFormat })
  }, (receiver) => (chunk) => receiver.push(ChatProtocol.textDelta(chunk)))
