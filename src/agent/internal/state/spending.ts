import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { isOpenRouterError } from "../../../http/OpenRouterError.js"
import { stringAt } from "../../../internal/json.js"
import { hasOutput } from "../../../response/readResponse.js"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import * as Usage from "../../Usage.js"
import type { RunError } from "../errors.js"
import type { TurnRecord } from "../records.js"

/**
 * What was generated in vain; `unsettled` are generations that did not tell what they cost.
 *
 * @internal
 */
export interface Waste {
  readonly usage: Usage.Usage
  readonly unsettled: ReadonlyArray<string>
}

/** @internal */
export const none: Waste = { usage: Usage.none, unsettled: [] }

/** @internal */
export const add = (self: Waste, that: Waste): Waste =>
  that === none ? self : {
    usage: Usage.add(self.usage, that.usage),
    unsettled: [...self.unsettled, ...that.unsettled]
  }

/**
 * As a record of a turn has it.
 *
 * @internal
 */
export const toRecord = (waste: Waste): Pick<TurnRecord, "wasted" | "unsettled"> =>
  waste === none ? {} : { wasted: waste.usage, unsettled: waste.unsettled }

/** @internal */
export const ofRecord = ({ unsettled = [], wasted }: TurnRecord): Waste =>
  wasted === undefined ? none : { usage: wasted, unsettled }

/**
 * What the answers of one attempt at a turn used up. A middleware may ask several times, and take one of the answers.
 *
 * @internal
 */
export class Answers {
  private readonly all: Array<{ readonly key: unknown; readonly waste: Waste }> = []

  came(response: OpenResponsesResult): void {
    this.all.push({ key: response.id, waste: { usage: Usage.ofResponse(response), unsettled: [] } })
  }

  failed(error: unknown): void {
    this.all.push({ key: error, waste: ofError(error) })
  }

  /** All that was in vain, other than the response of this id, or this error: that one tells for itself. */
  without(key: unknown): Waste {
    const at = this.all.findLastIndex((answer) => answer.key === key)
    return this.all.filter((_, index) => index !== at).map(({ waste }) => waste).reduce(add, none)
  }
}

/**
 * An attempt that broke off was generated for, whether or not it told for how much.
 *
 * @internal
 */
export const ofError = (error: unknown): Waste => {
  const partial = isOpenRouterError(error) && "partial" in error ? error.partial : undefined
  if (partial === undefined) return none
  const isKnown = partial.cost !== undefined || !hasOutput(partial)
  // As the headers have it, where they do: the answer may call itself something else
  const generationId = stringAt(error, "generationId") ?? partial.generationId
  const unsettled = isKnown || generationId === undefined ? [] : [generationId]
  return { usage: Usage.ofResponse(partial.result), unsettled }
}

/**
 * The account of the run around this one. What a tool spends on runs of its own counts there, and a run inside a tool
 * stops where a budget around it is used up.
 *
 * @internal
 */
export interface LedgerService {
  /** Takes note of what was spent below, and of generations that did not tell what they cost. */
  readonly spend: (usage: Usage.Usage, unsettled?: ReadonlyArray<string>) => void
  /** The name of the budget that is used up, counting all that was spent so far. */
  readonly exhausted: Effect.Effect<string | undefined, RunError, unknown>
}

/** @internal */
export class Ledger extends Context.Reference<Ledger>()("effect-openrouter/agent/Ledger", {
  defaultValue: (): LedgerService => ({ spend: () => {}, exhausted: Effect.succeed(undefined) })
}) {}
