/**
 * The Responses API: typed items in, typed items out, with reasoning and server tools.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import type { StreamTruncatedError } from "../http/OpenRouterError.js"
import * as ResponsesProtocol from "../response/responsesProtocol.js"
import type { OpenResponsesResult, TextExtendedConfig } from "../schema/Responses.js"
import type { StreamEvents } from "../schema/ResponsesEvents.js"
import * as EventStream from "../stream/EventStream.js"
import { send, type SendParams, stream } from "./endpoints/Responses.js"
import { streamParts } from "./internal/streamParts.js"
import { MessageTexts } from "./messageTexts.js"
import * as StructuredOutput from "./StructuredOutput.js"

export { text } from "../response/responsesProtocol.js"
export * from "./endpoints/Responses.js"

/**
 * Runs a stream of events to its end and returns the whole response, completed or incomplete. Fails with
 * `StreamTruncatedError` when neither event arrived.
 *
 * @since 0.1.0
 * @category destructors
 */
export const accumulate = <E, R>(
  stream: Stream.Stream<StreamEvents, E, R>
): Effect.Effect<OpenResponsesResult, E | StreamTruncatedError, R> =>
  EventStream.accumulate(stream, ResponsesProtocol.protocol)

/**
 * The text of a stream, in the pieces in which it arrives.
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
export const textDeltas: <E, R>(self: Stream.Stream<StreamEvents, E, R>) => Stream.Stream<string, E, R> = EventStream
  .deltas(
    ResponsesProtocol.textDelta
  )

/**
 * The readable reasoning of a stream, in the pieces in which it arrives. Encrypted reasoning is not text and is
 * omitted; `accumulate` keeps it.
 *
 * @since 0.1.0
 * @category combinators
 */
export const reasoningDeltas: <E, R>(self: Stream.Stream<StreamEvents, E, R>) => Stream.Stream<string, E, R> =
  EventStream.deltas(
    ResponsesProtocol.reasoningDelta
  )

/**
 * Parameters of {@link object}: a request, with the schema of the value in place of `text.format`.
 *
 * @since 0.1.0
 * @category models
 */
export interface ObjectParams<A, I, R> extends Omit<SendParams, "text" | "stream">, StructuredOutput.Options<A, I, R> {
  readonly text?: Omit<TextExtendedConfig, "format"> | undefined
}

/**
 * Requests a value in place of a text: the response must match `schema` and is decoded with it. Only providers that
 * support `text.format` are used, unless `provider.require_parameters` is set. Fails with the errors of {@link send}, with
 * `JsonSchemaError` when the schema cannot be sent (then nothing is sent), and with an error of its own when the
 * response does not fit, is a refusal, or is truncated; these errors contain the paid response.
 *
 * @since 0.1.0
 * @category combinators
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Responses } from "effect-openrouter"
 *
 * const program = Responses.object({
 *   model: "openai/gpt-5-nano",
 *   input: "Three primes, please.",
 *   schema: Schema.Array(Schema.Int)
 * }).pipe(Effect.map(({ value }) => value.length))
 * ```
 */
export const object = <A, I, R>(
  params: ObjectParams<A, I, R>
): Effect.Effect<
  StructuredOutput.ObjectResult<A, OpenResponsesResult>,
  Effect.Effect.Error<ReturnType<typeof send>> | StructuredOutput.StructuredOutputError,
  OpenRouterClient | R
> =>
  Effect.gen(function*() {
    const { description, name, schema, strict, ...request } = params
    const output = yield* StructuredOutput.make({ description, name, schema, strict })
    const provider = StructuredOutput.requireSupport(request.provider)
    const result = yield* send({ ...request, provider, text: { ...request.text, format: output.textFormat } })
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
 * import { Responses } from "effect-openrouter"
 *
 * const program = Responses.streamObject({
 *   model: "openai/gpt-5-nano",
 *   input: "A hundred primes, please.",
 *   schema: Schema.Array(Schema.Int)
 * }).pipe(
 *   Stream.runForEach((part) => Console.log(part._tag, part.value.length))
 * )
 * ```
 */
export const streamObject = <A, I, R, const List extends StructuredOutput.ListOf<A, I> = never>(
  params: StreamObjectParams<A, I, R, List>
): Stream.Stream<
  StructuredOutput.ObjectPart<A, I, OpenResponsesResult, StructuredOutput.ElementOf<A, List>>,
  Stream.Stream.Error<ReturnType<typeof stream>> | StructuredOutput.StructuredOutputError,
  OpenRouterClient | R
> =>
  streamParts(params, ResponsesProtocol.protocol, (output) => {
    const { description: _, elements: __, name: ___, schema: ____, strict: _____, ...request } = params
    const provider = StructuredOutput.requireSupport(request.provider)
    return stream({ ...request, provider, text: { ...request.text, format: output.textFormat } })
  }, (receiver) => {
    const texts = new MessageTexts(receiver)
    return (event) => texts.add(event)
  })
