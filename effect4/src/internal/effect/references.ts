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
