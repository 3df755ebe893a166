/**
 * Conditions that stop a run: budgets, and any other predicate of the run so far.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as DoomLoop from "./DoomLoop.js"
import { withoutRounding } from "./internal/budget.js"
import type { Progress, Step, ToolRecord, Totals } from "./internal/run.js"
import { runCallback } from "./internal/userCode.js"

/**
 * A predicate of the run so far. Its last step is the response that just arrived, whose tools have not executed yet; a
 * condition that is evaluated after the tools sees their results, too. `true` stops the run.
 *
 * @since 0.1.0
 * @category models
 */
export type Predicate<E = never, R = never> = (run: Progress) => boolean | Effect.Effect<boolean, E, R>

/**
 * What a limit counts. `task` (the default): the runs of a stored conversation since its last new input, so that runs which
 * only bring decisions and answers share the limit. Without `conversation`, each run is a task of its own. `run`: one run.
 * `conversation`: all runs of a stored conversation.
 *
 * @since 0.1.0
 * @category models
 */
export type Scope = "task" | "run" | "conversation"

/**
 * Options of a limit. `of` is what it counts; default `"task"`. A run without `conversation` fails with
 * `InvalidRequestError` where it is `"conversation"`.
 *
 * @since 0.1.0
 * @category models
 */
export interface LimitOptions {
  readonly of?: Scope | undefined
}

/**
 * A predicate with a name, which the outcome of a stopped run shows. Each condition is evaluated after a response, before
 * its tools execute. A budget and a condition with `isAfterTools` are evaluated again after them. A budget also limits runs
 * inside of tools. If a condition with `isAfterTools` stops a run after the tools, and is no budget, the model gives one last
 * response to their results, unless `allowFinalResponse` is false. `limits` has what the condition counts, if it is a limit;
 * then it is also evaluated before the first request of a run that continues a stored conversation. `costLeft` returns what
 * is left of its limits of cost, in USD: parallel runs inside of tools reserve parts of it.
 *
 * @since 0.1.0
 * @category models
 */
export interface StopCondition<out E = never, out R = never> {
  readonly name: string
  readonly isBudget: boolean
  readonly isAfterTools: boolean
  readonly limits: ReadonlyArray<Scope>
  readonly costLeft: ReadonlyArray<(run: Progress) => number>
  readonly evaluate: (run: Progress) => boolean | Effect.Effect<boolean, E, R>
}

/**
 * What a run accepts as a stop condition.
 *
 * @since 0.1.0
 * @category models
 */
export type Any = StopCondition<unknown, unknown> | Predicate<unknown, unknown>

/**
 * What a condition can fail with.
 *
 * @since 0.1.0
 * @category models
 */
export type Failure<C> = EffectOf<C> extends infer Evaluated
  ? Evaluated extends Effect.Effect<infer _A, infer E, infer _R> ? E : never
  : never

/**
 * What a condition requires.
 *
 * @since 0.1.0
 * @category models
 */
export type Requirements<C> = EffectOf<C> extends infer Evaluated
  ? Evaluated extends Effect.Effect<infer _A, infer _E, infer R> ? R : never
  : never

type EffectOf<C> = C extends StopCondition<infer E, infer R> ? Effect.Effect<boolean, E, R>
  : C extends (...args: never) => infer Result ? Extract<Result, Effect.Effect<unknown, unknown, unknown>>
  : never

/**
 * Gives a name to a predicate. With `isBudget` it also stops runs inside of tools; then it is evaluated for this run
 * while its tools execute, with what they spent so far. With `isAfterTools` it is evaluated after the tools, too.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Effect, Ref } from "effect"
 * import { StopWhen } from "effect-openrouter"
 *
 * const whenAskedTo = (flag: Ref.Ref<boolean>) => StopWhen.make("asked to", () => Ref.get(flag))
 *
 * const whenDone = StopWhen.make("done", (run) => run.text.includes("DONE"))
 *
 * const program = Effect.map(Ref.make(false), (flag) => StopWhen.any(whenDone, whenAskedTo(flag)))
 * ```
 */
export const make = <Result extends boolean | Effect.Effect<boolean, unknown, unknown>>(
  name: string,
  predicate: (run: Progress) => Result,
  options?: { readonly isBudget?: boolean | undefined; readonly isAfterTools?: boolean | undefined }
): StopCondition<Failure<() => Result>, Requirements<() => Result>> => ({
  name,
  isBudget: options?.isBudget ?? false,
  isAfterTools: options?.isAfterTools ?? false,
  limits: [],
  costLeft: [],
  // The predicate returns a boolean or an effect with just these errors and requirements
  evaluate: predicate as Predicate<never, never>
})

const limit = (
  name: string,
  { of = "task" }: LimitOptions,
  isBudget: boolean,
  isReached: (totals: Totals) => boolean
): StopCondition => ({
  ...make(of === "task" ? name : name.replace(/\)$/, `, ${of})`), (run) => isReached(totalsOf(run, of)), { isBudget }),
  limits: [of]
})

