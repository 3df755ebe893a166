/** The JSON Schema of random schemas, written down here in other words. It holds on Effect 3 and 4, so they are equal. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as JsonSchema from "../../src/schema/jsonSchema.js"
import { type AnySchema, anySchema } from "./support/randomSchemas.js"

type Json = { readonly [keyword: string]: unknown }

/** A schema, and what it is in a strict and in a loose JSON Schema. */
interface Sample {
  readonly schema: AnySchema
  readonly strict: Json
  readonly loose: Json
  /** Whether null is one of its values. */
  readonly isNullable: boolean
}

interface Property extends Sample {
  readonly isOptional: boolean
}

const plain = <A, I>(schema: Schema.Schema<A, I>, json: Json): Sample => ({
  schema: anySchema(schema),
  strict: json,
  loose: json,
  isNullable: false
})

const orNull = (json: Json): Json => ({ anyOf: [json, { type: "null" }] })

/** What may be absent is null in a strict JSON Schema; its description goes with it. */
const absentAsNull = ({ description, ...json }: Json): Json =>
  description === undefined ? orNull(json) : { ...orNull(json), description }

const words = FastCheck.string({ minLength: 1, maxLength: 8 })

const leaf: FastCheck.Arbitrary<Sample> = FastCheck.oneof(
  FastCheck.constant(plain(Schema.String, { type: "string" })),
  FastCheck.constant(plain(Schema.Number, { type: "number" })),
  FastCheck.constant(plain(Schema.Boolean, { type: "boolean" })),
  FastCheck.constant(plain(Schema.Int, { type: "integer", description: "an integer" })),
  FastCheck.uniqueArray(words, { minLength: 1, maxLength: 3 }).map((texts) =>
    plain(Schema.Literal(...texts), { type: "string", enum: texts })
  ),
  words.map((description) => plain(Schema.String.annotations({ description }), { type: "string", description }))
)

const list = (item: Sample): Sample => ({
  schema: anySchema(Schema.Array(item.schema)),
  strict: { type: "array", items: item.strict },
  loose: { type: "array", items: item.loose },
  isNullable: false
})

const nullable = (sample: Sample): Sample =>
  sample.isNullable ? sample : {
    schema: anySchema(Schema.NullOr(sample.schema)),
    strict: orNull(sample.strict),
    loose: orNull(sample.loose),
    isNullable: true
  }

const struct = (properties: ReadonlyArray<readonly [name: string, property: Property]>): Sample => {
  const each = <A>(f: (property: Property) => A) =>
    Object.fromEntries(properties.map(([name, property]) => [name, f(property)]))
  const required = properties.flatMap(([name, { isOptional }]) => isOptional ? [] : [name])
  const object = (properties: Json, required: ReadonlyArray<string>) => ({
    type: "object",
    properties,
    required,
    additionalProperties: false
  })
  return {
    schema: anySchema(Schema.Struct(each(({ isOptional, schema }) => isOptional ? Schema.optional(schema) : schema))),
    strict: object(
      each(({ isNullable, isOptional, strict }) => isOptional && !isNullable ? absentAsNull(strict) : strict),
      properties.map(([name]) => name)
    ),
    loose: object(each(({ loose }) => loose), required),
    isNullable: false
  }
}

const { root } = FastCheck.letrec<{ readonly any: Sample; readonly root: Sample }>((tie) => ({
  any: FastCheck.oneof(
    { maxDepth: 3, depthSize: "small" },
    leaf,
    tie("any").map(list),
    leaf.map(nullable),
    tie("root")
  ),
  root: FastCheck.uniqueArray(
    FastCheck.tuple(
      FastCheck.stringMatching(/^[a-z]{1,6}$/),
      FastCheck.tuple(tie("any"), FastCheck.boolean()).map(([sample, isOptional]) => ({ ...sample, isOptional }))
    ),
    { selector: ([name]) => name, minLength: 1, maxLength: 4 }
  ).map(struct)
}))

describe("any schema of common parts", () => {
  for (const form of ["strict", "loose"] as const) {
    it(`has the ${form} JSON Schema that is written down for it`, () =>
      FastCheck.assert(
        FastCheck.property(root, (sample) => {
          const codec = Effect.runSync(JsonSchema.make(sample.schema, { strict: form === "strict" }))
          assert.deepStrictEqual(codec.schema, sample[form])
        }),
        { numRuns: 300 }
      ))
  }
})
