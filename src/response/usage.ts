import { objectAt } from "../internal/json.js"
import { countAt, usageIn } from "./internal/usageIn.js"

/**
 * Tokens, and their cost in USD, as any inference API reports them.
 *
 * @internal
 */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  readonly cachedTokens: number
  readonly cacheWriteTokens: number
  readonly reasoningTokens: number
  readonly cost: number
  readonly upstreamCost: number
}

/** @internal */
export const noUsage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  totalTokens: 0,
  cachedTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  cost: 0,
  upstreamCost: 0
}

/** @internal */
export const addUsage = (self: Usage, that: Usage): Usage =>
  self === noUsage ? that : that === noUsage ? self : {
    inputTokens: self.inputTokens + that.inputTokens,
    outputTokens: self.outputTokens + that.outputTokens,
    totalTokens: self.totalTokens + that.totalTokens,
    cachedTokens: self.cachedTokens + that.cachedTokens,
    cacheWriteTokens: self.cacheWriteTokens + that.cacheWriteTokens,
    reasoningTokens: self.reasoningTokens + that.reasoningTokens,
    cost: self.cost + that.cost,
    upstreamCost: self.upstreamCost + that.upstreamCost
  }

/**
 * The usage in a result of any API, or in an error. A missing or malformed number counts as 0.
 *
 * @internal
 */
export const readUsage = (body: unknown): Usage => {
  const usage = usageIn(body)
  if (usage === undefined) return noUsage
  const first = (source: unknown, ...names: ReadonlyArray<string>): number | undefined =>
    names.map((name) => countAt(source, name)).find((count) => count !== undefined)
  const input = objectAt(usage, "input_tokens_details") ?? objectAt(usage, "prompt_tokens_details")
  const output = objectAt(usage, "output_tokens_details") ?? objectAt(usage, "completion_tokens_details")
  // The Messages API counts what it read from the cache and wrote to it beside the input, the others within it
  const read = countAt(usage, "cache_read_input_tokens")
  const written = countAt(usage, "cache_creation_input_tokens")
  const inputTokens = (first(usage, "input_tokens", "prompt_tokens") ?? 0) + (read ?? 0) + (written ?? 0)
  const outputTokens = first(usage, "output_tokens", "completion_tokens") ?? 0
  return {
    inputTokens,
    outputTokens,
    totalTokens: countAt(usage, "total_tokens") ?? inputTokens + outputTokens,
    cachedTokens: countAt(input, "cached_tokens") ?? read ?? 0,
    cacheWriteTokens: countAt(input, "cache_write_tokens") ?? written ?? 0,
    reasoningTokens: first(output, "reasoning_tokens", "thinking_tokens") ?? 0,
    cost: countAt(usage, "cost") ?? 0,
    upstreamCost: usage["is_byok"] === true ? upstreamCost(objectAt(usage, "cost_details")) : 0
  }
}

/** The same number stands there for other keys as well, where OpenRouter pays it: it is a cost only with an own key. */
const upstreamCost = (details: unknown): number => {
  const parts = [
    "upstream_inference_input_cost",
    "upstream_inference_output_cost",
    "upstream_inference_prompt_cost",
    "upstream_inference_completions_cost"
  ]
  return countAt(details, "upstream_inference_cost") ??
    parts.reduce((sum, part) => sum + (countAt(details, part) ?? 0), 0)
}
