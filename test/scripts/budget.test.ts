import { assert, describe, it } from "@effect/vitest"
import { compare } from "../../scripts/budget/compare.js"

describe("the budget", () => {
  it("is kept by what costs as much or a little less", () => {
    const lines = compare({ chat: { bytes: 1000, modules: 20 } }, { chat: { bytes: 1000, modules: 19 } })
    assert.deepStrictEqual(lines.map(({ problem }) => problem), [undefined, undefined])
  })

  it("is broken by one byte too many, by what has none, and by what is gone", () =>
    assert.deepStrictEqual(
      compare({ chat: { bytes: 1000 }, old: { bytes: 5 } }, { chat: { bytes: 1001, modules: 3 } }),
      [
        { name: "chat: bytes", actual: 1001, budget: 1000, problem: "is 1 over its budget" },
        { name: "chat: modules", actual: 3, budget: undefined, problem: "has no budget" },
        { name: "old: bytes", actual: 0, budget: 5, problem: "is no longer measured" }
      ]
    ))

  it("follows what became much smaller", () => {
    const [line] = compare({ chat: { bytes: 1000 } }, { chat: { bytes: 899 } })
    assert.strictEqual(line?.problem, "is far below its budget: lower it")
  })
})