const totalsOf = (run: Progress, of: Scope): Totals =>
  (of === "run" ? undefined : run[of]) ??
    { usage: run.usage, cost: run.cost, steps: run.steps.length, elapsed: run.updatedAt - run.startedAt }

/** `NaN` is reached at once, because it would otherwise disable the limit. */
const reaches = (count: number, limit: number): boolean => !(count < limit)

/**
 * Stops after `count` turns of the task.
 *
 * @since 0.1.0
 * @category conditions
 */
export const stepCountIs = (count: number, options: LimitOptions = {}): StopCondition =>
  limit(`stepCountIs(${count})`, options, false, ({ steps }) => reaches(steps, count))

/**
 * Stops after a call of one of these tools has executed. Then the model gives one last response, without tools, which is the
 * text of the run; `allowFinalResponse: false` omits it. If the call waits, for example for an approval, the run waits. A
 * call that is invalid, was rejected or refused does not execute: the model is told, and may call the tool again.
 * {@link beforeToolCall} stops before the call executes.
 *
 * @since 0.1.0
 * @category conditions
 * @example
 * ```ts
 * import { Agent, StopWhen } from "effect-openrouter"
 *
 * const program = Agent.run({
 *   model: "openai/gpt-5-nano",
 *   input: "Search, then call finish.",
 *   stopWhen: [StopWhen.stepCountIs(10), StopWhen.hasToolCall("finish")]
 * })
 * ```
 */
export const hasToolCall = (name: string, ...names: ReadonlyArray<string>): StopCondition => {
  const wanted = new Set([name, ...names])
  const hasResult = (results: ReadonlyArray<ToolRecord>) =>
    results.some(({ executed, name, status }) => wanted.has(name) && status !== "suspended" && executed !== false)
  return make(
    `hasToolCall(${[...wanted].join(", ")})`,
    (run) => run.steps.some((step) => hasResult(step.toolResults)) || hasResult(run.resumed ?? []),
    { isAfterTools: true }
  )
}

/**
 * Stops when a turn calls one of these tools. The call has not executed yet: it is pending in the result, or executes
 * before the final response of `allowFinalResponse`.
 *
 * @since 0.1.0
 * @category conditions
 */
export const beforeToolCall = (name: string, ...names: ReadonlyArray<string>): StopCondition => {
  const wanted = new Set([name, ...names])
  return make(
    `beforeToolCall(${[...wanted].join(", ")})`,
    (run) => run.steps.some((step) => step.toolCalls.some((call) => wanted.has(call.name)))
  )
}

/**
 * Stops when the task has cost `usd` USD or more: all turns, everything that tools and middleware spend by any endpoint,
 * and failed attempts. It counts what OpenRouter charges, and what providers charge to keys of your own
 * (`usage.upstreamCost`). What is `unsettled` counts 0. The response that reaches the limit is the last one, except for the
 * final response of `allowFinalResponse`. The first response reaches a negative limit or `NaN`. Parallel runs inside of
 * tools exceed the limit by one request at most, and by what requests cost beyond the dearest turn before them.
 *
 * @since 0.1.0
 * @category budgets
 */
export const maxCost = (usd: number, options: LimitOptions = {}): StopCondition => {
  const left = ({ cost, usage }: Totals) => withoutRounding(usd) - (cost + usage.upstreamCost)
  return {
    ...limit(`maxCost(${usd})`, options, true, (totals) => !(left(totals) > 0)),
    costLeft: usd === Infinity ? [] : [(run) => left(totalsOf(run, options.of ?? "task"))]
  }
}

/**
 * Stops when the task has used `tokens` tokens or more, of input and output together. Every turn sends the whole history,
 * so that its tokens count each time. The first response reaches a negative limit or `NaN`.
 *
 * @since 0.1.0
 * @category budgets
 */
export const maxTokensUsed = (tokens: number, options: LimitOptions = {}): StopCondition =>
  limit(`maxTokensUsed(${tokens})`, options, true, ({ usage }) => reaches(usage.totalTokens, tokens))

/**
 * Stops when `duration` lies between the start of the first turn or call and the end of the last one. Of a task or a
 * conversation, it adds the times of all runs, without the time between them, in which a person decides. Attempts that
 * failed before the first response do not count. It does not interrupt a request or a tool: use `Effect.timeout` for that.
 *
 * @since 0.1.0
 * @category budgets
 */
export const elapsed = (duration: Duration.DurationInput, options: LimitOptions = {}): StopCondition => {
  const most = Duration.decode(duration)
  const name = `elapsed(${Duration.format(most)})`
  return limit(name, options, true, ({ elapsed }) => reaches(elapsed, Duration.toMillis(most)))
}

/**
 * Why a response ended: the reason why it is incomplete, or its status, or the name of either in the chat API.
 *
 * @since 0.1.0
 * @category models
 */
export type FinishReason =
  | "completed"
  | "incomplete"
  | "max_output_tokens"
  | "content_filter"
  | "stop"
  | "tool_calls"
  | "length"
  | (string & {})

