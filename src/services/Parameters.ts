/**
 * The request parameters that models support.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Parameters.js"
