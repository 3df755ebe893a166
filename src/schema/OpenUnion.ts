/**
 * Unions and enums that accept members of tomorrow, as the schemas of this folder use them.
 *
 * @since 0.1.0
 */

export { openEnum, openUnion, unrecognized } from "./prelude.js"
export type { OpenUnion, Unrecognized } from "./prelude.js"
