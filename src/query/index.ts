/**
 * Endpoints in the cache of TanStack Query.
 *
 * @since 0.1.0
 */

/**
 * Options for the hooks and the client of TanStack Query, made of endpoints.
 *
 * @since 0.1.0
 */
export * as OpenRouterQuery from "./OpenRouterQuery.js"
