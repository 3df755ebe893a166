/** Tools: their kinds, stop conditions, parameters that change with the turn, and the stream of their calls. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../src/agent/Agent.js"
import * as StopWhen from "../../src/agent/StopWhen.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { lastOutputs, sent } from "../agent/scenarios/support.js"
import { withDefault } from "../support/effect/schemas.js"

const model = "openai/gpt-5-nano"

const weatherTool = Tool.make("get_weather", {
  description: "Get current weather for a location",
  parameters: Schema.Struct({
    location: Schema.String.annotations({ description: "City name" }),
    units: withDefault(Schema.Literal("celsius", "fahrenheit"), () => "celsius" as const)
  }),
  success: Schema.Struct({ temperature: Schema.Number, conditions: Schema.String, humidity: Schema.Number })
})

const calculatorTool = Tool.make("calculate", {
  description: "Perform mathematical calculations",
  parameters: Schema.Struct({ expression: Schema.String }),
  success: Schema.Struct({ result: Schema.Number })
})

const searchTool = Tool.make("web_search", {
  description: "Search the web",
  parameters: Schema.Struct({ query: Schema.String }),
  progress: Schema.Struct({ type: Schema.Literal("progress"), message: Schema.String }),
  success: Schema.Struct({ results: Schema.Array(Schema.String) })
})

const manualTool = Tool.manual("user_confirmation", {
  description: "Request user confirmation",
  parameters: Schema.Struct({ message: Schema.String })
})

const skillTool = Tool.make("load_skill", {
  description: "Load a specialized skill",
  parameters: Schema.Struct({ skill: Schema.String.annotations({ description: "Name of the skill to load" }) }),
  success: Schema.Struct({ loaded: Schema.String }),
  nextTurn: ({ current, params }) => ({ instructions: `${current.instructions}\n\nUse ${params.skill}.` })
})

const tools = Toolkit.make(weatherTool, calculatorTool, searchTool, manualTool, skillTool)

/** The parameters that the handler of the weather received. */
let asked: Array<unknown> = []

const ToolsLive = tools.toLayer({
  get_weather: (params) =>
    Effect.sync(() => {
      asked.push(params)
      return { temperature: 22, conditions: "Sunny", humidity: 45 }
    }),
  calculate: ({ expression }) => Effect.succeed({ result: expression === "6 * 7" ? 42 : Number.NaN }),
  web_search: (_, call) =>
    Effect.gen(function*() {
      yield* call.progress({ type: "progress", message: "Searching..." })
      yield* call.progress({ type: "progress", message: "Processing results..." })
      return { results: ["Result 1", "Result 2"] }
    }),
  load_skill: ({ skill }) => Effect.succeed({ loaded: skill })
})

const script = (...turns: Script.Script) => {
  asked = []
  return Effect.provide(Layer.merge(ToolsLive, TestModel.layer(turns)))
}

const search = Script.toolCall("web_search", { query: "TypeScript" })

describe("tools", () => {
  it.effect("execute by themselves, and the conversation continues", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "What is the weather in Paris?", tools })
      assert.strictEqual(yield* result.text, "It is sunny.")
      assert.deepStrictEqual(asked, [{ location: "Paris", units: "celsius" }])
      assert.deepStrictEqual(yield* lastOutputs, [
        ["call_1_1", "{\"temperature\":22,\"conditions\":\"Sunny\",\"humidity\":45}"]
      ])
    }).pipe(Effect.scoped, script(Script.toolCall("get_weather", { location: "Paris" }), "It is sunny.")))

  it.effect("return a result", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "What is 6 times 7?", tools })
      assert.strictEqual(yield* result.text, "42.")
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "{\"result\":42}"]])
    }).pipe(Effect.scoped, script(Script.toolCall("calculate", { expression: "6 * 7" }), "42.")))

  it.effect("report progress", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Search", tools })
      const messages: Array<string> = []
      yield* Stream.runForEach(result.toolStream, (event) =>
        Effect.sync(() => {
          if (event.type === "tool.preliminary_result") messages.push(event.result.message)
        }))
      assert.deepStrictEqual(messages, ["Searching...", "Processing results..."])
    }).pipe(Effect.scoped, script(search, "Found.")))

  it.effect("without a handler leave their calls to you", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ model, input: "Delete all.", tools })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_tools" })
      const [call = assert.fail("no call")] = first.pending
      assert.deepStrictEqual([call.name, call.arguments], ["user_confirmation", { message: "Really?" }])
      const second = yield* Agent.run({ model, input: first.history, tools, answer: { [call.callId]: true } })
      assert.strictEqual(second.text, "Deleted.")
    }).pipe(script(Script.toolCall("user_confirmation", { message: "Really?" }), "Deleted.")))

  it.effect("change the parameters of the turns to come", () =>
    Effect.gen(function*() {
      yield* Agent.run({ model, instructions: "Be brief.", input: "Load it.", tools })
      assert.deepStrictEqual(
        (yield* TestModel.requests).map(({ json }) => json["instructions"]),
        ["Be brief.", "Be brief.\n\nUse pdf."]
      )
    }).pipe(script(Script.toolCall("load_skill", { skill: "pdf" }), "Loaded.")))

  it.effect("their calls are a stream, with arguments and results", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Search for information about TypeScript", tools })
      const lines: Array<string> = []
      yield* Stream.runForEach(result.toolCallsStream, (toolCall) =>
        Effect.sync(() =>
          lines.push(
            `Tool called: ${toolCall.name}`,
            `Arguments: ${JSON.stringify(toolCall.arguments)}`,
            `Result: ${JSON.stringify(toolCall.result)}`
          )
        ))
      assert.deepStrictEqual(lines, [
        "Tool called: web_search",
        "Arguments: {\"query\":\"TypeScript\"}",
        "Result: {\"results\":[\"Result 1\",\"Result 2\"]}"
      ])
    }).pipe(Effect.scoped, script(search, "It is a language.")))

  it.effect("a call of the stream has what its tool yielded; a step has calls and their results", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model, input: "Search", tools })
      const [call] = yield* Stream.runCollect(result.toolCallsStream)
      assert.deepStrictEqual(call?.preliminaryResults, [
        { type: "progress", message: "Searching..." },
        { type: "progress", message: "Processing results..." }
      ])
      const [step] = (yield* result.run).steps
      assert.deepStrictEqual(step?.toolCalls.map(({ arguments: given, name }) => [name, given]), [
        ["web_search", { query: "TypeScript" }]
      ])
      assert.deepStrictEqual(step?.toolResults.map(({ name, result }) => [name, result]), [
        ["web_search", { results: ["Result 1", "Result 2"] }]
      ])
    }).pipe(Effect.scoped, script(search, "Found.")))
})

