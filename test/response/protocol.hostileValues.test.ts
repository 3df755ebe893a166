/** Events of a hostile server: odd indexes, keys that are names of a prototype, lists of any length, any depth. */
import { assert, describe, it } from "@effect/vitest"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import * as CompletionsProtocol from "../../src/response/completionsProtocol.js"
import * as ImagesProtocol from "../../src/response/imagesProtocol.js"
import * as MessagesProtocol from "../../src/response/messagesProtocol.js"
import type { Protocol } from "../../src/response/protocol.js"
import { readResponse } from "../../src/response/readResponse.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { addUp } from "../support/events.js"

const item = { type: "message", id: "m", role: "assistant", content: [] }
const created = { type: "response.output_item.added", output_index: 0, item }
const block = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }

/** For each protocol, events with the same fields added at every level. */
const withEverywhere = (more: object): ReadonlyArray<readonly [Protocol<unknown, unknown>, ReadonlyArray<unknown>]> => [
  [
    ChatProtocol.protocol,
    [1, 2].map(() => ({
      ...more,
      usage: { prompt_tokens: 1, ...more },
      choices: [{
        index: 0,
        ...more,
        logprobs: { content: [], ...more },
        delta: {
          content: "a",
          ...more,
          audio: { data: "A", ...more },
          reasoning_details: [{ type: "reasoning.text", text: "r", index: 0, ...more }],
          tool_calls: [{ index: 0, id: "a", ...more, function: { name: "f", arguments: "{}", ...more } }]
        }
      }]
    }))
  ],
  [CompletionsProtocol.protocol, [{ ...more, choices: [{ text: "a", ...more, logprobs: { ...more } }] }]],
  [ImagesProtocol.protocol, [{
    type: "image_generation.completed",
    b64_json: "A",
    created: 1,
    usage: { ...more },
    ...more
  }]],
  [MessagesProtocol.protocol, [
    { type: "message_start", message: { ...more, content: [], usage: { ...more } } },
    { ...block, content_block: { ...block.content_block, ...more } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "a", ...more } },
    { type: "message_delta", delta: { ...more }, usage: { ...more } }
  ]],
  [ResponsesProtocol.protocol, [
    { ...created, item: { ...item, ...more } },
    { type: "response.output_text.delta", output_index: 0, delta: "a", ...more },
    { type: "response.content_part.done", output_index: 0, part: { type: "output_text", text: "ab", ...more } },
    { type: "response.completed", response: { ...more, output: [{ ...item, ...more }], usage: { ...more } } }
  ]]
]

/** Every object in a value has the usual prototype. */
const isPlain = (value: unknown): boolean => {
  if (typeof value !== "object" || value === null) return true
  if (Array.isArray(value)) return value.every(isPlain)
  return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isPlain)
}

describe("a key of the wire", () => {
  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])("is a plain key: %s", (key) => {
    const more: object = JSON.parse(`{"${key}":{"cost":-1,"usage":{"cost":-1},"finish_reason":"stop"}}`)
    for (const [protocol, events] of withEverywhere(more)) {
      const { partial } = addUp(protocol, events)
      assert.isTrue(isPlain(partial.result), protocol.name)
      assert.isUndefined(partial.cost, protocol.name)
      assert.isTrue(JSON.stringify(partial.result).includes(`"${key}"`), protocol.name)
    }
  })
})

describe("an index of any size", () => {
  it.each([1e9, 4294967295, 2 ** 53, -1, 0.5, Infinity])("is only a name: %s", (index) => {
    const chat = addUp(ChatProtocol.protocol, [{
      choices: [{ index, delta: { content: "a" }, finish_reason: "stop" }]
    }])
    assert.strictEqual(chat.partial.text, "a")
    const delta = { type: "response.output_text.delta", output_index: 0, content_index: index, delta: "a" }
    assert.strictEqual(addUp(ResponsesProtocol.protocol, [created, delta, delta]).partial.text, "aa")
    const text = { type: "content_block_delta", index, delta: { type: "text_delta", text: "a" } }
    assert.strictEqual(addUp(MessagesProtocol.protocol, [{ ...block, index }, text]).partial.text, "a")
  })
})

describe("a list of 200,000 elements", () => {
  const many = (element: unknown) => Array.from({ length: 200_000 }, () => element)
  it.each(["annotations", "images", "reasoning_details", "novelty"])("is read as %s", (field) => {
    const delta = { content: "a", [field]: many({ type: "x" }) }
    assert.strictEqual(addUp(ChatProtocol.protocol, [1, 2].map(() => ({ choices: [{ delta }] }))).partial.text, "aa")
  })

  it("is read as log probabilities", () => {
    const event = { choices: [{ delta: { content: "a" }, logprobs: { content: many({ token: "a" }) } }] }
    assert.strictEqual(addUp(ChatProtocol.protocol, [event, event]).partial.text, "aa")
  })
})

describe("a value of any depth", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000)
  const call = (input: string): unknown => JSON.parse(`{"type":"tool_use","id":"t","name":"f","input":{"a":${input}}}`)

  it("is the input of a tool, whole and streamed", () => {
    const whole = readResponse({ type: "message", content: [call(deep)] })
    const { partial } = addUp(MessagesProtocol.protocol, [{
      type: "message_start",
      message: { content: [call(deep)] }
    }])
    for (const { toolCalls } of [whole, partial]) assert.strictEqual(toolCalls[0]?.arguments, `{"a":${deep}}`)
  })

  it("is an unknown field", () => {
    const event: unknown = JSON.parse(`{"choices":[{"delta":{"content":"a","x":${deep}}}],"y":${deep}}`)
    assert.strictEqual(addUp(ChatProtocol.protocol, [event, event]).partial.text, "aa")
  })
})
