/**
 * Which models and providers may serve a request: plain data to be spread into it.
 *
 * @since 0.1.0
 */
import type { ProviderName } from "../schema/Common.js"
import type { MessagesFallbackParam } from "../schema/MessagesRequest.js"
import type {
  ProviderPreferences,
  ProviderPreferencesMaxPrice,
  ProviderSort,
  ProviderSortConfig
} from "../schema/RoutingRequest.js"

/**
 * A model, and those that take over, in their order, where it fails. For chat completions and responses; the result names
 * the model that answered.
 *
 * @since 0.1.0
 * @category models
 * @example
 * ```ts
 * import { Chat, Prompt, Routing } from "effect-openrouter"
 *
 * const reply = Chat.send({
 *   ...Routing.models("openai/gpt-5-nano", "anthropic/claude-haiku-4.5"),
 *   provider: { ...Routing.ignore("Azure"), ...Routing.maxPrice({ prompt: 1, completion: 5 }) },
 *   messages: [Prompt.user("Hello!")]
 * })
 * ```
 */
export const models = (
  first: string,
  ...others: ReadonlyArray<string>
): { readonly model: string; readonly models?: ReadonlyArray<string> } => {
  const rest = distinct(first, others)
  return { model: first, ...(rest.length === 0 ? {} : { models: rest }) }
}

/**
 * What {@link models} is, as the Messages API has it: at most three take over, and `models` may not stand beside them.
 *
 * @since 0.1.0
 * @category models
 */
export const fallbacks = (
  first: string,
  ...others: readonly [second?: string, third?: string, fourth?: string]
): { readonly model: string; readonly fallbacks?: ReadonlyArray<MessagesFallbackParam> } => {
  const rest = distinct(first, others.filter((model) => model !== undefined))
  return { model: first, ...(rest.length === 0 ? {} : { fallbacks: rest.map((model) => ({ model })) }) }
}

const distinct = (first: string, others: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set([first, ...others])].slice(1)

/**
 * The providers to try first, in this order. All others still take over where these fail; {@link onlyInOrder} keeps them
 * out.
 *
 * @since 0.1.0
 * @category providers
 */
export const order = (...providers: ReadonlyArray<ProviderName>): Pick<ProviderPreferences, "order"> => ({
  order: providers
})

/**
 * The providers to try, in this order, and no others.
 *
 * @since 0.1.0
 * @category providers
 */
export const onlyInOrder = (
  ...providers: ReadonlyArray<ProviderName>
): Pick<ProviderPreferences, "order" | "allow_fallbacks"> => ({ order: providers, allow_fallbacks: false })

/**
 * The providers that may serve the request, whichever is best.
 *
 * @since 0.1.0
 * @category providers
 */
export const only = (...providers: ReadonlyArray<ProviderName>): Pick<ProviderPreferences, "only"> => ({
  only: providers
})

/**
 * Providers that may not serve the request.
 *
 * @since 0.1.0
 * @category providers
 */
export const ignore = (...providers: ReadonlyArray<ProviderName>): Pick<ProviderPreferences, "ignore"> => ({
  ignore: providers
})

/**
 * The best provider first instead of load shared among them. With several models, `partition: "none"` sorts the providers
 * of all models together, so that a fallback may come first.
 *
 * @since 0.1.0
 * @category providers
 */
export const sort = (
  by: ProviderSort,
  partition?: ProviderSortConfig["partition"]
): Pick<ProviderPreferences, "sort"> => ({ sort: partition === undefined ? by : { by, partition } })

/**
 * The highest prices to accept, in USD: of a million tokens for `prompt` and `completion`, of one image, of one request.
 * A request that no provider serves for that fails.
 *
 * @since 0.1.0
 * @category providers
 */
export const maxPrice = (
  prices: { readonly [unit in keyof ProviderPreferencesMaxPrice]: number | string }
): Pick<ProviderPreferences, "max_price"> => ({
  max_price: Object.fromEntries(
    Object.entries(prices).map(([unit, price]) => [unit, typeof price === "number" ? decimal(price) : price])
  )
})

/** Prices are decimal strings on the wire, and never have an exponent. */
const decimal = (price: number): string => price.toFixed(12).replace(/\.?0+$/, "")
