/** Regular runs: requests, responses and their order. */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as AgentStream from "../../../src/agent/AgentStream.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { logsInto } from "../../support/effect/logs.js"
import { collect, itemsOf, lastOutputs, model, outputsOf, sent, shapeOf, timed } from "./support.js"

const Weather = Tool.make("get_weather", {
  description: "Current weather",
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Struct({ celsius: Schema.Number })
})

const Slow = Tool.make("slow", { parameters: Schema.Struct({ millis: Schema.Number }), success: Schema.Number })

const tools = Toolkit.make(Weather)

const WeatherLive = tools.toLayer({ get_weather: ({ city }) => Effect.succeed({ celsius: city.length }) })

const SlowLive = Toolkit.make(Slow).toLayer({ slow: ({ millis }) => Effect.as(Effect.sleep(millis), millis) })

const script = (...turns: Script.Script) => Layer.mergeAll(WeatherLive, SlowLive, TestModel.layer(turns))

/** Three calls; the third finishes first and the second last. */
const threeCalls = [30, 50, 10].map((millis) => Script.toolCall("slow", { millis }))

describe("one turn", () => {
  it.effect("1: text is the concatenation of its deltas, from one streamed request of an agent", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Hello!", temperature: 0.5 })
      assert.strictEqual(run.text, "Hello, you there!")
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(run.pending, [])
      assert.strictEqual(run.response?.status, "completed")
      assert.strictEqual(run.cost, 0.25)
      const [request, ...more] = yield* TestModel.requests
      assert.deepStrictEqual(more, [])
      assert.strictEqual(request?.path, "/responses")
      assert.strictEqual(request?.headers["x-openrouter-callmodel"], "true")
      assert.deepStrictEqual(request?.json, {
        model,
        temperature: 0.5,
        include: ["reasoning.encrypted_content"],
        input: [{ role: "user", content: "Hello!" }],
        stream: true
      })
    }).pipe(Effect.provide(script(Script.turn(["Hello, ", "you there!"], { cost: 0.25 })))))

  it.effect("1: the texts of two messages are both in the text of the run and in its stream", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Hello!" })
      assert.strictEqual(run.text, "First. Second.")
      const deltas = yield* collect(AgentStream.textDeltas(Agent.stream({ model, input: "Hello!" })))
      assert.strictEqual(deltas.join(""), "First. Second.")
      assert.deepStrictEqual(run.items.map((item) => item.type), ["message", "reasoning", "message"])
    }).pipe(Effect.provide(script(Script.forever(["First. ", Script.reasoning("hm"), "Second."])))))

  it.effect("1: input warns of what it loses, and not of labels, which no model reads", () =>
    Effect.gen(function*() {
      const logged: Array<unknown> = []
      const logger = logsInto(({ message }) => logged.push(message))
      const say = (extra: object) =>
        Agent.run({
          model,
          input: [
            { role: "user", content: "Weather?", ...extra },
            {
              role: "assistant",
              content: null,
              tool_calls: [{ id: "a", type: "function", index: 0, function: { name: "get_weather", arguments: "{}" } }]
            },
            { role: "tool", tool_call_id: "a", content: "Sunny" }
          ]
        }).pipe(Effect.provide(logger))
      yield* say({})
      assert.deepStrictEqual(logged, [])
      yield* say({ name: "Ada" })
      assert.include(JSON.stringify(logged), "0.name")
    }).pipe(Effect.provide(script("Yes.", "Yes."))))

  it.effect("1: input of any form is sent as items", () =>
    Effect.gen(function*() {
      yield* Agent.run({ model, input: "Hello!" })
      yield* Agent.run({ model, input: [{ role: "user", content: "Hello!" }] })
      yield* Agent.run({ model, input: ({ turn }) => Effect.succeed(`Hello ${turn}`) })
      yield* Agent.run({
        model,
        input: [{
          role: "assistant",
          content: null,
          tool_calls: [{ id: "a", type: "function", function: { name: "get_weather", arguments: "{}" } }]
        }, { role: "tool", tool_call_id: "a", content: "5" }]
      })
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(requests[0]), [{ role: "user", content: "Hello!" }])
      assert.deepStrictEqual(shapeOf(requests[1]), ["message user"])
      assert.deepStrictEqual(itemsOf(requests[2]), [{ role: "user", content: "Hello 1" }])
      assert.deepStrictEqual(shapeOf(requests[3]), ["function_call a", "function_call_output a"])
    }).pipe(Effect.provide(script(Script.forever("Hello!")))))

  it.effect("1: a server may respond with JSON instead of a stream", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Hello!" })
      assert.strictEqual(run.text, "Whole.")
      assert.strictEqual(run.cost, 0.5)
    }).pipe(Effect.provide(script(Script.reply({
      id: "gen-1",
      object: "response",
      created_at: 0,
      model,
      status: "completed",
      output: [{
        id: "msg_1",
        type: "message",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: "Whole.", annotations: [] }]
      }],
      usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2, cost: 0.5 }
    })))))

  it.effect("1: nothing is sent without input", () =>
    Effect.gen(function*() {
      for (const input of [undefined, []] as const) {
        const error = yield* Effect.flip(Agent.run({ model, input }))
        assert.strictEqual(error._tag, "InvalidRequestError")
      }
      assert.strictEqual(yield* sent, 0)
    }).pipe(Effect.provide(script())))
})

