/** Events whose type is no text, or the name of something that every object has. */
import { assert, describe, it } from "@effect/vitest"
import * as MessagesProtocol from "../../src/response/messagesProtocol.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"

const types: ReadonlyArray<unknown> = [
  { toString: 1 },
  { valueOf: null, toString: null },
  "constructor",
  "__proto__",
  5,
  null
]

describe("an event of an unknown type", () => {
  it("adds nothing to an item of a response", () => {
    for (const type of types) {
      const answer = ResponsesProtocol.protocol.accumulator()
      const item = { type: "message", id: "m", role: "assistant", content: [{ type: "output_text", text: "Hi" }] }
      answer.add({ type: "response.output_item.added", output_index: 0, item })
      answer.add({ type, output_index: 0, item_id: "m", delta: "x" })
      assert.strictEqual(answer.partial().text, "Hi")
    }
  })

  it("adds nothing to a block of a message", () => {
    for (const type of types) {
      const answer = MessagesProtocol.protocol.accumulator()
      answer.add({ type: "message_start", message: { id: "m", type: "message", role: "assistant", content: [] } })
      answer.add({ type: "content_block_start", index: 0, content_block: { type: "text", text: "Hi" } })
      answer.add({ type: "content_block_delta", index: 0, delta: { type, text: "x" } })
      assert.strictEqual(answer.partial().text, "Hi")
    }
  })
})
