import type * as Effect from "effect/Effect"
import type { ReadError } from "../../services/StructuredOutput.js"
import type { ToolTimeoutError } from "../Tool.js"
import type { ConversationError } from "./conversation/errors.js"
import type { AgentError } from "./errors.js"

/**
 * An error of the user's code: of a tool, a stop condition, a middleware or a callback. The loop passes it on as it is
 * and never reads it; only the types of the options say what it is.
 *
 * @internal
 */
export interface UserError {
  readonly [userError]: never
}

declare const userError: unique symbol

/**
 * Everything that a run can fail with. An error of any other type does not compile in the loop.
 *
 * @internal
 */
export type RunError = AgentError | ConversationError | ReadError | ToolTimeoutError | UserError

/**
 * Marks the errors of an effect as the user's.
 *
 * @internal
 */
export const fromUser = <A, R>(effect: Effect.Effect<A, unknown, R>): Effect.Effect<A, UserError, R> =>
  // A brand has no values of its own: this is the one place where an error gets it
  effect as Effect.Effect<A, UserError, R>
