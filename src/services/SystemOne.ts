/**
 * Typed questions about a state: which option, which score, yes or no.
 *
 * @since 0.1.0
 */

export * from "./endpoints/SystemOne.js"
