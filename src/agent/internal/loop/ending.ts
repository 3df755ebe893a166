import * as Effect from "effect/Effect"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { ReadError } from "../../../services/StructuredOutput.js"
import type { RunError } from "../errors.js"
import type { Outcome, Step } from "../run.js"
import type { State } from "../state/state.js"
import { runCallback } from "../userCode.js"
import type { PreparedCondition, PreparedOutput } from "./prepare.js"
import type { RunContext } from "./runContext.js"

/**
 * The condition that ends a run. A `limit` is not to be overruled.
 *
 * @internal
 */
export interface Stop {
  readonly name: string
  readonly isLimit: boolean
}

/**
 * The first condition that holds for the run as it is: its own, its limit of turns, or a budget of a run around it.
 *
 * @internal
 */
export const stopCondition = (run: RunContext): Effect.Effect<Stop | undefined, RunError, unknown> =>
  Effect.gen(function*() {
    const { conditions, maxSteps } = run.prepared
    const name = yield* firstOf(conditions, run.state)
    if (name !== undefined) return { name, isLimit: false }
    if (run.state.turns >= maxSteps) return { name: `maxSteps(${maxSteps})`, isLimit: true }
    return yield* usedUpAbove(run)
  })

/**
 * The budget that tools used up by what they spent themselves: it ends a run before its next request.
 *
 * @internal
 */
export const usedUp = (run: RunContext): Effect.Effect<Stop | undefined, RunError, unknown> =>
  Effect.gen(function*() {
    const name = yield* firstOf(run.prepared.budgets, run.state)
    return name === undefined ? yield* usedUpAbove(run) : { name, isLimit: false }
  })

const usedUpAbove = (run: RunContext): Effect.Effect<Stop | undefined, RunError, unknown> =>
  Effect.map(run.around.exhausted, (above) => above === undefined ? undefined : { name: above, isLimit: true })

/**
 * The name of the first condition that holds.
 *
 * @internal
 */
export const firstOf = (
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
 * Asks the middleware about a run that is about to be over: the items with which it is to go on, if so.
 *
 * @internal
 */
export const onStop = (
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
 * How an answer without calls ends a run, by itself.
 *
 * @internal
 */
export const naturalOutcome = (step: Step): Outcome =>
  step.response.status === "incomplete"
    ? { _tag: "incomplete", reason: step.finishReason ?? "incomplete" }
    : { _tag: "completed" }

/**
 * Whether a response says nothing at all: at most it thought.
 *
 * @internal
 */
export const isEmpty = ({ response }: Step): boolean =>
  response.status !== "incomplete" && response.output.every((item) =>
    item.type === "reasoning" ||
    item.type === "message" && item.content.every((part) => part.type === "output_text" && part.text === "")
  )

/**
 * Reads the structured output of an answer; where it may be repaired, a mismatch becomes words for the model.
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
        ? Effect.succeed({ repair: [{ role: "user", content: complaint(error.issues) }] })
        : Effect.fail(error))
  )

const complaint = (issues: ReadonlyArray<{ readonly path: string; readonly message: string }>): string =>
  "Your answer does not fit the schema: " +
  issues.map(({ message, path }) => path === "" ? message : `${path}: ${message}`).join("; ") +
  ". Answer again with nothing but JSON that fits."
