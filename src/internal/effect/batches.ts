import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"

/**
 * A stream of batches: `next` gives the next one, and an empty one at the end. It can be run once.
 *
 * @internal
 */
export const fromBatches = <A, E>(next: Effect.Effect<ReadonlyArray<A>, E>): Stream.Stream<A, E> => {
  const loop: Channel.Channel<Chunk.Chunk<A>, unknown, E, unknown, unknown, unknown> = Channel.flatMap(
    Channel.fromEffect(next),
    (batch) =>
      batch.length === 0
        ? Channel.void
        : Channel.flatMap(Channel.write(Chunk.unsafeFromArray(batch)), () => loop)
  )
  return Stream.fromChannel(loop)
}

/**
 * Runs in a scope below the surrounding one, which is closed at once where the effect fails.
 *
 * @internal
 */
export const ownScope = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Scope.Scope> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.scope,
      (outer) =>
        Effect.flatMap(Scope.fork(outer, ExecutionStrategy.sequential), (scope) =>
          Effect.onExit(
            restore(Effect.provideService(effect, Scope.Scope, scope)),
            (exit) => Exit.isFailure(exit) ? Scope.close(scope, exit) : Effect.void
          ))
    )
  )

/**
 * As `Stream.unwrapScoped`, without its cost for each element.
 *
 * @internal
 */
export const scoped = <A, E, E2, R>(
  effect: Effect.Effect<Stream.Stream<A, E>, E2, R>
): Stream.Stream<A, E | E2, Exclude<R, Scope.Scope>> =>
  Stream.fromChannel(Channel.acquireUseRelease(
    Scope.make(),
    (scope) => Channel.flatMap(Channel.fromEffect(Scope.extend(effect, scope)), Stream.toChannel),
    (scope, exit) => Scope.close(scope, exit)
  ))
