import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Read } from "../../http/kernel.js"
import type { ConnectionError, ResponseError, StreamError, StreamStalledError } from "../../http/OpenRouterError.js"
import type { Accumulator, Protocol } from "../../response/protocol.js"
import { Decoder, type DecoderOptions } from "./decoder.js"
import { type Limit, watch } from "./watch.js"

type Failure = ResponseError | StreamError

/** @internal */
export interface OpenedEvents<Event, Result> {
  /** The next events, at least one; none at the end. */
  readonly next: Effect.Effect<ReadonlyArray<Event>, Failure>
  readonly answer: Pick<Accumulator<Result>, "partial" | "result">
  /** What the events failed with, once they did. */
  readonly failure: () => Failure | undefined
}

/** @internal */
export interface OpenOptions<Event> extends DecoderOptions<Event> {
  readonly idleTimeout?: Duration.DurationInput | undefined
  readonly eventTimeout?: Duration.DurationInput | undefined
}

/**
 * Opens the source and waits for the first events; the rest can be asked for until the scope closes. Where this fails,
 * whoever gave the scope closes it.
 *
 * @internal
 */
export const openEvents = <Event, Result, R>(
  protocol: Protocol<Event, Result>,
  options: OpenOptions<Event>,
  opening: Effect.Effect<Read<ConnectionError>, never, R>,
  scope: Scope.Scope
): Effect.Effect<OpenedEvents<Event, Result>, Failure, R> =>
  Effect.gen(function*() {
    const decoder = new Decoder(protocol, options)
    const source = yield* opening
    const pull = Effect.async(source)
    let failure: Failure | undefined
    const clock = yield* Clock.clockWith(Effect.succeed)
    let wanted = 0
    const limits = [
      ...limitOf(options.idleTimeout, (limit) => decoder.stalled(limit, "nothing")),
      ...limitOf(options.eventTimeout, (limit) => decoder.stalled(limit, "no event, only signs of life"), () => wanted)
    ]
    const read = Arr.isNonEmptyReadonlyArray(limits) ? yield* watch(source, limits, scope) : pull
    const news = Effect.suspend(() => {
      wanted = clock.unsafeCurrentTimeMillis()
      return newsOf(decoder, read)
    })
    const lastReads = Effect.suspend(() => {
      const since = clock.unsafeCurrentTimeMillis()
      return watch(source, [{ millis: patience, onTimeout: Effect.fail("silent"), since: () => since }], scope)
    })
    const step = reader(decoder, news, lastReads, (error) => {
      failure = error
    })
    const first = yield* step
    let isFirst = true
    return {
      next: Effect.suspend(() => {
        if (!isFirst) return step
        isFirst = false
        return Effect.succeed(first)
      }),
      answer: decoder,
      failure: () => failure
    }
  })

/** The next network reads, or nothing at the end. */
type Pull<E> = Effect.Effect<Iterable<Uint8Array> | undefined, E>

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

interface News<Event> {
  readonly events: ReadonlyArray<Event>
  readonly ended: boolean
}

/** Reads on until there is something to tell: events, or an end. */
const newsOf = <Event, Result, E>(decoder: Decoder<Event, Result>, read: Pull<E>): Effect.Effect<News<Event>, E> => {
  const next: Effect.Effect<News<Event>, E> = Effect.flatMap(read, (taken) => {
    const ended = taken === undefined
    const events = taken === undefined ? decoder.end() : decoder.push(taken)
    const isNews = events.length > 0 || ended || decoder.done || decoder.flawed
    return isNews ? Effect.succeed({ events, ended }) : next
  })
  return next
}

/** How many milliseconds a server may keep a body open that has nothing more to say. */
const patience = 1000

/** The next events, at least one; none where the stream is over. */
const reader = <Event, Result>(
  decoder: Decoder<Event, Result>,
  news: Effect.Effect<News<Event>, ConnectionError | StreamStalledError>,
  lastReads: Effect.Effect<Pull<ConnectionError | string>>,
  onFailure: (error: Failure) => void
): Effect.Effect<ReadonlyArray<Event>, Failure> => {
  let ended = false
  const failWith = (error: Failure) => {
    onFailure(error)
    return Effect.fail(error)
  }
  const next: Effect.Effect<ReadonlyArray<Event>, Failure> = Effect.suspend(() => {
    if (decoder.flawed) return decoder.unsettled && !ended ? Effect.zipRight(rest, fail) : fail
    if (decoder.done) return ended ? over : Effect.zipRight(rest, over)
    if (ended) return decoder.whole ? over : failWith(decoder.truncated())
    return step
  })
  const step = Effect.matchEffect(news, {
    onFailure: (error) => failWith(error._tag === "ConnectionError" ? decoder.broken(error) : error),
    onSuccess: (told) => {
      ended = told.ended
      return told.events.length === 0 ? next : Effect.succeed(told.events)
    }
  })
  const over = Effect.succeed<ReadonlyArray<Event>>([])
  const fail = Effect.flatMap(Clock.currentTimeMillis, (now) => failWith(decoder.failure(now)))
  // What follows an error may tell the usage. What follows `[DONE]` is read because only a connection whose body was
  // read to its end serves the next call.
  const rest = Effect.flatMap(lastReads, (read) => {
    const last: Effect.Effect<void, ConnectionError | string> = Effect.flatMap(read, (taken) => {
      if (taken === undefined) return Effect.void
      if (decoder.done) return last
      decoder.push(taken)
      return decoder.done ? Effect.void : last
    })
    return Effect.ignore(last)
  })
  return next
}
