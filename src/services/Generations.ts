/**
 * What one call has cost and done, by its generation id.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Generations.js"
