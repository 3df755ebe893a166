/** Types that accept no other options than those of runs, and say which option was meant. */
import type { Hint } from "../../internal/hint.js"
import type { Options } from "./options.js"

/**
 * Rejects unknown options, and a run without `input` that continues no stored conversation.
 *
 * @since 0.1.0
 * @category models
 */
export type Exact<O> = KnownOptions<O> & WithInput<O>

type WithInput<O> = O extends unknown
  ? keyof O & ("input" | "conversation") extends never
    ? { readonly input: Hint<"set `input`, or `conversation` to continue a stored one"> }
  : unknown
  : never

/**
 * Rejects unknown options.
 *
 * @since 0.1.0
 * @category models
 */
export type KnownOptions<O> = {
  readonly [Key in Exclude<keyof O, keyof Options>]: 0 extends 1 & O[Key] ? never : UnknownOption<MessageFor<Key>>
}

/**
 * Shows a message of the compiler about an unknown option. No value has this type.
 *
 * @since 0.1.0
 * @category models
 */
export interface UnknownOption<out Message extends string> {
  readonly [unknownOption]: Message
}
declare const unknownOption: unique symbol

type MessageFor<Key> = Key extends keyof Elsewhere ? `unknown option \`${Key}\`; here it is \`${Elsewhere[Key]}\``
  : Key extends string ? [Near<Key>] extends [never] ? `unknown option \`${Key}\``
    : `unknown option \`${Key}\`; did you mean \`${Near<Key>}\`?`
  : never

/** Options of other APIs, and their names here. */
interface Elsewhere {
  readonly max_tokens: "max_output_tokens"
  readonly max_completion_tokens: "max_output_tokens"
  readonly messages: "input"
  readonly prompt: "input"
  readonly system: "instructions"
  readonly response_format: "output"
  readonly reasoning_effort: "reasoning"
  readonly maxTurns: "maxSteps"
  readonly toolkit: "tools"
  readonly stream: "Agent.stream"
}

type Letters<Key extends string> = Key extends `${infer Before}_${infer After}` ? Letters<`${Before}${After}`>
  : Lowercase<Key>

type ByLetters = { readonly [Key in keyof Options as Letters<Key>]-?: Key }

/** The option of the same letters, else those that begin with the same four letters, else with the same three. */
type Near<Key extends string> = Letters<Key> extends keyof ByLetters ? ByLetters[Letters<Key>]
  : Key extends `${infer A}${infer B}${infer C}${infer Rest}`
    ? [BeginsLikeFour<`${A}${B}${C}`, Rest>] extends [never] ? BeginsLike<`${A}${B}${C}`>
    : BeginsLikeFour<`${A}${B}${C}`, Rest>
  : never

type BeginsLikeFour<Three extends string, Rest extends string> = Rest extends `${infer D}${string}`
  ? BeginsLike<`${Three}${D}`>
  : never

type BeginsLike<Start extends string> = Extract<keyof Options, `${Start}${string}`>
