/** What the checks of Effect say in JSON Schema: the keywords, and the words that a model reads. */
import * as Predicate from "effect/Predicate"
import type * as AST from "effect/SchemaAST"

/** @internal */
export type Json = { readonly [keyword: string]: unknown }

interface Said {
  readonly keywords: Json
  readonly words: string
}

type Explain = (payload: Json, type: unknown) => Said

const atLeast = (n: unknown, type: unknown): Said =>
  type === "array"
    ? { keywords: { minItems: n }, words: `an array of at least ${String(n)} item(s)` }
    : { keywords: { minLength: n }, words: `a string at least ${String(n)} character(s) long` }

const atMost = (n: unknown, type: unknown): Said =>
  type === "array"
    ? { keywords: { maxItems: n }, words: `an array of at most ${String(n)} item(s)` }
    : { keywords: { maxLength: n }, words: `a string at most ${String(n)} character(s) long` }

const lengthBetween = (min: unknown, max: unknown, type: unknown): Said => ({
  keywords: { ...atLeast(min, type).keywords, ...atMost(max, type).keywords },
  words: type === "array"
    ? min === max
      ? `an array of exactly ${String(min)} item(s)`
      : `an array of at least ${String(min)} and at most ${String(max)} item(s)`
    : min === max
    ? `a string ${String(min)} character(s) long`
    : `a string at least ${String(min)} character(s) and at most ${String(max)} character(s) long`
})

/** By the id of the check. JSON Schema counts code points, and so does no provider: lengths are those of JavaScript. */
const checks: Readonly<Record<string, Explain>> = {
  "effect/schema/isMinLength": ({ minLength }, type) => atLeast(minLength, type),
  "effect/schema/isMaxLength": ({ maxLength }, type) => atMost(maxLength, type),
  "effect/schema/isBetweenLength": ({ maximum, minimum }, type) => lengthBetween(minimum, maximum, type),
  "effect/schema/isInt": () => ({ keywords: { type: "integer" }, words: "an integer" }),
  "effect/schema/isFinite": () => ({ keywords: {}, words: "a finite number" }),
  "effect/schema/isGreaterThan": ({ exclusiveMinimum }) => ({
    keywords: { exclusiveMinimum },
    words: exclusiveMinimum === 0 ? "a positive number" : `a number greater than ${String(exclusiveMinimum)}`
  })
}

const isKeywords = (value: unknown): value is Json => Predicate.isReadonlyObject(value)

const textOf = (value: unknown): string | undefined => typeof value === "string" ? value : undefined

/** The keywords that an annotation of Effect's computes; a list has them first, and says that they are not exact. */
const computed = (annotation: unknown, type: unknown): Json => {
  const found: unknown = typeof annotation === "function" ? annotation({ type, schemas: [] }) : undefined
  const keywords: unknown = Array.isArray(found) ? found[0] : found
  return isKeywords(keywords) ? keywords : {}
}

/**
 * The keywords and the words of a check of a value of a type. `jsonSchema` is our annotation for keywords of your own.
 *
 * @internal
 */
export const explainCheck = <T>(check: AST.Check<T>, type: unknown): Said => {
  const { description, expected, jsonSchema, representation, toJsonSchema } = check.annotations ?? {}
  const known = representation === undefined ? undefined : checks[representation.id]
  const payload: unknown = representation?.payload
  const said = known === undefined
    ? { keywords: computed(toJsonSchema, type), words: textOf(expected) ?? "" }
    : known(isKeywords(payload) ? payload : {}, type)
  return {
    keywords: isKeywords(jsonSchema) ? jsonSchema : said.keywords,
    words: textOf(description) ?? said.words
  }
}
