/**
 * Destinations that traces of generations are sent to.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Observability.js"
