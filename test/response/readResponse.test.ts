import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { hasOutput, readResponse } from "../../src/response/readResponse.js"

const chat = {
  id: "gen-1",
  model: "acme/small",
  choices: [{
    finish_reason: "tool_calls",
    message: {
      content: "Text",
      reasoning: "Thought",
      tool_calls: [
        { id: "call_1", type: "function", function: { name: "look", arguments: "{\"at\":1}" } },
        { id: "call_2", type: "function", function: { name: "go", arguments: "" } }
      ]
    }
  }],
  usage: { prompt_tokens: 1, completion_tokens: 2, cost: 0.5 }
}

const response = {
  id: "gen-2",
  model: "acme/small",
  status: "completed",
  output: [
    {
      type: "reasoning",
      summary: [{ type: "summary_text", text: "Thou" }],
      content: [{ type: "reasoning_text", text: "ght" }]
    },
    { type: "message", content: [{ type: "output_text", text: "Te" }, { type: "output_text", text: "xt" }] },
    { type: "function_call", call_id: "call_1", id: "fc_1", name: "look", arguments: "{\"at\":1}" },
    { type: "openrouter:unknown", text: "not this" }
  ],
  usage: { input_tokens: 1, output_tokens: 2, cost: 0.5 }
}

const message = {
  id: "gen-3",
  model: "acme/small",
  type: "message",
  stop_reason: "tool_use",
  content: [
    { type: "thinking", thinking: "Thought", signature: "s" },
    { type: "text", text: "Text" },
    { type: "tool_use", id: "call_1", name: "look", input: { at: 1 } },
    { type: "tool_use", id: "call_2", name: "go" }
  ],
  usage: { input_tokens: 1, output_tokens: 2, cost: 0.5 }
}

const look = { id: "call_1", name: "look", arguments: "{\"at\":1}" }

describe("readResponse", () => {
  it("reads a chat result", () =>
    assert.deepStrictEqual(readResponse(chat), {
      text: "Text",
      reasoning: "Thought",
      toolCalls: [look, { id: "call_2", name: "go", arguments: "" }],
      generationId: "gen-1",
      model: "acme/small",
      finishReason: "tool_calls",
      inputTokens: 1,
      outputTokens: 2,
      cost: 0.5,
      result: chat
    }))

  it("reads a response", () =>
    assert.deepStrictEqual(readResponse(response), {
      text: "Text",
      reasoning: "Thought",
      toolCalls: [look],
      generationId: "gen-2",
      model: "acme/small",
      finishReason: "completed",
      inputTokens: 1,
      outputTokens: 2,
      cost: 0.5,
      result: response
    }))

  it("reads why a response is not complete", () => {
    const body = { output: [], status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }
    assert.strictEqual(readResponse(body).finishReason, "max_output_tokens")
  })

  it("reads a message", () =>
    assert.deepStrictEqual(readResponse(message), {
      text: "Text",
      reasoning: "Thought",
      toolCalls: [look, { id: "call_2", name: "go", arguments: "{}" }],
      generationId: "gen-3",
      model: "acme/small",
      finishReason: "tool_use",
      inputTokens: 1,
      outputTokens: 2,
      cost: 0.5,
      result: message
    }))

  it("reads the text of a completion", () =>
    assert.strictEqual(readResponse({ choices: [{ text: "Text" }] }).text, "Text"))

  it("reads the fields that exist in any value", () =>
    FastCheck.assert(
      FastCheck.property(
        FastCheck.oneof(
          FastCheck.jsonValue(),
          FastCheck.record({
            id: FastCheck.jsonValue(),
            choices: FastCheck.array(FastCheck.record({ message: FastCheck.jsonValue() })),
            output: FastCheck.array(
              FastCheck.record({ type: FastCheck.constant("message"), content: FastCheck.jsonValue() })
            ),
            content: FastCheck.array(
              FastCheck.record({ type: FastCheck.constant("tool_use"), input: FastCheck.jsonValue() })
            ),
            usage: FastCheck.jsonValue()
          }, { requiredKeys: [] })
        ),
        (body) => {
          const found = readResponse(body)
          assert.strictEqual(found.result, body)
          assert.isString(found.text + found.reasoning)
        }
      )
    ))
})

describe("hasOutput", () => {
  it("finds text, reasoning and tool calls", () => {
    for (const body of [chat, response, message]) assert.isTrue(hasOutput(readResponse(body)))
    assert.isFalse(hasOutput(readResponse({ choices: [{ message: { content: "" } }], usage: { cost: 1 } })))
    assert.isFalse(hasOutput(readResponse(undefined)))
  })

  it("finds output other than text, and output of other choices", () => {
    const choice = (message: object) => ({ choices: [{ message: { role: "assistant", content: null, ...message } }] })
    const output = (item: object) => ({ output: [item] })
    for (
      const body of [
        choice({ images: [{ type: "image_url", image_url: { url: "data:," } }] }),
        choice({ audio: { id: "audio_1", data: "AAAA" } }),
        choice({ audio: { transcript: "Hi" } }),
        choice({ refusal: "I will not" }),
        choice({ reasoning_details: [{ type: "reasoning.encrypted", data: "AAAA" }] }),
        { choices: [{ message: { content: "" } }, { message: { content: "Hi" } }] },
        { choices: [{ text: "" }, { text: "Hi" }] },
        { data: [{ b64_json: "AAAA" }] },
        output({ type: "image_generation_call", result: "AAAA" }),
        output({ type: "message", content: [{ type: "refusal", refusal: "I will not" }] }),
        output({ type: "reasoning", summary: [], encrypted_content: "AAAA" }),
        { type: "message", content: [{ type: "redacted_thinking", data: "AAAA" }] }
      ]
    ) assert.isTrue(hasOutput(readResponse(body)), JSON.stringify(body))
    for (
      const body of [
        choice({ images: [], audio: { id: "audio_1" }, reasoning_details: [], refusal: null }),
        { choices: [{ text: "" }, { text: "" }], data: [] },
        output({ type: "message", content: [{ type: "output_text", text: "" }] }),
        output({ type: "reasoning", summary: [], encrypted_content: null }),
        { type: "message", content: [{ type: "text", text: "" }, { type: "thinking", thinking: "" }] }
      ]
    ) assert.isFalse(hasOutput(readResponse(body)), JSON.stringify(body))
  })
})
