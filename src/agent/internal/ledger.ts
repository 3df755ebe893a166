import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Usage } from "../Usage.js"
import type { RunError } from "./runError.js"

/**
 * The account of the run around this one. What a tool spends on runs of its own counts there, and a run inside a tool
 * stops where a budget around it is used up.
 *
 * @internal
 */
export interface LedgerService {
  /** Takes note of what was spent below, and of generations that did not tell what they cost. */
  readonly spend: (usage: Usage, unsettled?: ReadonlyArray<string>) => void
  /** The name of the budget that is used up, counting all that was spent so far. */
  readonly exhausted: Effect.Effect<string | undefined, RunError, unknown>
}

/** @internal */
export class Ledger extends Context.Reference<Ledger>()("effect-openrouter/agent/Ledger", {
  defaultValue: (): LedgerService => ({ spend: () => {}, exhausted: Effect.succeed(undefined) })
}) {}
