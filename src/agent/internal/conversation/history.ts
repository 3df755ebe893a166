/** The items and pending calls of a stored conversation, derived from its entries. */
import type { FunctionCallOutputItem, InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { PendingCall } from "../run.js"
import { isSettled } from "../state/background.js"
import { pendingCall } from "../state/calls.js"
import * as History from "../state/history.js"
import { findWaiting, waitingCalls } from "../state/waiting.js"
import type { Entry } from "./entry.js"
import { waitingInside } from "./journal.js"

/**
 * The output of a call that an entry holds.
 *
 * @internal
 */
export const outputOf = (entry: Entry): FunctionCallOutputItem | undefined => {
  if (entry._tag === "output") return entry.item
  if (entry._tag !== "tool" || entry.record.status === "suspended" || isSettled(entry.record)) return undefined
  return { type: "function_call_output", call_id: entry.record.callId, output: entry.record.output }
}

/** The items of a conversation, built entry by entry: all of them, or compacted as the next request sends them. */
class Builder {
  /** The turn of each call. */
  readonly turns = new Map<string, number>()
  /** The items before the first pending call; `open` has those behind it. */
  private settled: Array<InputItem> = []
  private open: ReadonlyArray<InputItem> = []
  /** Outputs whose calls have not been read yet. */
  private outputs: Array<FunctionCallOutputItem> = []
  private readonly callIds = new Set<string>()

  constructor(entries: ReadonlyArray<Entry>, private readonly isWhole = false) {
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
    if (entry._tag === "compacted" && !this.isWhole) this.replace(entry.record.items)
    if (entry._tag === "turn") {
      const { response, turn } = entry.record
      const { calls, items } = History.readTurn(response, this.callIds, turn)
      for (const { callId } of calls) this.turns.set(callId, turn)
      for (const { call } of findWaiting(items)) this.turns.set(call.callId, turn)
      this.add(items)
    }
  }

  private replace(items: ReadonlyArray<InputItem> | undefined): void {
    if (items === undefined) return
    this.settle()
    this.settled = []
    this.open = items
  }

  private add(items: ReadonlyArray<InputItem>): void {
    this.settle()
    for (const id of History.callIds(items)) this.callIds.add(id)
    this.open = [...this.open, ...items]
  }

  /** Puts each output behind its call. */
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
 * The items in order. The output of a call stands behind the items of its turn, even if it was stored later. Outputs stand
 * in the order of their calls.
 *
 * @internal
 */
export const history = (entries: ReadonlyArray<Entry>, isWhole = false): ReadonlyArray<InputItem> =>
  new Builder(entries, isWhole).items

/**
 * All items, and those that the next request sends; the same list if the history was not compacted.
 *
 * @internal
 */
export const histories = (
  entries: ReadonlyArray<Entry>
): { readonly whole: ReadonlyArray<InputItem>; readonly sent: ReadonlyArray<InputItem> } => {
  const whole = history(entries, true)
  const isCompacted = entries.some((entry) => entry._tag === "compacted" && entry.record.items !== undefined)
  return { whole, sent: isCompacted ? history(entries) : whole }
}

/** The reason of pending calls, derived from the end of the last run. */
const reasonAfter = (entries: ReadonlyArray<Entry>): PendingCall["reason"] => {
  const last = entries.findLast((entry) => entry._tag === "closed")
  if (last?.outcome === "awaiting_approval") return "approval"
  return last?.outcome === "awaiting_tools" ? "manual" : "stopped"
}

/** @internal */
export const pending = (entries: ReadonlyArray<Entry>): ReadonlyArray<PendingCall> => {
  const { items, turns } = new Builder(entries)
  const defaultReason = reasonAfter(entries)
  const reasons = new Map<string, PendingCall["reason"]>()
  for (const entry of entries) {
    if (entry._tag === "tool" && entry.record.status === "suspended") {
      const { callId, pending } = entry.record
      reasons.set(callId, pending === undefined ? "answer" : "stopped")
      for (const call of pending ?? []) reasons.set(call.callId, call.reason)
    }
    if (entry._tag === "decision") reasons.set(entry.callId, "stopped")
  }
  const turnOf = ({ callId }: { readonly callId: string }) => turns.get(callId) ?? 0
  return [
    ...History.pendingCalls(items).flatMap((call) => {
      const inside = waitingInside([call], entries)
      return inside.length === 0
        ? [pendingCall(turnOf(call), call, reasons.get(call.callId) ?? defaultReason)]
        : inside.map((call) => ({ ...call, reason: reasons.get(call.callId) ?? call.reason }))
    }),
    ...waitingCalls(items, 0).map((call) => ({
      ...call,
      turn: turnOf(call),
      reason: reasons.get(call.callId) ?? call.reason
    }))
  ]
}
