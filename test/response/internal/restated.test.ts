/** The items of a last statement, joined with those that were streamed. */
import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { joined, restated } from "../../../src/response/internal/restated.js"

const id = FastCheck.constantFrom(undefined, "a", "b")

/** Calls whose ids are missing or repeated, as some models send them. */
const calls = FastCheck.array(
  FastCheck.record({ id, call_id: FastCheck.constantFrom("x", "y"), name: FastCheck.constantFrom("", "read", "pay") }),
  { maxLength: 6 }
).map((drawn) =>
  drawn.map(({ call_id, id, name }, place) => ({
    type: "function_call",
    ...(id === undefined ? {} : { id }),
    call_id,
    name,
    arguments: JSON.stringify({ place })
  }))
)

describe("items that were streamed and stated again", () => {
  it("are each there once, whatever ids they repeat", () =>
    FastCheck.assert(
      FastCheck.property(calls, (items) => {
        const sorted = (all: ReadonlyArray<unknown>) => all.map((item) => JSON.stringify(item)).toSorted()
        assert.strictEqual(joined(items, items, restated).length, items.length)
        assert.deepStrictEqual(sorted(joined(items, [], restated)), sorted(items))
        assert.deepStrictEqual(sorted(joined([], items, restated)), sorted(items))
      }),
      { numRuns: 1000 }
    ))

  it("keep their order where their ids are different", () => {
    const items = ["a", "b", "c"].map((id) => ({ type: "function_call", id, call_id: id, name: "t", arguments: "{}" }))
    assert.deepStrictEqual(joined(items, items, restated), items)
    assert.deepStrictEqual(joined(items, items.slice(1, 2), restated), items)
  })
})
