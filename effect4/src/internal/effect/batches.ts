/** Streams as batches of elements, one for each network read, and back. Effect 3 has chunks and channels for it. */
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as P from "effect/Pull"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { runForkHere } from "./fibers.js"

/**
 * A stream of batches: `next` returns the next one, and an empty one at the end. It can be run once.
 *
 * @internal
 */
export const fromBatches = <A, E>(next: Effect.Effect<ReadonlyArray<A>, E>): Stream.Stream<A, E> =>
  // The types cannot know that `E` is not the signal of the end
  Stream.fromPull(Effect.succeed(
    Effect.flatMap(next, (batch) => Arr.isReadonlyArrayNonEmpty(batch) ? Effect.succeed(batch) : Cause.done())
  )) as Stream.Stream<A, E>

/**
 * Opens a stream for reading: the effect returns the next batch, and an empty one at the end.
 *
 * @internal
 */
export const toBatches = <A, E, R>(
  stream: Stream.Stream<A, E, R>
): Effect.Effect<Effect.Effect<ReadonlyArray<A>, E, R>, never, R | Scope.Scope> =>
  Effect.map(Stream.toPull(stream), (pull) => {
    const next: Effect.Effect<ReadonlyArray<A>, E | Cause.Done, R> = Effect.flatMap(
      pull,
      (batch) => batch.length === 0 ? next : Effect.succeed(batch)
    )
    return P.catchDone(next, () => Effect.succeed<ReadonlyArray<A>>([])) as Effect.Effect<ReadonlyArray<A>, E, R> // as above
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
): Stream.Stream<B, E, R> =>
  Stream.transformPull(self, (pull) => {
    const next: P.Pull<Arr.NonEmptyReadonlyArray<B>, E> = Effect.flatMap(pull, (batch) => {
      const mapped = f(batch)
      return Arr.isReadonlyArrayNonEmpty(mapped) ? Effect.succeed(mapped) : next
    })
    return Effect.succeed(next)
  }) as Stream.Stream<B, E, R> // as above

/** @internal */
export const forEachBatch = <A, E, R>(
  self: Stream.Stream<A, E, R>,
  f: (batch: ReadonlyArray<A>) => void
): Effect.Effect<void, E, R> => Stream.runForEachArray(self, (batch) => Effect.sync(() => f(batch)))

/** @internal */
export const collect = <A, E, R>(self: Stream.Stream<A, E, R>): Effect.Effect<ReadonlyArray<A>, E, R> =>
  Stream.runCollect(self)

/** @internal */
export const isStream = (u: unknown): u is Stream.Stream<unknown, unknown> => Stream.isStream(u)

/**
 * The items of all pages. A page is requested when its first item is read; the last page has no `next`.
 *
 * @internal
 */
export const fromPages = <Page, A, E, R>(
  first: Page,
  request: (page: Page) => Effect.Effect<{ readonly items: ReadonlyArray<A>; readonly next: Page | undefined }, E, R>
): Stream.Stream<A, E, R> =>
  Stream.paginate(
    first,
    (page) => Effect.map(request(page), ({ items, next }) => [items, Option.fromUndefinedOr(next)] as const)
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
    Scope.provide(Stream.toQueue(self, { capacity: 1 }), scope),
    (queue) => Stream.fromQueue(queue) as Stream.Stream<A, E> // as above
  )
