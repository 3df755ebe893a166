/** Converted conversations are in the form that every provider takes back. */
import { assert, describe, it } from "@effect/vitest"
import * as Convert from "../../../src/agent/Convert.js"
import type { ChatMessages } from "../../../src/schema/ChatRequest.js"

const called = (id: string, name: string, input: string, output: string): ReadonlyArray<ChatMessages> => [
  { role: "assistant", content: " ", tool_calls: [{ id, type: "function", function: { name, arguments: input } }] },
  { role: "tool", tool_call_id: id, content: output }
]

const conversation: ReadonlyArray<ChatMessages> = [
  { role: "system", content: "" },
  { role: "user", content: "half \ud83d" },
  ...called("functions.read:0", "functions.read", "{\"p\":", "{\"error\":\"broken\"}"),
  ...called("", "", "", " "),
  ...called("c".repeat(80), "read", "[1]", "done"),
  ...called("c", "read", "```json\n{\"p\":1}\n```", "done"),
  ...called("c", "read", "{\"p\":1}", "done"),
  { role: "assistant", content: null },
  { role: "user", content: [{ type: "text", text: "\n" }] }
]

const calls = [
  ["functions_read_0", "functions_read", "{}", "{\"error\":\"broken\",\"arguments_as_written\":\"{\\\"p\\\":\"}"],
  ["call", "unnamed", "{}", "(no output)"],
  [/^c{48}_\w+$/, "read", "{}", "done\n\nThe call was written with these arguments: [1]"],
  ["c", "read", "{\"p\":1}", "done\n\nThe call was written with these arguments: ```json\n{\"p\":1}\n```"],
  ["c_2", "read", "{\"p\":1}", "done"]
] as const

const assertCalls = (found: ReadonlyArray<readonly [id: string, name: string, input: string, output: unknown]>) => {
  assert.strictEqual(found.length, calls.length)
  found.forEach(([id, ...rest], index) => {
    const [wanted, ...others] = calls[index] ?? assert.fail("more calls")
    if (typeof wanted === "string") assert.strictEqual(id, wanted)
    else assert.match(id, wanted)
    assert.deepStrictEqual<ReadonlyArray<unknown>>(rest, others)
  })
}

describe("a bad conversation", () => {
  it("as items", () => {
    const { unsupported, value } = Convert.fromChatMessages(conversation)
    const outputs = value.flatMap((item) => item.type === "function_call_output" ? [item] : [])
    assertCalls(value.flatMap((item) =>
      item.type === "function_call"
        ? [[
          item.call_id,
          item.name,
          item.arguments,
          outputs.find(({ call_id }) => call_id === item.call_id)?.output
        ]]
        : []
    ))
    assert.deepStrictEqual(value.filter(({ type }) => type === undefined || type === "message"), [
      { role: "user", content: "half \ufffd" },
      { role: "user", content: "(no message)" }
    ])
    assert.deepStrictEqual(unsupported.filter(({ loss }) => loss === "content").map(({ path }) => path), [
      "2.tool_calls.0",
      "6.tool_calls.0",
      "8.tool_calls.0"
    ])
  })

  it("as Anthropic messages", () => {
    const { messages, system } = Convert.chatToClaude(conversation).value
    assert.isUndefined(system)
    const blocks = messages.flatMap(({ content }) => typeof content === "string" ? [] : content)
    const outputs = blocks.flatMap((block) => block.type === "tool_result" ? [block] : [])
    assertCalls(blocks.flatMap((block) =>
      block.type === "tool_use"
        ? [[
          block.id,
          block.name,
          JSON.stringify(block.input),
          outputs.find(({ tool_use_id }) => tool_use_id === block.id)?.content
        ]]
        : []
    ))
    assert.isTrue(blocks.every((block) => block.type !== "text" || block.text.trim() !== ""))
  })

  it("as chat messages again", () => {
    const value = Convert.toChatMessages(Convert.fromChatMessages(conversation).value).value
    const outputs = value.flatMap((message) => message.role === "tool" ? [message] : [])
    assertCalls(value.flatMap((message) =>
      message.role === "assistant"
        ? (message.tool_calls ?? []).map(({ function: call, id }) =>
          [
            id,
            call.name,
            call.arguments ?? "",
            outputs.find(({ tool_call_id }) => tool_call_id === id)?.content
          ] as const
        )
        : []
    ))
    assert.isTrue(
      value.every(({ content }) => content === null || typeof content !== "string" || content.trim() !== "")
    )
  })
})
