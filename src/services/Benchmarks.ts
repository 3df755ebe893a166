/**
 * Scores of models in public benchmarks.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Benchmarks.js"
