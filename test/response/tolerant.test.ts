/** One odd field loses no response: whole responses and events that a schema refuses. */
import { assert, describe, it } from "@effect/vitest"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import { readResponse } from "../../src/response/readResponse.js"
import { tolerantBody, tolerantEvent } from "../../src/response/tolerant.js"
import { ChatResult, ChatStreamChunk } from "../../src/schema/Chat.js"
import { CompletionResponse } from "../../src/schema/Completions.js"
import { issues } from "../../src/schema/guard.js"
import { MessagesResult } from "../../src/schema/Messages.js"
import { MessagesStreamEvents } from "../../src/schema/MessagesEvents.js"
import { OpenResponsesResult } from "../../src/schema/Responses.js"
import { StreamEvents } from "../../src/schema/ResponsesEvents.js"

const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }

const chat = (message: object, rest: object = {}) => ({
  id: "g",
  model: "m",
  usage,
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "hello", ...message } }],
  ...rest
})

describe("a whole response is read", () => {
  const call = { id: "a", function: { name: "f", arguments: "{}" } }
  const bodies: ReadonlyArray<readonly [title: string, body: object]> = [
    ["without an id and a model", { choices: chat({}).choices }],
    ["with null for both", chat({}, { id: null, model: null })],
    ["with an id that is a number", chat({}, { id: 7, model: 8 })],
    ["without a role", chat({ role: undefined })],
    ["with an empty role", chat({ role: "" })],
    ["with a tool call without a type", chat({ tool_calls: [call] })],
    ["with a tool call without an id", chat({ tool_calls: [{ function: call.function }] })],
    [
      "with arguments that are no text",
      chat({ tool_calls: [{ ...call, function: { name: "f", arguments: { a: 1 } } }] })
    ],
    ["with usage of nulls", chat({}, { usage: { prompt_tokens: null, completion_tokens: null } })],
    ["with usage in part", chat({}, { usage: { prompt_tokens: 3 } })],
    ["with usage that is a text", chat({}, { usage: "none" })],
    ["with a time that is a text", chat({}, { created: "1700000000" })],
    ["with an odd index", { ...chat({}), choices: [{ ...chat({}).choices[0], index: "0" }] }],
    ["with a choice that is null", { ...chat({}), choices: [...chat({}).choices, null] }],
    [
      "with a list of parts",
      chat({ content: [{ type: "thinking", thinking: [{ type: "text", text: "hm" }] }, "hello"] })
    ],
    ["with a delta in place of the message", { choices: [{ delta: { content: "hello" }, finish_reason: "stop" }] }]
  ]
  it.each(bodies)("%s", (_, body) => {
    const fitted = tolerantBody(body)
    assert.deepStrictEqual(issues(ChatResult, fitted), [])
    assert.strictEqual(readResponse(fitted).text, "hello")
  })

  it("with counts and costs that are text", () => {
    const fitted = tolerantBody(chat({}, { usage: { ...usage, cost: "0.001", prompt_tokens: "3", tier: "a" } }))
    assert.deepStrictEqual(issues(ChatResult, fitted), [])
    assert.deepStrictEqual(Reflect.get(Object(fitted), "usage"), {
      ...usage,
      cost: 0.001,
      prompt_tokens: 3,
      tier: "a"
    })
    assert.include({ ...readResponse(fitted) }, { cost: 0.001, inputTokens: 3 })
  })

  it("of each API", () => {
    const completion = tolerantBody({ choices: [{ text: null }, { text: ["a", { type: "text", text: "b" }] }] })
    assert.deepStrictEqual(issues(CompletionResponse, completion), [])
    const message = tolerantBody({ content: [{ type: "text", text: "a" }] })
    assert.deepStrictEqual(issues(MessagesResult, message), [])
    const response = tolerantBody({
      output: [{ type: "message", content: "a" }, { type: "function_call", name: "f", arguments: { a: 1 } }, null],
      usage: { input_tokens: "3" }
    })
    assert.deepStrictEqual(issues(OpenResponsesResult, response), [])
    assert.deepStrictEqual([readResponse(message).text, readResponse(response).text], ["a", "a"])
    assert.deepStrictEqual(readResponse(response).toolCalls, [{ id: "", name: "f", arguments: "{\"a\":1}" }])
  })

  it("with a key __proto__ as a plain key", () => {
    const fitted = tolerantBody(
      JSON.parse("{\"choices\":[{\"__proto__\":{\"a\":1}}],\"usage\":{\"__proto__\":{\"cost\":-1}}}")
    )
    assert.isUndefined(readResponse(fitted).cost)
    assert.strictEqual(Object.getPrototypeOf(Reflect.get(Object(fitted), "usage")), Object.prototype)
  })
})

describe("an event", () => {
  const silent = [null, {}, { type: "ping" }, { type: "keepalive", sequence_number: 3 }, { choices: null }, {
    type: "progress",
    text: "…"
  }]
  it.each(silent.map((event) => [JSON.stringify(event), event] as const))("says nothing: %s", (_, event) => {
    assert.isUndefined(tolerantEvent(event))
  })

  it("of a chat has the text of a list of parts", () => {
    const event = {
      choices: [{ delta: { content: [{ type: "thinking", thinking: "hm" }, { type: "text", text: "a" }] } }]
    }
    const fitted: unknown = tolerantEvent(event)
    assert.deepStrictEqual(issues(ChatStreamChunk, fitted), [])
    assert.deepStrictEqual(fitted, {
      choices: [{ delta: { content: "a", reasoning: "hm" } }]
    })
    assert.strictEqual(ChatProtocol.textDelta({ choices: [{ delta: { content: "a" } }] }), "a")
  })

  it("of a chat may lack its delta or its choices", () => {
    for (const event of [{ choices: [{ finish_reason: "stop" }, null] }, { usage }, { choices: null, usage }]) {
      assert.deepStrictEqual(issues(ChatStreamChunk, tolerantEvent(event)), [])
    }
  })

  it("of the other APIs may lack what its place implies", () => {
    const events = [
      { type: "response.completed" },
      { type: "response.created", response: { id: null, output: null } },
      { type: "response.output_text.delta", item_id: "m", delta: "a" },
      { type: "response.output_item.done", item: { type: "function_call", name: "f" } }
    ]
    for (const event of events) assert.deepStrictEqual(issues(StreamEvents, tolerantEvent(event)), [])
    for (const event of [{ type: "message_start" }, { type: "message_delta", usage: { output_tokens: "3" } }]) {
      assert.deepStrictEqual(issues(MessagesStreamEvents, tolerantEvent(event)), [])
    }
  })

  it("of a known type with content of another type stays refused", () => {
    const odd = { type: "response.output_text.delta", delta: 7, output_index: 0 }
    assert.notDeepEqual(issues(StreamEvents, tolerantEvent(odd)), [])
    assert.notDeepEqual(issues(ChatStreamChunk, tolerantEvent({ choices: 7 })), [])
  })
})
