import * as Effect from "effect/Effect"
import type { InputItem } from "../../schema/ResponsesItemsRequest.js"
import type { Outcome } from "../Run.js"
import type { StopCondition } from "../StopWhen.js"
import { ask } from "./callbacks.js"
import type { RunContext } from "./runContext.js"
import type { RunError } from "./runError.js"
import type { State } from "./state.js"

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
  conditions: ReadonlyArray<StopCondition<unknown, unknown>>,
  state: State
): Effect.Effect<string | undefined, RunError, unknown> =>
  conditions.length === 0 ? Effect.succeed(undefined) : Effect.gen(function*() {
    const progress = state.progress()
    for (const condition of conditions) {
      if (yield* ask(`The stop condition "${condition.name}"`, () => condition.evaluate(progress))) {
        return condition.name
      }
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
        : yield* ask("The middleware `stop`", () => stop(run.state.progress(), outcome))
      if (items !== undefined) return items
    }
    return undefined
  })
