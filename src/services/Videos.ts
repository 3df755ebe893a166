/**
 * Films from words: jobs that are started, watched and fetched.
 *
 * @since 0.1.0
 */

export * from "./endpoints/Videos.js"
