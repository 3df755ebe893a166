/** Compares a run with what the reference expects of it. */
import { assert } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { stringAt } from "../../../src/internal/json.js"
import { restingOf } from "./active.js"
import type { Conversation } from "./conversation.js"
import type { Finished } from "./driver.js"
import * as Check from "./invariants.js"
import { countedBefore, type Earlier, type Expected } from "./situation.js"
import { heardIn } from "./steering.js"
import { survived } from "./stores.js"
import type { Observed } from "./trace.js"
import { linesOf, type Token, tokensIn, tokensOf } from "./wire.js"
import type { Case, Move } from "./world.js"

export const requestsOf = (events: ReadonlyArray<Observed>, run: string) =>
  events.flatMap((event) => event._tag === "request" && event.run === run ? [event] : [])

export interface Comparison {
  readonly move: Move
  readonly finished: Finished
  readonly events: ReadonlyArray<Observed>
  readonly wanted: Expected
  readonly before: Conversation
  readonly found: Conversation
  /** The conversation as it is stored, or as the user has it. */
  readonly tokens: ReadonlyArray<Token>
  /** How many operations of the store failed in a row, at most. */
  readonly faults: number
}

/** How a run ended, in the terms of the reference. */
export const endingOf = ({ exit, isDead }: Finished, numberOf: (callId: string) => number | undefined): {
  readonly tag: string
  readonly detail?: string | undefined
  readonly pending: ReadonlyArray<readonly [call: number | undefined, reason: string]>
} => {
  if (isDead) return { tag: "cut short", pending: [] }
  if (Exit.isFailure(exit)) {
    const failure = Cause.failureOption(exit.cause)
    if (Option.isSome(failure)) return { tag: failure.value._tag, pending: [] }
    return { tag: Cause.isInterrupted(exit.cause) ? "cut short" : `died: ${Cause.pretty(exit.cause)}`, pending: [] }
  }
  const { outcome, pending } = exit.value
  const detail = outcome._tag === "stopped"
    ? outcome.condition
    : outcome._tag === "incomplete" || outcome._tag === "interrupted"
    ? outcome.reason
    : undefined
  return {
    tag: outcome._tag,
    ...(detail === undefined ? {} : { detail }),
    pending: pending.map(({ callId, reason }) => [numberOf(callId), reason] as const)
  }
}

const allowedEndings = ({ faults, move, wanted }: Comparison): ReadonlyArray<string> => [
  wanted.ending.tag,
  ...wanted.ending.others ?? [],
  ...(["interrupt", "leave", "kill"].includes(move.disturbance._tag) ? ["cut short"] : []),
  ...(move.disturbance._tag === "ask" ? ["interrupted"] : []),
  ...(faults > survived ? ["ConversationStoreError"] : [])
]

/** Compares a run that had no rival. */
export const compare = (comparison: Comparison): void => {
  const { before, events, faults, finished, found, move, tokens, wanted } = comparison
  const numbers = new Map(tokens.flatMap((token) => token._tag === "call" ? [[token.id, token.call] as const] : []))
  const ending = endingOf(finished, (callId) => numbers.get(callId))
  const isCalm = (move.disturbance._tag === "none" || move.disturbance._tag === "twice") && faults <= survived
  const isWhole = wanted.isExact && ending.tag === wanted.ending.tag
  checkRequests(events, finished.run, wanted, isWhole)
  checkSpent(finished, wanted, isWhole)
  assert.include(allowedEndings(comparison), ending.tag, `ending of ${finished.run}`)
  if (isWhole || isCalm && wanted.isExact) {
    const { others: _, ...expected } = wanted.ending
    assert.deepStrictEqual(ending, { ...expected, pending: [...expected.pending] })
  }
  if (isWhole) assert.deepStrictEqual(linesOf(tokens), wanted.kept.lines, `what was said after ${finished.run}`)
  else Check.checkBetween(before, found, wanted.said)
  if (finished.isDead || Exit.isFailure(finished.exit)) return
  const { history, outcome, steps } = finished.exit.value
  // What a run that is blocked did not store, it has nevertheless
  const isStored = outcome._tag !== "blocked"
  if (isStored || isWhole && history.length > 0) {
    const lines = isStored ? linesOf(tokens) : wanted.said.lines
    assert.deepStrictEqual(linesOf(tokensOf(history)), lines, "history of the run")
  }
  assert.deepStrictEqual(steps.map((step) => step.turn), steps.map((_, i) => i + 1))
}

