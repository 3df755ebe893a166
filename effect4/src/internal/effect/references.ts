/** Values of a fiber that have a default. Effect 3 makes a class of each, Effect 4 a constant. */
import * as Context from "effect/Context"

/**
 * A value that can be read as an effect, and set with `Effect.provideService`.
 *
 * @since 0.1.0
 * @category models
 */
export type Reference<A> = Context.Reference<A>

/** @internal */
export const reference = <A>(key: string, defaultValue: () => A): Reference<A> =>
  Context.Reference<A>(key, { defaultValue })

/**
 * The default of a reference: the same for all copies of this library in a process, where Effect keeps one for all.
 *
 * @internal
 */
export const defaultOf = <A>(reference: Reference<A>): A => Context.get(Context.empty(), reference)
