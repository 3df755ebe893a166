/**
 * API keys: the one at hand, and the account's others, for which a management key is needed.
 *
 * @since 0.1.0
 */

export * from "./endpoints/ApiKeys.js"
