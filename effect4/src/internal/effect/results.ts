/** Values that are a success or a failure. `Either` of Effect 3 is an effect, `Result` of Effect 4 is none. */
import * as Effect from "effect/Effect"
import type * as Result from "effect/Result"

/** @internal */
export const toEffect = <A, E>(result: Result.Result<A, E>): Effect.Effect<A, E> => Effect.fromResult(result)
