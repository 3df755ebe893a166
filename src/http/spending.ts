/** What calls cost, and who is told. */
import { type Reference, reference } from "../internal/effect/references.js"
import { addUsage, noUsage, type Usage } from "../response/usage.js"

/**
 * What was spent. `unsettled` lists the ids of generations whose cost is not known.
 *
 * @internal
 */
export interface Spent {
  readonly usage: Usage
  readonly unsettled: ReadonlyArray<string>
}

/** @internal */
export const nothing: Spent = { usage: noUsage, unsettled: [] }

/** @internal */
export const addSpent = (self: Spent, that: Spent): Spent =>
  self === nothing ? that : that === nothing ? self : {
    usage: addUsage(self.usage, that.usage),
    unsettled: that.unsettled.length === 0 ? self.unsettled : [...self.unsettled, ...that.unsettled]
  }

/**
 * Receives what a call cost, once for each of its attempts. `work` is the key of work that is done. It may be told again with
 * the cost of its record, when an interpreter finds that: a payer that knows the work pays nothing then.
 *
 * @internal
 */
export type Payer = (spent: Spent, work?: string) => void

/**
 * All who pay for the calls of a fiber. Each of them is told what every call costs, whichever endpoint it uses. As this is
 * a set, nobody pays twice for a call.
 *
 * @internal
 */
export const Payers: Reference<ReadonlySet<Payer>> = reference("effect-openrouter/http/Payers", () => nobody)

const nobody: ReadonlySet<Payer> = new Set()
