import type * as Seven from "ai"
import type * as Six from "ai-6"
import { Effect, Stream } from "effect"
import { Agent, type Conversation, type OpenRouterClient, Tool, Toolkit } from "effect-openrouter"
import { UiChat, type UiMessages, type UiStream } from "effect-openrouter/ui"
import { describe, expect, test } from "tstyche"

const Pay = Tool.make("pay", { requireApproval: true })
const tools = Toolkit.make(Pay)

describe("types of the AI SDK", () => {
  test("the client of each line takes the chunks", () => {
    expect<UiStream.Chunk>().type.toBeAssignableTo<Seven.UIMessageChunk>()
    expect<Exclude<UiStream.Chunk, { readonly type: "reset-step" | "tool-approval-response" | "finish" }>>()
      .type.toBeAssignableTo<Six.UIMessageChunk>()
  })

  test("a page takes the messages of a stored conversation", () => {
    expect<UiMessages.UiMessage>().type.toBeAssignableTo<Seven.UIMessage>()
    expect<UiMessages.UiMessage>().type.toBeAssignableTo<Six.UIMessage>()
  })

  test("the messages of a page are read without a cast", () => {
    expect<Seven.UIMessage>().type.toBeAssignableTo<UiMessages.ReceivedMessage>()
    expect<Six.UIMessage>().type.toBeAssignableTo<UiMessages.ReceivedMessage>()
  })
})

describe("UiChat.handler", () => {
  const handler = UiChat.handler({
    run: (options) => Agent.stream({ model: "m", tools, ...options }),
    conversation: (id): Effect.Effect<string, "unknown user"> => Effect.succeed(id)
  })

  test("fails as `conversation` does, and requires what the run requires", () => {
    expect<Effect.Effect.Error<typeof handler>>().type.toBe<"unknown user">()
    expect<OpenRouterClient.OpenRouterClient | Conversation.Conversation | UiChat.LiveChats>()
      .type.toBeAssignableTo<Effect.Effect.Context<typeof handler>>()
  })

  test("takes a run that has any tools, and no stream of something else", () => {
    expect(UiChat.handler).type.not.toBeCallableWith({
      run: (): Stream.Stream<string> => Stream.make("text"),
      conversation: (id: string) => Effect.succeed(id)
    })
  })
})