describe("stop conditions", () => {
  const options = { model: "openai/gpt-5.2", input: "Research this topic thoroughly", tools } as const
  const limits = [StopWhen.stepCountIs(10), StopWhen.maxCost(1), StopWhen.hasToolCall("calculate")]

  it.effect("stepCountIs stops after so many turns", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: limits })
      assert.deepStrictEqual([run.outcome, yield* sent], [{ _tag: "stopped", condition: "stepCountIs(10)" }, 10])
    }).pipe(script(Script.forever(search))))

  it.effect("maxCost stops when the cost exceeds the amount", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: limits })
      assert.deepStrictEqual([run.outcome, Number(run.cost.toFixed(3))], [
        { _tag: "stopped", condition: "maxCost(1)" },
        1.2
      ])
    }).pipe(script(Script.forever(Script.turn([search], { cost: 0.4 })))))

  it.effect("hasToolCall stops when the tool is called", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: limits })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "hasToolCall(calculate)" })
    }).pipe(script(search, Script.toolCall("calculate", { expression: "6 * 7" }), "42.")))

  it.effect("a function of yours", () =>
    Effect.gen(function*() {
      const customStop = (run: Agent.Progress) => run.history.length > 20
      const run = yield* Agent.run({ model, input: "Complex task", tools, stopWhen: customStop })
      assert.strictEqual(run.outcome._tag, "stopped")
      assert.isAbove(run.history.length, 20)
      assert.isAtMost(run.history.length, 22)
    }).pipe(script(Script.forever(search))))
})

describe("parameters that are functions of the turn", () => {
  it.effect("depend on how many turns there were", () =>
    Effect.gen(function*() {
      yield* Agent.run({
        model: ({ turn }) => turn > 3 ? "openai/gpt-4" : "openai/gpt-4o-mini",
        temperature: ({ turn }) => turn > 1 ? 0.3 : 0.7,
        input: "Hello!",
        tools
      })
      assert.deepStrictEqual(
        (yield* TestModel.requests).map(({ json }) => [json["model"], json["temperature"]]),
        [
          ["openai/gpt-4o-mini", 0.7],
          ["openai/gpt-4o-mini", 0.3],
          ["openai/gpt-4o-mini", 0.3],
          ["openai/gpt-4", 0.3]
        ]
      )
    }).pipe(script(search, search, search, "Done.")))

  it.effect("know the messages, the instructions and the cost so far", () =>
    Effect.gen(function*() {
      const seen: Array<readonly [turn: number, messages: number, instructions: unknown, cost: number]> = []
      yield* Agent.run({
        model,
        instructions: "Be brief.",
        input: "Load it.",
        tools,
        temperature: ({ current, run, turn }) => {
          seen.push([turn, run.history.length, current.instructions, run.cost])
          return 0.5
        }
      })
      assert.deepStrictEqual(seen, [
        [1, 1, "Be brief.", 0],
        [2, 3, "Be brief.\n\nUse pdf.", 0.25]
      ])
    }).pipe(script(Script.turn([Script.toolCall("load_skill", { skill: "pdf" })], { cost: 0.25 }), "Loaded.")))
})
