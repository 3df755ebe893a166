import type * as Effect from "effect/Effect"
import type { Progress } from "./Run.js"

export type Predicate<E = never, R = never> = (run: Progress) => boolean | Effect.Effect<boolean, E, R>
export interface StopCondition<out E = never, out R = never> {
  readonly name: string
  readonly isBudget: boolean
  readonly evaluate: (run: Progress) => boolean | Effect.Effect<boolean, E, R>
}
export const make = <E, R>(name: string, evaluate: Predicate<E, R>): StopCondition<E, R> => ({
  name,
  isBudget: false,
  evaluate
})
export const stepCountIs = (n: number): StopCondition => make(`stepCountIs(${n})`, (run) => run.steps.length >= n)
export const maxCost = (n: number): StopCondition => ({
  ...make(`maxCost(${n})`, (run) => run.cost >= n),
  isBudget: true
})
