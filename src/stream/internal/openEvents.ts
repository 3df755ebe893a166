import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { isBodyTimeout, type ReadBody } from "../../http/kernel.js"
import type { ConnectionError, ResponseError, StreamError, StreamStalledError } from "../../http/OpenRouterError.js"
import { currentClock } from "../../internal/effect/fibers.js"
import { type Limit, limitEach } from "../../internal/timeLimits.js"
import type { Accumulator, Protocol } from "../../response/protocol.js"
import { Decoder, type DecoderOptions } from "./decoder.js"

type Failure = ResponseError | StreamError

/** @internal */
export interface OpenedEvents<Event, Result> {
  /** The next events, at least one; an empty batch at the end. */
  readonly next: Effect.Effect<ReadonlyArray<Event>, Failure>
  readonly accumulated: Pick<Accumulator<Result>, "partial" | "result">
  /** The error that the events failed with, once they did. */
  readonly failure: () => Failure | undefined
}

/** @internal */
export interface OpenOptions<Event> extends DecoderOptions<Event> {
  readonly idleTimeout?: Duration.DurationInput | undefined
  readonly eventTimeout?: Duration.DurationInput | undefined
}

/**
 * Opens a body and waits for the first events; the others can be read until the scope closes. If this fails, the caller
 * closes the scope.
 *
 * @internal
 */
export const openEvents = <Event, Result, R>(
  protocol: Protocol<Event, Result>,
  options: OpenOptions<Event>,
  open: Effect.Effect<ReadBody, never, R>,
  scope: Scope.Scope
): Effect.Effect<OpenedEvents<Event, Result>, Failure, R> =>
  Effect.gen(function*() {
    const decoder = new Decoder(protocol, options)
    const readBody = yield* open
    const clock = yield* currentClock
    let requestedAt = 0
    const limits = [
      ...limitOf(options.idleTimeout, (limit) => decoder.stalled(limit, "idleTimeout")),
      ...limitOf(options.eventTimeout, (limit) => decoder.stalled(limit, "eventTimeout"), () => requestedAt)
    ]
    const read = Arr.isNonEmptyReadonlyArray(limits)
      ? yield* limitEach(readBody, limits, scope)
      : Effect.async(readBody)
    let readAt = 0
    const eachRead = Effect.suspend(() => {
      readAt = clock.unsafeCurrentTimeMillis()
      return read
    })
    const step = Effect.mapError(
      Effect.suspend(() => {
        requestedAt = clock.unsafeCurrentTimeMillis()
        return readEvents(decoder, eachRead)
      }),
      (error) =>
        error._tag === "ConnectionError" && isBodyTimeout(error)
          ? decoder.abandoned(Duration.millis(clock.unsafeCurrentTimeMillis() - readAt))
          : error
    )
    const remainingReads = Effect.suspend(() => {
      const startedAt = clock.unsafeCurrentTimeMillis()
      const limit = { millis: drainTimeout, onTimeout: Effect.fail("timeout"), since: () => startedAt }
      return limitEach(readBody, [limit], scope)
    })
    let failure: Failure | undefined
    const next = batches(decoder, step, remainingReads, (error) => {
      failure = error
    })
    const first = yield* next
    let isFirst = true
    return {
      next: Effect.suspend(() => {
        if (!isFirst) return next
        isFirst = false
        return Effect.succeed(first)
      }),
      accumulated: decoder,
      failure: () => failure
    }
  })

/** The next network reads; `undefined` at the end. */
type Read<E> = Effect.Effect<Iterable<Uint8Array> | undefined, E>

const limitOf = (
  limit: Duration.DurationInput | undefined,
  stalled: (limit: Duration.Duration) => StreamStalledError,
  since?: () => number
): ReadonlyArray<Limit<StreamStalledError>> => {
  const duration = Duration.decode(limit ?? Duration.infinity)
  if (!Duration.isFinite(duration)) return []
  const onTimeout = Effect.failSync(() => stalled(duration))
  return [{ millis: Math.max(1, Duration.toMillis(duration)), onTimeout, since }]
}

interface Step<Event> {
  readonly events: ReadonlyArray<Event>
  readonly isEnd: boolean
}

/** Reads until there are events, or something that ends the stream. */
const readEvents = <Event, Result, E>(
  decoder: Decoder<Event, Result>,
  read: Read<E>
): Effect.Effect<Step<Event>, E> => {
  const loop: Effect.Effect<Step<Event>, E> = Effect.flatMap(read, (reads) => {
    const isEnd = reads === undefined
    const events = reads === undefined ? decoder.end() : decoder.push(reads)
    return events.length > 0 || isEnd || decoder.done || decoder.flawed ? Effect.succeed({ events, isEnd }) : loop
  })
  return loop
}

/** How many milliseconds the rest of a body may take after its last event. */
const drainTimeout = 1000

/**
 * The batches of events, an empty one at the end. The events that arrived before an error are emitted first; the next
 * batch is the error.
 */
const batches = <Event, Result>(
  decoder: Decoder<Event, Result>,
  step: Effect.Effect<Step<Event>, ConnectionError | StreamStalledError>,
  remainingReads: Effect.Effect<Read<ConnectionError | string>>,
  onFailure: (error: Failure) => void
): Effect.Effect<ReadonlyArray<Event>, Failure> => {
  let isAtEnd = false
  const end = Effect.succeed<ReadonlyArray<Event>>([])
  const failWith = (error: Failure) => {
    onFailure(error)
    return Effect.fail(error)
  }
  const fail = Effect.flatMap(Clock.currentTimeMillis, (now) => failWith(decoder.failure(now)))
  const readNext = Effect.matchEffect(step, {
    onFailure: (error) => failWith(error._tag === "ConnectionError" ? decoder.broken(error) : error),
    onSuccess: ({ events, isEnd }) => {
      isAtEnd = isEnd
      return events.length === 0 ? next : Effect.succeed(events)
    }
  })
  // The usage may follow an error. After `[DONE]`, the body is read to its end because only then the connection can
  // serve another call.
  const drain = Effect.flatMap(remainingReads, (read) => {
    const loop: Effect.Effect<void, ConnectionError | string> = Effect.flatMap(read, (reads) => {
      if (reads === undefined) return Effect.void
      if (decoder.done) return loop
      decoder.push(reads)
      return decoder.done ? Effect.void : loop
    })
    return Effect.ignore(loop)
  })
  const next: Effect.Effect<ReadonlyArray<Event>, Failure> = Effect.suspend(() => {
    if (decoder.flawed) return decoder.unsettled && !isAtEnd ? Effect.zipRight(drain, fail) : fail
    if (decoder.done) return isAtEnd ? end : Effect.zipRight(drain, end)
    if (isAtEnd) return decoder.whole ? end : failWith(decoder.truncated())
    return readNext
  })
  return next
}
