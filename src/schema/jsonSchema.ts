/**
 * JSON Schema for models: converts Effect schemas and any JSON Schema to the strict form that providers enforce, and
 * converts the values that a model returns back to the original form.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { emitJsonSchema } from "../internal/effect/emitJsonSchema.js"
import { jsonDecoder } from "../internal/effect/schemaIssues.js"
import type { Node } from "../internal/effect/schemaView.js"
import { plainJson } from "../internal/longNumbers.js"
import { Refusal } from "../internal/refusal.js"
import type { Issue } from "./guard.js"
import { Growing, type GrowingForm } from "./internal/growing.js"
import { wholly } from "./internal/jsonForm.js"
import { formOf } from "./internal/jsonRoot.js"

export type { GrowingForm } from "./internal/growing.js"

/**
 * A JSON Schema as data.
 *
 * @since 0.1.0
 * @category models
 */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/**
 * Options of a conversion. With `strict` (the default) every object is closed, every property is required, and only
 * keywords that all providers enforce are used. Without it all keywords are kept, and providers do not enforce the
 * schema.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly strict?: boolean | undefined
}

/**
 * A JSON Schema in the form that is sent; its root is an object. `restore` converts a value of that form to one of the
 * original schema: it removes nulls that represent missing properties, and converts lists of entries to records. It
 * returns a value of any other form unchanged. A number that JavaScript would round becomes what the schema has in its
 * place, if that holds it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Converted {
  readonly schema: JsonSchema
  readonly strict: boolean
  readonly restore: (value: unknown) => unknown
  /**
   * Reads each list, object, number and boolean that came as its JSON text, where the schema has no string. A value
   * without such a text is returned itself.
   */
  readonly readTexts: (value: unknown) => unknown
  /** Starts to convert one value while it is written. */
  readonly growing: () => GrowingForm
}

/**
 * A converted Effect schema. `decode` converts a value of the sent form to the type of the schema, and fails with the
 * issues and their paths.
 *
 * @since 0.1.0
 * @category models
 */
export interface Codec<out A, out R> extends Converted {
  readonly decode: (value: unknown) => Effect.Effect<A, ReadonlyArray<Issue>, R>
}

/**
 * A schema cannot be sent, because of its part at `path` (`address.lines`, empty for the whole schema).
 *
 * @since 0.1.0
 * @category errors
 */
export class JsonSchemaError extends Schema.TaggedError<JsonSchemaError>()("JsonSchemaError", {
  message: Schema.String,
  path: Schema.String
}) {}

/**
 * Converts any JSON Schema, such as the one of an external tool. Fails with {@link JsonSchemaError} when strict mode
 * cannot express it: values of any type, objects with any keys, conditions.
 *
 * @since 0.1.0
 * @category constructors
 */
export const convert = (schema: JsonSchema, options?: Options): Effect.Effect<Converted, JsonSchemaError> =>
  attempt(() => converted(schema, options))

/**
 * Converts an Effect schema: the JSON Schema describes its encoded side, and `decode` returns its type. Fails with
 * {@link JsonSchemaError} when the schema has no JSON form, or one that cannot be sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <A, I, R>(
  schema: Schema.Schema<A, I, R>,
  options?: Options
): Effect.Effect<Codec<A, R>, JsonSchemaError> =>
  Effect.map(attempt(() => emitted(schema.ast, options)), (converted) => {
    const decode = jsonDecoder(schema)
    return {
      ...converted,
      decode: (value) => Effect.flatMap(restored(converted, value), decode)
    }
  })

/**
 * The conversion of a schema; undefined if it cannot be sent.
 *
 * @internal
 */
export const conversionOf = <A, I, R>(schema: Schema.Schema<A, I, R>, options?: Options): Converted | undefined => {
  try {
    return emitted(schema.ast, options)
  } catch {
    return undefined
  }
}

/**
 * The value of the original schema, as plain JSON: the digits of a number that nothing in the schema holds are a string.
 *
 * @internal
 */
export const restored = (converted: Converted, value: unknown): Effect.Effect<unknown, ReadonlyArray<Issue>> =>
  Effect.try({
    try: () => plainJson(converted.restore(value)),
    catch: () => [{ path: "", message: "it is nested too deeply" }]
  })

const known = { strict: new WeakMap<Node, Converted>(), loose: new WeakMap<Node, Converted>() }

const emitted = (ast: Node, options: Options | undefined): Converted => {
  const cache = options?.strict === false ? known.loose : known.strict
  const before = cache.get(ast)
  if (before !== undefined) return before
  const made = converted(emitJsonSchema(ast), options)
  cache.set(ast, made)
  return made
}

const converted = (schema: JsonSchema, options: Options | undefined): Converted => {
  const strict = options?.strict !== false
  const form = formOf(schema, strict)
  return {
    schema: form.schema,
    strict,
    restore: (value) => form.restore(value, wholly),
    readTexts: form.readTexts,
    growing: () => new Growing(form)
  }
}

const attempt = <A>(evaluate: () => A): Effect.Effect<A, JsonSchemaError> =>
  Effect.try({ try: evaluate, catch: refused })

const refused = (error: unknown): JsonSchemaError => {
  const path = error instanceof Refusal ? error.path.join(".") : ""
  const reason = error instanceof Error ? detailsOf(error.message) : String(error)
  const place = path === "" ? "" : ` at "${path}"`
  const message = error instanceof Refusal && error.onlyStrict
    ? `Strict JSON Schema cannot express the schema${place}: ${reason}. Change the schema, or set "strict: false"; providers then do not enforce it`
    : `The schema has no JSON form${place}: ${reason}. Use a schema of JSON values, or annotate it with \`jsonSchema\``
  return new JsonSchemaError({ path, message })
}

/** The sentence with the details in an error message of Effect. */
const detailsOf = (message: string): string => /^details: (.*)$/m.exec(message)?.[1] ?? message
