/**
 * What model calls used: tokens and their cost.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { addUsage, noUsage, readUsage } from "../response/usage.js"
import type { PublicPricing } from "../schema/Models.js"

/**
 * Tokens, and their cost in USD. `cachedTokens` (read from a cache) and `cacheWriteTokens` are part of the input,
 * `reasoningTokens` of the output. `cost` is what OpenRouter charges. `upstreamCost` is what the provider charges to a key
 * of your own (BYOK), beside `cost`: you pay the sum of both.
 *
 * @since 0.1.0
 * @category models
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

/**
 * @since 0.1.0
 * @category schemas
 */
export const Usage: Schema.Schema<Usage> = Schema.Struct({
  inputTokens: Schema.Number,
  outputTokens: Schema.Number,
  totalTokens: Schema.Number,
  cachedTokens: Schema.Number,
  cacheWriteTokens: Schema.Number,
  reasoningTokens: Schema.Number,
  cost: Schema.Number,
  upstreamCost: Schema.Number
})

/**
 * No tokens, no cost.
 *
 * @since 0.1.0
 * @category constructors
 */
export const none: Usage = noUsage

/**
 * Adds two usages.
 *
 * @since 0.1.0
 * @category combinators
 */
export const add: (self: Usage, that: Usage) => Usage = addUsage

/**
 * The usage that a result of the Responses, chat, messages or any other paid API reports. A missing or malformed number
 * counts as 0.
 *
 * @since 0.1.0
 * @category constructors
 */
export const ofResponse: (response: unknown) => Usage = readUsage

/**
 * What you pay in USD: `cost`, and `upstreamCost` to the provider of a key of your own.
 *
 * @since 0.1.0
 * @category getters
 */
export const totalCost = ({ cost, upstreamCost }: Usage): number => cost + upstreamCost

/**
 * What the cache of the prompt saved in USD, by the `pricing` of the model (`Models.get`). It is negative where more was
 * written to the cache than read from it. An estimate: providers of a model may differ in price.
 *
 * @since 0.1.0
 * @category getters
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Agent, Models, Usage } from "effect-openrouter"
 *
 * const program = Effect.gen(function*() {
 *   const run = yield* Agent.run({ model: "anthropic/claude-sonnet-4.5", input: "Hello!", cache: "auto" })
 *   const { data } = yield* Models.get({ author: "anthropic", slug: "claude-sonnet-4.5" })
 *   return Usage.savedByCaching(run.usage, data.pricing)
 * })
 * ```
 */
export const savedByCaching = ({ cachedTokens, cacheWriteTokens }: Usage, pricing: Pricing): number => {
  const input = Number(pricing.prompt)
  const priceOf = (price: string | null | undefined): number => Number(price ?? input)
  return cachedTokens * (input - priceOf(pricing.input_cache_read)) -
    cacheWriteTokens * (priceOf(pricing.input_cache_write) - input)
}

/** The prices of a model for its input, in USD a token, as a part of `PublicPricing`. */
type Pricing = Pick<PublicPricing, "prompt" | "input_cache_read" | "input_cache_write">
