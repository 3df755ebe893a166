/**
 * The loop of a run, and the order in which to read it:
 *
 * 1. `agent.ts`: a whole run, from its options to its end.
 * 2. `prepare.ts`: checks the options. `agents.ts`: the agents of the run, and which of them speaks. `start.ts`: joins
 *    stored conversation, input and decisions, and finds out whether anything is left to do.
 * 3. `loop.ts`: executes calls, requests a turn, executes its calls, until the run ends.
 * 4. `messages.ts`: takes up what was said to the conversation. `turn.ts`: requests a turn, again where `retryTurn` allows it.
 *    `turnRequest.ts`: what is sent. `gates.ts`: what stands between the response and all who receive it.
 * 5. `toolCalls.ts`: all calls of a turn. A tool's result becomes the next turn's input in `recordCall`.
 * 6. `toolCall.ts`: one call, decoded and approved. `executeTool.ts`: its handler, with limits and middleware.
 *    `approvalRequests.ts`: requests for the approval of calls that a server executes. `nestedRuns.ts`: runs that a
 *    handler starts. `background.ts`: calls that go on beside the turns.
 * 7. `record.ts`: stores what happened, then tells the reader.
 * 8. `ending.ts`: stop conditions, budgets, the outcome, the structured output.
 *
 * `runContext.ts` is what all of them share; `../state/state.ts` is what they record.
 */
import * as Effect from "effect/Effect"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { TaskEnd } from "../conversation/taskEnd.js"
import { EmptyResponseError, type RunError } from "../errors.js"
import type { FunctionCall, Outcome, PendingCall, Step } from "../run.js"
import { UsedUp } from "../state/parentRun.js"
import { isEmptyResponse } from "../state/task.js"
import { askForApprovals } from "./approvalRequests.js"
import { awaitBackground } from "./background.js"
import {
  callsWithoutOutput,
  exhaustedParentBudget,
  findStop,
  findStopAfterTools,
  naturalOutcome,
  readOutput,
  refusalOf,
  runStopMiddleware,
  type Stop,
  truncatedAgain,
  usedUpBefore
} from "./ending.js"
import { Steered, takeMessages } from "./messages.js"
import { record } from "./record.js"
import type { RunContext } from "./runContext.js"
import { runCalls } from "./toolCalls.js"
import { runFinalTurn, runTurn } from "./turn.js"

/**
 * How a run ended.
 *
 * @internal
 */
export interface Ending {
  readonly outcome: Outcome
  readonly pending: ReadonlyArray<PendingCall>
  readonly value?: unknown
}

/** What follows a turn: the end of the run, or calls to execute and another turn. */
type Next =
  | { readonly _tag: "end"; readonly ending: Ending }
  | { readonly _tag: "continue"; readonly calls: ReadonlyArray<FunctionCall>; readonly mayCallTools: boolean }

type Result<A> = Effect.Effect<A, RunError, unknown>

/**
 * Executes calls, requests a turn and executes its calls, until the run ends. `calls` are those that earlier runs left.
 *
 * @internal
 */
export const loop = (run: RunContext, calls: ReadonlyArray<FunctionCall>): Result<Ending> =>
  Effect.gen(function*() {
    let next: Next = yield* begin(run, calls)
    while (next._tag === "continue") {
      const paused: Ending | undefined = yield* executeCalls(run, next.calls)
      if (paused !== undefined) return paused
      const condition: Stop | undefined = next.calls.length === 0 ? undefined : yield* findStopAfterTools(run)
      if (condition !== undefined) {
        next = yield* stop(run, condition, [])
        continue
      }
      yield* run.background.failed
      yield* takeMessages(run)
      const step = yield* runTurn(run, next.mayCallTools)
      next = step instanceof Steered
        ? end(interruption(run) ?? stopped(run, "interrupted"))
        : step instanceof UsedUp
        ? yield* afterUnsent(run, step)
        : step.toolCalls.length > 0
        ? yield* afterCalls(run, step)
        : yield* afterResponse(run, step)
    }
    return next.ending
  })

