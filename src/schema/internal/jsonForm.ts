import * as Predicate from "effect/Predicate"
import { LongNumber, parseExactJson } from "../../internal/longNumbers.js"
import { type Path, Refusal } from "../../internal/refusal.js"

/** @internal */
export type Json = { readonly [keyword: string]: unknown }

/** @internal */
export { type Path, Refusal }

/**
 * A JSON Schema in the form that is sent, and the functions that read the values that a model returns for it.
 *
 * @internal
 */
export interface Form {
  readonly schema: Json
  /** Whether a value has this form. `loosely` also accepts extra keys and short forms that nothing prevents. */
  readonly accepts: (value: unknown, loosely: boolean) => boolean
  /** Converts the sent form to the form of the original schema. A value of neither form is returned unchanged. */
  readonly restore: (value: unknown, within: Restoring) => unknown
  /**
   * Whether a value that is still written may get this form. It looks at the first level alone, because it runs each time
   * that the value has grown.
   */
  readonly begins: (value: unknown, loosely: boolean) => boolean
  /**
   * Reads the JSON text of a list, an object, a number or a boolean where the schema has no string. A value without such
   * a text is returned itself.
   */
  readonly readTexts: (value: unknown) => unknown
}

/**
 * How the parts of a value are restored: those of a whole value, or of one that is still written.
 *
 * @internal
 */
export interface Restoring {
  /** Undefined where the value is too short to say what it becomes. */
  readonly restore: (form: Form, value: unknown) => unknown
  /** A part of any form. */
  readonly anything: (value: unknown) => unknown
  /** Whether a list or an object is still written. */
  readonly isOpen: (value: unknown) => boolean
}

/** @internal */
export const wholly: Restoring = {
  restore: (form, value) => form.restore(value, wholly),
  anything: (value) => value,
  isOpen: () => false
}

/**
 * Whether a part of a value may get a form. Of a list or an object, only the kind is looked at.
 *
 * @internal
 */
export const partBegins = (form: Form, value: unknown, loosely: boolean): boolean =>
  form.begins(Array.isArray(value) ? [] : isObject(value) ? {} : value, loosely)

/** @internal */
export interface Building {
  readonly strict: boolean
  readonly form: (schema: unknown, path: Path) => Form
  readonly acceptsNull: (schema: unknown) => boolean
}

/** @internal */
export const isObject = (value: unknown): value is Json => Predicate.isRecord(value) && !(value instanceof LongNumber)

/**
 * `readTexts` of a form: `fits` says whether a value is of the type of the form, and `within` reads the texts in it.
 *
 * @internal
 */
export const readingTexts =
  (fits: (value: unknown) => boolean, within: (value: unknown) => unknown = same): Form["readTexts"] => (value) => {
    if (typeof value !== "string") return fits(value) ? within(value) : value
    const read = parseExactJson(value)?.value
    return fits(read) ? within(read) : value
  }

/**
 * The list with each item changed; the same list if no item changes.
 *
 * @internal
 */
export const eachItem = (
  list: ReadonlyArray<unknown>,
  change: (item: unknown, index: number) => unknown
): ReadonlyArray<unknown> => {
  const changed = list.map(change)
  return changed.every((item, index) => item === list[index]) ? list : changed
}

/**
 * The object with each value changed; the same object if no value changes.
 *
 * @internal
 */
export const eachValue = (json: Json, change: (value: unknown, key: string) => unknown): Json => {
  const entries = Object.entries(json)
  const changed = entries.map(([key, value]): [string, unknown] => [key, change(value, key)])
  return changed.every(([, value], index) => value === entries[index]?.[1]) ? json : Object.fromEntries(changed)
}

/** @internal */
export const listAt = (json: Json, keyword: string): ReadonlyArray<unknown> => {
  const value = json[keyword]
  return Array.isArray(value) ? value : []
}

/** @internal */
export const textAt = (json: Json, keyword: string): string | undefined => {
  const value = json[keyword]
  return typeof value === "string" && value !== "" ? value : undefined
}

const constraints: ReadonlyArray<string> = [
  "format",
  "minLength",
  "maxLength",
  "pattern",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minProperties",
  "maxProperties",
  "contentMediaType",
  "contentEncoding",
  "contentSchema",
  "default",
  "examples"
]

/**
 * Keywords that strict mode rejects and that have no replacement.
 *
 * @internal
 */
export const conditions: ReadonlyArray<string> = [
  "not",
  "if",
  "then",
  "else",
  "contains",
  "dependentRequired",
  "dependentSchemas",
  "dependencies",
  "unevaluatedProperties",
  "unevaluatedItems"
]

const portableFormats: ReadonlySet<unknown> = new Set([
  "date-time",
  "date",
  "time",
  "duration",
  "email",
  "hostname",
  "ipv4",
  "ipv6",
  "uuid"
])

const isPortable = (keyword: string, value: unknown): boolean =>
  keyword === "format" ? portableFormats.has(value) : keyword === "minItems" && (value === 0 || value === 1)

const sizes: ReadonlySet<string> = new Set(["minItems", "maxItems"])

/**
 * Adds the constraints and the description of a schema to its new form. Strict mode has few constraints, and they
 * differ by provider, so the others become text of the description.
 *
 * @internal
 */
export const annotated = (schema: Json, from: Json, strict: boolean, withSize = true): Json => {
  const given = [...constraints, ...(strict ? [] : conditions)].filter((keyword) =>
    from[keyword] !== undefined && (withSize || !sizes.has(keyword))
  )
  const kept = strict ? given.filter((keyword) => isPortable(keyword, from[keyword])) : given
  const words = given.filter((keyword) =>
    !kept.includes(keyword) && !(keyword === "pattern" && kept.includes("format"))
  ).map((keyword) => `${keyword}: ${word(from[keyword])}`)
  const text = textAt(from, "description") ?? textAt(from, "title")
  const description = words.length === 0
    ? text
    : text === undefined
    ? words.join(", ")
    : `${text} (${words.join(", ")})`
  return {
    ...schema,
    ...Object.fromEntries(kept.map((keyword) => [keyword, from[keyword]])),
    ...(description === undefined ? {} : { description })
  }
}

const word = (value: unknown): string => typeof value === "string" ? value : JSON.stringify(value)

/**
 * A schema that also accepts null. The description moves to the outer schema.
 *
 * @internal
 */
export const orNull = ({ description, ...schema }: Json): Json => ({
  anyOf: [...(Object.keys(schema).length === 1 && Array.isArray(schema["anyOf"]) ? schema["anyOf"] : [schema]), {
    type: "null"
  }],
  ...(description === undefined ? {} : { description })
})

/** @internal */
export const same = (value: unknown): unknown => value
