import * as Predicate from "effect/Predicate"

/** The fields of an object that have a value. @internal */
export type Present<A> = { readonly [Key in keyof A]?: Exclude<A[Key], null> }

/**
 * The fields of an object that are there: OpenRouter sends `null` for those that are not.
 *
 * @internal
 */
export const present = <A extends object>(object: A): Present<A> =>
  // What is left has no null
  Object.fromEntries(Object.entries(object).filter(([, value]) => Predicate.isNotNullable(value))) as Present<A>
