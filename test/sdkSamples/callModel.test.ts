/** `callModel`: its inputs, the getters of its result, and its parameters. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Agent from "../../src/agent/Agent.js"
import * as Convert from "../../src/agent/Convert.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"

const model = "openai/gpt-5-nano"

/** The body of the request. */
const body = Effect.map(TestModel.requests, ([request]) => request?.json ?? assert.fail("no request"))

describe("input", () => {
  it.effect("a text", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Explain quantum computing in one sentence." })
      assert.strictEqual(yield* result.text, "It computes with superpositions.")
      assert.deepStrictEqual((yield* body)["input"], [
        { role: "user", content: "Explain quantum computing in one sentence." }
      ])
    }).pipe(Effect.scoped, Effect.provide(TestModel.layer(["It computes with superpositions."]))))

  it.effect("messages", () =>
    Effect.gen(function*() {
      const input = [
        { role: "user", content: "What is the capital of France?" },
        { role: "assistant", content: "The capital of France is Paris." },
        { role: "user", content: "What is its population?" }
      ] as const
      const result = yield* Agent.callModel({ model, input })
      assert.strictEqual(yield* result.text, "Two million.")
      assert.deepStrictEqual((yield* body)["input"], input)
    }).pipe(Effect.scoped, Effect.provide(TestModel.layer(["Two million."]))))

  it.effect("an image and a text", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({
        model,
        input: [{
          role: "user",
          content: [
            { type: "text", text: "What is in this image?" },
            { type: "image_url", image_url: { url: "https://example.com/image.png" } }
          ]
        }]
      })
      assert.strictEqual(yield* result.text, "A cat.")
      assert.deepStrictEqual((yield* body)["input"], [{
        role: "user",
        content: [
          { type: "input_text", text: "What is in this image?" },
          { type: "input_image", image_url: "https://example.com/image.png", detail: "auto" }
        ]
      }])
    }).pipe(Effect.scoped, Effect.provide(TestModel.layer(["A cat."]))))

  it.effect("instructions", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({
        model,
        instructions: "You are a helpful coding assistant. Be concise.",
        input: "How do I reverse a string in Python?"
      })
      assert.strictEqual(yield* result.text, "s[::-1]")
      assert.strictEqual((yield* body)["instructions"], "You are a helpful coding assistant. Be concise.")
    }).pipe(Effect.scoped, Effect.provide(TestModel.layer(["s[::-1]"]))))
})

describe("the result", () => {
  it.effect("the text", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Write a haiku about coding" })
      assert.strictEqual(yield* result.text, "Silent keys at night")
    }).pipe(Effect.scoped, Effect.provide(TestModel.layer(["Silent keys at night"]))))

  it.effect("the response, with its usage", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Hello!" })
      const response = (yield* result.response) ?? assert.fail("no response")
      assert.strictEqual(Convert.toChatMessage(response).value.content, "Hi!")
      assert.deepInclude(response.usage, { input_tokens: 12, output_tokens: 3, total_tokens: 15 })
      assert.deepStrictEqual(yield* result.cost, 0.25)
    }).pipe(
      Effect.scoped,
      Effect.provide(TestModel.layer([Script.turn("Hi!", { cost: 0.25, usage: { inputTokens: 12, outputTokens: 3 } })]))
    ))

  it.effect("the deltas of the text, and of the reasoning", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Write a short story" })
      const story: Array<string> = []
      yield* Stream.runForEach(result.textStream, (delta) => Effect.sync(() => story.push(delta)))
      assert.deepStrictEqual(story, ["Once ", "upon ", "a time."])
      assert.strictEqual(yield* Stream.mkString(result.reasoningStream), "A story begins somewhere.")
    }).pipe(
      Effect.scoped,
      Effect.provide(TestModel.layer([[
        Script.reasoning("A story begins somewhere."),
        Script.text(["Once ", "upon ", "a time."])
      ]]))
    ))

  it.effect("several consumers at the same time, of one request", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Write a detailed explanation" })
      const [text, response] = yield* Effect.all([Stream.mkString(result.textStream), result.response], {
        concurrency: "unbounded"
      })
      assert.strictEqual(text, "It is so.")
      assert.strictEqual(response?.usage?.total_tokens, 15)
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(
      Effect.scoped,
      Effect.provide(TestModel.layer([Script.turn("It is so.", { usage: { inputTokens: 12, outputTokens: 3 } })]))
    ))
})

describe("parameters", () => {
  it.effect("have the names of the wire; sequences that stop the text are a parameter of chat", () =>
    Effect.gen(function*() {
      const params = {
        temperature: 0.7,
        max_output_tokens: 1000,
        top_p: 0.9,
        frequency_penalty: 0.5,
        presence_penalty: 0.5
      } as const
      const result = yield* Agent.callModel({ model, input: "Write a creative story", ...params })
      assert.strictEqual(yield* result.text, "Once.")
      assert.deepInclude(yield* body, params)
    }).pipe(Effect.scoped, Effect.provide(TestModel.layer(["Once."]))))
})
