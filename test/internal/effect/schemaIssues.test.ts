import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { expectation, issuesIn } from "../../../src/internal/effect/schemaIssues.js"

const Numbers = Schema.Struct({ data: Schema.Array(Schema.Struct({ n: Schema.Number })) })

const wrong = (count: number) => ({ data: Array.from({ length: count }, (_, n) => ({ n: `text ${n}` })) })

describe("the issues of a value", () => {
  it("are all there up to twenty, with their paths", () => {
    const found = issuesIn(Numbers, wrong(20))
    assert.deepStrictEqual(found.map(({ path }) => path), Array.from({ length: 20 }, (_, n) => `data.${n}.n`))
  })

  it("are twenty at most, and one that says how many more there are", () => {
    for (const count of [21, 1000, 100_000]) {
      const found = issuesIn(Numbers, wrong(count))
      assert.lengthOf(found, 21)
      assert.deepStrictEqual(found.at(-1), { path: "", message: `and ${count - 20} more problems` })
      assert.isBelow(JSON.stringify(found).length, 2500)
    }
  })

  it("are short, however long the value and its keys are, and still say what was expected", () => {
    const long = "x".repeat(1_000_000)
    const said = issuesIn(Schema.Number.pipe(Schema.filter(() => long)), 1)
    assert.isBelow(JSON.stringify(said).length, 1000)
    const [text] = issuesIn(Schema.Number, long)
    assert.match(text?.message ?? "", /^Expected number, actual "x+… \(\d+ characters in all\)$/)
    assert.strictEqual(expectation(text?.message ?? ""), "Expected number")
    const record = Schema.Record({ key: Schema.String, value: Schema.Number })
    const [keyed] = issuesIn(record, { [long]: "a" })
    assert.isBelow(keyed?.path.length ?? 0, 400)
    const literals = Schema.Literal(...Array.from({ length: 200 }, (_, n) => `value ${n}`))
    const [many] = issuesIn(literals, "secret")
    assert.notInclude(expectation(many?.message ?? ""), "secret")
  })
})