/** How a run begins: at the end of a task with nothing left to do, at a limit that is reached already, or with calls. */
const begin = (run: RunContext, calls: ReadonlyArray<FunctionCall>): Result<Next> =>
  Effect.gen(function*() {
    const { ended } = run.state
    if (ended !== undefined) return yield* endAgain(run, ended)
    const parentBudget = yield* run.parent.exhausted
    if (parentBudget !== undefined) return end(stopped(run, parentBudget))
    const limit = yield* usedUpBefore(run)
    return limit === undefined ? continueWith(calls) : yield* stop(run, limit, calls)
  })

/** Ends with the stored response that ended the task. A run that broke off before its end comes to it now. */
const endAgain = (run: RunContext, { isRecorded, step }: TaskEnd): Result<Next> =>
  Effect.gen(function*() {
    const condition = (yield* usedUpBefore(run)) ?? (yield* exhaustedParentBudget(run))
    return yield* endWith(run, step, condition, isRecorded)
  })

/** The run stops before a request, for which a budget above it has nothing left. */
const afterUnsent = (run: RunContext, { name }: UsedUp): Result<Next> =>
  run.state.turns === 0 ? Effect.succeed(end(stopped(run, name))) : stop(run, { name, isLimit: true }, [])

const end = (ending: Ending): Next => ({ _tag: "end", ending })

const continueWith = (calls: ReadonlyArray<FunctionCall> = [], mayCallTools = true): Next => ({
  _tag: "continue",
  calls,
  mayCallTools
})

const stopped = (run: RunContext, condition: string): Ending => ({
  outcome: { _tag: "stopped", condition },
  pending: callsWithoutOutput(run.state)
})

const interruption = (run: RunContext): Ending | undefined => {
  const interrupt = run.interrupted()
  return interrupt === undefined
    ? undefined
    : { outcome: { _tag: "interrupted", reason: interrupt.reason }, pending: callsWithoutOutput(run.state) }
}

/** Executes calls. Returns an ending if some of them have to wait, or if the run is to be interrupted. */
const executeCalls = (run: RunContext, calls: ReadonlyArray<FunctionCall>): Result<Ending | undefined> =>
  Effect.gen(function*() {
    const waiting = calls.length === 0 ? [] : yield* runCalls(run, run.state.turns, calls)
    const pending = [...waiting, ...yield* askForApprovals(run)]
    const interrupted = pending.every(({ reason }) => reason === "stopped") ? interruption(run) : undefined
    if (interrupted !== undefined || pending.length === 0) return interrupted
    const needsApproval = pending.some((call) => call.reason === "approval")
    return { outcome: { _tag: needsApproval ? "awaiting_approval" : "awaiting_tools" }, pending }
  })

/** Adds items of the run itself. Behind new input that is not stored yet, they wait for the first response as well. */
const addInput = (run: RunContext, items: ReadonlyArray<InputItem>): Result<void> =>
  Effect.suspend(() => {
    run.state.add(items)
    const entry = { _tag: "input", items, by: "run" } as const
    return items.length === 0 || run.input.add(entry) ? Effect.void : record(run, { entries: [entry] })
  })

const afterCalls = (run: RunContext, step: Step): Result<Next> =>
  Effect.gen(function*() {
    const condition = yield* findStop(run)
    const interrupted = interruption(run)
    if (interrupted !== undefined) return end(interrupted)
    if (condition !== undefined) return yield* stop(run, condition, step.toolCalls)
    const truncated = truncatedAgain(run.state)
    return truncated === undefined ? continueWith(step.toolCalls) : yield* endTruncated(run, truncated, step.toolCalls)
  })

/** Ends a run that would pay for the same truncated calls again. They get outputs, so that the history can be sent. */
const endTruncated = (run: RunContext, outcome: Outcome, calls: ReadonlyArray<FunctionCall>): Result<Next> =>
  Effect.gen(function*() {
    const paused = yield* executeCalls(run, calls)
    if (paused !== undefined) return end(paused)
    const items = yield* runStopMiddleware(run, outcome, undefined)
    if (items === undefined) return end({ outcome, pending: [] })
    yield* addInput(run, items)
    return continueWith()
  })

