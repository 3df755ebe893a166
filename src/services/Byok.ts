/**
 * Provider keys of one's own ("bring your own key").
 *
 * @since 0.1.0
 */

export * from "./endpoints/Byok.js"
