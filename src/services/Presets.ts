/**
 * Named sets of request parameters, with versions.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Presets.js"