/** Stops the run before these calls execute, unless a middleware continues it. */
const stop = (run: RunContext, condition: Stop, calls: ReadonlyArray<FunctionCall>): Result<Next> =>
  Effect.gen(function*() {
    const items = yield* runStopMiddleware(run, { _tag: "stopped", condition: condition.name }, condition)
    if (items !== undefined) {
      const paused = yield* executeCalls(run, calls)
      if (paused !== undefined) return end(paused)
      yield* addInput(run, items)
      return continueWith()
    }
    const { allowFinalResponse = condition.mayRespond === true ? "" : false } = run.prepared.options
    return end(
      allowFinalResponse === false
        ? stopped(run, condition.name)
        : yield* finalResponse(run, calls, condition.name, allowFinalResponse)
    )
  })

const finalResponseDirective =
  "You have reached the limit of this task and cannot call tools any more. Give your final answer now, " +
  "from what you know so far."

/** Executes the calls that the stop left, if they are approved, and requests one more turn, without tools. */
const finalResponse = (
  run: RunContext,
  calls: ReadonlyArray<FunctionCall>,
  condition: string,
  directive: true | string
): Result<Ending> =>
  Effect.gen(function*() {
    const paused = yield* executeCalls(run, calls)
    if (paused !== undefined) return paused
    const content = directive === true ? finalResponseDirective : directive
    yield* addInput(run, content === "" ? [] : [{ role: "user", content }])
    const step = yield* runFinalTurn(run)
    const waits = run.state.waiting.callsOf(step.turn).length > 0
    const refused = waits ? undefined : refusalOf(step)
    if (refused !== undefined) return { outcome: refused, pending: [] }
    const { output } = run.prepared
    const value = output === undefined
      ? undefined
      : yield* Effect.orElseSucceed(output.structured.read(step.response), () => undefined)
    return { ...stopped(run, condition), value }
  })

/** After a response without calls of function tools. */
const afterResponse = (run: RunContext, step: Step): Result<Next> =>
  Effect.gen(function*() {
    const condition = yield* findStop(run)
    if (run.state.waiting.callsOf(step.turn).length > 0) {
      const paused = yield* executeCalls(run, [])
      if (paused !== undefined) return end(paused)
      return condition === undefined ? continueWith() : yield* stop(run, condition, [])
    }
    if (isEmptyResponse(step)) {
      const fails = !run.state.hasResults || run.prepared.options.strictFinalResponse === true
      if (fails) return yield* emptyResponse(step)
      if (condition === undefined && run.state.mayRepeatEmptyTurn()) return continueWith([], false)
    }
    return yield* endWith(run, step, condition)
  })

/**
 * Ends the run with a response, unless its output needs a repair or a middleware continues the run. Middleware has seen an
 * end that is recorded.
 */
const endWith = (run: RunContext, step: Step, condition: Stop | undefined, isRecorded = false): Result<Next> =>
  Effect.gen(function*() {
    // A message that came during the turn has a turn of its own, and so has the result of a call in the background
    if (condition === undefined && !isRecorded) {
      const isWaiting = run.background.isRunning
      if (yield* awaitBackground(run)) return continueWith()
      const interrupted = isWaiting ? interruption(run) : undefined
      if (interrupted !== undefined) return end(interrupted)
    }
    const natural = naturalOutcome(step)
    const outcome: Outcome = natural._tag === "incomplete" && condition !== undefined
      ? { _tag: "stopped", condition: condition.name }
      : natural
    const { output } = run.prepared
    const isWhole = outcome._tag === "completed" || outcome._tag === "refused"
    const read = output === undefined || !isWhole
      ? { value: undefined }
      : yield* readOutput(output, step.response, condition === undefined && run.state.repairs < output.repairs)
    if ("repair" in read) {
      run.state.countRepair()
      yield* addInput(run, read.repair)
      return continueWith()
    }
    const items = isRecorded ? undefined : yield* runStopMiddleware(run, outcome, condition)
    if (items === undefined) return end({ outcome, pending: [], value: read.value })
    yield* addInput(run, items)
    return continueWith()
  })

const emptyResponse = (step: Step) =>
  Effect.fail(
    new EmptyResponseError({
      generationId: step.response.id ?? undefined,
      message: "agent: the response of the model is empty: it has no text and no tool call. Run the agent again, or " +
        "use another model."
    })
  )
