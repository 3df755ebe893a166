import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import type { JsonObject } from "../../../internal/json.js"

/** How many events a segment holds at most before its pieces are put together. */
const segmentSize = 2048

/** Some events in a row. Once another follows, nothing is added to it, and its pieces are put together. */
interface Segment<Event> {
  events: ReadonlyArray<Event>
  next: Segment<Event> | undefined
}

/**
 * The events of one run, for any number of readers, each from the first event on. Nothing waits for a reader. What later
 * readers find is kept in segments, the pieces in which a text came as one; a reader inside of one finishes it as it was.
 *
 * @internal
 */
export class Journal<Event extends { readonly type: string }, E> {
  private readonly first: Segment<Event> = { events: [], next: undefined }
  private last: Segment<Event> = this.first
  /** The events of the last segment, which is the only one that grows. */
  private open: Array<Event> = []
  private exit: Exit.Exit<unknown, E> | undefined = undefined
  private waiting = new Set<() => void>()

  constructor(private readonly endsSegment: (event: Event) => boolean) {
    this.last.events = this.open
  }

  append(events: ReadonlyArray<Event>): Effect.Effect<void> {
    return Effect.sync(() => {
      if (this.exit !== undefined) return
      for (const event of events) {
        this.open.push(event)
        if (this.open.length >= segmentSize || this.endsSegment(event)) this.turnOver()
      }
      this.wake()
    })
  }

  /** No more follows; every reader ends like this once it has seen all events. */
  end(exit: Exit.Exit<unknown, E>): Effect.Effect<void> {
    return Effect.sync(() => {
      if (this.exit !== undefined) return
      this.exit = exit
      this.turnOver()
      this.wake()
    })
  }

  /** All events and then the end of the run, for each time that it is run. */
  readonly stream: Stream.Stream<Event, E> = Stream.fromChannel(Channel.suspend(() => {
    const next = this.reader()
    const loop: EventChannel<Event, E> = Channel.flatMap(
      Channel.fromEffect(next),
      (events) =>
        events === undefined
          ? Channel.suspend(() => this.ending())
          : Channel.flatMap(Channel.write(Chunk.unsafeFromArray(events)), () => loop)
    )
    return loop
  }))

  /** How many events are kept for readers to come, and how many readers wait. */
  get size(): { readonly events: number; readonly waiting: number } {
    let events = 0
    for (let at: Segment<Event> | undefined = this.first; at !== undefined; at = at.next) events += at.events.length
    return { events, waiting: this.waiting.size }
  }

  private turnOver(): void {
    this.open = []
    const next = { events: this.open, next: undefined }
    this.last.events = coalesce(this.last.events)
    this.last.next = next
    this.last = next
  }

  private wake(): void {
    const waiting = this.waiting
    this.waiting = new Set()
    for (const wake of waiting) wake()
  }

  /** The events that a reader has not seen yet, at least one, or undefined where the run is over. */
  private reader(): Effect.Effect<ReadonlyArray<Event> | undefined> {
    const cursor = new Cursor(this.first)
    const next: Effect.Effect<ReadonlyArray<Event> | undefined> = Effect.async((resume) => {
      const events = cursor.next()
      if (events !== undefined || this.exit !== undefined) return resume(Effect.succeed(events))
      const wake = () => resume(next)
      this.waiting.add(wake)
      return Effect.sync(() => {
        this.waiting.delete(wake)
      })
    })
    return next
  }

  private ending(): EventChannel<Event, E> {
    return this.exit === undefined || Exit.isSuccess(this.exit) ? Channel.void : Channel.failCause(this.exit.cause)
  }
}

type EventChannel<Event, E> = Channel.Channel<Chunk.Chunk<Event>, unknown, E, unknown, unknown, unknown>

/** Where a reader is: it stays with the events that it has begun until it has seen them all. */
class Cursor<Event> {
  private events: ReadonlyArray<Event> = []
  private seen = 0

  constructor(private segment: Segment<Event>) {}

  next(): ReadonlyArray<Event> | undefined {
    for (;;) {
      if (this.seen === 0) this.events = this.segment.events
      const from = this.seen
      if (from < this.events.length) {
        this.seen = this.events.length
        return from === 0 && this.segment.next !== undefined ? this.events : this.events.slice(from)
      }
      if (this.segment.next === undefined) return undefined
      this.segment = this.segment.next
      this.seen = 0
    }
  }
}

/**
 * Puts pieces together that follow each other in the same place: same kind, same item, same part. The other fields of
 * such events are equal; of their numbers the last stays. All other events stay as they are.
 *
 * @internal
 */
export const coalesce = <Event extends object>(events: ReadonlyArray<Event>): ReadonlyArray<Event> => {
  const joined: Array<Event> = []
  for (let start = 0; start < events.length;) {
    const first = events[start]
    if (first === undefined) break
    const end = endOfPieces(events, start)
    joined.push(end - start > 1 && isPiece(first) ? join(first, events.slice(start, end).filter(isPiece)) : first)
    start = end
  }
  return joined
}

interface Piece extends JsonObject {
  readonly delta: string
}

const isPiece = <Event extends object>(event: Event): event is Event & Piece => {
  const type: unknown = Reflect.get(event, "type")
  return typeof type === "string" && type.endsWith(".delta") && typeof Reflect.get(event, "delta") === "string"
}

/** Where the pieces end that belong to the event at `start`. */
const endOfPieces = (events: ReadonlyArray<object>, start: number): number => {
  const first = events[start]
  let end = start + 1
  if (first === undefined || !isPiece(first)) return end
  const place = Object.keys(first).filter((key) => !growing.has(key))
  for (; end < events.length; end++) {
    const next = events[end]
    if (next === undefined || !isPiece(next) || !isAt(next, first, place)) break
  }
  return end
}

const growing: ReadonlySet<string> = new Set(["delta", "sequence_number", "logprobs"])

const isAt = (event: JsonObject, first: JsonObject, place: ReadonlyArray<string>): boolean => {
  for (const key of place) {
    if (event[key] !== first[key]) return false
  }
  return Object.keys(event).length === Object.keys(first).length
}

const join = <Event extends object>(first: Event & Piece, pieces: ReadonlyArray<Piece>): Event => ({
  ...first,
  delta: pieces.map((piece) => piece.delta).join(""),
  ...(Object.hasOwn(first, "sequence_number") ? { sequence_number: pieces.at(-1)?.["sequence_number"] } : {}),
  ...(Array.isArray(first["logprobs"]) ? { logprobs: pieces.flatMap((piece) => piece["logprobs"] ?? []) } : {})
})
