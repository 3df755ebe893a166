/** Keeps what was paid for when an interruption comes between the end of a request and its record. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"

/**
 * Runs a request that tells `keep` its result when it is whole. If an interruption comes after that, the result counts.
 *
 * @internal
 */
export const orWhole = <A, B, E, R>(
  restore: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>,
  request: (keep: (whole: A) => void) => Effect.Effect<A | B, E, R>
): Effect.Effect<A | B, E, R> =>
  Effect.suspend(() => {
    let whole: A | undefined = undefined
    const requested = restore(request((result) => whole = result))
    return Effect.catchAllCause(requested, (cause) =>
      whole !== undefined && Cause.isInterrupted(cause) ? Effect.succeed(whole) : Effect.failCause(cause))
  })
