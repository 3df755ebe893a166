/**
 * A budget that several runs share.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { SharedBudget, TypeId } from "./internal/budget.js"
import type { Usage } from "./Usage.js"

/**
 * A budget, which any number of runs may hold at once, as their option `budget`. They spend from it, and so do the runs and
 * endpoints that their tools call. `name` is what the outcome of a stopped run shows.
 *
 * @since 0.1.0
 * @category models
 */
export interface Budget {
  readonly name: string
  readonly [TypeId]: SharedBudget
}

/**
 * The limits of a budget: USD, and tokens of input and output together. A limit that is missing does not exist.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly usd?: number | undefined
  readonly tokens?: number | undefined
}

/**
 * Makes a budget. A run whose budget is used up stops like at the budget of an outer run: before its next request, with the
 * outcome `stopped`. A limit of 0, a negative one and `NaN` are used up from the beginning.
 *
 * Requests in flight reserve the price of the dearest turn so far, so parallel runs exceed `usd` by one request at most,
 * and by what requests cost beyond their reservations. It counts as long as the budget lives: what a stored conversation
 * spent before is not in it. What is `unsettled` counts 0.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Agent, Budget } from "effect-openrouter"
 *
 * const program = Effect.gen(function*() {
 *   const budget = yield* Budget.make({ usd: 2 })
 *   const runs = yield* Effect.forEach(
 *     ["Find the cause.", "Find a remedy."],
 *     (input) => Agent.run({ model: "openai/gpt-5-nano", input, budget }),
 *     { concurrency: 2 }
 *   )
 *   return { texts: runs.map((run) => run.text), spent: yield* Budget.spent(budget) }
 * })
 * ```
 */
export const make = ({ tokens, usd }: Options): Effect.Effect<Budget> =>
  Effect.sync(() => {
    const limits = [...(usd === undefined ? [] : [`${usd} USD`]), ...(tokens === undefined ? [] : [`${tokens} tokens`])]
    const name = `Budget(${limits.join(", ")})`
    return { name, [TypeId]: new SharedBudget(name, usd ?? Infinity, tokens ?? Infinity) }
  })

/**
 * What was spent of a budget so far, failed attempts included.
 *
 * @since 0.1.0
 * @category getters
 */
export const spent = (budget: Budget): Effect.Effect<Usage> => Effect.sync(() => budget[TypeId].spent.usage)
