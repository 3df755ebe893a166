/**
 * Typed questions about a state, through the router for decisions. In alpha: it may change at any time.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Decisions.js"
