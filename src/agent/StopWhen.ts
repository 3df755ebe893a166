/**
 * When a run ends before the model ends it: budgets, and any other predicate of the run so far.
 *
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Repetition from "./DoomLoop.js"
import type { Progress, Step } from "./internal/run.js"
import { runCallback } from "./internal/userCode.js"

/**
 * A question about the run so far, whose last step is the response that was just received: its tools have not run yet.
 * `true` ends the run.
 *
 * @since 0.1.0
 * @category models
 */
export type Predicate<E = never, R = never> = (run: Progress) => boolean | Effect.Effect<boolean, E, R>

/**
 * A predicate with a name, which the outcome of a run that it ended shows. A budget holds for the runs inside of tools
 * as well.
 *
 * @since 0.1.0
 * @category models
 */
export interface StopCondition<out E = never, out R = never> {
  readonly name: string
  readonly isBudget: boolean
  readonly evaluate: (run: Progress) => boolean | Effect.Effect<boolean, E, R>
}

/**
 * Whatever a run takes as a stop condition.
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
export type Failure<C> = EffectOf<C> extends infer Asked
  ? Asked extends Effect.Effect<infer _A, infer E, infer _R> ? E : never
  : never

/**
 * What a condition requires.
 *
 * @since 0.1.0
 * @category models
 */
export type Requirements<C> = EffectOf<C> extends infer Asked
  ? Asked extends Effect.Effect<infer _A, infer _E, infer R> ? R : never
  : never

type EffectOf<C> = C extends StopCondition<infer E, infer R> ? Effect.Effect<boolean, E, R>
  : C extends (...args: never) => infer Answer ? Extract<Answer, Effect.Effect<unknown, unknown, unknown>>
  : never

/**
 * Names a predicate. Give `isBudget` where runs inside of tools are to end by it as well; it is then also asked about
 * this run while its tools are at work, with all that they spent so far.
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
export const make = <Answer extends boolean | Effect.Effect<boolean, unknown, unknown>>(
  name: string,
  predicate: (run: Progress) => Answer,
  options?: { readonly isBudget?: boolean | undefined }
): StopCondition<Failure<() => Answer>, Requirements<() => Answer>> => ({
  name,
  isBudget: options?.isBudget ?? false,
  // The answer is a boolean or an effect with just these errors and requirements
  evaluate: predicate as Predicate<never, never>
})

const budget = (name: string, isUsedUp: (run: Progress) => boolean): StopCondition =>
  make(name, isUsedUp, { isBudget: true })

/** A limit that is no number is reached at once, as nobody wants to go on without any. */
const reaches = (count: number, limit: number): boolean => !(count < limit)

/**
 * After that many turns of the model.
 *
 * @since 0.1.0
 * @category conditions
 */
export const stepCountIs = (count: number): StopCondition =>
  make(`stepCountIs(${count})`, (run) => reaches(run.steps.length, count))

/**
 * Once a turn called a tool of one of these names. The call has not been carried out yet: it is pending in the run, or
 * is carried out for the final answer that `allowFinalResponse` asks for.
 *
 * @since 0.1.0
 * @category conditions
 */
export const hasToolCall = (name: string, ...names: ReadonlyArray<string>): StopCondition => {
  const wanted = new Set([name, ...names])
  return make(
    `hasToolCall(${[...wanted].join(", ")})`,
    (run) => run.steps.some((step) => step.toolCalls.some((call) => wanted.has(call.name)))
  )
}

/**
 * Once the run has cost that many USD or more, tools and failed attempts included: the response that reaches the limit
 * is the last one, but for a final answer that `allowFinalResponse` asks for. A limit that is negative or no number is
 * reached by the first response.
 *
 * @since 0.1.0
 * @category budgets
 */
export const maxCost = (usd: number): StopCondition =>
  // Sums of costs are off by less than this, and a limit that is reached exactly has to hold
  budget(`maxCost(${usd})`, (run) => reaches(run.cost, usd * (1 - 1e-12)))

/**
 * Once the run has used that many tokens or more, of input and output together. As every turn sends the whole
 * conversation, its tokens count each time. A limit that is negative or no number is reached by the first response.
 *
 * @since 0.1.0
 * @category budgets
 */
export const maxTokensUsed = (tokens: number): StopCondition =>
  budget(`maxTokensUsed(${tokens})`, (run) => reaches(run.usage.totalTokens, tokens))

