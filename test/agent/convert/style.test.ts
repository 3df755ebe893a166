/** Detection of formats. */
import { assert, describe, it } from "@effect/vitest"
import * as Convert from "../../../src/agent/Convert.js"
import { faithful, weather } from "../support/examples.js"

describe("styles", () => {
  const plain = [{ role: "user", content: "Hi" }]
  const claude = [
    { role: "user", content: [{ type: "text", text: "Hi" }] },
    { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: {} }] }
  ]
  const items = [{ role: "user", content: [{ type: "input_text", text: "Hi" }] }, { type: "item_reference", id: "x" }]

  it("are detected by fields that only one format has", () => {
    const style = (input: unknown) => [Convert.isChatStyleMessages(input), Convert.isClaudeStyleMessages(input)]
    assert.deepStrictEqual(style([weather]), [true, false])
    assert.deepStrictEqual(style([{ role: "user", content: "Hi", name: "Ada" }]), [true, false])
    assert.deepStrictEqual(style([{ role: "user", content: [{ type: "text", text: "Hi" }] }]), [true, false])
    assert.deepStrictEqual(style(claude), [false, true])
    const named = { role: "user", content: "Hi", name: "Ada" }
    for (
      const neither of [
        plain,
        items,
        [named, ...claude],
        [weather, ...claude],
        [weather, ...items],
        [],
        "Hi",
        undefined,
        [1]
      ]
    ) {
      assert.deepStrictEqual(style(neither), [false, false])
    }
  })

  it("are not detected for messages that the format does not allow", () => {
    assert.isFalse(Convert.isChatStyleMessages([{ role: "tool", content: "no id" }]))
    assert.isFalse(
      Convert.isClaudeStyleMessages([{ role: "user", content: [{ type: "tool_result", content: "no id" }] }])
    )
  })

  it("convert any supported input to items", () => {
    assert.deepStrictEqual(Convert.toItems("Hi").value, [{ role: "user", content: "Hi" }])
    assert.deepStrictEqual(Convert.toItems([weather]).value.map(({ type }) => type), ["function_call"])
    const input = [{ role: "user", content: "Hi" }] as const
    assert.strictEqual(Convert.toItems(input).value, input)
    const converted = Convert.toItems([
      { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: { a: 1 } }] }
    ])
    assert.deepStrictEqual(faithful(converted), [
      { type: "function_call", call_id: "t1", name: "f", arguments: "{\"a\":1}" }
    ])
  })
})
