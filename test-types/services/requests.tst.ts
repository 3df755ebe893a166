import { Chat, Messages, Responses } from "effect-openrouter"
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
