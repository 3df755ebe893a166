/**
 * Modules that need Node.
 *
 * @since 0.1.0
 */

/**
 * The HTTP client for Node.
 *
 * @since 0.1.0
 */
export * as NodeClient from "./NodeClient.js"

/**
 * The login of a program that runs on the user's own machine.
 *
 * @since 0.1.0
 */
export * as OAuthLoopback from "./OAuthLoopback.js"
