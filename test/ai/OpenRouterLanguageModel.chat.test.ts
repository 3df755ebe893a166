/** Chats of `@effect/ai`: the model receives its reasoning again, with the signatures. */
import * as Chat from "@effect/ai/Chat"
import * as LanguageModel from "@effect/ai/LanguageModel"
import * as Prompt from "@effect/ai/Prompt"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { ReasoningMemory } from "../../src/ai/internal/reasoning.js"
import * as OpenRouterLanguageModel from "../../src/ai/OpenRouterLanguageModel.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { Kit, KitLive } from "../support/effect/ai.js"

const live = (script: Script.Script) =>
  Layer.mergeAll(
    Layer.provideMerge(OpenRouterLanguageModel.layer({ model: "m/m" }), TestModel.layer(script)),
    KitLive
  )

/** The messages of the assistant in each request. */
const assistants = Effect.map(
  TestModel.requests,
  (requests) =>
    requests.map(({ json }): ReadonlyArray<Record<string, unknown>> =>
      Object(json["messages"]).filter((message: { readonly role: string }) => message.role === "assistant")
    )
)

const thinking = (signature: string) => Script.reasoning("think hard", { signature })

const signed = (signature: string) => ({
  type: "reasoning.text",
  text: "think hard",
  signature,
  format: "unknown",
  index: 0
})

/** Until the model calls no tool: all rounds with the same function of the chat. */
const talk = (chat: Effect.Effect.Success<typeof Chat.empty>, first: string, streams: boolean) =>
  Effect.gen(function*() {
    for (let prompt: Prompt.RawInput = first;; prompt = []) {
      const called = streams
        ? yield* chat.streamText({ prompt, toolkit: Kit }).pipe(
          Stream.runFold(0, (count, part) => part.type === "tool-call" ? count + 1 : count)
        )
        : (yield* chat.generateText({ prompt, toolkit: Kit })).toolCalls.length
      if (called === 0) return
    }
  })

describe("a chat of @effect/ai", () => {
  for (const streams of [false, true]) {
    const way = streams ? "streams" : "generateText"

    it.effect(`sends signatures back with calls (${way})`, () =>
      Effect.gen(function*() {
        const chat = yield* Chat.empty
        yield* talk(chat, "1 + 2", streams)
        const [, second] = yield* assistants
        assert.lengthOf(second ?? [], 1)
        assert.deepStrictEqual(second?.[0]?.["reasoning_details"], [signed("SIG")])
        assert.notProperty(second?.[0], "reasoning")
      }).pipe(Effect.provide(live([[thinking("SIG"), Script.toolCall("add", { a: 1, b: 2 })], "3"]))))

    it.effect(`sends what was encrypted back, and the reasoning of every turn (${way})`, () =>
      Effect.gen(function*() {
        const chat = yield* Chat.empty
        yield* talk(chat, "Hello", streams)
        yield* talk(chat, "1 + 2", streams)
        const requests = yield* assistants
        const [first, second] = requests.at(-1) ?? []
        assert.deepStrictEqual(first?.["reasoning_details"], [signed("ONE")])
        const details = Object(second?.["reasoning_details"])
        assert.deepStrictEqual(details.map((detail: { readonly data?: string }) => detail.data), ["BLOB"])
      }).pipe(
        Effect.provide(live([
          [thinking("ONE"), Script.text("Hi.")],
          [Script.reasoning("", { encrypted: "BLOB" }), Script.toolCall("add", { a: 1, b: 2 })],
          "3"
        ]))
      ))
  }

  it.effect("gets its own reasoning, though another chat has the same calls with the same ids", () =>
    Effect.gen(function*() {
      const [one, other] = [yield* Chat.empty, yield* Chat.empty]
      yield* one.generateText({ prompt: "I am Ada. 1 + 2", toolkit: Kit })
      yield* other.generateText({ prompt: "I am Bob. 1 + 2", toolkit: Kit })
      yield* one.generateText({ prompt: [], toolkit: Kit })
      yield* other.generateText({ prompt: [], toolkit: Kit })
      const [, , ofOne, ofOther] = yield* assistants
      assert.deepStrictEqual(ofOne?.[0]?.["reasoning_details"], [signed("ADA")])
      assert.deepStrictEqual(ofOther?.[0]?.["reasoning_details"], [signed("BOB")])
    }).pipe(
      Effect.provide(live([
        [thinking("ADA"), Script.toolCall("add", { a: 1, b: 2 }, { id: "call_0" })],
        [thinking("BOB"), Script.toolCall("add", { a: 1, b: 2 }, { id: "call_0" })],
        "3",
        "3"
      ]))
    ))

  it.effect("a prompt that carries reasoning itself is sent as it is", () =>
    Effect.gen(function*() {
      const options = { openrouter: { type: "reasoning", signature: "SIG" } }
      // What a program keeps of the metadata of a response, whose types the options do not have
      const reasoning = { type: "reasoning", text: "think hard", options } as unknown as Prompt.ReasoningPartEncoded
      const prompt = Prompt.make([
        { role: "user", content: "Hello" },
        { role: "assistant", content: [reasoning, { type: "text", text: "Hi." }] },
        { role: "user", content: "And now?" }
      ])
      yield* LanguageModel.generateText({ prompt })
      const [request] = yield* assistants
      assert.deepStrictEqual(request?.[0]?.["reasoning_details"], [
        { type: "reasoning.text", text: "think hard", signature: "SIG" }
      ])
    }).pipe(Effect.provide(live(["Bye."]))))

  it("the memory of reasoning forgets the oldest responses, by number and by size", () => {
    const memory = new ReasoningMemory({ entries: 2, characters: 200 })
    const of = (text: string) => [{ type: "reasoning.text" as const, text }]
    memory.remember("a", of("a"))
    memory.remember("b", of("b"))
    assert.deepStrictEqual(memory.recall("a"), of("a"))
    memory.remember("c", of("c"))
    assert.deepStrictEqual([memory.recall("a"), memory.recall("b"), memory.recall("c")], [of("a"), [], of("c")])
    memory.remember("d", of("d".repeat(150)))
    assert.deepStrictEqual([memory.recall("a"), memory.recall("c")], [[], []])
    assert.lengthOf(memory.recall("d"), 1)
  })
})
