/** Keeps the events of a run for any number of readers. */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { fromBatches } from "../../../internal/effect/batches.js"
import { isObject, type JsonObject } from "../../../internal/json.js"

/** The size at which a segment ends and its deltas are joined. */
const segmentSize = 2048

/** Consecutive events. Only the last segment grows; the deltas of all others are joined. */
interface Segment<Event> {
  events: ReadonlyArray<Event>
  next: Segment<Event> | undefined
}

/**
 * The events of one run, for any number of readers. Each reader starts with the first event, and the run waits for no
 * reader. Events are kept in segments whose text deltas are joined; a reader inside of a segment reads it as it was.
 *
 * @internal
 */
export class EventLog<Event extends { readonly type: string }, E> {
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
        if (this.open.length >= segmentSize || this.endsSegment(event)) this.startSegment()
      }
      this.wake()
    })
  }

  /** Ends the log. Each reader ends with this exit after the last event. */
  end(exit: Exit.Exit<unknown, E>): Effect.Effect<void> {
    return Effect.sync(() => {
      if (this.exit !== undefined) return
      this.exit = exit
      this.startSegment()
      this.wake()
    })
  }

  /** All events from the first one on, each time that the stream is run. */
  readonly stream: Stream.Stream<Event, E> = Stream.suspend(() => fromBatches(this.reader()))

  /** How many events are kept, and how many readers wait. */
  get size(): { readonly events: number; readonly waiting: number } {
    let events = 0
    for (let at: Segment<Event> | undefined = this.first; at !== undefined; at = at.next) events += at.events.length
    return { events, waiting: this.waiting.size }
  }

  private startSegment(): void {
    this.open = []
    const next = { events: this.open, next: undefined }
    this.last.events = joinDeltas(this.last.events)
    this.last.next = next
    this.last = next
  }

  private wake(): void {
    const waiting = this.waiting
    this.waiting = new Set()
    for (const wake of waiting) wake()
  }

  /** The events that a reader has not received yet, at least one; an empty batch, or the failure of the run, at its end. */
  private reader(): Effect.Effect<ReadonlyArray<Event>, E> {
    const cursor = new Cursor(this.first)
    const next: Effect.Effect<ReadonlyArray<Event>, E> = Effect.async((resume) => {
      const events = cursor.next()
      if (events !== undefined) return resume(Effect.succeed(events))
      if (this.exit !== undefined) return resume(Effect.as(this.exit, []))
      const wake = () => resume(next)
      this.waiting.add(wake)
      return Effect.sync(() => {
        this.waiting.delete(wake)
      })
    })
    return next
  }
}

/** The position of a reader. A reader finishes the segment that it has begun, even if its deltas are joined meanwhile. */
class Cursor<Event> {
  private events: ReadonlyArray<Event> = []
  private position = 0

  constructor(private segment: Segment<Event>) {}

  next(): ReadonlyArray<Event> | undefined {
    for (;;) {
      if (this.position === 0) this.events = this.segment.events
      const from = this.position
      if (from < this.events.length) {
        this.position = this.events.length
        return from === 0 && this.segment.next !== undefined ? this.events : this.events.slice(from)
      }
      if (this.segment.next === undefined) return undefined
      this.segment = this.segment.next
      this.position = 0
    }
  }
}

/**
 * Joins consecutive deltas of the same text: same type, same item, same part, and the same run. Their other fields are
 * equal, except for the sequence number, of which the last stays. All other events stay as they are.
 *
 * @internal
 */
export const joinDeltas = <Event extends object>(events: ReadonlyArray<Event>): ReadonlyArray<Event> => {
  const joined: Array<Event> = []
  for (let start = 0; start < events.length;) {
    const first = events[start]
    if (first === undefined) break
    if (isNested(first)) {
      const end = endOfNested(events, start, first)
      const inner = events.slice(start, end).filter(isNested).map(({ event }) => event)
      joined.push(...joinDeltas(inner).map((event) => ({ ...first, event })))
      start = end
      continue
    }
    const end = endOfDeltas(events, start)
    joined.push(end - start > 1 && isDelta(first) ? join(first, events.slice(start, end).filter(isDelta)) : first)
    start = end
  }
  return joined
}

/** An event of a run inside of a call. */
interface Nested {
  readonly type: "nested"
  readonly run: string
  readonly event: object
}

const isNested = <Event extends object>(event: Event): event is Event & Nested =>
  Reflect.get(event, "type") === "nested" && isObject(Reflect.get(event, "event"))

/** The index behind the last event of the same run. */
const endOfNested = (events: ReadonlyArray<object>, start: number, { run }: Nested): number => {
  let end = start + 1
  for (; end < events.length; end++) {
    const next = events[end]
    if (next === undefined || !isNested(next) || next.run !== run) break
  }
  return end
}

interface Delta extends JsonObject {
  readonly delta: string
}

const isDelta = <Event extends object>(event: Event): event is Event & Delta => {
  const type: unknown = Reflect.get(event, "type")
  return typeof type === "string" && type.endsWith(".delta") && typeof Reflect.get(event, "delta") === "string"
}

/** The index behind the last delta that belongs to the event at `start`. */
const endOfDeltas = (events: ReadonlyArray<object>, start: number): number => {
  const first = events[start]
  let end = start + 1
  if (first === undefined || !isDelta(first)) return end
  const fields = Object.keys(first).filter((key) => !growing.has(key))
  for (; end < events.length; end++) {
    const next = events[end]
    if (next === undefined || !isDelta(next) || !continues(next, first, fields)) break
  }
  return end
}

const growing: ReadonlySet<string> = new Set(["delta", "sequence_number", "logprobs"])

const continues = (event: JsonObject, first: JsonObject, fields: ReadonlyArray<string>): boolean => {
  for (const key of fields) {
    if (event[key] !== first[key]) return false
  }
  return Object.keys(event).length === Object.keys(first).length
}

const join = <Event extends object>(first: Event & Delta, deltas: ReadonlyArray<Delta>): Event => ({
  ...first,
  delta: deltas.map((one) => one.delta).join(""),
  ...(Object.hasOwn(first, "sequence_number") ? { sequence_number: deltas.at(-1)?.["sequence_number"] } : {}),
  ...(Array.isArray(first["logprobs"]) ? { logprobs: deltas.flatMap((one) => one["logprobs"] ?? []) } : {})
})
