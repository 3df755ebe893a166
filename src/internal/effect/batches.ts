/** Streams as batches of elements, one for each network read, and back. Effect 4 has arrays and `Pull` for it. */
import * as Channel from "effect/Channel"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { runForkHere } from "./fibers.js"

/**
 * A stream of batches: `next` returns the next one, and an empty one at the end. It can be run once.
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
 * Opens a stream for reading: the effect returns the next batch, and an empty one at the end.
 *
 * @internal
 */
export const toBatches = <A, E, R>(
  stream: Stream.Stream<A, E, R>
): Effect.Effect<Effect.Effect<ReadonlyArray<A>, E, R>, never, R | Scope.Scope> =>
  Effect.map(Channel.toPull(Stream.toChannel(stream)), (pull) => {
    const next: Effect.Effect<ReadonlyArray<A>, E, R> = Effect.flatMap(pull, (taken) =>
      Either.isLeft(taken)
        ? Effect.succeed([])
        : Chunk.isEmpty(taken.right)
        ? next
        : Effect.succeed(Chunk.toReadonlyArray(taken.right)))
    return next
  })

/**
 * Requests the next value: calls `resume` once, with the value or the failure. Returns how to cancel the request, where
 * it can be cancelled.
 *
 * @internal
 */
export type Pull<A, E> = (resume: (next: Exit.Exit<A, E>) => void) => Effect.Effect<void> | void

/**
 * Opens a stream for reading by callback: the next batch, and `undefined` at the end. Each request runs in its own
 * fiber.
 *
 * @internal
 */
export const pullFrom = <A, E>(
  stream: Stream.Stream<A, E>
): Effect.Effect<Pull<ReadonlyArray<A> | undefined, E>, never, Scope.Scope> =>
  Effect.zipWith(toBatches(stream), runForkHere, (next, runFork) => {
    const read = Effect.map(next, (batch) => batch.length === 0 ? undefined : batch)
    return (resume) => {
      const fiber = runFork(read)
      fiber.addObserver(resume)
      return Fiber.interrupt(fiber)
    }
  })

/** @internal */
export const mapBatches = <A, B, E, R>(
  self: Stream.Stream<A, E, R>,
  f: (batch: ReadonlyArray<A>) => ReadonlyArray<B>
): Stream.Stream<B, E, R> => Stream.mapChunks(self, (batch) => Chunk.unsafeFromArray(f(Chunk.toReadonlyArray(batch))))

/** @internal */
export const forEachBatch = <A, E, R>(
  self: Stream.Stream<A, E, R>,
  f: (batch: ReadonlyArray<A>) => void
): Effect.Effect<void, E, R> =>
  Stream.runForEachChunk(self, (batch) => Effect.sync(() => f(Chunk.toReadonlyArray(batch))))

/** @internal */
export const collect = <A, E, R>(self: Stream.Stream<A, E, R>): Effect.Effect<ReadonlyArray<A>, E, R> =>
  Effect.map(Stream.runCollect(self), Chunk.toReadonlyArray)

/** @internal */
export const isStream = (u: unknown): u is Stream.Stream<unknown, unknown> =>
  Predicate.hasProperty(u, Stream.StreamTypeId)

/**
 * The items of all pages. A page is requested when its first item is read; the last page has no `next`.
 *
 * @internal
 */
export const fromPages = <Page, A, E, R>(
  first: Page,
  request: (page: Page) => Effect.Effect<{ readonly items: ReadonlyArray<A>; readonly next: Page | undefined }, E, R>
): Stream.Stream<A, E, R> =>
  Stream.paginateChunkEffect(
    first,
    (page) => Effect.map(request(page), ({ items, next }) => [Chunk.unsafeFromArray(items), Option.fromNullable(next)])
  )

/**
 * Reads a stream one batch ahead of its reader, in a fiber of the scope. When the scope closes first, the stream ends.
 *
 * @internal
 */
export const readAhead = <A, E>(
  self: Stream.Stream<A, E>,
  scope: Scope.Scope
): Effect.Effect<Stream.Stream<A, E>> =>
  Effect.map(
    Scope.extend(Stream.toQueue(self, { capacity: 1 }), scope),
    (queue) => Stream.flattenTake(Stream.fromQueue(queue))
  )
