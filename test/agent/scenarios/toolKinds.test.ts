/** Tools with progress, tools with an output of their own, and tools that others execute. */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { collect, itemsOf, lastOutputs, model, outputsOf, sent, shapeOf, timed } from "./support.js"

describe("a tool with progress", () => {
  const Search = Tool.make("search", {
    parameters: Schema.Struct({ step: Schema.Number }),
    progress: Schema.Struct({ done: Schema.Number, at: Schema.Date }),
    success: Schema.Array(Schema.String),
    failure: Schema.String,
    retry: Schedule.recurs(1)
  })
  const kit = Toolkit.make(Search)
  const pages = (step: number) =>
    Stream.fromIterable([1, 2, 3]).pipe(Stream.mapEffect((done) => Effect.as(Effect.sleep(step), done)))
  const Live = kit.toLayer({
    search: ({ step }, call) =>
      pages(step).pipe(
        Stream.tap((done) => call.progress({ done, at: new Date(done) })),
        Stream.map((done) => `page ${done}`),
        Stream.runCollect,
        Effect.map((found) => [...found]),
        Effect.filterOrFail(() => step !== 5 || call.attempt > 1, () => "again")
      )
  })
  const options = { model, input: "Go!", tools: kit } as const
  const script = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), Live)
  type Seen = Array<readonly [id: string, what: unknown, at: number]>

  const watch = (seen: Seen) =>
    Stream.runForEach(Agent.stream(options), (event) =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (event.type === "tool.preliminary_result") seen.push([event.toolCallId, event.result.done, now])
        if (event.type === "tool.result") seen.push([event.toolCallId, event.status, now])
      }))

  it.effect("22: progress arrives live, under the id of its call, before the result", () =>
    Effect.gen(function*() {
      const seen: Seen = []
      yield* timed(watch(seen))
      assert.deepStrictEqual(seen, [
        ["call_1_1", 1, 10],
        ["call_1_1", 2, 20],
        ["call_1_2", 1, 25],
        ["call_1_1", 3, 30],
        ["call_1_1", "success", 30],
        ["call_1_2", 2, 50],
        ["call_1_2", 3, 75],
        ["call_1_2", "success", 75]
      ])
      assert.deepStrictEqual((yield* lastOutputs)[0], ["call_1_1", "[\"page 1\",\"page 2\",\"page 3\"]"])
    }).pipe(Effect.provide(script([
      Script.toolCall("search", { step: 10 }),
      Script.toolCall("search", { step: 25 })
    ], "Done."))))

  it.effect("22: it has the type of its schema, and the names of its tool and turn", () =>
    Effect.gen(function*() {
      const [events] = yield* timed(collect(Agent.stream(options)))
      const [first] = events.flatMap((event) => event.type === "tool.preliminary_result" ? [event] : [])
      assert.deepStrictEqual(first, {
        type: "tool.preliminary_result",
        turn: 1,
        toolCallId: "call_1_1",
        name: "search",
        result: { done: 1, at: new Date(1) }
      })
    }).pipe(Effect.provide(script(Script.toolCall("search", { step: 10 }), "Done."))))

  it.effect("22: progress of a failed attempt is emitted, and is not part of the output", () =>
    Effect.gen(function*() {
      const seen: Seen = []
      yield* timed(watch(seen))
      assert.deepStrictEqual(seen.map(([, what]) => what), [1, 2, 3, 1, 2, 3, "success"])
      assert.strictEqual((yield* lastOutputs).length, 1)
    }).pipe(Effect.provide(script(Script.toolCall("search", { step: 5 }), "Done."))))

  it.effect("22: the run without a reader is the same", () =>
    Effect.gen(function*() {
      const [run] = yield* timed(Agent.run(options))
      assert.deepStrictEqual(run.steps[0]?.toolResults[0]?.result, ["page 1", "page 2", "page 3"])
    }).pipe(Effect.provide(script(Script.toolCall("search", { step: 10 }), "Done."))))
})

