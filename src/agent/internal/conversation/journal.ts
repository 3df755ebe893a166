/** What the runs inside of tool calls did, as the run around them keeps it, and the decisions about their calls. */
import * as Schema from "effect/Schema"
import { guard } from "../../../schema/guard.js"
import { lazy } from "../../../schema/prelude.js"
import type { CompactionRecord, Decision, PendingCall, ToolRecord, TurnRecord } from "../run.js"
import { Entry } from "./entry.js"

/** @internal */
export type Nested = Extract<Entry, { readonly _tag: "nested" }>

/** Two places of a journal, without these themselves. */
type Places = readonly [from: number, to: number]

interface PlacedDecision {
  readonly index: number
  readonly callId: string
  readonly decision: Decision
}

/**
 * The entries about runs inside of calls, and all decisions, in their order. What runs inside of a call did is forgotten
 * when the call is done.
 *
 * @internal
 */
export class Journal {
  private length = 0
  private readonly decided: Array<PlacedDecision> = []
  private readonly calls = new Map<string, Array<{ readonly index: number; readonly nested: Nested }>>()

  constructor(entries: ReadonlyArray<Entry>) {
    this.add(entries)
  }

  add(entries: ReadonlyArray<Entry>): void {
    for (const entry of entries) {
      const index = this.length++
      if (entry._tag === "decision") this.decided.push({ index, callId: entry.callId, decision: entry.decision })
      if (entry._tag === "tool" && entry.record.status !== "suspended") this.calls.delete(entry.record.callId)
      if (entry._tag !== "nested") continue
      const known = this.calls.get(entry.callId)
      if (known === undefined) this.calls.set(entry.callId, [{ index, nested: entry }])
      else known.push({ index, nested: entry })
    }
  }

  /** What the record of a call has of the runs inside, and this journal has not: the call was executed in another process. */
  missing({ callId, result }: ToolRecord): ReadonlyArray<Entry> {
    return isEntries(result) ? result.slice(this.ofCall(callId).length) : []
  }

  /** The number of the newest attempt at a call, from 1. */
  attempt(callId: string): number {
    return this.ofCall(callId).reduce((last, { attempt }) => Math.max(last, attempt), 1)
  }

  /** The entries of the runs inside of a call that is not done. */
  ofCall(callId: string): ReadonlyArray<Nested> {
    return this.calls.get(callId)?.map(({ nested }) => nested) ?? []
  }

  /** What a run inside of a call did, in the given attempt at the call. */
  recorded(callId: string, attempt: number, inner: string): Recorded {
    const placed = this.calls.get(callId) ?? []
    return new Recorded(
      placed.flatMap(({ index, nested }) =>
        nested.attempt === attempt && nested.inner === inner ? [{ index, entry: nested.entry }] : []
      )
    )
  }

  /** The last decision about a call, between two places of the journal, of a kind that the call waits for. */
  decision({ callId, reason }: Pick<PendingCall, "callId" | "reason">, [from, to]: Places): Decision | undefined {
    const other = reason === "approval" ? "answer" : "approve"
    return this.decided.findLast((one) =>
      one.callId === callId && one.decision._tag !== other && one.index > from && one.index < to
    )?.decision
  }

  /** The newest decision about each call whose id has this beginning, by the rest of the id. */
  decisions(prefix: string): ReadonlyMap<string, Decision> {
    return new Map(
      this.decided.flatMap(({ callId, decision }) =>
        callId.startsWith(prefix) ? [[callId.slice(prefix.length), decision] as const] : []
      )
    )
  }
}

const isEntries = guard(lazy(() => Schema.Array(Entry)))

/** An entry of a run, with its place in the journal of the run around it. */
interface Placed {
  readonly index: number
  readonly entry: Entry
}

/**
 * What a run inside of a call did so far. A run that begins again returns these records instead of paying again.
 *
 * @internal
 */
export class Recorded {
  private readonly turns = new Map<number, { readonly index: number; readonly record: TurnRecord }>()
  private readonly calls = new Map<string, Array<{ readonly index: number; readonly record: ToolRecord }>>()
  private readonly known = new Map<string, number>()

  constructor(private readonly placed: ReadonlyArray<Placed>) {
    for (const { entry, index } of placed) {
      if (entry._tag === "turn") this.turns.set(entry.record.turn, { index, record: entry.record })
      if (entry._tag === "tool") {
        const { callId } = entry.record
        this.calls.set(callId, [...this.calls.get(callId) ?? [], { index, record: entry.record }])
      }
      const kind = kindOf(entry)
      if (kind !== undefined) this.known.set(kind, (this.known.get(kind) ?? 0) + 1)
    }
  }

  get entries(): ReadonlyArray<Entry> {
    return this.placed.map(({ entry }) => entry)
  }

  get hasEnded(): boolean {
    return this.placed.some(({ entry }) => entry._tag === "closed")
  }

  turn(turn: number): TurnRecord | undefined {
    return this.turns.get(turn)?.record
  }

  /** The record of the compaction before an attempt at a turn. */
  compaction(turn: number, attempt: number): CompactionRecord | undefined {
    for (const { entry } of this.placed) {
      if (entry._tag === "compacted" && entry.record.turn === turn && entry.record.attempt === attempt) {
        return entry.record
      }
    }
    return undefined
  }

  /** The record of the given execution of a call. */
  tool(callId: string, execution: number): ToolRecord | undefined {
    return this.calls.get(callId)?.[execution - 1]?.record
  }

  /**
   * The places between which a decision was made about a call that waited at that execution. None if the call waits for
   * the first time: so a decision about an earlier call of the same id does not count.
   */
  placesOfDecision({ callId, path, reason, turn }: PendingCall, execution: number): Places | undefined {
    const asked = turn === 0 ? -1 : this.turns.get(turn)?.index
    if (asked === undefined) return undefined
    if (path === undefined && reason !== "answer") return [asked, Infinity]
    const executions = this.calls.get(path?.[0] ?? callId) ?? []
    const waited = executions[execution - 1]?.index
    return waited === undefined ? undefined : [waited, executions[execution]?.index ?? Infinity]
  }

  /** Takes the entries that are not known so far. A run that begins again stores its entries again. */
  takeNew(entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> {
    return entries.filter((entry) => {
      const kind = kindOf(entry)
      const left = kind === undefined ? 0 : this.known.get(kind) ?? 0
      if (kind !== undefined && left > 0) this.known.set(kind, left - 1)
      return left === 0
    })
  }
}

/** The kind of an entry that a run stores each time that it begins again. */
const kindOf = (entry: Entry): string | undefined => {
  if (entry._tag === "turn") return `turn ${entry.record.turn}`
  if (entry._tag === "compacted") return `compacted ${entry.record.turn} ${entry.record.attempt}`
  if (entry._tag === "tool") return `tool ${entry.record.status === "suspended"} ${entry.record.callId}`
  if (entry._tag === "decision") return `decision ${entry.callId}`
  return entry._tag === "input" || entry._tag === "output" ? entry._tag : undefined
}

/**
 * The calls that wait inside of pending calls, from the newest records of these.
 *
 * @internal
 */
export const waitingInside = (
  pending: ReadonlyArray<{ readonly callId: string }>,
  entries: ReadonlyArray<Entry>
): ReadonlyArray<PendingCall> => {
  const records = new Map(
    entries.flatMap((entry) => entry._tag === "tool" ? [[entry.record.callId, entry.record]] : [])
  )
  return pending.flatMap(({ callId }) => records.get(callId)?.pending ?? [])
}
