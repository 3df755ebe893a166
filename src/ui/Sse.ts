/**
 * Any stream as a response of server-sent events.
 *
 * @since 0.1.0
 */
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { fromBatches, mapBatches, toBatches } from "../internal/effect/batches.js"
import { jsonText } from "../internal/json.js"
import { defaultAnswerWithin, defaultKeepAlive, eventText, sseResponse } from "./internal/sse.js"

/**
 * How elements become events, and what a browser receives besides.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options<A, E> {
  /** The data of an event. Default: the element as JSON. */
  readonly encode?: ((element: A) => string) | undefined
  /** The name of an event. Default: none, so that browsers receive it as `message`. */
  readonly event?: ((element: A) => string | undefined) | undefined
  /** The id of an event, which browsers send as `Last-Event-ID` when they connect again. Default: none. */
  readonly id?: ((element: A) => string | undefined) | undefined
  /** The elements with which a response may begin. What comes before waits for one of them. Default: all. */
  readonly begins?: ((element: A) => boolean) | undefined
  /** The last element, after a failure. Default: none, and the connection breaks. */
  readonly onFailure?: ((error: E) => A) | undefined
  /** After this time the response begins, though no element has come. Default 15 seconds. */
  readonly answerWithin?: Duration.DurationInput | undefined
  /** The time between comments that keep the connection open. Default 15 seconds. */
  readonly keepAlive?: Duration.DurationInput | undefined
  readonly headers?: { readonly [name: string]: string } | undefined
}

/**
 * Sends a stream as server-sent events. The response waits for the first element: a failure before it is a failure of this
 * effect, so that you can answer with its status (`Agent.httpStatus`). A browser that leaves interrupts the stream.
 *
 * Fails with the error of the stream, if it fails before its first element.
 *
 * @since 0.1.0
 * @category responses
 * @example
 * ```ts
 * import { HttpServerResponse } from "@effect/platform"
 * import { Effect } from "effect"
 * import { Agent, AgentStream } from "effect-openrouter"
 * import { Sse } from "effect-openrouter/ui"
 *
 * const deltas = AgentStream.textDeltas(Agent.stream({ model: "openai/gpt-5-nano", input: "A story, please." }))
 *
 * // A handler of a router or a server
 * const story = Sse.response(deltas, { onFailure: () => "The story breaks off here." }).pipe(
 *   Effect.catchAll((error) =>
 *     Effect.succeed(HttpServerResponse.text("No story.", { status: Agent.httpStatus(error) }))
 *   )
 * )
 * ```
 */
export const response = <A, E, R>(
  stream: Stream.Stream<A, E, R>,
  options: Options<A, E> = {}
): Effect.Effect<HttpServerResponse.HttpServerResponse, E, R | Scope.Scope> =>
  Effect.gen(function*() {
    const { answerWithin = defaultAnswerWithin, begins = () => true, keepAlive = defaultKeepAlive } = options
    const next = yield* toBatches(stream)
    const beginning = yield* Effect.forkScoped(readUntil(next, begins))
    const isReady = yield* Effect.timeoutOption(Effect.exit(Fiber.join(beginning)), answerWithin)
    if (Option.isSome(isReady)) yield* isReady.value
    const context = yield* Effect.context<R>()
    let isFirst = true
    const read = Effect.suspend(() => {
      const batch = isFirst ? Fiber.join(beginning) : next
      isFirst = false
      return batch
    })
    const elements = fromBatches(Effect.provide(read, context))
    const { encode = jsonText, event, headers, id, onFailure } = options
    const whole = onFailure === undefined
      ? elements
      : Stream.catchAll(elements, (error) => Stream.succeed(onFailure(error)))
    const events = mapBatches(
      whole,
      (batch) => batch.map((element) => eventText(encode(element), event?.(element), id?.(element)))
    )
    return sseResponse(events, { keepAlive, headers })
    // A server without a router runs its handlers uninterruptibly
  }).pipe(Effect.interruptible)

/** Everything up to the batch with an element that `begins`. It is empty if there is none. */
const readUntil = <A, E, R>(
  next: Effect.Effect<ReadonlyArray<A>, E, R>,
  begins: (element: A) => boolean,
  before: ReadonlyArray<A> = []
): Effect.Effect<ReadonlyArray<A>, E, R> =>
  Effect.flatMap(next, (batch) =>
    batch.length === 0 || batch.some(begins)
      ? Effect.succeed([...before, ...batch])
      : readUntil(next, begins, [...before, ...batch]))
