/** Random numbers that depend on the seed alone. */
import { random } from "../../recorded/support/chunks.js"

export interface Dice {
  /** From 0 to 1. */
  readonly next: () => number
  /** A whole number below the limit. */
  readonly below: (limit: number) => number
  readonly chance: (likely: number) => boolean
  readonly pick: <A>(items: readonly [A, ...ReadonlyArray<A>]) => A
}

export const dice = (seed: string): Dice => {
  const next = random(seed)
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (likely) => next() < likely,
    pick: (items) => items[below(items.length)] ?? items[0]
  }
}
