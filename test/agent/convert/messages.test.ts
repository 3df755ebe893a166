/** Anthropic messages and items: content that other converters lose, and content that only one format has. */
import { assert, describe, it } from "@effect/vitest"
import * as Convert from "../../../src/agent/Convert.js"
import type { OpenResponsesResult } from "../../../src/schema/Responses.js"
import { faithful, losses, png, response, text } from "../support/examples.js"

describe("Anthropic messages", () => {
  it("keep an image in a tool result in the tool result", () => {
    const items = faithful(Convert.fromClaudeMessages([{
      role: "user",
      content: [{
        type: "tool_result",
        tool_use_id: "toolu_1",
        content: [
          { type: "text", text: "A cat" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } }
        ]
      }]
    }]))
    assert.deepStrictEqual(items, [{
      type: "function_call_output",
      call_id: "toolu_1",
      output: [{ type: "input_text", text: "A cat" }, { type: "input_image", image_url: png, detail: "auto" }]
    }])
  })

  it("keep breakpoints in the form of the target, and report losses", () => {
    const cache_control = { type: "ephemeral", ttl: "1h" } as const
    const prompt: Convert.ClaudePrompt = {
      system: [{ type: "text", text: "Long.", cache_control: { type: "ephemeral" } }],
      messages: [{
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "t1", content: "Sunny", cache_control: { type: "ephemeral" } },
          { type: "image", source: { type: "url", url: "https://example.com/a.png" }, cache_control },
          { type: "text", text: "And now?", cache_control }
        ]
      }]
    }
    const items = Convert.fromClaudeMessages(prompt)
    const breakpoint = { prompt_cache_breakpoint: { mode: "explicit" } }
    assert.deepStrictEqual(items.value, [
      { role: "system", content: [{ type: "input_text", text: "Long.", ...breakpoint }] },
      {
        type: "function_call_output",
        call_id: "t1",
        output: [{ type: "input_text", text: "Sunny", ...breakpoint }]
      },
      {
        role: "user",
        content: [
          { type: "input_image", image_url: "https://example.com/a.png", detail: "auto" },
          { type: "input_text", text: "And now?", ...breakpoint }
        ]
      }
    ])
    assert.deepStrictEqual(losses(items), [
      "form messages.0.content.0.cache_control",
      "setting messages.0.content.1.cache_control",
      "setting messages.0.content.2.cache_control.ttl"
    ])
    const chat = Convert.claudeToChat(prompt)
    assert.deepStrictEqual(losses(chat), [
      "form messages.0.content.0.cache_control",
      "setting messages.0.content.1.cache_control"
    ])
    assert.deepStrictEqual(Convert.chatToClaude(chat.value).value.messages[0]?.content, [
      {
        type: "tool_result",
        tool_use_id: "t1",
        content: [{ type: "text", text: "Sunny", cache_control: { type: "ephemeral" } }]
      },
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
      { type: "text", text: "And now?", cache_control }
    ])
  })

  it("report failed tool results and blocks that only Anthropic has", () => {
    const messages: ReadonlyArray<Convert.ClaudeMessage> = [{
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "t1", content: "No such city", is_error: true },
        { type: "tool_result", tool_use_id: "t2", is_error: false },
        { type: "search_result", source: "s", title: "t", content: [] },
        { type: "document", source: { type: "text", media_type: "text/plain", data: "\ud800" } },
        { type: "document", source: { type: "url", url: "https://example.com/a.pdf" }, context: "Read this" }
      ]
    }]
    const expected = [
      "content 0.content.0.is_error",
      "content 0.content.2",
      "content 0.content.3",
      "content 0.content.4.context"
    ]
    const items = Convert.fromClaudeMessages(messages)
    assert.deepStrictEqual(losses(items), expected)
    assert.deepStrictEqual(losses(Convert.claudeToChat(messages)), expected)
    assert.deepStrictEqual(items.value.slice(0, 2), [
      { type: "function_call_output", call_id: "t1", output: "No such city" },
      { type: "function_call_output", call_id: "t2", output: "(no output)" }
    ])
  })

  it("keep the input of a tool, however deep it is", () => {
    const deep = "[".repeat(20_000) + "]".repeat(20_000)
    const input: unknown = JSON.parse(deep)
    const { value } = Convert.fromClaudeMessages([{
      role: "assistant",
      content: [{ type: "tool_use", id: "toolu_1", name: "look", input }]
    }])
    const [call] = value
    assert(call?.type === "function_call" && "arguments" in call)
    assert.strictEqual(call.arguments, deep)
  })

  it("accept a response as it arrived", () => {
    const reply = Convert.toClaudeMessage(response([text("Hi")])).value
    const items = Convert.fromClaudeMessages([reply])
    assert.isTrue(Convert.isFaithful(items))
    assert.deepStrictEqual(Convert.toClaudeMessages(items.value).value.messages, [
      { role: "assistant", content: [{ type: "text", text: "Hi" }] }
    ])
  })
})

