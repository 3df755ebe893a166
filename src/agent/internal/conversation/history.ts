import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { PendingCall } from "../run.js"
import { pendingCall } from "../state/calls.js"
import * as History from "../state/history.js"
import type { Entry } from "./entry.js"

const outputOf = (entry: Entry): FunctionCallOutputItem | undefined => {
  if (entry._tag === "output") return entry.item
  if (entry._tag !== "tool" || entry.record.status === "suspended") return undefined
  return { type: "function_call_output", call_id: entry.record.callId, output: entry.record.output }
}

/** A conversation as far as it is read. */
class Reading {
  /** The turn of each call that a turn made. */
  readonly turns = new Map<string, number>()
  /** The items before those that have calls without an output, and these. */
  private readonly settled: Array<InputItem> = []
  private open: ReadonlyArray<InputItem> = []
  /** Outputs that nothing waits for yet. */
  private outputs: Array<FunctionCallOutputItem> = []
  private readonly callIds = new Set<string>()

  constructor(entries: ReadonlyArray<Entry>) {
    for (const entry of entries) this.read(entry)
    this.settle()
  }

  get items(): ReadonlyArray<InputItem> {
    return [...this.settled, ...this.open]
  }

  private read(entry: Entry): void {
    const output = outputOf(entry)
    if (output !== undefined) this.outputs.push(output)
    if (entry._tag === "input") this.add(entry.items)
    if (entry._tag === "turn") {
      const { response, turn } = entry.record
      const { calls, items } = History.readTurn(response, this.callIds, turn)
      for (const { callId } of calls) this.turns.set(callId, turn)
      this.add(items)
    }
  }

  private add(items: ReadonlyArray<InputItem>): void {
    this.settle()
    for (const id of History.callIds(items)) this.callIds.add(id)
    this.open = [...this.open, ...items]
  }

  /** Gives each call that waits its first output. */
  private settle(): void {
    const waiting = new Set(History.pendingCalls(this.open).map(({ callId }) => callId))
    const now: Array<FunctionCallOutputItem> = []
    const later: Array<FunctionCallOutputItem> = []
    for (const output of this.outputs) (waiting.delete(output.call_id) ? now : later).push(output)
    this.open = History.settle(this.open, now)
    this.outputs = later
    if (waiting.size > 0) return
    this.settled.push(...this.open)
    this.open = []
  }
}

/**
 * The items in order. The output of a call stands behind the items that it came with, whenever it came itself, and
 * outputs stand in the order of their calls.
 *
 * @internal
 */
export const history = (entries: ReadonlyArray<Entry>): ReadonlyArray<InputItem> => new Reading(entries).items

/** What the calls of a run wait for, as far as its end tells. */
const reasonAfter = (entries: ReadonlyArray<Entry>): PendingCall["reason"] => {
  const last = entries.findLast((entry) => entry._tag === "closed")
  if (last?.outcome === "awaiting_approval") return "approval"
  return last?.outcome === "awaiting_tools" ? "manual" : "stopped"
}

/** @internal */
export const pending = (entries: ReadonlyArray<Entry>): ReadonlyArray<PendingCall> => {
  const { items, turns } = new Reading(entries)
  const otherwise = reasonAfter(entries)
  const reasons = new Map<string, PendingCall["reason"]>()
  for (const entry of entries) {
    if (entry._tag === "tool" && entry.record.status === "suspended") reasons.set(entry.record.callId, "answer")
    if (entry._tag === "decision") reasons.set(entry.callId, "stopped")
  }
  return History.pendingCalls(items).map((call) =>
    pendingCall(turns.get(call.callId) ?? 0, call, reasons.get(call.callId) ?? otherwise)
  )
}
