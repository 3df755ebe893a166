import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as JsonSchema from "../../src/schema/jsonSchema.js"
import { type AnySchema, samples } from "./support/randomSchemas.js"
import { breaches, complaints, valuesOf } from "./support/strictJson.js"

const codecOf = (schema: AnySchema, options?: JsonSchema.Options) => Effect.runSync(JsonSchema.make(schema, options))

const decoded = (codec: JsonSchema.Codec<unknown, never>, value: unknown) =>
  Effect.runSync(Effect.either(codec.decode(value)))

const encoded = samples.chain(({ json, schema }) => json.map((value) => ({ schema, value })))

const runs = { numRuns: 150 }

describe("any schema", () => {
  it("converts to a strict JSON Schema that providers accept and a validator compiles", () =>
    FastCheck.assert(
      FastCheck.property(samples, ({ schema }) => {
        const { schema: strict } = codecOf(schema)
        assert.deepStrictEqual(breaches(strict), [])
        assert.doesNotThrow(() => complaints(strict))
      }),
      runs
    ))

  it("decodes every value that is valid for its strict JSON Schema", () =>
    FastCheck.assert(
      FastCheck.property(
        samples.chain(({ schema }) => {
          const codec = codecOf(schema)
          return valuesOf(codec.schema).map((value) => ({ codec, value }))
        }),
        ({ codec, value }) => {
          assert.deepStrictEqual(complaints(codec.schema)(value), [])
          const result = decoded(codec, value)
          assert.isTrue(Either.isRight(result), JSON.stringify([codec.schema, value, Either.flip(result)]))
        }
      ),
      runs
    ))

  it("decodes its own JSON to the same value as Schema does, strict or not", () =>
    FastCheck.assert(
      FastCheck.property(encoded, ({ schema, value }) => {
        const expected = Either.right(Schema.decodeUnknownSync(schema)(value))
        for (const strict of [true, false]) {
          assert.deepStrictEqual(decoded(codecOf(schema, { strict }), value), expected)
        }
      }),
      runs
    ))

  it("converts to a loose JSON Schema for which its own JSON is valid", () =>
    FastCheck.assert(
      FastCheck.property(encoded, ({ schema, value }) => {
        const complain = complaints(codecOf(schema, { strict: false }).schema)
        const asItIs = complain(value)
        assert.deepStrictEqual(asItIs.length === 0 ? asItIs : complain({ value }), [])
      }),
      runs
    ))
})
