/**
 * The reasoning of a message, from its pieces.
 *
 * @since 0.1.0
 */

export { ReasoningDetails } from "./internal/reasoningDetails.js"
