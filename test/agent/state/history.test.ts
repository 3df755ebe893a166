import { assert, describe, it } from "@effect/vitest"
import * as History from "../../../src/agent/internal/state/history.js"
import type { OpenResponsesResult } from "../../../src/schema/Responses.js"
import type { OutputFunctionCallItem, OutputItems } from "../../../src/schema/ResponsesItems.js"
import type { FunctionCallOutputItem, InputItem } from "../../../src/schema/ResponsesItemsRequest.js"

const call = (id: string, fields: Partial<OutputFunctionCallItem> = {}): OutputFunctionCallItem => ({
  type: "function_call",
  id: `fc_${id}`,
  call_id: id,
  name: "look",
  arguments: "{}",
  status: "completed",
  ...fields
})

const output = (id: string, text = `of ${id}`): FunctionCallOutputItem => ({
  type: "function_call_output",
  call_id: id,
  output: text
})

const user: InputItem = { role: "user", content: "Go on" }
const thought: OutputItems = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAA", signature: "s" }
const searched: OutputItems = {
  type: "web_search_call",
  id: "ws_1",
  status: "completed",
  action: { type: "search", query: "weather" }
}
const said: OutputItems = {
  type: "message",
  id: "msg_1",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: "One moment", annotations: [] }]
}

const response = (
  items: ReadonlyArray<OutputItems>,
  fields: Partial<OpenResponsesResult> = {}
): OpenResponsesResult => ({ id: "resp_1", model: "test/model", status: "completed", output: items, ...fields })

const incomplete = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } } as const

const none: ReadonlySet<string> = new Set()

const idsOf = (turn: ReturnType<typeof History.readTurn>) => turn.calls.map(({ callId }) => callId)

describe("readTurn", () => {
  it("returns items and calls unchanged", () => {
    const items = [thought, searched, said, call("call_1", { arguments: "{\"city\":\"Paris\"}" })]
    const turn = History.readTurn(response(items), none, 1)
    assert.deepStrictEqual(turn.calls, [
      {
        callId: "call_1",
        name: "look",
        arguments: { city: "Paris" },
        argumentsText: "{\"city\":\"Paris\"}",
        truncated: false
      }
    ])
    assert.lengthOf(turn.items, items.length)
    turn.items.forEach((item, index) => assert.strictEqual(item, items[index]))
  })

  it("does not change the calls of server tools and custom tools", () => {
    const items: ReadonlyArray<OutputItems> = [
      searched,
      { type: "custom_tool_call", call_id: "call_1", name: "shell", input: "ls" },
      { type: "openrouter:datetime", id: "dt_1", status: "completed", datetime: "now", timezone: "UTC" }
    ]
    assert.deepStrictEqual(History.readTurn(response(items), none, 1), { items, calls: [] })
  })

  it("replaces a repeated id, within a turn and across turns", () => {
    const turn = History.readTurn(response([call("call_1"), call("call_1"), call("call_1")]), none, 1)
    assert.deepStrictEqual(idsOf(turn), ["call_1", "call_1_2", "call_1_3"])
    assert.deepStrictEqual(turn.items, [
      call("call_1"),
      { ...call("call_1"), call_id: "call_1_2" },
      { ...call("call_1"), call_id: "call_1_3" }
    ])
    const history = [user, ...turn.items, output("call_1"), output("call_1_2"), output("call_1_3")]
    assert.deepStrictEqual(idsOf(History.readTurn(response([call("call_1")]), history, 2)), ["call_1_4"])
    assert.deepStrictEqual(idsOf(History.readTurn(response([call("call_1")]), new Set(["call_1"]), 2)), ["call_1_2"])
  })

  it("does not use the id of a later call", () =>
    assert.deepStrictEqual(
      idsOf(History.readTurn(response([call("a"), call("a"), call("a_2"), call("a_2")]), none, 1)),
      ["a", "a_3", "a_2", "a_2_2"]
    ))

  it("makes missing ids", () => {
    const nameless = call("", { id: null })
    const turn = History.readTurn(response([said, nameless, call("call_2_2"), nameless]), new Set(["call_2_1"]), 2)
    assert.deepStrictEqual(idsOf(turn), ["call_2_1_2", "call_2_2", "call_2_3"])
    assert.deepStrictEqual(turn.items[1], { ...nameless, call_id: "call_2_1_2" })
  })

  it("reads thousands of calls of one id", () => {
    const turn = History.readTurn(response(Array.from({ length: 20_000 }, () => call("0"))), none, 1)
    assert.strictEqual(new Set(idsOf(turn)).size, 20_000)
    assert.strictEqual(idsOf(turn).at(-1), "0_20000")
  })

  it("detects truncated arguments by the item", () => {
    const cut = [
      call("a", { status: "incomplete", arguments: "{}" }),
      call("b", { status: "in_progress", arguments: "" })
    ]
    const turn = History.readTurn(response(cut), none, 1)
    assert.deepStrictEqual(turn.calls.map((call) => call.truncated), [true, true])
    assert.deepStrictEqual(turn.items, cut)
  })

  it("accepts complete arguments whose status was not updated", () => {
    const item = call("a", { status: "in_progress", arguments: "{}" })
    const turn = History.readTurn(response([item]), none, 1)
    assert.isFalse(turn.calls[0]?.truncated)
    assert.strictEqual(turn.items[0], item)
  })

  it("detects truncated arguments by the response, and marks them in the history", () => {
    for (const text of ["", " ", "{\"city\":\"Par", "[1]", "\"text\"", "12", "null"]) {
      const turn = History.readTurn(response([call("a", { arguments: text })], incomplete), none, 1)
      assert.isTrue(turn.calls[0]?.truncated, text)
      assert.deepStrictEqual(turn.items, [call("a", { arguments: text, status: "incomplete" })])
      assert.deepStrictEqual(History.pendingCalls(turn.items), turn.calls.map((call) => ({ ...call, index: 0 })))
    }
  })

  it("treats a response as incomplete by its status or by its details", () => {
    for (const fields of [{ status: "incomplete" }, { incomplete_details: { reason: "max_output_tokens" } }]) {
      const turn = History.readTurn(response([call("a", { arguments: "" })], fields), none, 1)
      assert.isTrue(turn.calls[0]?.truncated)
    }
    const complete = response([call("a", { arguments: "" })], { incomplete_details: null })
    assert.isFalse(History.readTurn(complete, none, 1).calls[0]?.truncated)
  })

  it("accepts complete arguments of an incomplete response, and all arguments of a complete one", () => {
    const whole = call("a", { arguments: " {\"city\":\"Paris\"} " })
    const turn = History.readTurn(response([whole, call("b", { arguments: "{" })], incomplete), none, 1)
    assert.deepStrictEqual(turn.calls.map(({ truncated }) => truncated), [false, true])
    assert.strictEqual(turn.items[0], whole)
    for (const [text, parsed] of [["", {}], ["  ", {}], ["{oops", undefined], ["[1]", [1]]] as const) {
      const { calls } = History.readTurn(response([call("a", { arguments: text })]), none, 1)
      assert.deepStrictEqual<unknown>(calls, [
        { callId: "a", name: "look", arguments: parsed, argumentsText: text, truncated: false }
      ])
    }
  })
})

