/**
 * Conversations and the streams of chats in a database.
 *
 * @since 0.1.0
 */

/**
 * A store of conversations over any client of `@effect/sql`.
 *
 * @since 0.1.0
 */
export * as SqlConversation from "./SqlConversation.js"

/**
 * The streams of chats, for several servers behind one address.
 *
 * @since 0.1.0
 */
export * as SqlStreamLog from "./SqlStreamLog.js"
