import * as Effect from "effect/Effect"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import { EmptyResponseError, type RunError } from "../errors.js"
import type { PendingCall } from "../records.js"
import type { FunctionCall, Outcome, Step } from "../run.js"
import { foreignCalls, pendingCall } from "../state/functionCalls.js"
import * as History from "../state/history.js"
import { isEmpty, naturalOutcome, onStop, readOutput, type Stop, stopCondition, usedUp } from "./ending.js"
import type { RunContext } from "./runContext.js"
import { settleCalls } from "./toolCalls.js"
import { turn } from "./turn.js"

/**
 * How a run ended, before it is told.
 *
 * @internal
 */
export interface Ending {
  readonly outcome: Outcome
  readonly pending: ReadonlyArray<PendingCall>
  readonly value?: unknown
}

/** What follows a turn: the end, or the calls to take up and another turn. */
type Next =
  | { readonly _tag: "end"; readonly ending: Ending }
  | { readonly _tag: "goOn"; readonly calls: ReadonlyArray<FunctionCall>; readonly mayCallTools: boolean }

type Result<A> = Effect.Effect<A, RunError, unknown>

/**
 * The loop: calls are taken up, the model is asked, its calls are taken up, until something ends it.
 *
 * @internal
 */
export const loop = (run: RunContext, waiting: ReadonlyArray<FunctionCall>): Result<Ending> =>
  Effect.gen(function*() {
    const above = yield* run.around.exhausted
    if (above !== undefined) return stopped(run, above)
    let next: Next = goOn(waiting)
    while (true) {
      if (next._tag === "end") return next.ending
      const paused = yield* settle(run, next.calls)
      if (paused !== undefined) return paused
      const budget: Stop | undefined = next.calls.length === 0 ? undefined : yield* usedUp(run)
      if (budget !== undefined) {
        next = yield* halt(run, budget, [])
        continue
      }
      const step = yield* turn(run, next.mayCallTools)
      next = step.toolCalls.length > 0 ? yield* afterCalls(run, step) : yield* afterAnswer(run, step)
    }
  })

const end = (ending: Ending): Next => ({ _tag: "end", ending })

const goOn = (calls: ReadonlyArray<FunctionCall> = [], mayCallTools = true): Next => ({
  _tag: "goOn",
  calls,
  mayCallTools
})

const stopped = (run: RunContext, condition: string): Ending => ({
  outcome: { _tag: "stopped", condition },
  pending: unanswered(run)
})

const unanswered = (run: RunContext): ReadonlyArray<PendingCall> =>
  History.pendingCalls(run.state.history).map((call) => pendingCall(run.state.turns, call, "stopped"))

const interruption = (run: RunContext): Ending | undefined => {
  const asked = run.interrupted()
  return asked === undefined
    ? undefined
    : { outcome: { _tag: "interrupted", reason: asked.reason }, pending: unanswered(run) }
}

/** Takes up calls; an ending where some of them have to wait, or somebody asked the run to stop. */
const settle = (run: RunContext, calls: ReadonlyArray<FunctionCall>): Result<Ending | undefined> =>
  Effect.gen(function*() {
    if (calls.length === 0) return interruption(run)
    const step = run.state.lastStep
    const foreign = step === undefined ? [] : foreignCalls(step)
    const pending = [...yield* settleCalls(run, run.state.turns, calls), ...foreign]
    if (pending.length === 0) return interruption(run)
    const isGated = pending.some((call) => call.reason === "approval")
    return { outcome: { _tag: isGated ? "awaiting_approval" : "awaiting_tools" }, pending }
  })

const say = (run: RunContext, items: ReadonlyArray<InputItem>): Result<void> =>
  Effect.suspend(() => {
    run.state.add(items)
    return items.length === 0 ? Effect.void : run.store([{ _tag: "input", items }])
  })

const afterCalls = (run: RunContext, step: Step): Result<Next> =>
  Effect.gen(function*() {
    const condition = yield* stopCondition(run)
    const interrupted = interruption(run)
    if (interrupted !== undefined) return end(interrupted)
    return condition === undefined ? goOn(step.toolCalls) : yield* halt(run, condition, step.toolCalls)
  })

/** What comes of a stop that finds these calls waiting. */
const halt = (run: RunContext, condition: Stop, calls: ReadonlyArray<FunctionCall>): Result<Next> =>
  Effect.gen(function*() {
    const items = yield* onStop(run, { _tag: "stopped", condition: condition.name }, condition)
    if (items !== undefined) {
      const paused = yield* settle(run, calls)
      if (paused !== undefined) return end(paused)
      yield* say(run, items)
      return goOn()
    }
    const { allowFinalResponse = false } = run.prepared.options
    return end(
      allowFinalResponse === false
        ? stopped(run, condition.name)
        : yield* finalResponse(run, calls, condition.name, allowFinalResponse)
    )
  })

const directive =
  "You have reached the limit of this task and cannot call tools any more. Give your final answer now, " +
  "from what you know so far."

/** One more turn, without tools, after the calls that the stop left; their gates hold as always. */
const finalResponse = (
  run: RunContext,
  calls: ReadonlyArray<FunctionCall>,
  condition: string,
  words: true | string
): Result<Ending> =>
  Effect.gen(function*() {
    const paused = yield* settle(run, calls)
    if (paused !== undefined) return paused
    const content = words === true ? directive : words
    yield* say(run, content === "" ? [] : [{ role: "user", content }])
    const { response } = yield* turn(run, false)
    const { output } = run.prepared
    const value = output === undefined
      ? undefined
      : yield* Effect.orElseSucceed(output.structured.read(response), () => undefined)
    return { ...stopped(run, condition), value }
  })

const afterAnswer = (run: RunContext, step: Step): Result<Next> =>
  Effect.gen(function*() {
    const condition = yield* stopCondition(run)
    const foreign = foreignCalls(step)
    if (foreign.length > 0) return end({ outcome: { _tag: "awaiting_tools" }, pending: foreign })
    if (isEmpty(step)) {
      const isLost = !run.state.hasResults || run.prepared.options.strictFinalResponse === true
      if (isLost) return yield* nothingSaid(step)
      if (condition === undefined && !run.state.askedAgain) {
        run.state.askedAgain = true
        return goOn([], false)
      }
    }
    const natural = naturalOutcome(step)
    const outcome: Outcome = natural._tag === "incomplete" && condition !== undefined
      ? { _tag: "stopped", condition: condition.name }
      : natural
    const { output } = run.prepared
    const read = output === undefined || outcome._tag !== "completed"
      ? { value: undefined }
      : yield* readOutput(output, step.response, condition === undefined && run.state.repairs < output.repairs)
    if ("repair" in read) {
      run.state.repairs++
      yield* say(run, read.repair)
      return goOn()
    }
    const items = yield* onStop(run, outcome, condition)
    if (items === undefined) return end({ outcome, pending: [], value: read.value })
    yield* say(run, items)
    return goOn()
  })

const nothingSaid = (step: Step) =>
  Effect.fail(
    new EmptyResponseError({
      generationId: step.response.id,
      message: "agent: the model answered with nothing. Ask again, or take another model."
    })
  )
