/** What a conversation takes over from another one. */
import type { ToolCallOutput } from "../../../../schema/ResponsesItems.js"
import { removalMark } from "../../loop/ids.js"
import { isStarted } from "../../state/background.js"
import * as History from "../../state/history.js"
import type { Entry, Log } from "../entry.js"
import { outputOf } from "../history.js"
import { brokeOff } from "../taskEnd.js"

/**
 * Outputs in place of those that the calls got, by the ids of the calls.
 *
 * @internal
 */
export type Outputs = ReadonlyMap<string, ToolCallOutput>

/**
 * Where a log can be continued in a copy, and where its calls are.
 *
 * @internal
 */
export interface Places {
  /** Numbers of entries, in their order. */
  readonly boundaries: ReadonlyArray<number>
  /** The index of the turn of each call. */
  readonly turns: ReadonlyMap<string, number>
}

/**
 * A log can be continued where no call lacks an output, and where a run ended that left calls which nobody has begun to
 * execute. Elsewhere a call may be executing: in a copy it would execute a second time, with another key.
 *
 * @internal
 */
export const placesOf = (entries: ReadonlyArray<Entry>, outputs: Outputs = new Map()): Places => {
  const boundaries = [0]
  const turns = new Map<string, number>()
  const ids = new Set<string>()
  const open = new Set<string>()
  const inBackground = new Set<string>()
  let isAtRest = false
  for (const [index, entry] of entries.entries()) {
    if (entry._tag === "turn") {
      const { calls, items } = History.readTurn(entry.record.response, ids, entry.record.turn)
      for (const id of History.callIds(items)) ids.add(id)
      for (const { callId } of calls) {
        turns.set(callId, index)
        if (!outputs.has(callId)) open.add(callId)
      }
    }
    if (entry._tag === "input") {
      for (const id of History.callIds(entry.items)) ids.add(id)
      for (const { callId } of History.pendingCalls(entry.items)) open.add(callId)
      for (const item of entry.items) if (item.type === "function_call_output") open.delete(item.call_id)
    }
    const output = outputOf(entry)
    if (output !== undefined) open.delete(output.call_id)
    if (entry._tag === "tool") {
      const { callId } = entry.record
      if (isStarted(entry.record) && !outputs.has(callId)) inBackground.add(callId)
      else inBackground.delete(callId)
    }
    isAtRest = entry._tag === "closed" ? !brokeOff.has(entry.outcome) : isAtRest && passing.has(entry._tag)
    if (inBackground.size === 0 && (open.size === 0 || isAtRest)) boundaries.push(index + 1)
  }
  return { boundaries, turns }
}

/** What may be appended while nothing goes on. */
const passing: ReadonlySet<Entry["_tag"]> = new Set(["interrupt", "inbox", "cancel", "copied", "allowed", "revoked"])

/**
 * What nobody but the conversation itself needs: who held it, requests to its runs, and what was decided for it.
 */
const left: ReadonlySet<Entry["_tag"]> = new Set([
  "opened",
  "renewed",
  "interrupt",
  "inbox",
  "cancel",
  "decision",
  "allowed",
  "revoked",
  "copied"
])

/**
 * A conversation by what the keys of its calls begin with.
 *
 * @internal
 */
export interface Scope extends Pick<Log, "removed"> {
  readonly id: string
}

/**
 * Copies entries, and says where they come from. Ids of runs inside of calls follow from the keys of the calls, which are
 * others in the copy.
 *
 * @internal
 */
export const copyOf = (
  entries: ReadonlyArray<Entry>,
  { from, outputs = new Map(), to }: {
    readonly from: Scope
    readonly to: Scope
    readonly outputs?: Outputs | undefined
  }
): ReadonlyArray<Entry> => {
  const rename = renaming(from, to)
  const missing = new Map(outputs)
  const copied = entries.flatMap((entry): ReadonlyArray<Entry> => {
    if (left.has(entry._tag)) return []
    const callId = callOf(entry)
    const output = callId === undefined ? undefined : outputs.get(callId)
    if (callId === undefined || output === undefined) return [renamed(entry, rename)]
    return missing.delete(callId) ? [outputEntry(callId, output)] : []
  })
  return [
    ...copied,
    ...[...missing].map(([callId, output]) => outputEntry(callId, output)),
    { _tag: "copied", from: from.id, at: entries.length }
  ]
}

const outputEntry = (call_id: string, output: ToolCallOutput): Entry => ({
  _tag: "output",
  item: { type: "function_call_output", call_id, output }
})

/** The call that an entry is about. */
const callOf = (entry: Entry): string | undefined => {
  if (entry._tag === "tool") return entry.record.callId
  if (entry._tag === "output") return entry.item.call_id
  return entry._tag === "nested" || entry._tag === "restarted" ? entry.callId : undefined
}

type Rename = (id: string) => string

const renamed = (entry: Entry, rename: Rename): Entry =>
  entry._tag === "nested" ? { ...entry, inner: rename(entry.inner), entry: inside(entry.entry, rename) } : entry

const inside = (entry: Entry, rename: Rename): Entry => {
  const own = renamed(entry, rename)
  return "run" in own ? { ...own, run: rename(own.run) } : own
}

const renaming = (from: Scope, to: Scope): Rename => {
  const before = `${from.id}/`
  const mark = removalMark(from.removed)
  return (id) => {
    if (!id.startsWith(before)) return id
    const [call = "", ...rest] = id.slice(before.length).split("/")
    const bare = mark !== "" && call.endsWith(mark) ? call.slice(0, -mark.length) : call
    return [to.id, bare + removalMark(to.removed), ...rest].join("/")
  }
}
