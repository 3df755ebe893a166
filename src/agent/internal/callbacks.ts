import * as Effect from "effect/Effect"
import { CallbackError } from "./errors.js"
import { fromUser, type UserError } from "./runError.js"

/**
 * Calls a function of the user's that gives a value or an effect of one. What it throws is a `CallbackError`.
 *
 * @internal
 */
export const ask = <A>(
  callback: string,
  evaluate: () => A | Effect.Effect<A, unknown, unknown>
): Effect.Effect<A, CallbackError | UserError, unknown> =>
  Effect.flatMap(
    Effect.try({ try: evaluate, catch: (cause) => thrown(callback, cause) }),
    (given) => Effect.isEffect(given) ? fromUser(given) : Effect.succeed(given)
  )

const thrown = (callback: string, cause: unknown) =>
  new CallbackError({
    callback,
    cause,
    message:
      `${callback} threw: ${cause instanceof Error ? cause.message : String(cause)}. Make it return, or fail as an ` +
      "effect with an error of your own"
  })
