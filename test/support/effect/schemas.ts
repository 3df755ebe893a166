/** Schemas of tests. Effect 4 transforms and converts schemas with other functions. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as FastCheck from "effect/FastCheck"
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"

/** A field that is `value()` where the JSON lacks it. */
export const withDefault = <A, I, R>(schema: Schema.Schema<A, I, R>, value: () => NoInfer<A>) =>
  Schema.optionalWith(schema, { default: value })

/** A field that may be absent, but not undefined. */
export const exact = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { exact: true })

/** A field that is absent where the JSON has null. */
export const nullIsAbsent = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { nullable: true })

/** A field that is an Option, and may be absent in the JSON. */
export const asOption = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.optionalWith(schema, { as: "Option" })

/** A field that may be undefined, and may therefore be absent in the JSON. */
export const orUndefined = <A, I, R>(schema: Schema.Schema<A, I, R>) => Schema.UndefinedOr(schema)

/** A text that an effect decodes to a number; it is encoded as an empty text. */
export const looked = <R = never>(
  decode: (text: string) => Effect.Effect<number, never, R>
): Schema.Schema<number, string, R> =>
  Schema.transformOrFail(Schema.String, Schema.Number, { decode, encode: () => Effect.succeed("") })

/** A list that is sorted when it is decoded. */
export const sorted = <A, I, R>(element: Schema.Schema<A, I, R>) =>
  Schema.transform(Schema.Array(element), Schema.Array(Schema.typeSchema(element)), {
    strict: true,
    decode: (list) => list.toSorted(),
    encode: (list) => list
  })

/** The JSON of a success or a failure. */
export const outcomeOf = <A, E, I, J>(success: Schema.Schema<A, I>, failure: Schema.Schema<E, J>): {
  readonly encode: (outcome: Either.Either<A, E>) => unknown
  readonly decode: (json: unknown) => Either.Either<A, E>
} => {
  const codec = Schema.Either({ left: failure, right: success })
  return { encode: Schema.encodeSync(codec), decode: Schema.decodeUnknownSync(codec) }
}

/** What Effect itself makes of a schema as JSON Schema. */
export const jsonSchemaOf = (schema: Schema.Schema.AnyNoContext): object => JSONSchema.make(schema)

/** Values that a schema accepts. */
export const arbitraryOf = <A, I>(schema: Schema.Schema<A, I>): FastCheck.Arbitrary<A> => Arbitrary.make(schema)

/** What a schema decodes a value to, and what it encodes that to, with the fields that it does not know. */
export const there = <A, I>(schema: Schema.Schema<A, I>, value: unknown): A =>
  Schema.decodeUnknownSync(schema)(value, { onExcessProperty: "preserve" })

export const andBack = <A, I>(schema: Schema.Schema<A, I>, value: A): I =>
  Schema.encodeSync(schema)(value, { onExcessProperty: "preserve" })
