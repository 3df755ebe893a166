import { assert } from "@effect/vitest"
import * as Schema from "effect/Schema"

/** Asserts that a value fits its schema, has no unknown field, and is the same after a trip through JSON. */
export const holds = <A>(schema: Schema.Schema<A>, value: unknown): void => {
  assert.deepStrictEqual(Schema.decodeUnknownSync(schema)(value, { onExcessProperty: "error" }), value)
  assert.deepStrictEqual(JSON.parse(JSON.stringify(value)), value)
}
