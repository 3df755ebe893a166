/** The observed events of a case, in order, with an action that waits for the n-th event. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Entry } from "../../../src/agent/Conversation.js"
import type { RecordedRequest } from "../../../src/testing/internal/recording.js"
import { Late } from "./late.js"

export type Observed =
  | {
    readonly _tag: "request"
    readonly run: string
    readonly turn: number
    readonly request: RecordedRequest
    readonly at: number
  }
  /** A request of a run inside a tool, and what it will cost; undefined if it is refused. */
  | { readonly _tag: "inner request"; readonly run: string; readonly call: number; readonly cost: number | undefined }
  /** A call of another endpoint by a handler, and what it costs. */
  | { readonly _tag: "side request"; readonly run: string; readonly call: number; readonly cost: number }
  /** A request of work that outlived its call, and what it costs. */
  | { readonly _tag: "late request"; readonly run: string; readonly call: number; readonly cost: number }
  | {
    readonly _tag: "started"
    readonly run: string
    readonly call: number
    readonly id: string
    readonly key: string
    readonly at: number
  }
  | {
    readonly _tag: "ended"
    readonly run: string
    readonly call: number
    readonly how: "done" | "declined" | "died" | "waits" | "left"
    readonly at: number
  }
  /** A user function failed for the first time: the approval of a call, or the middleware around it. */
  | { readonly _tag: "failed"; readonly call: number; readonly what: "approval" | "before" | "after" }
  | { readonly _tag: "stored"; readonly run: string; readonly entries: ReadonlyArray<Entry> }
  /** An event came to the reader: a turn has ended, or the call of that id has an output. */
  | { readonly _tag: "told"; readonly what: { readonly response: string } | { readonly callId: string } }
  | { readonly _tag: "decided"; readonly call: number; readonly how: "approve" | "reject" | "answer" }
  | { readonly _tag: "asked" }
  /** The runs of a move have ended. */
  | { readonly _tag: "over" }
  /** A message was said; it is in the log since that version. */
  | { readonly _tag: "said"; readonly version: number; readonly text: string; readonly isUrgent: boolean }
  /** A run knows the log up to that version; -1 if the store did not respond. It may have learned it beside its turns, while it held its lease. */
  | {
    readonly _tag: "look"
    readonly run: string
    readonly version: number
    readonly isBeside: boolean
    readonly at: number
  }
  /** A run begins to store what it does at its end. */
  | { readonly _tag: "closing"; readonly run: string }
  /** The response to a request is there, or it failed; or nobody waits for it any more. */
  | { readonly _tag: "received" | "cut"; readonly run: string; readonly at: number }
  /** What a run knew is lost if it is not stored: its process died, or its store failed for good. */
  | { readonly _tag: "lost" }

export class Trace {
  readonly late = new Late()
  readonly events: Array<Observed> = []
  private awaited: Array<{ left: number; readonly act: Effect.Effect<unknown> }> = []
  private readonly dead = new Set<string>()

  /** The index of the next event. */
  get here(): number {
    return this.events.length
  }

  since(here: number): ReadonlyArray<Observed> {
    return this.events.slice(here)
  }

  /** Runs an action at once after that many more events. */
  when(events: number, act: Effect.Effect<unknown>): void {
    this.awaited.push({ left: events, act })
  }

  forget(): void {
    this.awaited = []
  }

  /** The process of a run dies: nothing that it does from now on has an effect. */
  kill(run: string): void {
    this.dead.add(run)
    this.note({ _tag: "lost" })
  }

  isDead(run: string): boolean {
    return this.dead.has(run)
  }

  /** Records something that is not an event of a run. */
  note(event: Observed): void {
    this.events.push(event)
  }

  observe(event: Observed): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.events.push(event)
      const due = this.awaited.filter((awaited) => --awaited.left <= 0)
      if (due.length === 0) return Effect.void
      this.awaited = this.awaited.filter((awaited) => !due.includes(awaited))
      return Effect.forEach(due, ({ act }) => act, { discard: true })
    })
  }
}

/** The process of one run. */
export class Process {
  constructor(readonly run: string, readonly trace: Trace) {}

  get isDead(): boolean {
    return this.trace.isDead(this.run)
  }

  observe(event: (at: number) => Observed): Effect.Effect<void> {
    return Effect.flatMap(
      Clock.currentTimeMillis,
      (at) => this.isDead ? Effect.void : this.trace.observe(event(at))
    )
  }

  /** Records an event that is not counted, so that moments do not depend on it. */
  observeBeside(event: (at: number) => Observed): Effect.Effect<void> {
    return Effect.map(Clock.currentTimeMillis, (at) => this.isDead ? undefined : this.trace.note(event(at)))
  }

  /** Starts work that outlives the call. A process that is dead starts none. */
  leave<E, R>(call: number, work: Effect.Effect<unknown, E, R>): Effect.Effect<void, never, R> {
    return Effect.suspend(() => this.isDead ? Effect.void : this.trace.late.start(this.run, call, work))
  }

  /** Whether something has not failed before; from now on it has. */
  failsFirst(call: number, what: "approval" | "before" | "after"): boolean {
    const { events } = this.trace
    if (events.some((event) => event._tag === "failed" && event.call === call && event.what === what)) return false
    if (!this.isDead) this.trace.note({ _tag: "failed", call, what })
    return true
  }
}
