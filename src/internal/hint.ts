/** Advice in messages of the compiler. */

/**
 * Stands in a message of the compiler for what to do about a wrong value. No value has this type.
 *
 * @since 0.1.0
 * @category models
 */
export interface Hint<out Text extends string> {
  readonly [hint]: Text
}
declare const hint: unique symbol
