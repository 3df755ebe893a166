/** The events that a run has emitted and its one reader has not taken yet. */
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import { objectAt, stringAt } from "../../../internal/json.js"
import { joinDeltas } from "./eventLog.js"

interface AnyEvent {
  readonly type: string
}

/** How many batches may wait before they are merged into one. */
const mergeFrom = 256

/** How many characters of deltas may wait before the reader holds up the response that it reads. */
const maxText = 2 ** 20

/**
 * The events that wait for one reader. Nothing that a run stores, and no tool, waits for this reader: the run waits for
 * it only before the next turn, and within a turn when a megabyte of text waits.
 *
 * For a reader that falls behind, events are merged: adjacent deltas of the same text become one, and of several progress
 * reports of one call only the newest stays. All other events stay as they are.
 *
 * @internal
 */
export class EventBuffer<Event extends AnyEvent, E> {
  private batches: Array<ReadonlyArray<Event>> = []
  private mergeAt = mergeFrom
  private text = 0
  private exit: Exit.Exit<unknown, E> | undefined = undefined
  private isLeft = false
  private wakeReader: (() => void) | undefined = undefined
  /** The run, or runs inside of its calls, that wait for the reader. */
  private readonly waiting = new Set<() => void>()

  readonly emit = (events: ReadonlyArray<Event>): Effect.Effect<void> =>
    Effect.suspend(() => {
      const type = stringAt(told(events[0]), "type") ?? ""
      const mayWait = type === "turn.start" || type.startsWith("response.") && this.text > maxText
      const add = Effect.sync(() => this.add(events))
      return mayWait ? Effect.zipRight(this.caughtUp, add) : add
    })

  /** Ends the buffer. The reader ends with this exit after the last event. */
  end(exit: Exit.Exit<unknown, E>): void {
    this.exit ??= exit
    this.wakeReader?.()
  }

  /** The reader has stopped: nothing waits for it any more. */
  leave(): void {
    this.isLeft = true
    this.batches = []
    this.wakeRuns()
  }

  /** Events that wait, at least one; an empty batch, or the failure of the run, at its end. */
  readonly next: Effect.Effect<ReadonlyArray<Event>, E> = Effect.async((resume) => {
    const check = () => {
      const batch = this.batches.shift()
      if (batch === undefined && this.exit === undefined) return
      this.wakeReader = undefined
      if (batch === undefined) return resume(Effect.as(this.exit ?? Effect.void, []))
      if (this.batches.length === 0) {
        this.text = 0
        this.mergeAt = mergeFrom
      }
      resume(Effect.succeed(batch))
    }
    this.wakeReader = check
    check()
    this.wakeRuns()
    return Effect.sync(() => {
      this.wakeReader = undefined
    })
  })

  /** Waits until the reader has taken all events and asks for more. */
  private readonly caughtUp: Effect.Effect<void> = Effect.async((resume) => {
    const check = () => {
      if (!this.isLeft && (this.batches.length > 0 || this.wakeReader === undefined)) return
      this.waiting.delete(check)
      resume(Effect.void)
    }
    this.waiting.add(check)
    check()
    return Effect.sync(() => {
      this.waiting.delete(check)
    })
  })

  private wakeRuns(): void {
    for (const check of this.waiting) check()
  }

  private add(events: ReadonlyArray<Event>): void {
    if (this.isLeft || this.exit !== undefined || events.length === 0) return
    this.batches.push(events)
    for (const event of events) this.text += stringAt(told(event), "delta")?.length ?? 0
    if (this.batches.length >= this.mergeAt) {
      const merged = merge(this.batches.flat())
      this.batches = [merged]
      // Otherwise events that cannot be merged would be looked at again and again
      this.mergeAt = Math.max(mergeFrom, merged.length)
    }
    this.wakeReader?.()
  }
}

/** The event itself, or that of the run inside of a call that it tells. */
const told = (event: object | undefined): object | undefined =>
  stringAt(event, "type") === "nested" ? objectAt(event, "event") : event

const merge = <Event extends AnyEvent>(events: ReadonlyArray<Event>): ReadonlyArray<Event> => {
  const newest = new Map<string | undefined, Event>()
  const isProgress = (event: Event) => stringAt(told(event), "type") === "tool.preliminary_result"
  const callOf = (event: Event) => `${stringAt(event, "run")} ${stringAt(told(event), "toolCallId")}`
  for (const event of events) if (isProgress(event)) newest.set(callOf(event), event)
  return joinDeltas(events.filter((event) => !isProgress(event) || newest.get(callOf(event)) === event))
}
