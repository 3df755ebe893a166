/** The formats of messages, responses and events, and their conversion. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../src/agent/Agent.js"
import type * as AgentStream from "../../src/agent/AgentStream.js"
import * as Convert from "../../src/agent/Convert.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { collect, itemsOf } from "../agent/scenarios/support.js"

const model = "openai/gpt-5-nano"

const analysisTool = Tool.make("analyze", {
  parameters: Schema.Struct({ data: Schema.String }),
  progress: Schema.Struct({ percent: Schema.Number }),
  success: Schema.Struct({ mean: Schema.Number })
})
const tools = Toolkit.make(analysisTool)
const ToolsLive = tools.toLayer({
  analyze: (_, call) => Effect.as(call.progress({ percent: 50 }), { mean: 4 })
})

const analysis = [
  Script.turn([Script.reasoning("I need the mean."), Script.toolCall("analyze", { data: "3 5" })], {
    usage: { outputTokens: 7 }
  }),
  Script.turn("The mean is 4.", { usage: { inputTokens: 12, outputTokens: 3 } })
] as const

const script = (...turns: Script.Script) => Effect.provide(Layer.merge(ToolsLive, TestModel.layer(turns)))

describe("conversion", () => {
  it.effect("from and to messages of OpenAI", () =>
    Effect.gen(function*() {
      const messages = [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hello!" }
      ] as const
      const result = yield* Agent.callModel({ model, input: Convert.fromChatMessages(messages).value })
      const response = (yield* result.response) ?? assert.fail("no response")
      assert.deepInclude(Convert.toChatMessage(response).value, { role: "assistant", content: "Hi!" })
    }).pipe(Effect.scoped, script("Hi!")))

  it.effect("from and to messages of Claude", () =>
    Effect.gen(function*() {
      const messages = [{ role: "user", content: "Hello!" }] as const
      const result = yield* Agent.callModel({
        model: "anthropic/claude-3-opus",
        input: Convert.fromClaudeMessages(messages).value
      })
      const response = (yield* result.response) ?? assert.fail("no response")
      const { value } = Convert.toClaudeMessage(response)
      assert.strictEqual(value.role, "assistant")
      assert.deepInclude(value.content[0], { type: "text", text: "Hi!" })
    }).pipe(Effect.scoped, script("Hi!")))
})

describe("messages", () => {
  it.effect("of a user may mix texts and images, of this API and of Claude", () =>
    Effect.gen(function*() {
      yield* Agent.run({
        model,
        input: [{
          role: "user",
          content: [
            { type: "input_text", text: "Compare." },
            { type: "input_image", image_url: "https://example.com/a.png", detail: "low" }
          ]
        }]
      })
      yield* Agent.run({
        model,
        input: [{
          role: "user",
          content: [
            { type: "text", text: "Describe." },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } }
          ]
        }]
      })
      const [first, second] = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(first)[0]?.["content"], [
        { type: "input_text", text: "Compare." },
        { type: "input_image", image_url: "https://example.com/a.png", detail: "low" }
      ])
      assert.deepStrictEqual(itemsOf(second)[0]?.["content"], [
        { type: "input_text", text: "Describe." },
        { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=", detail: "auto" }
      ])
    }).pipe(script("Different.", "A dot.")))

  it.effect("with a call and its result are input as they are", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({
        model,
        input: [
          { role: "user", content: "The mean of 3 and 5?" },
          {
            role: "assistant",
            content: null,
            tool_calls: [{ id: "c1", type: "function", function: { name: "analyze", arguments: "{\"data\":\"3 5\"}" } }]
          },
          { role: "tool", tool_call_id: "c1", content: "{\"mean\":4}" }
        ]
      })
      assert.strictEqual(run.text, "It is 4.")
      assert.deepStrictEqual(itemsOf((yield* TestModel.requests)[0]).map(({ call_id, type }) => [type, call_id]), [
        [undefined, undefined],
        ["function_call", "c1"],
        ["function_call_output", "c1"]
      ])
    }).pipe(script("It is 4.")))
})

describe("a response", () => {
  it.effect("has output, usage and the reason why it ended, in each step", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Analyze this data", tools })
      const [first, second] = run.steps
      assert.deepStrictEqual(run.steps.map(({ turn }) => turn), [1, 2])
      assert.deepStrictEqual(first?.response.output.map(({ type }) => type), ["reasoning", "function_call"])
      assert.deepInclude(second, { text: "The mean is 4.", finishReason: "completed" })
      assert.deepInclude(second?.usage, { inputTokens: 12, outputTokens: 3 })
    }).pipe(script(...analysis)))
})

describe("streams", () => {
  it.effect("all events", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Analyze this data", tools })
      const printed = new Map<string, string>()
      const print = (label: string, text: string) => printed.set(label, (printed.get(label) ?? "") + text)
      yield* Stream.runForEach(result.fullResponsesStream, (event) =>
        Effect.sync(() => {
          switch (event.type) {
            case "response.output_text.delta":
              print("[Text]", event.delta)
              break
            case "response.reasoning_text.delta":
              print("[Reasoning]", event.delta)
              break
            case "response.function_call_arguments.delta":
              print("[Tool Args]", event.delta)
              break
            case "tool.preliminary_result":
              print(`[Progress: ${event.toolCallId}]`, JSON.stringify(event.result))
              break
            case "response.completed":
              print("[Complete]", ` ${event.response.usage?.output_tokens}`)
              break
          }
        }))
      assert.deepStrictEqual([...printed], [
        ["[Reasoning]", "I need the mean."],
        ["[Tool Args]", "{\"data\":\"3 5\"}"],
        ["[Complete]", " 7 3"],
        ["[Progress: call_1_1]", "{\"percent\":50}"],
        ["[Text]", "The mean is 4."]
      ])
    }).pipe(Effect.scoped, script(...analysis)))

  it.effect("the events of tools", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Analyze this data", tools })
      const events = yield* collect(result.toolStream)
      assert.deepStrictEqual(events.map(({ type }) => type), ["delta", "tool.preliminary_result", "tool.result"])
      assert.deepInclude(events[0], { type: "delta", content: "{\"data\":\"3 5\"}" })
      assert.deepInclude(events[1], { toolCallId: "call_1_1", result: { percent: 50 } })
    }).pipe(Effect.scoped, script(...analysis)))

  it.effect("new messages", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Research this topic", tools })
      const allMessages: Array<AgentStream.NewMessage> = []
      const lines: Array<unknown> = []
      yield* Stream.runForEach(result.newMessagesStream, (message) =>
        Effect.sync(() => {
          allMessages.push(message)
          if (message.type === "message") {
            lines.push(["Assistant:", message.content.map((part) => part.type === "output_text" ? part.text : "")])
          } else if (message.type === "function_call_output") {
            lines.push(["Tool result:", message.output])
          }
        }))
      assert.deepStrictEqual(lines, [["Tool result:", "{\"mean\":4}"], ["Assistant:", ["The mean is 4."]]])
      assert.deepStrictEqual(allMessages.map(({ type }) => type), ["function_call", "function_call_output", "message"])
    }).pipe(Effect.scoped, script(...analysis)))
})