/** The requests of a run: exactly the expected ones, or a prefix of them. */
const checkRequests = (events: ReadonlyArray<Observed>, run: string, wanted: Expected, isWhole: boolean) => {
  const requests = requestsOf(events, run)
  for (const { request } of requests) Check.checkInput(tokensIn(request))
  const found = requests.map(({ request }) => ({
    lines: linesOf(tokensIn(request)),
    choice: stringAt(request.json, "tool_choice"),
    speaker: stringAt(request.json, "instructions"),
    resting: restingOf(request)
  }))
  assert.deepStrictEqual(
    found,
    isWhole ? wanted.requests : wanted.requests.slice(0, found.length),
    `requests of ${run}`
  )
}

const checkSpent = ({ progress }: Finished, wanted: Expected, isWhole: boolean) => {
  if (progress === undefined) return
  const { cost, unsettled, usage } = progress
  if (isWhole) {
    assert.deepStrictEqual(
      [cost, usage.upstreamCost, usage.totalTokens, unsettled.length],
      [wanted.cost, wanted.upstreamCost, wanted.tokens, wanted.unsettled],
      "cost, upstream cost, tokens, unsettled generations"
    )
  } else {
    assert.isAtMost(cost, wanted.cost, "cost")
    assert.isAtMost(usage.upstreamCost, wanted.upstreamCost, "upstream cost")
    assert.isAtMost(usage.totalTokens, wanted.tokens, "tokens")
  }
}

const hasFinal = ({ final, stop }: Move): boolean => final === undefined ? stop === "after slow" : final !== false

/** The limits of a run, checked by its requests alone. */
export const checkBudgets = (
  events: ReadonlyArray<Observed>,
  run: string,
  move: Move,
  world: Case,
  earlier: Earlier
): void => {
  const requests = requestsOf(events, run)
  const limit = Math.max(0, (move.maxSteps ?? 50) - earlier.task.turns) + (hasFinal(move) ? 1 : 0)
  const { steered } = heardIn([], events, run)
  const isAnswer = (turn: number) => world.turns[turn - 1]?._tag !== "failure" && !steered(turn)
  assert.isAtMost(requests.filter(({ turn }) => isAnswer(turn)).length, limit, "turns")
  const { maxCost } = move
  let { cost } = countedBefore(earlier, move.of)
  /** The requests inside of calls that may not have a response yet. */
  const underWay = new Map<number, number>()
  const settle = (call: number) => {
    cost += underWay.get(call) ?? 0
    underWay.delete(call)
  }
  for (const event of events) {
    if (event._tag === "ended") settle(event.call)
    else if (event._tag === "side request" && event.run === run) {
      settle(event.call)
      underWay.set(event.call, event.cost)
    } else if (event._tag === "late request" && event.run === run) {
      cost += event.cost
    } else if (event._tag === "inner request" && event.run === run) {
      settle(event.call)
      if (maxCost !== undefined) assert.isBelow(cost, maxCost, "a budget was used up before a request inside a tool")
      underWay.set(event.call, event.cost ?? 0)
    } else if (event._tag === "request" && event.run === run) {
      const isFinal = hasFinal(move) && event.request.json["tool_choice"] === "none"
      if (maxCost !== undefined && !isFinal) assert.isBelow(cost, maxCost, "a budget was used up")
      if (steered(event.turn)) continue
      const answer = world.turns[event.turn - 1]
      if (answer?._tag === "answer" ? answer.bill !== "missing" : answer?.how === "failed") cost += answer?.cost ?? 0
    }
  }
}