/**
 * Once that much time lies between the first request and the end of the last step. It ends nothing that is under way:
 * use `Effect.timeout` for that.
 *
 * @since 0.1.0
 * @category budgets
 */
export const elapsed = (duration: Duration.DurationInput): StopCondition => {
  const limit = Duration.decode(duration)
  return budget(
    `elapsed(${Duration.format(limit)})`,
    (run) => reaches(run.updatedAt - run.startedAt, Duration.toMillis(limit))
  )
}

/**
 * Why a response ended: the reason why it is incomplete or its status, or what chat calls it.
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
 * When the last response ended for one of these reasons: `max_output_tokens`, `content_filter`, or `incomplete` for any
 * reason why it is not whole, and `completed`. The names of chat mean the same here: `length` is `max_output_tokens`,
 * `tool_calls` is `completed` with calls of your tools, `stop` is `completed` without. A run whose model is done is
 * `completed` whatever its conditions say, so `stop` is of use in `all` and `not` only.
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
 * When the last rounds, that many of them, all made the same calls. Neither the order of the calls nor that of the
 * fields of their arguments matters, and calls that a round makes twice count once. `DoomLoop.middleware` can tell the
 * model before it comes to this.
 *
 * @since 0.1.0
 * @category conditions
 */
export const repeatedCalls = (rounds: number): StopCondition =>
  make(`repeatedCalls(${rounds})`, (run) => reaches(Repetition.consecutive(run), rounds))

/**
 * When the last turns, that many of them, all said the same, and said anything.
 *
 * @since 0.1.0
 * @category conditions
 */
export const repeatedText = (turns: number): StopCondition =>
  make(`repeatedText(${turns})`, (run) => reaches(Repetition.consecutiveText(run), turns))

/**
 * When one of them holds. They are asked in their order, and no more after one that holds. It is a budget as soon as one
 * of them is.
 *
 * @since 0.1.0
 * @category combinators
 */
export const any = <const Conditions extends ReadonlyArray<Any>>(
  ...conditions: Conditions
): StopCondition<Failure<Conditions[number]>, Requirements<Conditions[number]>> => combine("any", conditions, true)

/**
 * When all of them hold. They are asked in their order, and no more after one that does not hold. It is a budget as soon
 * as one of them is. Without any condition it never holds.
 *
 * @since 0.1.0
 * @category combinators
 */
export const all = <const Conditions extends ReadonlyArray<Any>>(
  ...conditions: Conditions
): StopCondition<Failure<Conditions[number]>, Requirements<Conditions[number]>> => combine("all", conditions, false)

/**
 * When it does not hold. It is no budget.
 *
 * @since 0.1.0
 * @category combinators
 */
export const not = <const Condition extends Any>(
  condition: Condition
): StopCondition<Failure<Condition>, Requirements<Condition>> => {
  const { evaluate, name } = named(condition)
  const negated: Predicate<unknown, unknown> = (run) => {
    const answer = evaluate(run)
    return Effect.isEffect(answer) ? Effect.map(answer, (holds) => !holds) : !answer
  }
  // It fails and requires what the condition does
  return make(`not(${name})`, negated as Predicate)
}

/**
 * A condition by its name; that of a predicate is the name of its function.
 *
 * @since 0.1.0
 * @category constructors
 */
export const named = (condition: Any): StopCondition<unknown, unknown> =>
  typeof condition === "function"
    ? make(condition.name === "" ? "predicate" : condition.name, condition)
    : condition

const combine = (name: "any" | "all", conditions: ReadonlyArray<Any>, decisive: boolean): StopCondition => {
  const parts = conditions.map(named)
  const label = `${name}(${parts.map((part) => part.name).join(", ")})`
  const from = (start: number, run: Progress): boolean | Effect.Effect<boolean, unknown, unknown> => {
    for (const [index, part] of parts.slice(start).entries()) {
      const answer = part.evaluate(run)
      if (Effect.isEffect(answer)) {
        return Effect.flatMap(answer, (holds) =>
          holds === decisive
            ? Effect.succeed(decisive)
            : runCallback(`the stop condition "${label}"`, () => from(start + index + 1, run)))
      }
      if (answer === decisive) return decisive
    }
    return parts.length > 0 && !decisive
  }
  // It fails and requires what its parts do
  const evaluate = ((run) => from(0, run)) as Predicate
  return make(label, evaluate, { isBudget: parts.some((part) => part.isBudget) })
}
