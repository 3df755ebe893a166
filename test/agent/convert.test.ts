/** What other converters lose, and what no format but one can say. */
import { assert, describe, it } from "@effect/vitest"
import * as Convert from "../../src/agent/Convert.js"
import type { ChatMessages } from "../../src/schema/ChatRequest.js"
import { unrecognized } from "../../src/schema/prelude.js"
import type { OpenResponsesResult } from "../../src/schema/Responses.js"
import type { ResponsesRequest } from "../../src/schema/ResponsesRequest.js"

const faithful = <A>(conversion: Convert.Conversion<A>): A => {
  assert.deepStrictEqual(conversion.unsupported, [])
  return conversion.value
}

/** Path and kind of each loss, in order. */
const losses = ({ unsupported }: Convert.Conversion<unknown>) => unsupported.map(({ loss, path }) => `${loss} ${path}`)

const weather: ChatMessages = {
  role: "assistant",
  content: null,
  tool_calls: [{
    id: "call_1",
    type: "function",
    function: { name: "get_weather", arguments: "{\"city\": \"Paris\"}" }
  }]
}

const response = (
  output: OpenResponsesResult["output"],
  rest: Partial<OpenResponsesResult> = {}
): OpenResponsesResult => ({
  id: "gen-1",
  model: "anthropic/claude-sonnet-4.5",
  output,
  ...rest
})

const text = (text: string): OpenResponsesResult["output"][number] => ({
  type: "message",
  role: "assistant",
  content: [{ type: "output_text", text, annotations: [] }]
})

const png = "data:image/png;base64,iVBORw0KGgo="

describe("fromChatMessages", () => {
  it("keeps the calls of the assistant and their results, as input that can be sent", () => {
    const items = Convert.fromChatMessages([
      { role: "user", content: "Weather?" },
      weather,
      { role: "tool", tool_call_id: "call_1", content: "Sunny" }
    ])
    const request: ResponsesRequest = { model: "m", input: items.value }
    assert.deepStrictEqual(request.input, [
      { role: "user", content: "Weather?" },
      { type: "function_call", call_id: "call_1", name: "get_weather", arguments: "{\"city\": \"Paris\"}" },
      { type: "function_call_output", call_id: "call_1", output: "Sunny" }
    ])
    assert.deepStrictEqual(items.unsupported, [])
  })

  it("keeps parts as parts", () => {
    const items = Convert.fromChatMessages([{
      role: "user",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url: png, detail: "high" } },
        { type: "file", file: { filename: "a.pdf", file_data: "https://example.com/a.pdf" } },
        { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } },
        { type: "video_url", video_url: { url: "https://example.com/a.mp4" } }
      ]
    }])
    assert.deepStrictEqual(faithful(items), [{
      role: "user",
      content: [
        { type: "input_text", text: "What is this?" },
        { type: "input_image", image_url: png, detail: "high" },
        { type: "input_file", file_url: "https://example.com/a.pdf", filename: "a.pdf" },
        { type: "input_audio", input_audio: { data: "UklGRg==", format: "wav" } },
        { type: "input_video", video_url: "https://example.com/a.mp4" }
      ]
    }])
  })

  it("makes one item of a summary and the encrypted reasoning it belongs to", () => {
    const format = "openai-responses-v1"
    const items = Convert.fromChatMessages([{
      role: "assistant",
      content: "4",
      reasoning: "Adding",
      reasoning_details: [
        { type: "reasoning.summary", summary: "Adding", format, index: 0 },
        { type: "reasoning.encrypted", data: "gAAAA", id: "rs_1", format, index: 1 }
      ]
    }])
    assert.deepStrictEqual(faithful(items), [
      {
        type: "reasoning",
        id: "rs_1",
        summary: [{ type: "summary_text", text: "Adding" }],
        encrypted_content: "gAAAA",
        format
      },
      { role: "assistant", content: "4" }
    ])
  })

  it("keeps refusals and citations with the text they are in", () => {
    const cite = (url: string, start_index: number) => ({
      type: "url_citation" as const,
      url_citation: { url, title: "T", start_index, end_index: start_index + 1 }
    })
    const messages: ReadonlyArray<ChatMessages> = [{
      role: "assistant",
      content: [{ type: "text", text: "One." }, { type: "text", text: "Two." }],
      annotations: [cite("https://example.com/1", 0), cite("https://example.com/2", 5)],
      refusal: "No more."
    }]
    const items = faithful(Convert.fromChatMessages(messages))
    const [item] = items
    const content: unknown = item?.type === "message" ? item.content : undefined
    const cited = (url: string, start_index: number) => [
      { type: "url_citation", url, title: "T", start_index, end_index: start_index + 1 }
    ]
    assert.deepStrictEqual(content, [
      { type: "output_text", text: "One.", annotations: cited("https://example.com/1", 0) },
      { type: "output_text", text: "Two.", annotations: cited("https://example.com/2", 1) },
      { type: "refusal", refusal: "No more." }
    ])
    assert.deepStrictEqual(Convert.toChatMessages(items).value, messages)
  })

  it("reports what items cannot say", () => {
    const items = Convert.fromChatMessages([
      { role: "user", content: "Hi", name: "Ada" },
      {
        role: "assistant",
        content: "Hello",
        reasoning_details: [],
        audio: { id: "audio_1", transcript: "Hello" },
        annotations: [{ type: "file", file: { hash: "abc" } }]
      },
      { role: "system", content: [{ type: "text", text: "Brief.", cache_control: { type: "ephemeral", ttl: "1h" } }] },
      { role: "user", content: [unrecognized("type", { type: "smell", note: "rose" })] },
      unrecognized("role", { role: "critic", content: "Meh" })
    ])
    assert.deepStrictEqual(losses(items), [
      "content 0.name",
      "content 1.audio",
      "setting 1.reasoning_details",
      "content 1.annotations.0",
      "content 3.content.0",
      "content 4",
      "setting 2.content.0.cache_control.ttl"
    ])
    assert.deepStrictEqual(items.unsupported[0], {
      path: "0.name",
      loss: "content",
      reason: "no other format has \"name\" here",
      value: "Ada"
    })
    assert.isFalse(Convert.isFaithful(items))
  })
})

