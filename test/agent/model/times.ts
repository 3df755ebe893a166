/** When turns and calls took place: by the records of a run, and as it was observed. */
import { assert } from "@effect/vitest"
import type { ToolRecord, TurnRecord } from "../../../src/agent/internal/run.js"
import type { Conversation } from "./conversation.js"
import type { Finished } from "./driver.js"
import { callsIn } from "./invariants.js"
import type { Span, Times } from "./situation.js"
import type { Observed } from "./trace.js"
import { tokensOf } from "./wire.js"

const spanOf = ({ endedAt, startedAt }: TurnRecord | ToolRecord): Span => ({ from: startedAt, to: endedAt })

/** The times of a run, by the records that it stored and those that its caller has. */
export const timesIn = (
  events: ReadonlyArray<Observed>,
  { progress, run }: Pick<Finished, "progress" | "run">
): Times => {
  const turns = new Map<number, Span>()
  const tools = new Map<string, Span>()
  const addTool = (record: ToolRecord) => {
    const span = spanOf(record)
    const from = Math.min(span.from, tools.get(record.callId)?.from ?? span.from)
    tools.set(record.callId, { from, to: span.to })
  }
  const entries = events.flatMap((event) => event._tag === "stored" && event.run === run ? event.entries : [])
  for (const entry of entries) {
    if (entry._tag === "turn") turns.set(entry.record.turn, spanOf(entry.record))
    else if (entry._tag === "tool") addTool(entry.record)
  }
  for (const step of progress?.steps ?? []) {
    turns.set(step.turn, { from: step.startedAt, to: step.endedAt })
    step.toolResults.forEach(addTool)
  }
  progress?.resumed?.forEach(addTool)
  const ids = new Map([...callsIn(events), ...callIdsIn(progress)])
  const ofCalls = new Map([...tools].flatMap(([id, span]) => {
    const call = ids.get(id)
    return call === undefined ? [] : [[call, span] as const]
  }))
  return { ofTurn: (position) => turns.get(position), ofCall: (call) => ofCalls.get(call) }
}

const callIdsIn = (progress: Finished["progress"]): ReadonlyArray<readonly [id: string, call: number]> =>
  tokensOf(progress?.history ?? []).flatMap((token) => token._tag === "call" ? [[token.id, token.call] as const] : [])

/** The records of turns and calls say when these took place. */
export const checkSpans = (events: ReadonlyArray<Observed>, conversation: Conversation): void => {
  const calls = callsIn(events)
  const requested = new Map<string, number>()
  const executed = new Map<string, Span>()
  for (const event of events) {
    if (event._tag === "request") requested.set(event.run, event.at)
    else if (event._tag === "started" || event._tag === "ended") {
      const key = `${event.run} ${event.call}`
      executed.set(key, { from: executed.get(key)?.from ?? event.at, to: event.at })
    } else if (event._tag === "stored") {
      for (const entry of event.entries) {
        if (entry._tag === "turn") {
          const { from, to } = spanOf(entry.record)
          const at = requested.get(event.run) ?? Infinity
          // The rest of a response that broke is recorded when nobody waits for more of it
          if (from !== to) assert.strictEqual(from, at, "the start of a turn")
          assert.isAtLeast(from, at, "the start of a turn")
          assert.isAtLeast(to, from, "the end of a turn")
        } else if (entry._tag === "tool") {
          const call = calls.get(entry.record.callId)
          const key = `${event.run} ${call}`
          const found = executed.get(key)
          executed.delete(key)
          const span = spanOf(entry.record)
          if (call === undefined || found === undefined) assert.strictEqual(span.from, span.to, "no time passed")
          else assert.deepInclude(spansOf(conversation.callOf(call), found), span, `the time of the call ${call}`)
        }
      }
    }
  }
}

/** The time of a call, from the time of its handler. A middleware that was interrupted may not have waited. */
const spansOf = ({ kind, wrap }: ReturnType<Conversation["callOf"]>, { from, to }: Span): ReadonlyArray<Span> => {
  // What is left behind ends after its time limit and the grace behind it
  const end = kind === "stuck" ? to + 1100 : to
  return wrap === "delays" ? [{ from: from - 10, to: end }, { from: from - 10, to: end + 10 }] : [{ from, to: end }]
}