describe("pendingCalls", () => {
  it("are those without an output, in order, with their position", () => {
    const history = [user, thought, call("a"), said, call("b"), call("c"), output("b"), user]
    assert.deepStrictEqual(
      History.pendingCalls(history).map(({ callId, index }) => [callId, index]),
      [["a", 2], ["c", 5]]
    )
  })

  it("are matched with outputs by the nearest turn before the output", () => {
    const history = [call("a", { name: "first" }), user, call("a", { name: "second" }), output("a")]
    assert.deepStrictEqual(History.pendingCalls(history).map(({ name }) => name), ["first"])
    assert.deepStrictEqual(History.pendingCalls([...history, output("a")]), [])
  })

  it("receive outputs in their order if a turn repeats an id", () => {
    const history = [call("a", { name: "first" }), call("a", { name: "second" }), output("a")]
    assert.deepStrictEqual(History.pendingCalls(history).map(({ name }) => name), ["second"])
  })

  it("do not receive outputs from before the call", () =>
    assert.deepStrictEqual(History.pendingCalls([output("a"), call("a")]).map(({ index }) => index), [1]))
})

describe("settle", () => {
  it("puts outputs after the items of their turn, in the order of the calls", () => {
    const turn = [thought, call("a"), said, call("b"), searched]
    assert.deepStrictEqual(
      History.settle([user, ...turn], [output("b"), output("a")]),
      [user, ...turn, output("a"), output("b")]
    )
  })

  it("puts them before later messages, in order with outputs that are already there", () =>
    assert.deepStrictEqual(
      History.settle([call("a"), call("b"), call("c"), output("b"), user, said], [output("c"), output("a")]),
      [call("a"), call("b"), call("c"), output("a"), output("b"), output("c"), user, said]
    ))

  it("puts them before any message that is not the model's", () => {
    for (const role of ["user", "system", "developer"] as const) {
      const message: InputItem = { role, content: "Go on" }
      assert.deepStrictEqual(History.settle([call("a"), message], [output("a")]), [call("a"), output("a"), message])
    }
    const answer: InputItem = { role: "assistant", content: "One moment" }
    assert.deepStrictEqual(History.settle([call("a"), answer], [output("a")]), [call("a"), answer, output("a")])
  })

  it("settles several turns at once", () =>
    assert.deepStrictEqual(
      History.settle([call("a"), user, thought, call("b"), user], [output("a"), output("b")]),
      [call("a"), output("a"), user, thought, call("b"), output("b"), user]
    ))

  it("moves late outputs to their turn", () =>
    assert.deepStrictEqual(
      History.settle([call("a"), user, output("a"), said], []),
      [call("a"), output("a"), user, said]
    ))

  it("keeps alternating calls and outputs unchanged", () => {
    const history = [call("a"), output("a"), call("b"), output("b"), said]
    assert.deepStrictEqual(History.settle(history, []), history)
  })

  it("treats the output of a custom tool as the end of a turn", () => {
    const asked: InputItem = { type: "custom_tool_call", call_id: "x", name: "shell", input: "ls" }
    const answered: InputItem = { type: "custom_tool_call_output", call_id: "x", output: "file" }
    assert.deepStrictEqual(
      History.settle([call("a"), asked, answered, call("b")], [output("a"), output("b")]),
      [call("a"), asked, output("a"), answered, call("b"), output("b")]
    )
  })

  it("keeps the order of outputs of one id", () =>
    assert.deepStrictEqual(
      History.settle([call("a"), call("a"), user], [output("a", "1"), output("a", "2")]),
      [call("a"), call("a"), output("a", "1"), output("a", "2"), user]
    ))

  it("keeps an output without a call at the end, so that problemOf reports it", () => {
    const history = [call("a"), output("a"), user]
    const settled = History.settle(history, [output("z")])
    assert.deepStrictEqual(settled, [...history, output("z")])
    assert.strictEqual(History.problemOf(settled)?.callId, "z")
  })

  it("keeps the identity of the items", () => {
    const history = [thought, call("a"), user]
    const given = output("a")
    const settled = History.settle(history, [given])
    const expected = [history[0], history[1], given, history[2]]
    settled.forEach((item, index) => assert.strictEqual(item, expected[index]))
  })
})