describe("toChatMessage", () => {
  it("has all texts and calls of a response", () => {
    const message = Convert.toChatMessage(response([
      {
        type: "reasoning",
        id: "rs_1",
        summary: [],
        content: [{ type: "reasoning_text", text: "Hm" }],
        signature: "c2ln"
      },
      text("Let me see."),
      { type: "function_call", call_id: "call_1", name: "f", arguments: "{}", id: "fc_1", status: "completed" },
      text("Done.")
    ]))
    assert.deepStrictEqual(message.value, {
      role: "assistant",
      content: [{ type: "text", text: "Let me see." }, { type: "text", text: "Done." }],
      reasoning: "Hm",
      reasoning_details: [{ type: "reasoning.text", text: "Hm", signature: "c2ln", id: "rs_1", index: 0 }],
      tool_calls: [{ type: "function", id: "call_1", function: { name: "f", arguments: "{}" } }]
    })
    assert.deepStrictEqual(losses(message), ["label output.2.id", "form output.3"])
  })

  it("is a string where there is one text, and has no content where there is none", () => {
    assert.deepStrictEqual(faithful(Convert.toChatMessage(response([text("4")]))), { role: "assistant", content: "4" })
    assert.deepStrictEqual(faithful(Convert.toChatMessage(response([]))), { role: "assistant", content: null })
    const called = Convert.toChatMessage(
      response([{ type: "function_call", call_id: "c", name: "f", arguments: "{}" }])
    )
    assert.isNull(faithful(called).content)
  })

  it("reports how the response failed, and the tools that OpenRouter ran", () => {
    const message = Convert.toChatMessage(response(
      [{ type: "web_search_call", id: "ws_1", status: "completed", action: { type: "search", query: "q" } }, text("4")],
      {
        status: "failed",
        error: { code: "server_error", message: "Overloaded" },
        incomplete_details: { reason: "max_output_tokens" }
      }
    ))
    assert.deepStrictEqual(losses(message), ["setting incomplete_details", "content error", "content output.0"])
    assert.strictEqual(message.value.content, "4")
  })
})

