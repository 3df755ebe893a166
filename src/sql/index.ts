/**
 * Conversations in a database.
 *
 * @since 0.1.0
 */

/**
 * A store of conversations over any client of `@effect/sql`.
 *
 * @since 0.1.0
 */
export * as SqlConversation from "./SqlConversation.js"
