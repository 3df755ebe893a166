/**
 * The models and providers that may serve a request, as plain data to spread into the request.
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
 * A model, and its fallbacks in order, for when it fails. For chat completions and responses; the result names the
 * model that was used.
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
 * The same as {@link models} for the Messages API: at most three fallbacks, and not together with `models`.
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
 * The providers to try first, in this order. Other providers remain fallbacks; {@link onlyInOrder}
 * excludes them.
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
 * The only providers that may serve the request, in any order.
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
 * Tries the best provider first, in place of sharing the load among providers. With several models, `partition: "none"` sorts the providers
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
 * The maximum prices, in USD: per million tokens for `prompt` and `completion`, per image, per request. A request fails
 * when no provider serves it at these prices.
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
