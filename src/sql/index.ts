/**
 * Conversations, the streams of chats and limits of requests in a database.
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
 * A limit on how many requests begin in a time, which several machines share.
 *
 * @since 0.1.0
 */
export * as SqlLimiter from "./SqlLimiter.js"

/**
 * The streams of chats, for several servers behind one address.
 *
 * @since 0.1.0
 */
export * as SqlStreamLog from "./SqlStreamLog.js"