describe("toChatMessages", () => {
  it("starts a message where reasoning or words follow words, but never between a call and its result", () => {
    const thought = (id: string) => ({ type: "reasoning" as const, id, summary: [], encrypted_content: id })
    const messages = faithful(Convert.toChatMessages([
      thought("rs_1"),
      { role: "assistant", content: "First." },
      thought("rs_2"),
      { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
      { type: "function_call", call_id: "c2", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "c1", output: "1" },
      { type: "function_call_output", call_id: "c2", output: "2" },
      { role: "assistant", content: "Last." },
      { role: "assistant", content: "Really." }
    ]))
    assert.deepStrictEqual(
      messages.map((message) =>
        message.role === "assistant" ? [message.content, message.tool_calls?.length] : message.role
      ),
      [["First.", undefined], [null, 2], "tool", "tool", ["Last.", undefined], ["Really.", undefined]]
    )
  })

  it("keeps the texts of a message in place where a call stands among them, and says so", () => {
    const messages = Convert.toChatMessages([
      { role: "assistant", content: "Before." },
      { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
      { role: "assistant", content: "After." },
      { type: "function_call_output", call_id: "c1", output: "1" }
    ])
    assert.deepStrictEqual(losses(messages), ["form 2"])
    assert.deepStrictEqual(messages.value.map(({ role }) => role), ["assistant", "tool"])
  })
})

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

  it("keep breakpoints, as those of the target, and report what they lose", () => {
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

  it("report failed tool results and blocks of their own", () => {
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
      { type: "function_call_output", call_id: "t2", output: "" }
    ])
  })

  it("take a reply as it came", () => {
    const reply = Convert.toClaudeMessage(response([text("Hi")])).value
    const items = Convert.fromClaudeMessages([reply])
    assert.isTrue(Convert.isFaithful(items))
    assert.deepStrictEqual(Convert.toClaudeMessages(items.value).value.messages, [
      { role: "assistant", content: [{ type: "text", text: "Hi" }] }
    ])
  })
})

describe("toClaudeMessages", () => {
  it("collects leading instructions and leaves later ones in their place", () => {
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

  it("groups a turn, and puts the results of its calls first", () => {
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

  it("sends no thought that Anthropic would refuse", () => {
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

  it("reports arguments that do not parse or are spelled anew, and everything that Anthropic has no block for", () => {
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
  it("is a reply with reason to stop, tokens without those of the cache, and cost", () => {
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

  it("says why it stopped", () => {
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

describe("styles", () => {
  const plain = [{ role: "user", content: "Hi" }]
  const claude = [
    { role: "user", content: [{ type: "text", text: "Hi" }] },
    { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: {} }] }
  ]
  const items = [{ role: "user", content: [{ type: "input_text", text: "Hi" }] }, { type: "item_reference", id: "x" }]

  it("are told by what only one format has", () => {
    const style = (input: unknown) => [Convert.isChatStyleMessages(input), Convert.isClaudeStyleMessages(input)]
    assert.deepStrictEqual(style([weather]), [true, false])
    assert.deepStrictEqual(style([{ role: "user", content: "Hi", name: "Ada" }]), [true, false])
    assert.deepStrictEqual(style([{ role: "user", content: [{ type: "text", text: "Hi" }] }]), [true, false])
    assert.deepStrictEqual(style(claude), [false, true])
    for (const neither of [plain, items, [weather, ...claude], [weather, ...items], [], "Hi", undefined, [1]]) {
      assert.deepStrictEqual(style(neither), [false, false])
    }
  })

  it("do not hold for what the format does not allow", () => {
    assert.isFalse(Convert.isChatStyleMessages([{ role: "tool", content: "no id" }]))
    assert.isFalse(
      Convert.isClaudeStyleMessages([{ role: "user", content: [{ type: "tool_result", content: "no id" }] }])
    )
  })

  it("lead whatever a user has to items", () => {
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
