/**
 * The companies behind the endpoints.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Providers.js"
