/** The seam to the user's code: its functions are called here, and its errors are marked here. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * An error of the user's code: of a tool, a stop condition, a middleware or a parameter. The loop passes it on as it is
 * and never reads it; only the types of the options know its class.
 *
 * @internal
 */
export interface UserError {
  readonly [userError]: never
}

declare const userError: unique symbol

/**
 * Marks the errors of an effect as the user's.
 *
 * @internal
 */
export const fromUser = <A, R>(effect: Effect.Effect<A, unknown, R>): Effect.Effect<A, UserError, R> =>
  // A brand has no values of its own: this is the one place where an error gets it
  effect as Effect.Effect<A, UserError, R>

/**
 * A function of yours threw an exception: a parameter of a turn, a stop condition, an approval, `nextTurn`,
 * `toModelOutput` or a middleware. `callback` names the function; `cause` is the exception.
 *
 * @since 0.1.0
 * @category errors
 */
export class CallbackError extends Schema.TaggedError<CallbackError>()("CallbackError", {
  message: Schema.String,
  callback: Schema.String,
  cause: Schema.Defect
}) {}

/**
 * Calls a function of the user's, which returns a value or an effect. An exception becomes a `CallbackError`.
 *
 * @internal
 */
export const runCallback = <A>(
  callback: string,
  evaluate: () => A | Effect.Effect<A, unknown, unknown>
): Effect.Effect<A, CallbackError | UserError, unknown> =>
  Effect.flatMap(
    Effect.try({ try: evaluate, catch: (cause) => thrown(callback, cause) }),
    (given) => Effect.isEffect(given) ? fromUser(given) : Effect.succeed(given)
  )

/**
 * The error of a function of the user's that threw or died.
 *
 * @internal
 */
export const thrown = (callback: string, cause: unknown): CallbackError =>
  new CallbackError({
    callback,
    cause,
    message: `agent: ${callback} threw an exception: ${cause instanceof Error ? cause.message : String(cause)}. ` +
      "Return a value, or an effect that fails with an error of your own"
  })
