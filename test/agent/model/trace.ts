/** The observed events of a case, in order, with an action that waits for the n-th event. */
import * as Effect from "effect/Effect"
import type { RecordedRequest } from "../../../src/testing/internal/recording.js"

export type Observed =
  | { readonly _tag: "request"; readonly run: string; readonly turn: number; readonly request: RecordedRequest }
  | { readonly _tag: "started"; readonly call: number; readonly id: string; readonly key: string }
  | { readonly _tag: "ended"; readonly call: number; readonly how: "done" | "declined" | "died" | "left" }
  | { readonly _tag: "stored" }
  | { readonly _tag: "decided"; readonly call: number; readonly how: "approve" | "reject" | "answer" }
  | { readonly _tag: "asked" }

export class Trace {
  readonly events: Array<Observed> = []
  private awaited: { left: number; readonly act: Effect.Effect<unknown> } | undefined = undefined

  /** The index of the next event. */
  get here(): number {
    return this.events.length
  }

  since(here: number): ReadonlyArray<Observed> {
    return this.events.slice(here)
  }

  /** Runs an action at once after that many more events. */
  when(events: number, act: Effect.Effect<unknown>): void {
    this.awaited = { left: events, act }
  }

  forget(): void {
    this.awaited = undefined
  }

  /** Records an action of the user, which is not an event of the run. */
  note(event: Observed): void {
    this.events.push(event)
  }

  observe(event: Observed): Effect.Effect<void> {
    return Effect.suspend(() => {
      this.events.push(event)
      const { awaited } = this
      if (awaited === undefined || --awaited.left > 0) return Effect.void
      this.awaited = undefined
      return Effect.asVoid(awaited.act)
    })
  }
}
