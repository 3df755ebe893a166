/**
 * Pictures from words.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Images.js"
