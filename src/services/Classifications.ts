/**
 * What kinds of tasks models are used for.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Classifications.js"
