/**
 * Keys for other people's accounts, by OAuth with PKCE.
 *
 * @since 0.1.0
 */

export * from "./endpoints/OAuth.js"
