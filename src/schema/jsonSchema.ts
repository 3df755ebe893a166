/**
 * JSON Schema as models are given it: from Effect schemas and from any JSON Schema, in the strict form that providers
 * hold their models to, with the way back from what the model answers.
 *
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { emitJsonSchema, Refusal } from "../internal/effect/emitJsonSchema.js"
import { jsonDecoder } from "../internal/effect/schemaIssues.js"
import type { Node } from "../internal/effect/schemaView.js"
import type { Issue } from "./guard.js"
import { formOf } from "./internal/jsonRoot.js"

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
 * How a schema is converted. With `strict` (the default) every object is closed, every property required, and only what
 * all providers enforce is used. Without it the schema says all that JSON Schema can say, and the model is not held to it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly strict?: boolean | undefined
}

/**
 * A JSON Schema in the form that is sent, whose root is an object. `restore` turns a value of that form into one that the
 * original schema describes: nulls that stand for missing properties go, lists of entries become records. A value of
 * any other form is left as it is.
 *
 * @since 0.1.0
 * @category models
 */
export interface Converted {
  readonly schema: JsonSchema
  readonly strict: boolean
  readonly restore: (value: unknown) => unknown
}

/**
 * A converted Effect schema. `decode` takes a value of the sent form all the way to the type of the schema, and fails
 * with what is wrong where.
 *
 * @since 0.1.0
 * @category models
 */
export interface Codec<out A, out R> extends Converted {
  readonly decode: (value: unknown) => Effect.Effect<A, ReadonlyArray<Issue>, R>
}

/**
 * A schema says something that cannot be sent, at `path` (`address.lines`, empty for the whole).
 *
 * @since 0.1.0
 * @category errors
 */
export class JsonSchemaError extends Schema.TaggedError<JsonSchemaError>()("JsonSchemaError", {
  message: Schema.String,
  path: Schema.String
}) {}

/**
 * Converts any JSON Schema, such as that of a tool from elsewhere. Fails with {@link JsonSchemaError} where strict mode
 * has no words for it: values of any type, objects of any keys, conditions.
 *
 * @since 0.1.0
 * @category constructors
 */
export const convert = (schema: JsonSchema, options?: Options): Effect.Effect<Converted, JsonSchemaError> =>
  attempt(() => converted(schema, options))

/**
 * Converts an Effect schema: its encoded side is what the model is asked for, and `decode` gives its type. Fails with
 * {@link JsonSchemaError} where it has no JSON, or none that can be sent.
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
      decode: (value) => decode(converted.restore(value))
    }
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
  return { schema: form.schema, strict, restore: form.restore }
}

const attempt = <A>(evaluate: () => A): Effect.Effect<A, JsonSchemaError> =>
  Either.try({ try: evaluate, catch: refused })

const refused = (error: unknown): JsonSchemaError => {
  const path = error instanceof Refusal ? error.path.join(".") : ""
  const reason = error instanceof Error ? detailsOf(error.message) : String(error)
  const place = path === "" ? "" : ` at "${path}"`
  const way = error instanceof Refusal && error.onlyStrict
    ? `Strict JSON Schema cannot say this${place}: ${reason}. Change the schema, or set "strict: false"; the model is then not held to it`
    : `The schema has no JSON Schema${place}: ${reason}`
  return new JsonSchemaError({ path, message: way })
}

/** The sentence that matters of a message of effect's own. */
const detailsOf = (message: string): string => /^details: (.*)$/m.exec(message)?.[1] ?? message
