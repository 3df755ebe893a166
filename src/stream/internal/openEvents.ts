import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { ReadBody } from "../../http/kernel.js"
import type { ConnectionError, ResponseError, StreamError, StreamStalledError } from "../../http/OpenRouterError.js"
import { EventDecoder } from "../../response/eventDecoder.js"
import type { Accumulator, Protocol } from "../../response/protocol.js"
import { guard } from "../../schema/guard.js"
import { type FailureOptions, Failures } from "./failures.js"
import { openReads, type Read, type ReadOptions, type Reads } from "./reads.js"

type Failure = ResponseError | StreamError

/** @internal */
export interface OpenedEvents<Event, Result> {
  /** The next events, at least one; an empty batch at the end. */
  readonly next: Effect.Effect<ReadonlyArray<Event>, Failure>
  readonly accumulated: Pick<Accumulator<Result>, "partial" | "result">
  /** The error that the events failed with, once they did. */
  readonly failure: () => Failure | undefined
  /** Whether the whole response has arrived. */
  readonly isComplete: () => boolean
}

/** @internal */
export interface OpenOptions<Event> extends FailureOptions<Event>, ReadOptions {
  /** How many choices or images were requested. Default: 1. */
  readonly count?: number | undefined
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
    const decoder = new EventDecoder(protocol, { ...options, check: guard(options.schema) })
    const failures = new Failures(decoder, options)
    const reads = yield* openReads(yield* open, options, (limit, option) => failures.stalled(limit, option), scope)
    let failure: Failure | undefined
    const next = batches(decoder, failures, reads, (error) => {
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
      failure: () => failure,
      isComplete: () => decoder.whole
    }
  })

interface Step<Event> {
  readonly events: ReadonlyArray<Event>
  readonly isEnd: boolean
}

/** Reads until there are events, or something that ends the stream. */
const readEvents = <Event, Result, E>(
  decoder: EventDecoder<Event, Result>,
  read: Read<E>
): Effect.Effect<Step<Event>, E> => {
  const loop: Effect.Effect<Step<Event>, E> = Effect.flatMap(read, (reads) => {
    const isEnd = reads === undefined
    const events = reads === undefined ? decoder.end() : decoder.push(reads)
    return events.length > 0 || isEnd || decoder.done || decoder.flaw !== undefined
      ? Effect.succeed({ events, isEnd })
      : loop
  })
  return loop
}

/**
 * The batches of events, an empty one at the end. The events that arrived before an error are emitted first; the next
 * batch is the error. How the connection ends after a complete response does not matter.
 */
const batches = <Event, Result>(
  decoder: EventDecoder<Event, Result>,
  failures: Failures<Event, Result>,
  reads: Reads,
  onFailure: (error: Failure) => void
): Effect.Effect<ReadonlyArray<Event>, Failure> => {
  const end = Effect.succeed<ReadonlyArray<Event>>([])
  const failWith = (error: Failure) => {
    onFailure(error)
    return Effect.fail(error)
  }
  let isAtEnd = false
  /** Why the body broke off, if it did. */
  let breach: ConnectionError | StreamStalledError | undefined
  const emit = (events: ReadonlyArray<Event>) => events.length === 0 ? next : Effect.succeed(events)
  const handlers = {
    onSuccess: ({ events, isEnd }: Step<Event>) => {
      isAtEnd = isEnd
      return emit(events)
    },
    onFailure: (error: ConnectionError | StreamStalledError | "timeout") => {
      isAtEnd = true
      if (error !== "timeout") breach = error
      return emit(decoder.end(true))
    }
  }
  const readNext = Effect.matchEffect(readEvents(decoder, reads.limited), handlers)
  const readRest = Effect.matchEffect(readEvents(decoder, reads.patient), handlers)
  const cutOff = Effect.suspend(() =>
    failWith(
      breach === undefined
        ? failures.truncated()
        : breach._tag === "ConnectionError"
        ? failures.broken(breach)
        : breach
    )
  )
  // The usage may follow an error. After `[DONE]`, the body is read to its end because only then the connection can
  // serve another call.
  const drain = Effect.suspend(() => {
    const loop: Effect.Effect<void, unknown> = Effect.flatMap(reads.patient, (bytes) => {
      if (bytes === undefined) decoder.end()
      else if (!decoder.done) decoder.push(bytes)
      return bytes === undefined || decoder.done && decoder.flaw !== undefined ? Effect.void : loop
    })
    return isAtEnd ? Effect.void : Effect.ignore(loop)
  })
  const next: Effect.Effect<ReadonlyArray<Event>, Failure> = Effect.suspend(() => {
    const { flaw } = decoder
    if (flaw !== undefined) {
      const fail = Effect.flatMap(Clock.currentTimeMillis, (now) => failWith(failures.ofFlaw(flaw, now)))
      return decoder.awaitsUsage ? Effect.zipRight(drain, fail) : fail
    }
    if (isAtEnd) return decoder.whole ? end : cutOff
    if (decoder.done) return Effect.zipRight(drain, end)
    reads.begin()
    return decoder.settled ? readRest : readNext
  })
  return next
}
