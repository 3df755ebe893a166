import { assert, describe, it } from "@effect/vitest"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Usage from "../../../src/agent/Usage.js"
import { unrecognized } from "../../../src/schema/prelude.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import { call, input, message, outputItem, tool, turn, user } from "../support/logs.js"

type Entry = Conversation.Entry

const log = (...entries: ReadonlyArray<Entry>): Conversation.Log => ({ version: 1, entries })

const opened: Entry = { _tag: "opened", run: "run-1", at: 0, until: 1 }

const closed = (outcome: string): Entry => ({ _tag: "closed", run: "run-1", outcome })

/** Identifies an item in these tests: by its text, or by its call id. */
const brief = (items: ReadonlyArray<InputItem>): ReadonlyArray<unknown> =>
  items.map((item) => {
    if (item.type === "function_call" || item.type === "function_call_output") return `${item.type} ${item.call_id}`
    return "content" in item && typeof item.content === "string" ? item.content : item.type
  })

describe("the history of a conversation", () => {
  it("is empty for an empty one", () => assert.deepStrictEqual(Conversation.history(log()), []))

  it("has all items, with outputs after the items of their turn in the order of the calls", () =>
    assert.deepStrictEqual(
      Conversation.history(
        log(
          opened,
          input("hi"),
          turn(1, [message("let me see"), call("call_1"), call("call_2"), call("call_3")]),
          tool("call_3"),
          { _tag: "renewed", run: "run-1", until: 2 },
          tool("call_1"),
          { _tag: "interrupt" },
          tool("call_2", { status: "failure" }),
          turn(2, [message("done")]),
          closed("completed"),
          input("and now?")
        )
      ),
      [
        user("hi"),
        message("let me see"),
        call("call_1"),
        call("call_2"),
        call("call_3"),
        outputItem("call_1"),
        outputItem("call_2"),
        outputItem("call_3"),
        message("done"),
        user("and now?")
      ]
    ))

  it("keeps unknown items and fields", () => {
    const unknown = unrecognized("type", { type: "of_tomorrow", id: "x", data: { deep: [1] } })
    const more = { ...user("hi"), more: 1 }
    assert.deepStrictEqual(
      Conversation.history(log({ _tag: "input", items: [unknown, more] }, turn(1, [unknown]))),
      [unknown, more, unknown]
    )
  })

  it("has a late output of a call in the turn of the call, not after later messages", () =>
    assert.deepStrictEqual(
      brief(Conversation.history(
        log(
          input("hi"),
          turn(1, [call("call_1"), call("call_2")]),
          tool("call_2"),
          closed("awaiting_approval"),
          { _tag: "decision", callId: "call_1", decision: { _tag: "approve" } },
          tool("call_1"),
          turn(2, [message("done")])
        )
      )),
      [
        "hi",
        "function_call call_1",
        "function_call call_2",
        "function_call_output call_1",
        "function_call_output call_2",
        "message"
      ]
    ))

  it("has no output for a pending call until the output exists", () => {
    const before = [input("hi"), turn(1, [call("call_1")]), tool("call_1", { status: "suspended", output: "" })]
    assert.deepStrictEqual(brief(Conversation.history(log(...before))), ["hi", "function_call call_1"])
    assert.deepStrictEqual(
      brief(Conversation.history(log(...before, tool("call_1")))),
      ["hi", "function_call call_1", "function_call_output call_1"]
    )
  })

  it("accepts outputs that no tool returned", () =>
    assert.deepStrictEqual(
      Conversation.history(
        log(
          turn(1, [call("call_1"), call("call_2")]),
          { _tag: "output", item: outputItem("call_2", "by hand") },
          { _tag: "output", item: { ...outputItem("call_1", "not carried out"), id: "output_1" } },
          input("something else")
        )
      ),
      [
        call("call_1"),
        call("call_2"),
        { ...outputItem("call_1", "not carried out"), id: "output_1" },
        outputItem("call_2", "by hand"),
        user("something else")
      ]
    ))

  it("has one output for a call", () =>
    assert.deepStrictEqual(
      Conversation.history(log(turn(1, [call("call_1")]), tool("call_1"), tool("call_1", { output: "again" }))),
      [call("call_1"), outputItem("call_1")]
    ))

  it("gives calls with repeated ids the same new ids as the run", () =>
    assert.deepStrictEqual(
      brief(Conversation.history(
        log(turn(1, [call("call_1")]), tool("call_1"), turn(2, [call("call_1")]), tool("call_1_2"))
      )),
      [
        "function_call call_1",
        "function_call_output call_1",
        "function_call call_1_2",
        "function_call_output call_1_2"
      ]
    ))

  it("places an output that was stored before its call after the call", () =>
    assert.deepStrictEqual(
      brief(Conversation.history(log(
        { _tag: "output", item: outputItem("call_1") },
        {
          _tag: "input",
          items: [
            user("hi"),
            { type: "function_call", call_id: "call_1", id: "fc_1", name: "look_up", arguments: "{}" },
            user("never mind")
          ]
        },
        turn(1, [message("fine")])
      ))),
      ["hi", "function_call call_1", "function_call_output call_1", "never mind", "message"]
    ))
})

