/**
 * What model calls used: tokens and their cost.
 *
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { addUsage, noUsage, readUsage } from "../response/usage.js"

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
