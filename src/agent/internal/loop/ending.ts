/** What ends a run: stop conditions, budgets, an empty or final response, the structured output. */
import * as Effect from "effect/Effect"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { ReadError } from "../../../services/StructuredOutput.js"
import { issuesText } from "../arguments.js"
import { isNothing } from "../conversation/totals.js"
import type { RunError } from "../errors.js"
import type { Outcome, PendingCall, Step } from "../run.js"
import { pendingCall } from "../state/calls.js"
import * as History from "../state/history.js"
import type { State } from "../state/state.js"
import { repairPrompt } from "../state/task.js"
import { runCallback } from "../userCode.js"
import type { PreparedCondition, PreparedOutput } from "./prepare.js"
import type { RunContext } from "./runContext.js"

/**
 * The condition that ends a run. Middleware cannot continue a run that reached a `limit`. Where the tools have executed and
 * no budget is exhausted, the model may still respond to their results.
 *
 * @internal
 */
export interface Stop {
  readonly name: string
  readonly isLimit: boolean
  readonly mayRespond?: boolean
}

/**
 * The first condition that holds now: a stop condition of the run, its limit of turns, or a budget of a parent run.
 *
 * @internal
 */
export const findStop = (run: RunContext): Effect.Effect<Stop | undefined, RunError, unknown> =>
  Effect.gen(function*() {
    const { conditions, maxSteps } = run.prepared
    const name = yield* firstThatHolds(conditions, run.state)
    if (name !== undefined) return { name, isLimit: false }
    if (run.state.taskTurns >= maxSteps) return { name: `maxSteps(${maxSteps})`, isLimit: true }
    return yield* exhaustedParentBudget(run)
  })

/**
 * The limit that the runs before this one already used up: of the task that this run continues, or of the conversation.
 *
 * @internal
 */
export const usedUpBefore = (run: RunContext): Effect.Effect<Stop | undefined, RunError, unknown> =>
  Effect.gen(function*() {
    const { conditions, maxSteps } = run.prepared
    const { earlier } = run.state
    if (earlier === undefined || isNothing(earlier.conversation)) return undefined
    const name = yield* firstThatHolds(conditions.filter((condition) => condition.holdsBefore), run.state)
    if (name !== undefined) return { name, isLimit: false }
    return run.state.taskTurns >= maxSteps ? { name: `maxSteps(${maxSteps})`, isLimit: true } : undefined
  })

/**
 * What ends the run after its tools, before the next request: a budget that they exhausted by their own spending, or else a
 * condition about them.
 *
 * @internal
 */
export const findStopAfterTools = (run: RunContext): Effect.Effect<Stop | undefined, RunError, unknown> =>
  Effect.gen(function*() {
    const { budgets, conditions } = run.prepared
    const budget = yield* firstThatHolds(budgets, run.state)
    if (budget !== undefined) return { name: budget, isLimit: false }
    const ofParent = yield* exhaustedParentBudget(run)
    if (ofParent !== undefined) return ofParent
    const name = yield* firstThatHolds(conditions.filter((condition) => condition.isAfterTools), run.state)
    return name === undefined ? undefined : { name, isLimit: false, mayRespond: true }
  })

/**
 * The budget of a parent run that is exhausted.
 *
 * @internal
 */
export const exhaustedParentBudget = (run: RunContext): Effect.Effect<Stop | undefined, RunError, unknown> =>
  Effect.map(run.parent.exhausted, (name) => name === undefined ? undefined : { name, isLimit: true })

/**
 * The name of the first condition that holds.
 *
 * @internal
 */
export const firstThatHolds = (
  conditions: ReadonlyArray<PreparedCondition>,
  state: State
): Effect.Effect<string | undefined, RunError, unknown> =>
  conditions.length === 0 ? Effect.succeed(undefined) : Effect.gen(function*() {
    const progress = state.progress()
    for (const condition of conditions) {
      if (yield* condition.evaluate(progress)) return condition.name
    }
    return undefined
  })

/**
 * Runs the middleware `stop` before the run ends. Returns the items with which the run continues, if a middleware gives
 * some.
 *
 * @internal
 */
export const runStopMiddleware = (
  run: RunContext,
  outcome: Outcome,
  condition: Stop | undefined
): Effect.Effect<ReadonlyArray<InputItem> | undefined, RunError, unknown> =>
  Effect.gen(function*() {
    for (const { stop } of run.prepared.middleware) {
      const items = stop === undefined || condition?.isLimit === true
        ? undefined
        : yield* runCallback("the middleware `stop`", () => stop(run.state.progress(), outcome))
      if (items !== undefined) return items
    }
    return undefined
  })

/**
 * The outcome of a run that ends with a response without calls.
 *
 * @internal
 */
export const naturalOutcome = (step: Step): Outcome =>
  refusalOf(step) ?? (step.response.status === "incomplete"
    ? { _tag: "incomplete", reason: step.finishReason ?? "incomplete" }
    : { _tag: "completed" })

/**
 * The outcome of a run whose calls were all truncated, in this turn and in the one before: the model was told, and its
 * response was truncated again.
 *
 * @internal
 */
export const truncatedAgain = (
  { lastStep: last, stepBefore: before }: Pick<State, "lastStep" | "stepBefore">
): Outcome | undefined =>
  before !== undefined && last !== undefined && isTruncated(before) && isTruncated(last)
    ? { _tag: "incomplete", reason: last.response.incomplete_details?.reason ?? "max_output_tokens" }
    : undefined

const isTruncated = ({ toolCalls }: Step): boolean => toolCalls.length > 0 && toolCalls.every((call) => call.truncated)

/**
 * The outcome of a run whose last response is nothing but a refusal.
 *
 * @internal
 */
export const refusalOf = ({ refusal, text, toolCalls }: Step): Outcome | undefined =>
  refusal === undefined || text.trim() !== "" || toolCalls.length > 0 ? undefined : { _tag: "refused", refusal }

/**
 * The calls that a run leaves.
 *
 * @internal
 */
export const callsWithoutOutput = ({ history, turns, waiting }: State): ReadonlyArray<PendingCall> => [
  ...History.pendingCalls(history).map((call) => pendingCall(turns, call, "stopped")),
  ...waiting.callsOf(turns)
]

/**
 * Reads the structured output of a response. If the model may repair it, a mismatch becomes a message to the model.
 *
 * @internal
 */
export const readOutput = (
  { structured }: PreparedOutput,
  response: OpenResponsesResult,
  mayRepair: boolean
): Effect.Effect<
  { readonly value: unknown } | { readonly repair: ReadonlyArray<InputItem> },
  ReadError,
  unknown
> =>
  structured.read(response).pipe(
    Effect.map((value) => ({ value })),
    Effect.catchTag("StructuredOutputMismatchError", (error) =>
      mayRepair
        ? Effect.succeed({ repair: [repairPrompt(issuesText(error.issues))] })
        : Effect.fail(error))
  )
