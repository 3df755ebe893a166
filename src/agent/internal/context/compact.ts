/** Makes a history shorter, strategy by strategy, until it is short enough. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { OpenRouterClient } from "../../../http/OpenRouterClient.js"
import type { InputItem } from "../../../schema/ResponsesItemsRequest.js"
import type { CompactionRecord } from "../run.js"
import type { Compacted, Need } from "./compacting.js"
import { divide, itemsOf, noteOf, partsOf, tokensOfParts, withNote } from "./parts.js"
import { dropReasoning, keepTurns, trimOutputs } from "./shorten.js"
import type { Strategy } from "./strategy.js"
import { type NoSummary, summaryOf } from "./summary.js"
import { tokensOfAll } from "./tokens.js"

type History = ReadonlyArray<InputItem>

/** A compaction that saves less is not worth a new prefix, which no cache knows. */
const leastSaving = 0.1

/** A factor between estimates and what a provider counted that is larger comes from something else. */
const [smallestScale, largestScale] = [0.5, 3] as const

/**
 * Compacts a history. It cannot fail: a strategy that fails is named in `failures`. Without `items`, the history stays.
 *
 * @internal
 */
export const compact = (
  history: History,
  strategies: ReadonlyArray<Strategy>,
  need: Need
): Effect.Effect<Compacted, never, OpenRouterClient> =>
  Effect.gen(function*() {
    const estimated = tokensOfAll(history)
    const scale = Math.min(largestScale, Math.max(smallestScale, need.tokens / Math.max(1, estimated + need.beside)))
    const sizeOf = (items: History) => Math.round(Math.max(0, need.tokens - scale * (estimated - tokensOfAll(items))))
    const used: Array<Strategy["_tag"]> = []
    const failures: Array<NonNullable<CompactionRecord["failures"]>[number]> = []
    let items = history
    for (const strategy of strategies) {
      if (sizeOf(items) <= need.target) break
      if (strategy._tag === "summarize" && !isWorthASummary(items, strategy.keepTurns, need, scale)) continue
      const shorter = yield* Effect.either(apply(strategy, items))
      if (Either.isLeft(shorter)) failures.push({ strategy: strategy._tag, message: shorter.left.message })
      else if (sizeOf(shorter.right) < sizeOf(items)) {
        items = shorter.right
        used.push(strategy._tag)
      }
    }
    const [before, after] = [Math.round(need.tokens), sizeOf(items)]
    const result = { before, after, strategies: used, ...(failures.length === 0 ? {} : { failures }) }
    return after <= before * (1 - leastSaving) ? { ...result, items } : { ...result, after: before }
  })

const apply = (strategy: Strategy, items: History): Effect.Effect<History, NoSummary, OpenRouterClient> => {
  switch (strategy._tag) {
    case "trimOutputs":
      return Effect.succeed(trimOutputs(items, strategy))
    case "dropReasoning":
      return Effect.succeed(dropReasoning(items))
    case "keepTurns":
      return Effect.succeed(keepTurns(items, strategy.turns))
    case "summarize": {
      const { kept, removed } = divide(partsOf(items), strategy.keepTurns)
      return Effect.map(summaryOf(removed, strategy), (summary) => itemsOf(withNote(kept, noteOf(summary))))
    }
  }
}

/** No summary is paid for if it saves too little, or if what stays is too long anyway. */
const isWorthASummary = (items: History, turns: number, { limit = Infinity, tokens }: Need, scale: number): boolean => {
  const saved = scale * tokensOfParts(divide(partsOf(items), turns).removed)
  return saved > tokens * leastSaving && tokens - saved < limit
}