describe("toClaudeMessages", () => {
  it("collects leading instructions and keeps later ones in place", () => {
    const prompt = Convert.toClaudeMessages([
      { role: "system", content: "One." },
      { role: "developer", content: "Two." },
      { role: "user", content: "Hi" },
      { role: "system", content: "Three." }
    ])
    assert.deepStrictEqual(prompt.value, {
      system: [{ type: "text", text: "One." }, { type: "text", text: "Two." }],
      messages: [{ role: "user", content: "Hi" }, { role: "system", content: "Three." }]
    })
    assert.deepStrictEqual(losses(prompt), ["form 1.role"])
  })

  it("groups the blocks of a turn, with the results of its calls first", () => {
    const prompt = faithful(Convert.toClaudeMessages([
      {
        type: "reasoning",
        id: "rs_made_1",
        summary: [],
        content: [{ type: "reasoning_text", text: "Hm" }],
        signature: "s"
      },
      { role: "assistant", content: "Let me see." },
      { type: "function_call", call_id: "t1", name: "f", arguments: "" },
      { type: "function_call", call_id: "t2", name: "f", arguments: "{\"a\": [1, \"x y\"]}" },
      { type: "function_call_output", call_id: "t1", output: "1" },
      { type: "function_call_output", call_id: "t2", output: "2" },
      { role: "user", content: "Well?" },
      { role: "user", content: "Hello?" }
    ]))
    assert.deepStrictEqual(prompt.messages, [
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Hm", signature: "s" },
          { type: "text", text: "Let me see." },
          { type: "tool_use", id: "t1", name: "f", input: {} },
          { type: "tool_use", id: "t2", name: "f", input: { a: [1, "x y"] } }
        ]
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "t1", content: "1" },
          { type: "tool_result", tool_use_id: "t2", content: "2" },
          { type: "text", text: "Well?" }
        ]
      },
      { role: "user", content: "Hello?" }
    ])
  })

  it("sends no reasoning that Anthropic would reject", () => {
    const thought = { type: "reasoning", id: "rs_1", summary: [] } as const
    const prompt = Convert.toClaudeMessages([
      { ...thought, content: [{ type: "reasoning_text", text: "unsigned" }], format: "anthropic-claude-v1" },
      { ...thought, encrypted_content: "gAAAA", format: "openai-responses-v1" },
      { ...thought, encrypted_content: "own", format: "anthropic-claude-v1" }
    ])
    assert.deepStrictEqual(prompt.value.messages, [
      { role: "assistant", content: [{ type: "redacted_thinking", data: "own" }] }
    ])
    assert.deepStrictEqual(losses(prompt), ["content 0", "content 1", "label 2"])
  })

  it("reports arguments that do not parse or change their spelling, and content without a block at Anthropic", () => {
    const call = { type: "function_call", call_id: "c", name: "f" } as const
    const prompt = Convert.toClaudeMessages([
      { ...call, arguments: "{\"city\":\"Par" },
      { ...call, arguments: "{\"id\":12345678901234567890}" },
      { type: "image_generation_call", id: "ig_1", status: "completed", result: "iVBORw0KGgo=" },
      {
        role: "assistant",
        content: [{ type: "refusal", refusal: "No." }],
        type: "message",
        id: "m",
        phase: "commentary"
      },
      {
        role: "user",
        content: [
          { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } },
          { type: "input_image", image_url: "data:image/svg+xml,<svg/>", detail: "auto" },
          { type: "input_image", image_url: png, detail: "low" },
          { type: "input_file", file_id: "file_1", file_url: "https://example.com/a.pdf" }
        ]
      }
    ])
    assert.deepStrictEqual(losses(prompt), [
      "label 2.id",
      "label 3.id",
      "setting 3.phase",
      "content 0",
      "form 1",
      "content 2",
      "form 3.content.0",
      "content 4.content.0",
      "content 4.content.1",
      "setting 4.content.2",
      "content 4.content.3"
    ])
  })
})

describe("toClaudeMessage", () => {
  it("is a response with stop reason, cost, and tokens without those of the cache", () => {
    const reply = Convert.toClaudeMessage(response([text("Hi")], {
      usage: {
        input_tokens: 100,
        input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
        output_tokens: 5,
        total_tokens: 105,
        cost: 0.01,
        cost_details: { upstream_inference_input_cost: 0.002, upstream_inference_output_cost: 0.001 }
      }
    }))
    assert.deepStrictEqual(faithful(reply), {
      id: "gen-1",
      type: "message",
      role: "assistant",
      model: "anthropic/claude-sonnet-4.5",
      content: [{ type: "text", text: "Hi" }],
      stop_reason: "end_turn",
      stop_sequence: null,
      usage: {
        input_tokens: 10,
        output_tokens: 5,
        cache_read_input_tokens: 60,
        cache_creation_input_tokens: 30,
        cost: 0.01,
        cost_details: { upstream_inference_prompt_cost: 0.002, upstream_inference_completions_cost: 0.001 }
      }
    })
  })

  it("has the stop reason", () => {
    const reason = (output: OpenResponsesResult["output"], rest?: Partial<OpenResponsesResult>) =>
      Convert.toClaudeMessage(response(output, rest)).value.stop_reason
    const call = { type: "function_call", call_id: "c", name: "f", arguments: "{}" } as const
    const refusal = { type: "message", content: [{ type: "refusal", refusal: "No." }] } as const
    assert.strictEqual(reason([call]), "tool_use")
    assert.strictEqual(reason([refusal]), "refusal")
    assert.strictEqual(reason([call], { incomplete_details: { reason: "max_output_tokens" } }), "max_tokens")
    assert.strictEqual(reason([], { incomplete_details: { reason: "content_filter" } }), "refusal")
  })
})