describe("a turn with a call, and one without", () => {
  const turns = [
    Script.turn([Script.reasoning("hm", { signature: "sig" }), Script.toolCall("get_weather", { city: "Paris" })], {
      cost: 1
    }),
    Script.turn("Five degrees.", { cost: 2 })
  ] as const

  it.effect("2: the second request has the input, the call and its output as JSON", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Weather in Paris?", tools })
      assert.strictEqual(run.text, "Five degrees.")
      const [first, second, ...more] = yield* TestModel.requests
      assert.deepStrictEqual(more, [])
      const [, thought, call, output, ...rest] = itemsOf(second)
      assert.deepStrictEqual(rest, [])
      assert.deepStrictEqual(itemsOf(second).slice(0, 1), itemsOf(first))
      assert.strictEqual(thought?.["signature"], "sig")
      assert.deepInclude(call ?? {}, {
        type: "function_call",
        call_id: "call_1_1",
        name: "get_weather",
        arguments: "{\"city\":\"Paris\"}"
      })
      assert.deepStrictEqual(output, {
        type: "function_call_output",
        call_id: "call_1_1",
        output: "{\"celsius\":5}"
      })
      assert.deepStrictEqual(first?.json["tools"], second?.json["tools"])
      assert.deepStrictEqual(first?.json["tools"], [{
        type: "function",
        name: "get_weather",
        description: "Current weather",
        strict: true,
        parameters: {
          type: "object",
          properties: { city: { type: "string" } },
          required: ["city"],
          additionalProperties: false
        }
      }])
    }).pipe(Effect.provide(script(...turns))))

  it.effect("2: the result has both steps, all items, and the sum of the costs", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Weather in Paris?", tools })
      assert.strictEqual(run.cost, 3)
      assert.deepStrictEqual(run.steps.map(({ turn, usage }) => [turn, usage.cost]), [[1, 1], [2, 2]])
      const [step] = run.steps
      assert.deepStrictEqual(step?.toolCalls.map(({ callId, name }) => [callId, name]), [["call_1_1", "get_weather"]])
      assert.deepStrictEqual(step?.toolResults.map(({ result, status }) => [status, result]), [[
        "success",
        { celsius: 5 }
      ]])
      assert.deepStrictEqual(run.items.map((item) => item.type), [
        "reasoning",
        "function_call",
        "function_call_output",
        "message"
      ])
      assert.deepStrictEqual(run.history.slice(1), run.items)
      assert.strictEqual(run.history.length, 5)
    }).pipe(Effect.provide(script(...turns))))

  it.effect("2: events come in order: the turn, its tools, the end of the run", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream({ model, input: "Weather in Paris?", tools }))
      assert.deepStrictEqual(
        events.map(({ type }) => type).filter((type) => !type.startsWith("response.")),
        ["turn.start", "turn.end", "tool.result", "tool.call_output", "turn.start", "turn.end", "run.end"]
      )
      const [success] = events.filter((event) => event.type === "tool.result")
      assert.deepStrictEqual(success, {
        type: "tool.result",
        status: "success",
        turn: 1,
        toolCallId: "call_1_1",
        name: "get_weather",
        arguments: { city: "Paris" },
        result: { celsius: 5 },
        encoded: { celsius: 5 }
      })
      const end = events.at(-1)
      assert.strictEqual(end?.type === "run.end" ? end.run.text : undefined, "Five degrees.")
    }).pipe(Effect.provide(script(...turns))))

  it.effect("2: a run continues the history of another run", () =>
    Effect.gen(function*() {
      const { history } = yield* Agent.run({ model, input: "Weather in Paris?", tools })
      const run = yield* Agent.run({ model, input: [...history, { role: "user", content: "And now?" }], tools })
      assert.strictEqual(run.items.length, 1)
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(requests[2]).slice(0, -2), itemsOf(requests[1]))
    }).pipe(Effect.provide(script(...turns, "Six."))))

  it.effect("2: text beside a call is kept, and the text of the run is that of its last turn", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Weather?", tools })
      assert.deepStrictEqual(run.steps.map(({ text }) => text), ["Let me see. ", "Five."])
      assert.strictEqual(run.text, "Five.")
      const deltas = yield* collect(
        AgentStream.textDeltas(Agent.stream({ model, input: "Weather?", tools }))
      )
      assert.strictEqual(deltas.join(""), "Let me see. Five.")
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]), [
        "message user",
        "message assistant",
        "function_call call_1_1",
        "function_call_output call_1_1"
      ])
    }).pipe(Effect.provide(script(
      ["Let me see. ", Script.toolCall("get_weather", { city: "Paris" })],
      "Five.",
      ["Let me see. ", Script.toolCall("get_weather", { city: "Paris" })],
      "Five."
    ))))
})

