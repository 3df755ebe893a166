/**
 * What model calls used: tokens and their cost.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { numberAt, objectAt } from "../internal/json.js"

/**
 * Tokens, and their cost in USD. `cachedTokens` are part of the input, `reasoningTokens` of the output.
 *
 * @since 0.1.0
 * @category models
 */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  readonly cachedTokens: number
  readonly reasoningTokens: number
  readonly cost: number
}

/**
 * @since 0.1.0
 * @category schemas
 */
export const Usage: Schema.Schema<Usage> = Schema.Struct({
  inputTokens: Schema.Number,
  outputTokens: Schema.Number,
  totalTokens: Schema.Number,
  cachedTokens: Schema.Number,
  reasoningTokens: Schema.Number,
  cost: Schema.Number
})

/**
 * No tokens, no cost.
 *
 * @since 0.1.0
 * @category constructors
 */
export const none: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  totalTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  cost: 0
}

/**
 * Adds two usages.
 *
 * @since 0.1.0
 * @category combinators
 */
export const add = (self: Usage, that: Usage): Usage => ({
  inputTokens: self.inputTokens + that.inputTokens,
  outputTokens: self.outputTokens + that.outputTokens,
  totalTokens: self.totalTokens + that.totalTokens,
  cachedTokens: self.cachedTokens + that.cachedTokens,
  reasoningTokens: self.reasoningTokens + that.reasoningTokens,
  cost: self.cost + that.cost
})

/**
 * The usage that a response of the Responses API reports. A missing or malformed number counts as 0.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ofResponse = (response: unknown): Usage => {
  const usage = objectAt(response, "usage")
  const inputTokens = numberAt(usage, "input_tokens") ?? 0
  const outputTokens = numberAt(usage, "output_tokens") ?? 0
  return {
    inputTokens,
    outputTokens,
    totalTokens: numberAt(usage, "total_tokens") ?? inputTokens + outputTokens,
    cachedTokens: numberAt(objectAt(usage, "input_tokens_details"), "cached_tokens") ?? 0,
    reasoningTokens: numberAt(objectAt(usage, "output_tokens_details"), "reasoning_tokens") ?? 0,
    cost: numberAt(usage, "cost") ?? 0
  }
}
