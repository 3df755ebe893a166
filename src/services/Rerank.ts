/**
 * Documents in the order of how well they answer a query.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Rerank.js"
