/** A budget that runs share: it pays for their calls, and limits them like the budget of a parent run. */
import * as Effect from "effect/Effect"
import { addSpent, nothing, type Payer, type Spent } from "../../http/spending.js"
import { totalCost } from "../Usage.js"
import type { ParentRunService } from "./state/parentRun.js"
import { Reservations } from "./state/reservations.js"

/** @internal */
export const TypeId: unique symbol = Symbol.for("effect-openrouter/agent/Budget")

/** @internal */
export type TypeId = typeof TypeId

/**
 * Rounding errors of sums are below this, and a limit that is reached exactly must stop the run.
 *
 * @internal
 */
export const withoutRounding = (usd: number): number => usd * (1 - 1e-12)

/**
 * What a budget limits, and what was spent of it.
 *
 * @internal
 */
export class SharedBudget {
  private total: Spent = nothing
  /** Work that is paid and has a record: a replay tells it again. */
  private readonly paid = new Set<string>()
  private readonly reservations: ReadonlyArray<Reservations>

  constructor(readonly name: string, private readonly usd: number, private readonly tokens: number) {
    this.reservations = usd === Infinity ? [] : [new Reservations(name, () => this.left)]
  }

  get spent(): Spent {
    return this.total
  }

  readonly pay: Payer = (spent, work) => {
    if (work !== undefined) {
      if (this.paid.has(work)) return
      this.paid.add(work)
    }
    this.total = addSpent(this.total, spent)
  }

  /** The run that holds this budget is limited by it, and by its parents. */
  above(parent: ParentRunService): ParentRunService {
    return {
      depth: parent.depth,
      reservations: [...new Set([...parent.reservations, ...this.reservations])],
      exhausted: Effect.suspend(() => this.isUsedUp ? Effect.succeed(this.name) : parent.exhausted)
    }
  }

  private get left(): number {
    return withoutRounding(this.usd) - totalCost(this.total.usage)
  }

  /** `NaN` uses it up at once, because it would otherwise disable the limit. */
  private get isUsedUp(): boolean {
    return !(this.left > 0 && this.total.usage.totalTokens < this.tokens)
  }
}