describe("problemOf", () => {
  it("returns undefined if each call has its output", () => {
    assert.isUndefined(History.problemOf([]))
    assert.isUndefined(History.problemOf([user, thought, call("a"), call("b"), output("b"), output("a"), said]))
    assert.isUndefined(History.problemOf([call("a"), output("a"), user, call("a"), output("a")]))
    assert.isUndefined(
      History.problemOf([searched, { type: "custom_tool_call", call_id: "x", name: "shell", input: "ls" }])
    )
  })

  it("names a call without an output", () =>
    assert.deepStrictEqual(History.problemOf([call("a"), call("b"), output("a"), user]), {
      callId: "b",
      message: "the call \"b\" has no output; add a function_call_output with that call_id behind it"
    }))

  it("names an output without a call", () =>
    assert.deepStrictEqual(History.problemOf([user, output("a", "secret")]), {
      callId: "a",
      message: "there is an output for the call \"a\", but no such call; add the function_call before it, or remove it"
    }))

  it("names an output that is superfluous or too early", () => {
    const problem = {
      callId: "a",
      message: "the call \"a\" has an output before it, or more than one output; keep one output, behind the call"
    }
    assert.deepStrictEqual(History.problemOf([call("a"), output("a"), user, output("a", "other")]), problem)
    assert.deepStrictEqual(History.problemOf([output("a"), call("a"), output("a")]), problem)
    assert.deepStrictEqual(History.problemOf([output("a"), call("a")]), problem)
  })
})

describe("withoutRepeats", () => {
  it("returns the same history if nothing repeats", () => {
    const history = [user, thought, call("a"), output("a"), { ...thought, id: "rs_2" }, said, said]
    assert.strictEqual(History.withoutRepeats(history), history)
  })

  it("keeps the first copy of reasoning unchanged", () => {
    const copy: InputItem = { ...thought }
    const kept = History.withoutRepeats([thought, call("a"), output("a"), copy, user, thought, said])
    assert.deepStrictEqual(kept, [thought, call("a"), output("a"), user, said])
    assert.strictEqual(kept[0], thought)
  })

  it("keeps different items with one id", () => {
    const other: InputItem = { ...thought, encrypted_content: "gBBB" }
    assert.deepStrictEqual(History.withoutRepeats([thought, other, { ...thought }, { ...other }]), [thought, other])
    const history = [thought, other]
    assert.strictEqual(History.withoutRepeats(history), history)
  })

  it("compares reasoning without an id by object identity", () => {
    const first: InputItem = { type: "reasoning", summary: [] }
    const second: InputItem = { ...first }
    const third: InputItem = { ...first, id: "" }
    const kept = History.withoutRepeats([first, second, third, first, third, second])
    assert.deepStrictEqual(kept, [first, second, third])
    assert.isTrue(kept[0] === first && kept[1] === second && kept[2] === third)
  })
})