describe("a tool with toModelOutput", () => {
  const Shot = Tool.make("shot", {
    parameters: Schema.Struct({ url: Schema.String, at: Schema.Date }),
    success: Schema.Struct({ png: Schema.String, taken: Schema.Date }),
    toModelOutput: ({ png, taken }, { at, url }) => [
      { type: "input_text", text: `${url} ${taken.getTime() - at.getTime()}` },
      { type: "input_image", image_url: png, detail: "auto" },
      { type: "input_file", filename: "a.txt", file_data: "data:text/plain;base64,YQ==" }
    ]
  })
  const Words = Tool.make("words", { success: Schema.Number, toModelOutput: (n) => `${n} in words` })
  const Broken = Tool.make("broken", {
    success: Schema.Number,
    toModelOutput: () => {
      throw new Error("no such template")
    }
  })
  const kit = Toolkit.make(Shot, Words, Broken)
  const Live = kit.toLayer({
    shot: () => Effect.succeed({ png: "data:image/png;base64,AA==", taken: new Date(1500) }),
    words: () => Effect.succeed(5),
    broken: () => Effect.succeed(5)
  })
  const options = { model, input: "Go!", tools: kit } as const
  const script = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), Live)

  it.effect("23: content parts are sent verbatim as a list, made of decoded values", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream(options))
      const parts = [
        { type: "input_text", text: "a.org 500" },
        { type: "input_image", image_url: "data:image/png;base64,AA==", detail: "auto" },
        { type: "input_file", filename: "a.txt", file_data: "data:text/plain;base64,YQ==" }
      ]
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", parts], ["call_1_2", "5 in words"]])
      const [success] = events.flatMap((event) => event.type === "tool.result" ? [event] : [])
      assert(success?.status === "success")
      assert.deepStrictEqual(success.result, { png: "data:image/png;base64,AA==", taken: new Date(1500) })
      const end = events.at(-1)
      assert(end?.type === "run.end")
      assert.deepStrictEqual<unknown>(end.run.steps[0]?.toolResults[0]?.output, parts)
      assert.deepStrictEqual(end.run.steps[0]?.toolResults[0]?.result, {
        png: "data:image/png;base64,AA==",
        taken: new Date(1500).toISOString()
      })
    }).pipe(Effect.provide(script([
      Script.toolCall("shot", { url: "a.org", at: new Date(1000).toISOString() }),
      Script.toolCall("words")
    ], "Done."))))

  it.effect("23: content parts stay in later turns and in another run", () =>
    Effect.gen(function*() {
      const { history } = yield* Agent.run(options)
      yield* Agent.run({ ...options, input: [...history, { role: "user", content: "And?" }] })
      const requests = yield* TestModel.requests
      const [first] = outputsOf(requests[1])
      assert.isArray(first?.[1])
      assert.deepStrictEqual(outputsOf(requests[2])[0], first)
      assert.deepStrictEqual(outputsOf(requests[3])[0], first)
    }).pipe(Effect.provide(script(
      Script.toolCall("shot", { url: "a.org", at: new Date(1000).toISOString() }),
      Script.toolCall("words"),
      "Done.",
      "Yes."
    ))))

  it.effect("23: toModelOutput that throws fails the run with a CallbackError that names it", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run(options))
      assert(error._tag === "CallbackError")
      assert.strictEqual(error.callback, "toModelOutput of the tool \"broken\"")
      assert.include(error.message, "no such template")
      assert.strictEqual(error.progress.steps.length, 1)
    }).pipe(Effect.provide(script(Script.toolCall("broken")))))

  it.effect("23: failures reach the model as failures", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      assert.include(String((yield* lastOutputs)[0]?.[1]), "error")
    }).pipe(Effect.provide(script(Script.toolCall("shot", { url: 1 }), "Done."))))
})

describe("the item of a server tool", () => {
  const Count = Tool.make("count", { success: Schema.Number })
  const Web = Tool.server({ type: "openrouter:web_search", parameters: { max_results: 3 } })
  const kit = Toolkit.make(Web, Count, Tool.server({ type: "web_search_preview" }))
  const Live = kit.toLayer({ count: () => Effect.succeed(1) })
  const script = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), Live)
  const options = { model, input: "Go!", tools: kit } as const
  const search = {
    id: "ws_1",
    type: "web_search_call",
    status: "completed",
    action: { type: "search", query: "weather" }
  }
  const ofTomorrow = { id: "x_1", type: "openrouter:dream", status: "completed", vision: { of: ["sheep"] } }

  it.effect("27: it is in the step and is sent back unchanged; nothing executes here, and it has no output", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "Sunny.")
      assert.strictEqual(yield* sent, 2)
      const [first, second] = yield* TestModel.requests
      assert.deepStrictEqual(shapeOf(second), [
        "message user",
        "web_search_call",
        "openrouter:dream",
        "function_call call_1_1",
        "function_call_output call_1_1"
      ])
      assert.deepStrictEqual(itemsOf(second).slice(1, 3), [search, ofTomorrow])
      const [step] = run.steps
      assert.deepStrictEqual(step?.response.output.map(({ type }) => type), [
        "web_search_call",
        "openrouter:dream",
        "function_call"
      ])
      assert.deepStrictEqual(step?.toolCalls.map(({ name }) => name), ["count"])
      assert.deepStrictEqual(step?.toolResults.map(({ name }) => name), ["count"])
      const wire = first?.json["tools"]
      assert.deepStrictEqual(Array.isArray(wire) ? wire.map((tool) => tool.name ?? tool) : wire, [
        { type: "openrouter:web_search", parameters: { max_results: 3 } },
        "count",
        { type: "web_search_preview" }
      ])
    }).pipe(Effect.provide(script(
      [Script.item(search), Script.item(ofTomorrow), Script.toolCall("count")],
      "Sunny."
    ))))

  it.effect("27: a turn with only that item ends the run", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual(run.text, "Sunny.")
      assert.deepStrictEqual(run.pending, [])
      assert.deepStrictEqual(run.items.map(({ type }) => type), ["web_search_call", "message"])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script([Script.item(search), "Sunny."]))))

  it.effect("27: a function call with the name of a server tool is a call of an unknown tool", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      assert.include(String((yield* lastOutputs)[0]?.[1]), "There is no tool")
      assert.include(String((yield* lastOutputs)[0]?.[1]), "Available: count.")
    }).pipe(Effect.provide(script(Script.toolCall("openrouter:web_search"), "Sunny."))))
})