/**
 * Stops when the last response ended for one of these reasons: `max_output_tokens`, `content_filter`, `incomplete` (for
 * any such reason) or `completed`. The names of the chat API work as well: `length` is `max_output_tokens`, `tool_calls` is
 * `completed` with calls of your tools, `stop` is `completed` without. A response without calls completes the run in any
 * case, so `stop` is useful in `all` and `not` only.
 *
 * @since 0.1.0
 * @category conditions
 */
export const finishReasonIs = (reason: FinishReason, ...reasons: ReadonlyArray<FinishReason>): StopCondition => {
  const wanted = new Set([reason, ...reasons])
  return make(`finishReasonIs(${[...wanted].join(", ")})`, (run) => {
    const last = run.steps.at(-1)
    return last !== undefined && reasonsOf(last).some((reason) => wanted.has(reason))
  })
}

const reasonsOf = ({ finishReason = "", response, toolCalls }: Step): ReadonlyArray<string> => {
  const inChat = finishReason === "max_output_tokens"
    ? "length"
    : finishReason === "completed"
    ? toolCalls.length > 0 ? "tool_calls" : "stop"
    : finishReason
  return [finishReason, response.status ?? finishReason, inChat]
}

/**
 * Stops when the last `turns` turns made the same calls. Neither the order of the calls nor the order of the fields in
 * their arguments matters, and equal calls of one turn count once. `DoomLoop.middleware` can warn the model before.
 *
 * @since 0.1.0
 * @category conditions
 */
export const repeatedCalls = (turns: number): StopCondition =>
  make(`repeatedCalls(${turns})`, (run) => reaches(DoomLoop.consecutive(run), turns))

/**
 * Stops when the last `turns` turns had the same text, and it was not empty.
 *
 * @since 0.1.0
 * @category conditions
 */
export const repeatedText = (turns: number): StopCondition =>
  make(`repeatedText(${turns})`, (run) => reaches(DoomLoop.consecutiveText(run), turns))

/**
 * Holds when one of the conditions holds. They are evaluated in order, up to the first one that holds. It is a budget if
 * one of them is a budget, and is evaluated after tools if one of them is.
 *
 * @since 0.1.0
 * @category combinators
 */
export const any = <const Conditions extends ReadonlyArray<Any>>(
  ...conditions: Conditions
): StopCondition<Failure<Conditions[number]>, Requirements<Conditions[number]>> => combine("any", conditions, true)

/**
 * Holds when all conditions hold. They are evaluated in order, up to the first one that does not hold. It is a budget if
 * one of them is a budget, and is evaluated after tools if one of them is. Without conditions it never holds.
 *
 * @since 0.1.0
 * @category combinators
 */
export const all = <const Conditions extends ReadonlyArray<Any>>(
  ...conditions: Conditions
): StopCondition<Failure<Conditions[number]>, Requirements<Conditions[number]>> => combine("all", conditions, false)

/**
 * Holds when the condition does not hold. It is never a budget.
 *
 * @since 0.1.0
 * @category combinators
 */
export const not = <const Condition extends Any>(
  condition: Condition
): StopCondition<Failure<Condition>, Requirements<Condition>> => {
  const { evaluate, name } = named(condition)
  const negated: Predicate<unknown, unknown> = (run) => {
    const result = evaluate(run)
    return Effect.isEffect(result) ? Effect.map(result, (holds) => !holds) : !result
  }
  // It fails and requires what the condition does
  return make(`not(${name})`, negated as Predicate)
}

/**
 * A condition with a name. The name of a predicate is that of its function. A function without a name, or with that of the
 * option alone, is called `predicate`, with its position in the list, if that is given.
 *
 * @since 0.1.0
 * @category constructors
 */
export const named = (condition: Any, position?: number): StopCondition<unknown, unknown> =>
  typeof condition === "function"
    ? make(condition.name === "" || condition.name === "stopWhen" ? nameAt(position) : condition.name, condition)
    : condition

const nameAt = (position: number | undefined): string => position === undefined ? "predicate" : `predicate ${position}`

const combine = (name: "any" | "all", conditions: ReadonlyArray<Any>, decisive: boolean): StopCondition => {
  const parts = conditions.map((condition) => named(condition))
  const label = `${name}(${parts.map((part) => part.name).join(", ")})`
  const from = (start: number, run: Progress): boolean | Effect.Effect<boolean, unknown, unknown> => {
    for (const [index, part] of parts.slice(start).entries()) {
      const result = part.evaluate(run)
      if (Effect.isEffect(result)) {
        return Effect.flatMap(result, (holds) =>
          holds === decisive
            ? Effect.succeed(decisive)
            : runCallback(`the stop condition "${label}"`, () => from(start + index + 1, run)))
      }
      if (result === decisive) return decisive
    }
    return parts.length > 0 && !decisive
  }
  // It fails and requires what its parts do
  const evaluate = ((run) => from(0, run)) as Predicate
  return {
    ...make(label, evaluate, {
      isBudget: parts.some((part) => part.isBudget),
      isAfterTools: parts.some((part) => part.isAfterTools)
    }),
    limits: parts.flatMap((part) => part.limits),
    // If all conditions must hold, none of them is a limit by itself
    costLeft: decisive ? parts.flatMap((part) => part.costLeft) : []
  }
}
