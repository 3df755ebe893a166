/** Scopes below other scopes. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/**
 * A scope that closes with another one, or before it.
 *
 * @internal
 */
export const forkScope = (outer: Scope.Scope): Effect.Effect<Scope.Closeable> => Scope.fork(outer, "sequential")

/**
 * A scope that runs its finalizers at the same time.
 *
 * @internal
 */
export const parallelScope: Effect.Effect<Scope.Closeable> = Scope.make("parallel")

/**
 * Runs in a scope below the surrounding one. The scope closes at once when the effect fails.
 *
 * @internal
 */
export const ownScope = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.scope,
      (outer) =>
        Effect.flatMap(forkScope(outer), (scope) =>
          Effect.onExit(
            restore(Effect.provideService(effect, Scope.Scope, scope)),
            (exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void
          ))
    )
  )

/**
 * A stream that is known only when it runs, in a scope that closes with it.
 *
 * @internal
 */
export const scoped = <A, E, E2, R>(
  effect: Effect.Effect<Stream.Stream<A, E>, E2, R>
): Stream.Stream<A, E | E2, Exclude<R, Scope.Scope>> => Stream.unwrap(effect)
