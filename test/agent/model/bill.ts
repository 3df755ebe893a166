/** What the scripted server charged, and what records, log, outcomes and budget say of it: all of them say the same. */
import { assert } from "@effect/vitest"
import type { Usage } from "../../../src/agent/Usage.js"
import { callsIn } from "./invariants.js"
import type { Observed } from "./trace.js"
import type { Case } from "./world.js"

/** What the user pays: to OpenRouter, and to a provider. */
export const paidOf = ({ cost, upstreamCost }: Usage): number => cost + upstreamCost

/** What a response of the model costs, as far as the client hears of it. */
const chargedFor = ({ turns }: Case, turn: number): number => {
  const answer = turns[turn - 1]
  if (answer?._tag === "answer") return answer.bill === "missing" ? 0 : answer.cost
  return answer?.how === "failed" ? answer.cost : 0
}

/** The bill of the server for all requests. */
const billOf = (events: ReadonlyArray<Observed>, world: Case): number =>
  events.reduce((sum, event) => {
    if (event._tag === "request") return sum + chargedFor(world, event.turn)
    return event._tag === "inner request" || event._tag === "side request" || event._tag === "late request"
      ? sum + (event.cost ?? 0)
      : sum
  }, 0)

/** Whether responses may have been cut off, so that the server knows of costs that nobody could hear of. */
const mayCut = ({ disturbance, words }: Case["moves"][number]): boolean =>
  words.some(({ isUrgent }) => isUrgent) ||
  disturbance._tag === "interrupt" || disturbance._tag === "leave" || disturbance._tag === "kill"

/** The budget of all runs has paid for everything, once: also for what runs could not count after their end. */
export const checkPurse = (events: ReadonlyArray<Observed>, world: Case, paid: number): void => {
  const bill = billOf(events, world)
  const isWhole = !world.moves.some(mayCut) && !events.some(({ _tag }) => _tag === "lost")
  if (isWhole) assert.strictEqual(paid, bill, "the budget of all runs")
  else assert.isAtMost(paid, bill, "the budget of all runs")
}

/** The log has what the runs told, except for what died with a process or its store. */
export const checkLog = (events: ReadonlyArray<Observed>, stored: number, told: number): void => {
  if (events.some(({ _tag }) => _tag === "lost")) assert.isAtMost(stored, told, "cost of the log")
  else assert.strictEqual(stored, told, "cost of the log")
}

/** The record of a turn has the price of its response, and that of a call has what was spent inside of it. */
export const checkRecords = (events: ReadonlyArray<Observed>, world: Case): void => {
  const calls = callsIn(events)
  const inside = new Map<string, number>()
  const turns = new Map<string, number>()
  for (const event of events) {
    if (event._tag === "request") turns.set(event.run, event.turn)
    else if (event._tag === "inner request" || event._tag === "side request") {
      const key = `${event.run} ${event.call}`
      inside.set(key, (inside.get(key) ?? 0) + (event.cost ?? 0))
    } else if (event._tag === "stored") {
      for (const entry of event.entries) {
        if (entry._tag === "turn") {
          const turn = turns.get(event.run) ?? assert.fail("a turn without a request")
          assert.strictEqual(paidOf(entry.record.usage), chargedFor(world, turn), `the record of turn ${turn}`)
        } else if (entry._tag === "tool") {
          const call = calls.get(entry.record.callId)
          const key = `${event.run} ${call}`
          assert.strictEqual(paidOf(entry.record.usage), inside.get(key) ?? 0, `the record of the call ${call}`)
          inside.delete(key)
        }
      }
    }
  }
}
