/** What the runs of a stored conversation did so far, read once from its log. */
import * as Usage from "../../Usage.js"
import type { Totals } from "../run.js"
import type { Entry } from "./entry.js"

/**
 * The totals of the whole conversation, and of its task: the runs since the last new input.
 *
 * @internal
 */
export interface Earlier {
  readonly task: Totals
  readonly conversation: Totals
}

/** @internal */
export const none: Totals = { usage: Usage.none, cost: 0, steps: 0, elapsed: 0 }

/** @internal */
export const add = (self: Totals, that: Totals): Totals => {
  const usage = Usage.add(self.usage, that.usage)
  return { usage, cost: usage.cost, steps: self.steps + that.steps, elapsed: self.elapsed + that.elapsed }
}

/** Adds up entries. The time of a run goes from the start of its first record to the end of its last one. */
class Sum {
  private usage = Usage.none
  private steps = 0
  private elapsed = 0
  private run: { readonly id: string; readonly from: number; readonly to: number } | undefined

  add(entry: Entry): void {
    if (entry._tag === "spent") this.usage = Usage.add(this.usage, entry.usage)
    if (entry._tag !== "turn" && entry._tag !== "tool") return
    const { endedAt, startedAt, usage } = entry.record
    this.usage = Usage.add(this.usage, usage)
    if (entry._tag === "turn") this.steps++
    const isSame = this.run?.id === entry.run
    const from = isSame ? Math.min(this.run?.from ?? startedAt, startedAt) : startedAt
    const to = isSame ? Math.max(this.run?.to ?? endedAt, endedAt) : endedAt
    if (!isSame) this.elapsed = this.totals.elapsed
    this.run = { id: entry.run, from, to }
  }

  get totals(): Totals {
    const elapsed = this.elapsed + (this.run === undefined ? 0 : this.run.to - this.run.from)
    return { usage: this.usage, cost: this.usage.cost, steps: this.steps, elapsed }
  }
}

/** @internal */
export const earlier = (entries: ReadonlyArray<Entry>): Earlier => {
  const conversation = new Sum()
  let task = new Sum()
  for (const entry of entries) {
    if (entry._tag === "input" && entry.by !== "run") task = new Sum()
    conversation.add(entry)
    task.add(entry)
  }
  return { task: task.totals, conversation: conversation.totals }
}