describe("the usage of a conversation", () => {
  it("is the sum over turns, the spending of tools, and what runs spent beside them", () => {
    const spent: Usage.Usage = { ...Usage.none, inputTokens: 1, totalTokens: 1, cost: 0.25 }
    assert.deepStrictEqual(
      Conversation.usage(
        log(
          input("hi"),
          turn(1, [call("call_1")], { usage: { input_tokens: 10, output_tokens: 5, cost: 0.5 } }),
          tool("call_1", { usage: spent }),
          turn(2, [message("done")], {
            usage: {
              input_tokens: 20,
              output_tokens: 5,
              total_tokens: 25,
              cost: 1,
              input_tokens_details: { cached_tokens: 8 },
              output_tokens_details: { reasoning_tokens: 3 }
            }
          }),
          turn(3, []),
          { _tag: "spent", run: "run-1", usage: { ...Usage.none, cost: 0.5 } }
        )
      ),
      {
        inputTokens: 31,
        outputTokens: 10,
        totalTokens: 41,
        cachedTokens: 8,
        cacheWriteTokens: 0,
        reasoningTokens: 3,
        cost: 2.25,
        upstreamCost: 0
      }
    )
    assert.deepStrictEqual(Conversation.usage(log()), Usage.none)
  })

  it("has what ran inside of a call once, if the run ended with the call or not", () => {
    const inside: Entry = {
      _tag: "nested",
      run: "run-1",
      callId: "call_1",
      attempt: 1,
      inner: "inner",
      entry: turn(1, [message("done")], { usage: { input_tokens: 1, output_tokens: 1, cost: 0.5 } })
    }
    const spent: Entry = { _tag: "spent", run: "run-1", usage: { ...Usage.none, cost: 0.5 }, calls: ["call_1"] }
    const again: Entry = { _tag: "restarted", run: "run-2", callId: "call_1" }
    const started = [input("hi"), turn(1, [call("call_1")]), inside]
    const costOf = (...entries: ReadonlyArray<Entry>) => Conversation.usage(log(...started, ...entries)).cost
    assert.strictEqual(costOf(), 0.5)
    assert.strictEqual(costOf(again), 0.5)
    assert.strictEqual(costOf(spent), 0.5)
    assert.strictEqual(costOf(spent, again), 0.5)
    assert.strictEqual(costOf(spent, closed("failed")), 0.5)
  })
})

describe("the pending calls of a conversation", () => {
  const calls = turn(3, [call("call_1", `{"city":"Paris"}`), call("call_2", "not JSON"), call("call_3")])

  const waits = (...entries: ReadonlyArray<Entry>) =>
    Conversation.pending(log(...entries)).map(({ callId, reason }) => `${callId} ${reason}`)

  it("are empty if all calls have an output", () =>
    assert.deepStrictEqual(Conversation.pending(log(input("hi"), turn(1, [call("call_1")]), tool("call_1"))), []))

  it("have their arguments and their turn", () =>
    assert.deepStrictEqual(Conversation.pending(log(calls, tool("call_3"), closed("awaiting_approval"))), [
      { callId: "call_1", name: "look_up", arguments: { city: "Paris" }, turn: 3, reason: "approval" },
      { callId: "call_2", name: "look_up", arguments: {}, turn: 3, reason: "approval" }
    ]))

  it("wait for the reason that the end of the run recorded", () => {
    assert.deepStrictEqual(waits(calls, closed("awaiting_approval")), [1, 2, 3].map((n) => `call_${n} approval`))
    assert.deepStrictEqual(waits(calls, closed("awaiting_tools")), [1, 2, 3].map((n) => `call_${n} manual`))
    assert.deepStrictEqual(waits(calls, closed("stopped")), [1, 2, 3].map((n) => `call_${n} stopped`))
    assert.deepStrictEqual(waits(calls), [1, 2, 3].map((n) => `call_${n} stopped`))
  })

  it("wait for an answer if their handler suspended them", () =>
    assert.deepStrictEqual(
      waits(calls, tool("call_2", { status: "suspended" }), closed("awaiting_tools")),
      ["call_1 manual", "call_2 answer", "call_3 manual"]
    ))

  it("do not wait for a decision that was made", () =>
    assert.deepStrictEqual(
      waits(
        calls,
        closed("awaiting_approval"),
        { _tag: "decision", callId: "call_1", decision: { _tag: "approve" } },
        { _tag: "output", item: outputItem("call_2") }
      ),
      ["call_1 stopped", "call_3 approval"]
    ))

  it("can come from the input", () =>
    assert.deepStrictEqual(
      Conversation.pending(
        log({ _tag: "input", items: [{ type: "function_call", call_id: "c", id: "f", name: "n", arguments: "{}" }] })
      ),
      [{ callId: "c", name: "n", arguments: {}, turn: 0, reason: "stopped" }]
    ))
})
