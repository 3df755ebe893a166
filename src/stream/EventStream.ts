/**
 * Responses as streams of events: bytes become checked events, one step for each network read, and an endpoint becomes
 * a function that returns them as a `Stream`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Definition, Failure as EndpointFailure } from "../http/Endpoint.js"
import { callable } from "../http/kernel.js"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import type {
  ConnectionError,
  ResponseError,
  Status,
  StreamError,
  StreamTruncatedError
} from "../http/OpenRouterError.js"
import type { WithResponse } from "../http/responseInfo.js"
import type { Auth, Row } from "../http/row.js"
import { forEachBatch, fromBatches, mapBatches, pullFrom } from "../internal/effect/batches.js"
import { ownScope, scoped } from "../internal/effect/scopes.js"
import type { Accumulator, Completeness, Protocol } from "../response/protocol.js"
import { forEachEvent } from "./forEachEvent.js"
import { openEvents } from "./internal/openEvents.js"
import { openStream } from "./openStream.js"
import { resultOf } from "./resultOf.js"

export type {
  /**
   * @since 0.1.0
   * @category models
   */
  Accumulator,
  /**
   * @since 0.1.0
   * @category models
   */
  Completeness,
  /**
   * @since 0.1.0
   * @category models
   */
  Protocol
}

/**
 * Options of `decode`. Without time limits, a stream may send nothing for ever; `maxEventSize` is in bytes.
 *
 * @since 0.1.0
 * @category models
 */
export interface DecodeOptions {
  /** The start of error messages. Default: the name of the protocol. */
  readonly name?: string | undefined
  /** The statuses that have their own error class here; others become `OpenRouterDefaultError`. */
  readonly documented: ReadonlyArray<Status>
  readonly idleTimeout?: Duration.DurationInput | undefined
  /** How long the stream may send no event; keep-alive comments do not count. */
  readonly eventTimeout?: Duration.DurationInput | undefined
  readonly maxEventSize?: number | undefined
  /** How many choices or images were requested: the response is complete when it has as many. Default: 1. */
  readonly count?: number | undefined
  readonly generationId?: string | undefined
  /** Removes what must not end up in an error from the text of an event. */
  readonly scrub?: ((text: string) => string) | undefined
}

/**
 * The failures of a stream of events.
 *
 * @since 0.1.0
 * @category models
 */
export type Failure = ResponseError | StreamError

/**
 * Decodes bytes as events. An event that carries an error fails the stream with the class of its status, after the
 * events before it. `partial` has what came before the error, and the usage that follows it.
 *
 * The stream ends at `[DONE]`, or a second after the last of the response (of a chat, the finish reason of each choice
 * and the usage). From then on, how the connection ends does not matter. If the usage of a complete response is all
 * that is missing, the stream waits for it as long as for any event, and ends well without it. A stream that ends
 * earlier fails with `StreamTruncatedError`, also at `[DONE]`.
 *
 * A body that is the whole response as JSON is decoded as the events that the response would have had.
 *
 * @example
 * ```ts
 * import * as Stream from "effect/Stream"
 * import { EventStream } from "effect-openrouter/extend"
 * import { type ChatResult, ChatStreamChunk } from "effect-openrouter/schema/Chat"
 *
 * declare const protocol: EventStream.Protocol<ChatStreamChunk, ChatResult>
 *
 * const chunks = (bytes: Stream.Stream<Uint8Array>) =>
 *   bytes.pipe(
 *     EventStream.decode(protocol, ChatStreamChunk, { documented: [429], idleTimeout: "30 seconds" }),
 *     EventStream.deltas((chunk) => chunk.choices[0]?.delta.content ?? "")
 *   )
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const decode = <Event, Result>(
  protocol: Protocol<Event, Result>,
  schema: Schema.Schema<Event>,
  options: DecodeOptions
) =>
(bytes: Stream.Stream<Uint8Array, ConnectionError>): Stream.Stream<Event, Failure> =>
  scoped(open(protocol, schema, options)(bytes))

/**
 * Waits for the first events, so that a failure before any output fails this effect and can be retried. The stream
 * begins with those events, can be run once, and lasts as long as the scope.
 *
 * @since 0.1.0
 * @category constructors
 */
export const open = <Event, Result>(
  protocol: Protocol<Event, Result>,
  schema: Schema.Schema<Event>,
  options: DecodeOptions
) =>
(
  bytes: Stream.Stream<Uint8Array, ConnectionError>
): Effect.Effect<Stream.Stream<Event, Failure>, Failure, Scope.Scope> =>
  Effect.map(
    ownScope(Effect.flatMap(Effect.scope, (scope) =>
      openEvents(protocol, { ...options, name: options.name ?? protocol.name, schema }, pullFrom(bytes), scope))),
    ({ next }) =>
      fromBatches(next)
  )

/**
 * Runs a stream to its end and returns what the same call without streaming would have returned. Fails with
 * `StreamTruncatedError` if the stream ends before the response is complete.
 *
 * @since 0.1.0
 * @category destructors
 */
