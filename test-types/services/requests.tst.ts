import { Chat, Messages, Responses } from "effect-openrouter"
import type { ChatStreamDelta } from "effect-openrouter/schema/Chat"
import type { ChatAssistantMessage, ChatAudioOutput } from "effect-openrouter/schema/ChatContent"
import type { MessagesResult } from "effect-openrouter/schema/Messages"
import type { OpenResponsesResult } from "effect-openrouter/schema/Responses"
import { describe, expect, test } from "tstyche"

declare const response: OpenResponsesResult
declare const message: MessagesResult

describe("a request", () => {
  test("takes what OpenRouter takes beyond its document", () => {
    expect(Chat.send).type.toBeCallableWith({
      model: "openai/gpt-5-nano",
      preset: "short",
      messages: [
        {
          role: "assistant",
          content: null,
          tool_calls: [{ index: 0, id: "1", type: "function", function: { name: "now", arguments: "{}" } }]
        },
        { role: "tool", tool_call_id: "1", name: "now", content: "noon" }
      ],
      provider: { max_price: { prompt: 1, completion: "2.5" } },
      reasoning: { enabled: true, exclude: true, max_tokens: 2000 },
      tool_choice: null,
      verbosity: "low",
      web_search_options: { search_context_size: "high" }
    })
  })

  test("asks for audio, and caches a prompt up to any part", () => {
    expect(Chat.stream).type.toBeCallableWith({
      model: "openai/gpt-audio",
      modalities: ["text", "audio"],
      audio: { voice: "alloy", format: "wav" },
      messages: [{
        role: "user",
        content: [
          { type: "image_url", image_url: { url: "https://example.com/a.png" }, cache_control: { type: "ephemeral" } },
          { type: "input_audio", input_audio: { data: "AA==", format: "wav" }, cache_control: { type: "ephemeral" } }
        ]
      }]
    })
    expect<ChatAssistantMessage["audio"]>().type.toBe<ChatAudioOutput | null | undefined>()
    expect<ChatStreamDelta["audio"]>().type.toBe<ChatAudioOutput | null | undefined>()
  })

  test("shows an image without the detail to look at", () => {
    expect(Responses.send).type.toBeCallableWith({
      input: [{ role: "user", content: [{ type: "input_image", image_url: "https://example.com/a.png" }] }]
    })
  })

  test("takes a tool use with its caller, and without", () => {
    for (const caller of [{ type: "direct" }, null, undefined] as const) {
      expect(Messages.send).type.toBeCallableWith({
        model: "anthropic/claude-haiku-4.5",
        max_tokens: 100,
        messages: [{
          role: "assistant",
          content: [
            { type: "tool_use", id: "1", name: "now", input: {}, caller },
            { type: "server_tool_use", id: "2", name: "web_search", input: {}, caller }
          ]
        }]
      })
    }
  })

  test("needs no annotation, and takes no misspelling", () => {
    expect(Chat.send).type.not.toBeCallableWith({ messages: [], temprature: 1 })
    expect(Chat.send).type.not.toBeCallableWith({ messages: [], reasoning: { efort: "low" } })
    expect(Chat.send).type.not.toBeCallableWith({ messages: [], tools: [{ type: "function", name: "now" }] })
  })
})

describe("an answer", () => {
  test("is sent back as it came", () => {
    expect(Responses.send).type.toBeCallableWith({
      input: [...response.output, { type: "function_call_output", call_id: "1", output: "noon" }]
    })
    expect(Messages.send).type.toBeCallableWith({
      model: "anthropic/claude-haiku-4.5",
      max_tokens: 100,
      messages: [{ role: message.role, content: message.content }, { role: "user", content: "Go on." }]
    })
  })
})
