/**
 * The models on offer: their abilities, limits and prices.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Models.js"