describe("several calls in one turn", () => {
  const options = { model, input: "Go!", tools: Toolkit.make(Slow) } as const

  it.effect("3: outputs are sent in the order of the calls, in whatever order the tools finish", () =>
    Effect.gen(function*() {
      const [run, millis] = yield* timed(Agent.run(options))
      assert.strictEqual(millis, 50)
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "30"], ["call_1_2", "50"], ["call_1_3", "10"]])
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]), [
        "message user",
        "function_call call_1_1",
        "function_call call_1_2",
        "function_call call_1_3",
        "function_call_output call_1_1",
        "function_call_output call_1_2",
        "function_call_output call_1_3"
      ])
      assert.deepStrictEqual(run.steps[0]?.toolResults.map(({ callId }) => callId), [
        "call_1_1",
        "call_1_2",
        "call_1_3"
      ])
    }).pipe(Effect.provide(script(threeCalls, "Done."))))

  it.effect("3: the outputs of two rounds follow their own calls", () =>
    Effect.gen(function*() {
      yield* timed(Agent.run(options))
      const request = (yield* TestModel.requests)[2]
      assert.deepStrictEqual(outputsOf(request).map(([id]) => id), [
        "call_1_1",
        "call_1_2",
        "call_1_3",
        "call_2_1",
        "call_2_2"
      ])
      assert.deepStrictEqual(shapeOf(request).slice(7, 9), ["function_call call_2_1", "function_call call_2_2"])
    }).pipe(Effect.provide(script(threeCalls, threeCalls.slice(1), "Done."))))

  it.effect("4: tool results arrive in completion order, at once", () =>
    Effect.gen(function*() {
      const results: Array<readonly [string, number]> = []
      const outputs: Array<readonly [string, number]> = []
      yield* timed(Stream.runForEach(Agent.stream(options), (event) =>
        Effect.map(Clock.currentTimeMillis, (now) => {
          if (event.type === "tool.result") results.push([event.toolCallId, now])
          if (event.type === "tool.call_output") outputs.push([event.output.call_id, now])
        })))
      const expected: typeof results = [["call_1_3", 10], ["call_1_1", 30], ["call_1_2", 50]]
      assert.deepStrictEqual(results, expected)
      assert.deepStrictEqual(outputs, expected)
    }).pipe(Effect.provide(script(threeCalls, "Done."))))

  it.effect("4: the tool stream of Agent.callModel has tool results in completion order", () =>
    Effect.gen(function*() {
      const seen: Array<readonly [string, number]> = []
      yield* timed(Effect.scoped(Effect.gen(function*() {
        const result = yield* Agent.callModel(options)
        yield* Stream.runForEach(result.toolStream, (event) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            if (event.type === "tool.result") seen.push([event.toolCallId, now])
          }))
      })))
      assert.deepStrictEqual(seen, [["call_1_3", 10], ["call_1_1", 30], ["call_1_2", 50]])
    }).pipe(Effect.provide(script(threeCalls, "Done."))))
})
