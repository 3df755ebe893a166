/**
 * Speech to text.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Stt.js"
