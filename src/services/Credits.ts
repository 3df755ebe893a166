/**
 * The account's balance.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Credits.js"
