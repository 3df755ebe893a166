/** The arguments of tool calls, as honest and as other providers send them. */
import { assert, describe, it } from "@effect/vitest"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import * as MessagesProtocol from "../../src/response/messagesProtocol.js"
import type { Protocol } from "../../src/response/protocol.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { chunk } from "../support/events.js"

const whole = "{\"x\":2}"

const forms: { readonly [title: string]: ReadonlyArray<string> } = {
  "in pieces": ["{\"x\"", ":2}"],
  "in one piece": [whole],
  "all once more at the end": ["{\"x\":", "2}", whole],
  "twice": [whole, whole],
  "as the text so far": ["{", "{\"x\":", whole],
  "after an empty object": ["{}", whole],
  "before white space": [whole, " ", "\n"]
}

interface Api {
  readonly protocol: Protocol<unknown, unknown>
  readonly events: (pieces: ReadonlyArray<string>) => ReadonlyArray<unknown>
}

const call = { type: "function_call", id: "fc_1", call_id: "a", name: "f" }

const apis: ReadonlyArray<Api> = [
  {
    protocol: ChatProtocol.protocol,
    events: (pieces) =>
      pieces.map((text) =>
        chunk({ tool_calls: [{ index: 0, id: "a", type: "function", function: { name: "f", arguments: text } }] })
      )
  },
  {
    protocol: MessagesProtocol.protocol,
    events: (pieces) => [
      { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "a", name: "f", input: {} } },
      ...pieces.map((text) => ({
        type: "content_block_delta",
        index: 0,
        delta: { type: "input_json_delta", partial_json: text }
      }))
    ]
  },
  {
    protocol: ResponsesProtocol.protocol,
    events: (pieces) => [
      { type: "response.output_item.added", output_index: 0, item: { ...call, arguments: "" } },
      ...pieces.map((delta) => ({
        type: "response.function_call_arguments.delta",
        item_id: "fc_1",
        output_index: 0,
        delta
      })),
      { type: "response.function_call_arguments.done", item_id: "fc_1", output_index: 0, arguments: whole },
      { type: "response.output_item.done", output_index: 0, item: { ...call, arguments: whole } }
    ]
  }
]

describe("arguments", () => {
  for (const { events, protocol } of apis) {
    for (const [title, pieces] of Object.entries(forms)) {
      it(`${protocol.name}: are the same when they are sent ${title}`, () => {
        const accumulator = protocol.accumulator()
        for (const event of events(pieces)) accumulator.add(event)
        const [found, ...others] = accumulator.partial().toolCalls
        assert.deepStrictEqual(others, [])
        assert.deepStrictEqual(JSON.parse(found?.arguments ?? ""), { x: 2 })
        assert.deepInclude(found, { id: "a", name: "f" })
      })
    }
  }
})
