import { assert, beforeAll, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import { viewOf } from "../../src/internal/effect/schemaView.js"
import { guard, issues } from "../../src/schema/guard.js"
import { tagOf } from "../../src/schema/internal/openUnion.js"
import { andBack, there } from "../support/effect/schemas.js"
import { loadSchemas } from "./support/modules.js"
import { fieldsOf, mutated, nodes, taggedMembers, valuesOf } from "./support/values.js"

const schemas = new Map<string, Schema.Schema<unknown>>()

beforeAll(async () => {
  for (const [name, schema] of await loadSchemas()) schemas.set(name, schema)
}, 60_000)

/** Runs a property of each schema on a few values; the seed is fixed so that a failure can be repeated. */
const forEachSchema = (
  runs: number,
  property: (name: string, schema: Schema.Schema<unknown>, value: unknown) => void
) => {
  for (const [name, schema] of schemas) {
    FastCheck.assert(
      FastCheck.property(valuesOf(schema.ast), (value) => property(name, schema, value)),
      { numRuns: runs, seed: 20260822 }
    )
  }
}

describe("generated schemas", () => {
  it("are more than a thousand, and none transforms a value", () => {
    assert.isAbove(schemas.size, 1000)
    for (const [name, schema] of schemas) {
      for (const node of nodes(schema.ast)) {
        assert.notInclude(["lazy", "refinement", "other"], viewOf(node).kind, name)
      }
    }
  })

  it("accept and keep unknown strings, union members and fields", { timeout: 120_000 }, () => {
    forEachSchema(8, (name, schema, value) => {
      assert.isTrue(guard(schema)(value), name)
      const decoded = there(schema, value)
      assert.deepStrictEqual(decoded, value, name)
      assert.deepStrictEqual(andBack(schema, decoded), value, name)
    })
  })

  it("are checked by guards that agree with Schema on changed values", { timeout: 120_000 }, () => {
    let accepted = 0
    let refused = 0
    forEachSchema(4, (name, schema, value) => {
      const decode = Schema.decodeUnknownEither(schema)
      for (const changed of FastCheck.sample(mutated(value), { numRuns: 4, seed: 20260822 })) {
        const isValid = Either.isRight(decode(changed))
        assert.strictEqual(guard(schema)(changed), isValid, `${name} ${JSON.stringify(changed)}`)
        assert.strictEqual(issues(schema, changed).length === 0, isValid, name)
        if (isValid) accepted++
        else refused++
      }
    })
    assert.isAbove(accepted, 1000)
    assert.isAbove(refused, 1000)
    console.log(`guard and Schema agree on ${accepted} valid and ${refused} invalid values`)
  })

  it("are checked by guards that agree with Schema on anything", { timeout: 120_000 }, () => {
    const values = FastCheck.sample(FastCheck.anything(), { numRuns: 50, seed: 20260822 })
    for (const [name, schema] of schemas) {
      const decode = Schema.decodeUnknownEither(schema)
      for (const value of values) {
        assert.strictEqual(guard(schema)(value), Either.isRight(decode(value)), name)
      }
    }
  })

  it("reject a malformed member of a known tag, with its path", () => {
    let checked = 0
    for (const [name, schema] of schemas) {
      for (const { member, tag, value } of taggedMembers(schema.ast)) {
        const field = fieldsOf(member).find((candidate) =>
          candidate.name !== tag && !candidate.isOptional && viewOf(candidate.node).kind === "string"
        )
        if (field === undefined) continue
        const [valid] = FastCheck.sample(valuesOf(member), { numRuns: 1, seed: 20260822 })
        const malformed = { ...Object(valid), [field.name]: { not: "a string" } }
        assert.isTrue(guard(schema)(valid), `${name} ${value}`)
        assert.isFalse(guard(schema)(malformed), `${name} ${value}`)
        assert.include(issues(schema, malformed).map(({ path }) => path), String(field.name), `${name} ${value}`)
        checked++
      }
    }
    assert.isAbove(checked, 100)
  })

  it("accept a member with an unknown tag unchanged", () => {
    let checked = 0
    for (const [name, schema] of schemas) {
      const tag = tagOf(schema.ast)
      if (tag === undefined) continue
      const value = { [tag]: "x_tomorrow", payload: { deep: [1, null] } }
      assert.isTrue(guard(schema)(value), name)
      assert.strictEqual(Schema.decodeUnknownSync(schema)(value), value, name)
      assert.isFalse(guard(schema)({ [tag]: 1 }), name)
      checked++
    }
    assert.isAbove(checked, 50)
  })
})
