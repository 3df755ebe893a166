/** Holds what was measured against what is allowed. */
import type { Measures } from "./measure.js"

/** What each program may cost. */
export type Budgets = Readonly<Record<string, Measures>>

/** One line for each measure: its name, what it is, what it may be; and what is wrong with it, if anything. */
export interface Line {
  readonly name: string
  readonly actual: number
  readonly budget: number | undefined
  readonly problem: string | undefined
}

/** How far below its budget a measure may be before the budget has to follow; one module or byte is always allowed. */
const slack = 0.1

const problemOf = (actual: number, budget: number | undefined): string | undefined => {
  if (budget === undefined) return "has no budget"
  if (actual > budget) return `is ${actual - budget} over its budget`
  return actual < Math.min(budget * (1 - slack), budget - 1) ? "is far below its budget: lower it" : undefined
}

/** Compares all measures with their budgets, and finds the budgets of what is no longer measured. */
export const compare = (budgets: Budgets, measured: Budgets): ReadonlyArray<Line> => {
  const flat = (all: Budgets) =>
    Object.entries(all).flatMap(([program, measures]) =>
      Object.entries(measures).map(([measure, value]) => [`${program}: ${measure}`, value] as const)
    )
  const allowed = new Map(flat(budgets))
  const found = flat(measured)
  const names = new Set(found.map(([name]) => name))
  return [
    ...found.map(([name, actual]) => {
      const budget = allowed.get(name)
      return { name, actual, budget, problem: problemOf(actual, budget) }
    }),
    ...[...allowed].filter(([name]) => !names.has(name)).map(([name, budget]) => ({
      name,
      actual: 0,
      budget,
      problem: "is no longer measured"
    }))
  ]
}