export const accumulate: {
  <Event, Result>(
    protocol: Protocol<Event, Result>
  ): <E, R>(self: Stream.Stream<Event, E, R>) => Effect.Effect<Result, E | StreamTruncatedError, R>
  <Event, E, R, Result>(
    self: Stream.Stream<Event, E, R>,
    protocol: Protocol<Event, Result>
  ): Effect.Effect<Result, E | StreamTruncatedError, R>
} = dual(2, <Event, E, R, Result>(
  self: Stream.Stream<Event, E, R>,
  protocol: Protocol<Event, Result>
): Effect.Effect<Result, E | StreamTruncatedError, R> =>
  Effect.suspend(() => {
    const accumulator = protocol.accumulator()
    const all = forEachBatch(self, (events) => {
      for (const event of events) accumulator.add(event)
    })
    return Effect.flatMap(all, () => {
      accumulator.end()
      return resultOf(protocol, accumulator)
    })
  }))

/**
 * The pieces of text that `select` finds in the events, without the empty ones.
 *
 * @since 0.1.0
 * @category combinators
 */
export const deltas =
  <Event>(select: (event: Event) => string) => <E, R>(self: Stream.Stream<Event, E, R>): Stream.Stream<string, E, R> =>
    mapBatches(self, (events) => events.map(select).filter((piece) => piece !== ""))

/**
 * The failures of a streaming endpoint: those of any endpoint, and those of an open stream.
 *
 * @since 0.1.0
 * @category models
 */
export type StreamFailure<S extends Status, A extends Auth = "required"> = EndpointFailure<S, A> | StreamError

/**
 * An endpoint that returns a stream of events: call it, or read its row. A failure before the first event may be
 * retried, by the options of the client or the call. After the first event nothing is retried.
 *
 * @since 0.1.0
 * @category models
 */
export interface StreamEndpoint<in Params, out Event, out Result, out E> extends Row {
  (params: Params): Stream.Stream<Event, E, OpenRouterClient>
  readonly success: "sse"
  readonly schema: Schema.Schema<unknown>
  readonly protocol: Protocol<Event, Result>
  /** The opened response: its facts, and the events as a stream to run once, within the same scope. */
  readonly withResponse: (
    params: Params
  ) => Effect.Effect<
    WithResponse<Stream.Stream<Event, Extract<E, Failure>>>,
    E,
    OpenRouterClient | Scope.Scope
  >
  /**
   * The fast path, without the layers of a `Stream`: runs `f` for each event, one after another, in the fiber of the
   * caller, and returns what the same call without streaming would have returned. When `f` fails or the caller is
   * interrupted, the connection closes. Fails with the errors of the stream, and with those of `f`.
   *
   * @example
   * ```ts
   * import { Effect } from "effect"
   * import { Chat } from "effect-openrouter"
   *
   * const request = { model: "openai/gpt-5-nano", messages: [{ role: "user", content: "A story, please." }] } as const
   *
   * const relay = (send: (text: string) => Effect.Effect<void>) =>
   *   Chat.stream.forEach(request, (chunk) => send(chunk.choices[0]?.delta.content ?? "")).pipe(
   *     Effect.map((result) => result.usage?.cost)
   *   )
   * ```
   */
  readonly forEach: <X, E2, R2>(
    params: Params,
    f: (event: Event) => Effect.Effect<X, E2, R2>
  ) => Effect.Effect<Result, E | E2, OpenRouterClient | R2>
}

/**
 * Makes an endpoint that returns a stream of events. `stream: true` is added to the body of its requests.
 *
 * @example
 * ```ts
 * import * as Stream from "effect/Stream"
 * import { EventStream } from "effect-openrouter/extend"
 * import { type ChatResult, ChatStreamChunk } from "effect-openrouter/schema/Chat"
 *
 * declare const protocol: EventStream.Protocol<ChatStreamChunk, ChatResult>
 *
 * interface Params {
 *   readonly model: string
 *   readonly prompt: string
 * }
 *
 * const complete = EventStream.endpoint<Params, ChatStreamChunk, ChatResult, 429, "required">({
 *   operationId: "complete",
 *   name: "completions.stream",
 *   method: "POST",
 *   path: "/completions",
 *   query: [],
 *   body: "json",
 *   schema: ChatStreamChunk,
 *   protocol,
 *   errors: [429],
 *   auth: "required"
 * })
 *
 * const program = Stream.runCount(complete({ model: "openai/gpt-5-nano", prompt: "Hello" }))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const endpoint = <Params, Event, Result, S extends Status, Auth_ extends Auth>(
  definition: Definition<S, Auth_> & {
    readonly schema: Schema.Schema<Event>
    readonly protocol: Protocol<Event, Result>
  }
): StreamEndpoint<Params, Event, Result, StreamFailure<S, Auth_>> => {
  const row = { ...definition, success: "sse" } as const
  const opened = (params: unknown) =>
    Effect.map(openStream(row, row, params), ({ next, response }) => ({ data: fromBatches(next), response }))
  return callable(row, {
    call: (params) => scoped(Effect.map(opened(params), ({ data }) => data)),
    withResponse: (params) => ownScope(opened(params)),
    forEach: <X, E, R>(params: unknown, f: (event: Event) => Effect.Effect<X, E, R>) =>
      forEachEvent(row, row, params, f)
  })
}
