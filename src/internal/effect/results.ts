/** Values that are a success or a failure. `Either` of Effect 3 is an effect, `Result` of Effect 4 is none. */
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"

/** @internal */
export const toEffect = <A, E>(either: Either.Either<A, E>): Effect.Effect<A, E> => either
