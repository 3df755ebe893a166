/**
 * Sorts documents by their relevance for a query.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Rerank.js"
