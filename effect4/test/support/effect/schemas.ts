/** Schemas of tests. Effect 3 transforms and converts schemas with other functions. */
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"
import * as FastCheck from "fast-check"

/** A field that is `value()` where the JSON lacks it. */
export const withDefault = <A, I, RD, RE>(schema: Schema.Codec<A, I, RD, RE>, value: () => NoInfer<A>) =>
  schema.pipe(Schema.withDecodingDefaultType(Effect.sync(value)))

/** A field that may be absent, but not undefined. */
export const exact = <A, I, RD, RE>(schema: Schema.Codec<A, I, RD, RE>) => Schema.optionalKey(schema)

/** A field that is absent where the JSON has null. */
export const nullIsAbsent = <A, I, RD, RE>(schema: Schema.Codec<A, I, RD, RE>) =>
  Schema.optional(Schema.NullOr(schema)).pipe(
    Schema.decodeTo(Schema.optional(Schema.toType(schema)), {
      decode: SchemaGetter.transformOptional((value: Option.Option<A | null | undefined>) =>
        Option.filter(value, (value): value is A | undefined => value !== null)
      ),
      encode: SchemaGetter.transformOptional((
        value: Option.Option<A | undefined>
      ): Option.Option<A | null | undefined> => value)
    })
  )

/** A field that is an Option, and may be absent in the JSON. */
export const asOption = <A, I, RD, RE>(schema: Schema.Codec<A, I, RD, RE>) => Schema.OptionFromOptional(schema)

/** A field that may be undefined. Effect 4 asks for its key, which JSON cannot have without a value. */
export const orUndefined = <A, I, RD, RE>(schema: Schema.Codec<A, I, RD, RE>) => Schema.optional(schema)

/** A text that an effect decodes to a number; it is encoded as an empty text. */
export const looked = <R = never>(
  decode: (text: string) => Effect.Effect<number, never, R>
): Schema.Codec<number, string, R> =>
  Schema.String.pipe(
    Schema.decodeTo(Schema.Number, {
      decode: SchemaGetter.transformEffect(decode),
      encode: SchemaGetter.transform(() => "")
    })
  )

/** A list that is sorted when it is decoded. */
export const sorted = <A, I, RD, RE>(element: Schema.Codec<A, I, RD, RE>) =>
  Schema.Array(element).pipe(
    Schema.decodeTo(Schema.Array(Schema.toType(element)), {
      decode: SchemaGetter.transform((list: ReadonlyArray<A>) => list.toSorted()),
      encode: SchemaGetter.transform((list: ReadonlyArray<A>) => list)
    })
  )

/** The JSON of a success or a failure. */
export const outcomeOf = <A, E, I, J>(success: Schema.Codec<A, I>, failure: Schema.Codec<E, J>): {
  readonly encode: (outcome: Result.Result<A, E>) => unknown
  readonly decode: (json: unknown) => Result.Result<A, E>
} => {
  const codec = Schema.toCodecJson(Schema.Result(success, failure))
  return { encode: Schema.encodeSync(codec), decode: Schema.decodeUnknownSync(codec) }
}

/** What Effect itself makes of a schema as JSON Schema. */
export const jsonSchemaOf = (schema: Schema.Top): object => Schema.toJsonSchemaDocument(schema).schema

/** Values that a schema accepts. */
export const arbitraryOf = <A, I>(schema: Schema.Codec<A, I>): FastCheck.Arbitrary<A> => {
  const own = Arbitrary.schema(Schema.toType(schema))
  return FastCheck.noShrink(FastCheck.integer()).map((seed) => {
    const [value] = Effect.runSync(Arbitrary.sampleEffect(own, { seed, count: 1 }))
    if (value === undefined) throw new Error("Effect made no value of the schema")
    return value
  })
}

/**
 * What a schema decodes a value to, and what it encodes that to, with the fields that it does not know: Effect 4 removes
 * them, so that the value itself stands for them.
 */
export const there = <A, I>(schema: Schema.Codec<A, I>, value: unknown): A => {
  Schema.decodeUnknownSync(schema)(value)
  return value as A // as it was decoded
}

export const andBack = <A, I>(schema: Schema.Codec<A, I>, value: A): I => {
  Schema.encodeSync(schema)(value)
  return value as unknown as I // as it was encoded
}
