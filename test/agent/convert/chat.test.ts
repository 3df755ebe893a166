/** Chat messages and items: content that other converters lose, and content that only one format has. */
import { assert, describe, it } from "@effect/vitest"
import * as Convert from "../../../src/agent/Convert.js"
import type { ChatMessages } from "../../../src/schema/ChatRequest.js"
import { unrecognized } from "../../../src/schema/prelude.js"
import type { ResponsesRequest } from "../../../src/schema/ResponsesRequest.js"
import { faithful, losses, png, response, text, weather } from "../support/examples.js"

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

  it("keeps content parts", () => {
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

  it("keeps refusals and citations with their text", () => {
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

  it("gives two equal messages different ids, which depend only on the content", () => {
    const parts = [{ type: "text" as const, text: "Yes." }, { type: "text" as const, text: "No." }]
    const message: ChatMessages = { role: "assistant", content: parts, reasoning: "Hm" }
    const idsOf = (messages: ReadonlyArray<ChatMessages>) =>
      faithful(Convert.fromChatMessages(messages)).map((item) => "id" in item ? item.id : undefined)
    const ids = idsOf([message, message])
    assert.strictEqual(new Set(ids).size, 4)
    assert.deepStrictEqual(idsOf([message]), ids.slice(0, 2))
    assert.deepStrictEqual(
      faithful(Convert.toChatMessages(Convert.fromChatMessages([message, message]).value)),
      [message, message]
    )
  })

  it("reports content that items cannot express", () => {
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

  it("has a string as content if there is one text, and null if there is no text", () => {
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
  it("starts a message where reasoning or text follows text, but never between a call and its result", () => {
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

  it("joins texts that a call separates, and reports the lost order", () => {
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
