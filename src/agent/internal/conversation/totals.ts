/** What the runs of a stored conversation did so far, read once from its log. */
import * as Usage from "../../Usage.js"
import type { Totals } from "../run.js"
import { isPrompt } from "../state/waiting.js"
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

/**
 * Whether no run did anything. Runs that failed before their first response may have spent something.
 *
 * @internal
 */
export const isNothing = ({ cost, steps, usage }: Totals): boolean =>
  steps === 0 && usage.totalTokens === 0 && cost + usage.upstreamCost === 0

/** @internal */
export const add = (self: Totals, that: Totals): Totals => {
  const usage = Usage.add(self.usage, that.usage)
  return { usage, cost: usage.cost, steps: self.steps + that.steps, elapsed: self.elapsed + that.elapsed }
}

/**
 * Adds up entries; what was copied counts nothing. The time of a run goes from the start of its first record to the end of
 * its last one. What runs inside of a call spent is part of the record of the call, or of what the run spent beside its
 * records; it counts by itself only if a crash came before these.
 */
class Sum {
  private usage = Usage.none
  private readonly inside = new Map<string, { readonly run: string; readonly entries: Array<Entry> }>()
  private steps = 0
  private elapsed = 0
  private run: { readonly id: string; readonly from: number; readonly to: number } | undefined

  add(entry: Entry): void {
    if (entry._tag === "copied") this.forget()
    // A run that is repeated has the id of the run before, and the time between both does not count
    if (entry._tag === "opened") this.endRun()
    if (entry._tag === "spent") {
      this.usage = Usage.add(this.usage, entry.usage)
      for (const callId of entry.calls ?? []) this.dropInside(callId, entry.run)
    }
    if (entry._tag === "nested") this.addNested(entry)
    if (entry._tag === "restarted") this.dropInside(entry.callId)
    if (entry._tag === "closed" && entry.outcome !== "taken_over") this.dropAllInside(entry.run)
    if (entry._tag !== "turn" && entry._tag !== "tool" && entry._tag !== "compacted") return
    const { endedAt, startedAt, usage } = entry.record
    this.usage = Usage.add(this.usage, usage)
    if (entry._tag === "turn") this.steps++
    if (entry._tag === "tool") this.dropInside(entry.record.callId, entry.run)
    if (this.run?.id !== entry.run) this.endRun()
    const { from, to } = this.run ?? { from: startedAt, to: endedAt }
    this.run = { id: entry.run, from: Math.min(from, startedAt), to: Math.max(to, endedAt) }
  }

  private forget(): void {
    this.usage = Usage.none
    this.inside.clear()
    this.steps = 0
    this.elapsed = 0
    this.run = undefined
  }

  private endRun(): void {
    this.elapsed += this.run === undefined ? 0 : this.run.to - this.run.from
    this.run = undefined
  }

  get totals(): Totals {
    const elapsed = this.elapsed + (this.run === undefined ? 0 : this.run.to - this.run.from)
    const usage = [...this.inside.values()].reduce((sum, { entries }) => Usage.add(sum, usageOf(entries)), this.usage)
    return { usage, cost: usage.cost, steps: this.steps, elapsed }
  }

  private addNested({ callId, entry, run }: Extract<Entry, { readonly _tag: "nested" }>): void {
    if (this.inside.get(callId)?.run !== run) this.dropInside(callId)
    const inside = this.inside.get(callId) ?? { run, entries: [] }
    inside.entries.push(entry)
    this.inside.set(callId, inside)
  }

  /** Counts what the call spent inside, unless a record of the same run covers it. */
  private dropInside(callId: string, recordedBy?: string): void {
    const inside = this.inside.get(callId)
    if (inside !== undefined && inside.run !== recordedBy) this.usage = Usage.add(this.usage, usageOf(inside.entries))
    this.inside.delete(callId)
  }

  private dropAllInside(recordedBy: string): void {
    for (const [callId, { run }] of this.inside) if (run === recordedBy) this.inside.delete(callId)
  }
}

/**
 * The usage of all entries.
 *
 * @internal
 */
export const usageOf = (entries: ReadonlyArray<Entry>): Usage.Usage => {
  const sum = new Sum()
  for (const entry of entries) sum.add(entry)
  return sum.totals.usage
}

/**
 * The usage of the entries that were copied from another conversation.
 *
 * @internal
 */
export const inheritedBy = (entries: ReadonlyArray<Entry>): Usage.Usage => {
  const end = entries.findLastIndex(({ _tag }) => _tag === "copied")
  return usageOf(entries.slice(0, Math.max(0, end)).filter(({ _tag }) => _tag !== "copied"))
}

/**
 * Whether an entry begins a task. Answers to what waits are input as well, and continue the task.
 *
 * @internal
 */
export const beginsTask = (entry: Entry): boolean =>
  entry._tag === "input" && entry.by !== "run" && entry.items.some(isPrompt)

/** @internal */
export const earlier = (entries: ReadonlyArray<Entry>): Earlier => {
  const conversation = new Sum()
  let task = new Sum()
  for (const entry of entries) {
    if (beginsTask(entry)) task = new Sum()
    conversation.add(entry)
    task.add(entry)
  }
  return { task: task.totals, conversation: conversation.totals }
}
