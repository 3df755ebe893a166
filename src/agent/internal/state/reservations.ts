/** What parallel requests reserve of a limit of cost, so that they do not exceed it together. */
import * as Effect from "effect/Effect"
import type { Spent } from "../../../http/spending.js"
import { totalCost } from "../../Usage.js"

/** In USD: less than any request costs, and more than sums of prices lose by rounding. */
const rounding = 1e-9

/**
 * The reservations of one limit. Only requests of turns in flight have one: the price of the dearest turn so far.
 *
 * @internal
 */
export class Reservations {
  private dearest = 0
  /** The depths of nested runs whose price is known: the price of an outer run says nothing about its inner runs. */
  private readonly known = new Set<number>()
  private readonly inFlight = new Set<{ readonly amount: number }>()
  private waiting: Set<() => void> = new Set()

  /** `left` returns what is left of the limit, in USD. */
  constructor(readonly name: string, private readonly left: () => number) {}

  get isUsedUp(): boolean {
    return !(this.left() > 0)
  }

  /** Whether one more request may be sent. If none is in flight, it may exceed the limit, as nobody knows its price. */
  hasRoom(depth: number): boolean {
    if (this.inFlight.size === 0) return true
    let free = this.left()
    for (const { amount } of this.inFlight) free -= amount
    return this.known.has(depth) && free > this.dearest - rounding
  }

  /** Reserves for a request. Returns what to call at its end, with what it spent. */
  reserve(depth: number): (spent: Spent) => void {
    const reservation = { amount: this.dearest }
    this.inFlight.add(reservation)
    return (spent) => {
      this.inFlight.delete(reservation)
      this.learn(depth, spent)
      const { waiting } = this
      this.waiting = new Set()
      for (const wake of waiting) wake()
    }
  }

  /** Waits until a request in flight has ended. */
  readonly change: Effect.Effect<void> = Effect.async((resume) => {
    const wake = () => resume(Effect.void)
    this.waiting.add(wake)
    return Effect.sync(() => void this.waiting.delete(wake))
  })

  /** A model may be free. But a request that used nothing, or whose cost is missing, has no price. */
  private learn(depth: number, { unsettled, usage }: Spent): void {
    const price = totalCost(usage)
    if (price > 0 || (usage.totalTokens > 0 && unsettled.length === 0)) this.known.add(depth)
    this.dearest = Math.max(this.dearest, price)
  }
}
