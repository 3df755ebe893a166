import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { GrowingHistory } from "../../../src/agent/internal/state/growingHistory.js"
import * as History from "../../../src/agent/internal/state/history.js"
import { findWaiting, waitingCalls } from "../../../src/agent/internal/state/waiting.js"
import type { FunctionCallOutputItem, InputItem } from "../../../src/schema/ResponsesItemsRequest.js"

const ids = FastCheck.constantFrom("a", "b", "c", "d")

const output: FastCheck.Arbitrary<FunctionCallOutputItem> = FastCheck.record({
  type: FastCheck.constant("function_call_output" as const),
  call_id: ids,
  output: FastCheck.constantFrom("1", "2")
})

const call = ids.map((call_id): InputItem => ({ type: "function_call", call_id, name: "f", arguments: "{}" }))

const other: FastCheck.Arbitrary<InputItem> = FastCheck.oneof(
  FastCheck.constantFrom<InputItem>({ role: "user", content: "Go on." }, { role: "assistant", content: "Yes." }),
  FastCheck.constantFrom("x", "y").map((id): InputItem => ({ type: "reasoning", id, summary: [] })),
  FastCheck.tuple(ids, ids).map(([call_id, input]): InputItem => ({
    type: "custom_tool_call",
    call_id,
    name: "g",
    input
  })),
  ids.map((call_id): InputItem => ({ type: "custom_tool_call_output", call_id, output: "3" })),
  FastCheck.constantFrom("r1", "r2").map((id): InputItem => ({
    type: "mcp_approval_request",
    id,
    name: "h",
    arguments: "{}",
    server_label: "s"
  })),
  FastCheck.constantFrom("r1", "r2").map((approval_request_id): InputItem => ({
    type: "mcp_approval_response",
    approval_request_id,
    approve: true
  })),
  FastCheck.constantFrom("x", "y").map((id): InputItem => ({
    type: "reasoning",
    id,
    summary: [{ type: "summary_text", text: "So." }]
  }))
)

type Operation =
  | { readonly add: ReadonlyArray<InputItem> }
  | { readonly outputs: ReadonlyArray<FunctionCallOutputItem> }
  | "removeRepeats"

const items = FastCheck.array(FastCheck.oneof(call, other, output), { maxLength: 4 })

const operations: FastCheck.Arbitrary<ReadonlyArray<Operation>> = FastCheck.array(
  FastCheck.oneof(
    FastCheck.record({ add: items }),
    FastCheck.record({ add: FastCheck.array(FastCheck.oneof(call, other), { maxLength: 4 }) }),
    FastCheck.record({ outputs: FastCheck.array(output, { minLength: 1, maxLength: 3 }) }),
    FastCheck.constant("removeRepeats" as const)
  ),
  { maxLength: 12 }
)

describe("a growing history", () => {
  it("has the items and the problem that the rules for a whole history give", () =>
    FastCheck.assert(
      FastCheck.property(items, operations, (start, operations) => {
        const growing = new GrowingHistory()
        growing.startFrom(start)
        let whole = History.settle(start, [])
        const kept = [{ snapshot: growing.snapshot, items: whole }]
        for (const operation of operations) {
          if (operation === "removeRepeats") {
            const before = whole
            growing.removeRepeats()
            whole = History.withoutRepeats(whole)
            // Whoever removes items also puts outputs in their places
            if (whole !== before) whole = History.settle(whole, [])
          } else if ("add" in operation) {
            growing.add(operation.add)
            whole = [...whole, ...operation.add]
          } else {
            growing.addOutputs(operation.outputs)
            whole = History.settle(whole, operation.outputs)
          }
          assert.deepStrictEqual(growing.items, whole)
          assert.deepStrictEqual(growing.problem, History.problemOf(whole))
          assert.deepStrictEqual(new Set(growing.callIds), new Set(History.callIds(whole)))
          assert.deepStrictEqual(growing.waiting.all, findWaiting(whole))
          assert.deepStrictEqual(growing.waiting.callsOf(3), waitingCalls(whole, 3))
          kept.push({ snapshot: growing.snapshot, items: whole })
        }
        for (const { items, snapshot } of kept) assert.deepStrictEqual(snapshot.elements, items)
      }),
      { numRuns: 2000 }
    ))
})
