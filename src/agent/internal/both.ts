/** Two effects at the same time. */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { parallelScope } from "../../internal/effect/scopes.js"

/**
 * Runs two effects at the same time. The first failure interrupts the other one, at once: a concurrent `Effect.zip` would wait
 * for a time limit inside of it.
 *
 * @internal
 */
export const both = <A, E, R, B, E2, R2>(
  first: Effect.Effect<A, E, R>,
  second: Effect.Effect<B, E2, R2>
): Effect.Effect<readonly [A, B], E | E2, R | R2> =>
  Effect.acquireUseRelease(
    parallelScope,
    (scope) =>
      Effect.gen(function*() {
        const one = Fiber.join(yield* Effect.forkIn(first, scope))
        const other = Fiber.join(yield* Effect.forkIn(second, scope))
        yield* Effect.raceFirst(Effect.zipRight(one, other), Effect.zipRight(other, one))
        return [yield* one, yield* other] as const
      }),
    Scope.close
  )
