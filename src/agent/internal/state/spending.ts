/** What a run spends beside its responses: discarded responses, and the spending of runs inside its tools. */
import * as Effect from "effect/Effect"
import { isOpenRouterError } from "../../../http/OpenRouterError.js"
import { type Reference, reference } from "../../../internal/effect/references.js"
import { stringAt } from "../../../internal/json.js"
import { hasOutput } from "../../../response/readResponse.js"
import type { OpenResponsesResult } from "../../../schema/Responses.js"
import * as Usage from "../../Usage.js"
import type { RunError } from "../errors.js"
import type { TurnRecord } from "../run.js"

/**
 * What discarded responses used. `unsettled` lists the ids of generations whose cost is not known.
 *
 * @internal
 */
export interface Discarded {
  readonly usage: Usage.Usage
  readonly unsettled: ReadonlyArray<string>
}

/** @internal */
export const none: Discarded = { usage: Usage.none, unsettled: [] }

/** @internal */
export const add = (self: Discarded, that: Discarded): Discarded =>
  that === none ? self : {
    usage: Usage.add(self.usage, that.usage),
    unsettled: [...self.unsettled, ...that.unsettled]
  }

/**
 * The fields of a turn's record.
 *
 * @internal
 */
export const toRecord = (discarded: Discarded): Pick<TurnRecord, "discarded" | "unsettled"> =>
  discarded === none ? {} : { discarded: discarded.usage, unsettled: discarded.unsettled }

/** @internal */
export const ofRecord = ({ discarded, unsettled = [] }: TurnRecord): Discarded =>
  discarded === undefined ? none : { usage: discarded, unsettled }

/**
 * The responses of one attempt at a turn. A middleware may send several requests and return one of their responses.
 *
 * @internal
 */
export class Responses {
  private readonly all: Array<{ readonly key: unknown; readonly discarded: Discarded }> = []

  succeeded(response: OpenResponsesResult): void {
    this.all.push({ key: response.id, discarded: { usage: Usage.ofResponse(response), unsettled: [] } })
  }

  failed(error: unknown): void {
    this.all.push({ key: error, discarded: ofError(error) })
  }

  /** What all responses used, except the one with this id or this error, whose usage the caller counts. */
  without(key: unknown): Discarded {
    const at = this.all.findLastIndex((response) => response.key === key)
    return this.all.filter((_, index) => index !== at).map(({ discarded }) => discarded).reduce(add, none)
  }
}

/**
 * What a failed attempt used. A response that ended early was generated, even if its usage is not known.
 *
 * @internal
 */
export const ofError = (error: unknown): Discarded => {
  const partial = isOpenRouterError(error) && "partial" in error ? error.partial : undefined
  if (partial === undefined) return none
  const isKnown = partial.cost !== undefined || !hasOutput(partial)
  // The id in the headers comes first, because the body may have another one
  const generationId = stringAt(error, "generationId") ?? partial.generationId
  const unsettled = isKnown || generationId === undefined ? [] : [generationId]
  return { usage: Usage.ofResponse(partial.result), unsettled }
}

/**
 * The run whose tool started this run. What this run spends counts there too, and this run stops when a budget of its
 * parent is exhausted.
 *
 * @internal
 */
export interface ParentRunService {
  /** Adds what was spent, and the generations whose cost is not known. */
  readonly spend: (usage: Usage.Usage, unsettled?: ReadonlyArray<string>) => void
  /** The name of an exhausted budget of the parent or of its parents. */
  readonly exhausted: Effect.Effect<string | undefined, RunError, unknown>
}

/** @internal */
export const ParentRun: Reference<ParentRunService> = reference(
  "effect-openrouter/agent/ParentRun",
  (): ParentRunService => ({ spend: () => {}, exhausted: Effect.succeed(undefined) })
)
