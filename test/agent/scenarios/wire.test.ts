/** The form of a response on the wire does not change the result of an agent. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { collect, errorIn, itemsOf, lastOutputs, model } from "./support.js"

const Echo = Tool.make("echo", {
  parameters: Schema.Struct({ text: Schema.optional(Schema.String) }),
  success: Schema.String
})
const tools = Toolkit.make(Echo)

const script = (...turns: Script.Script) =>
  Layer.mergeAll(
    tools.toLayer({ echo: ({ text = "nothing" }) => Effect.succeed(text) }),
    TestModel.layer(turns)
  )

const options = { model, input: "Go!", tools } as const

const sse = (...lines: ReadonlyArray<string>) =>
  Script.reply(lines.join("\n") + "\n\n", { headers: { "content-type": "text/event-stream" } })

const data = (payload: unknown) => `data: ${JSON.stringify(payload)}\n`

/** A minimal response. */
const completed = (output: ReadonlyArray<unknown>, fields: object = {}) => ({
  type: "response.completed",
  response: { id: "gen-1", model, output, status: "completed", usage: null, ...fields }
})

const message = (text: string, fields: object = {}) => ({
  type: "message",
  id: "msg_1",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }],
  ...fields
})

describe("the form of a stream", () => {
  const words = ["Grüße ", "\u{1F30D} ", "für ", "\u2028alle"]
  const parts = [Script.reasoning(["h", "ö"]), Script.text(words), Script.comment("OPENROUTER PROCESSING")]

  for (
    const [form, turn] of Object.entries({
      "in reads of one byte": Script.turn(parts, { chunks: 1 }),
      "in reads of seven bytes": Script.turn(parts, { chunks: 7 }),
      "in one read": Script.turn(parts, { chunks: "whole" }),
      "with CRLF": Script.turn(parts, { lineEnd: "\r\n", chunks: 5 }),
      "with CR": Script.turn(parts, { lineEnd: "\r", chunks: 3 }),
      "with many comments": Script.turn(parts, { comments: 20 }),
      "without [DONE]": Script.turn(parts, { done: false })
    })
  ) {
    it.effect(`44: ${form} does not change its events`, () =>
      Effect.gen(function*() {
        const events = yield* collect(Agent.stream(options))
        const expected = yield* collect(Agent.stream(options))
        const anonymous = (all: typeof events) => JSON.stringify(all).replaceAll(/gen-0-Scripted\d+|_tmp_\d/g, "id")
        assert.strictEqual(anonymous(events), anonymous(expected))
        const end = events.at(-1)
        assert.strictEqual(end?.type === "run.end" ? end.run.text : "", words.join(""))
      }).pipe(Effect.provide(script(turn, Script.turn(parts)))))
  }

  it.effect("44: data may have several lines, events names, and [DONE] ends it", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "Hello")
    }).pipe(Effect.provide(script(sse(
      ": OPENROUTER PROCESSING",
      "",
      "event: response.completed",
      "id: 7",
      "retry: 100",
      ...JSON.stringify(completed([message("Hello")]), null, 2).split("\n").map((line) => `data: ${line}`),
      "",
      "data: [DONE]",
      "",
      "data: {\"not\": \"read\"}"
    )))))
})

describe("unknown events, items and fields", () => {
  const novelty = { type: "openrouter:tomorrow", id: "tm_1", status: "dreaming", payload: { deep: [1, null, "x"] } }

  it.effect("48: an unknown event is emitted unchanged, and an unknown item and its fields are sent in the next turn", () =>
    Effect.gen(function*() {
      const event = { type: "response.tomorrow", output_index: 0, payload: { a: [1] } }
      const events = yield* collect(Agent.stream(options))
      assert.deepInclude(events.map((event) => JSON.stringify(event)), JSON.stringify(event))
      const end = events.at(-1)
      const run = end?.type === "run.end" ? end.run : assert.fail("no end")
      assert.deepStrictEqual<unknown>(run.steps[0]?.response.output[0], novelty)
      const [, second] = yield* TestModel.requests
      assert.strictEqual(JSON.stringify(itemsOf(second)[1]), JSON.stringify(novelty))
    }).pipe(Effect.provide(script(
      [
        Script.event({ type: "response.tomorrow", output_index: 0, payload: { a: [1] } }),
        Script.item(novelty),
        Script.toolCall("echo", { text: "a" })
      ],
      "Done."
    ))))

  it.effect("48: unknown fields and values of known items survive in the response and in the next request", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "Hello")
      const [, second] = yield* TestModel.requests
      assert.strictEqual(JSON.stringify(itemsOf(second)[1]), JSON.stringify(odd))
      assert.strictEqual(Reflect.get(run.steps[0]?.response ?? {}, "tomorrow"), "field")
    }).pipe(Effect.provide(script(
      sse(
        data(completed([odd, {
          type: "function_call",
          id: "fc_1",
          call_id: "c",
          name: "echo",
          arguments: "{}",
          status: "completed"
        }], { tomorrow: "field", service_tier: "platinum" })),
        "data: [DONE]"
      ),
      "Hello"
    ))))

  it.effect("48: unknown content parts do not change the text", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Agent.run(options)).text, "ab")
    }).pipe(Effect.provide(script(sse(data(completed([message("", {
      content: [
        { type: "output_text", text: "a", annotations: [{ type: "tomorrow", x: 1 }] },
        { type: "output_hologram", cube: 1 },
        { type: "output_text", text: "b", annotations: [] }
      ]
    })])))))))
})

const odd = message("Hello", { phase: "tomorrow", flavour: { sweet: true } })

describe("missing fields", () => {
  it.effect("49: all optional fields of a response may be missing", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "Hello")
      assert.strictEqual(run.cost, 0)
      assert.strictEqual(run.usage.totalTokens, 0)
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
    }).pipe(Effect.provide(script(sse(data({
      type: "response.completed",
      response: { id: "gen-1", model, status: "completed", output: [message("Hello")] }
    }))))))

  it.effect("49: a missing required field is named in the error, and the cost of the response is kept", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run(options))
      assert.strictEqual(error._tag, "ResponseValidationError")
      assert.include(error.message, "response.output")
      assert.strictEqual(error.progress.cost, 0.5)
    }).pipe(Effect.provide(script(sse(data({
      type: "response.completed",
      response: { id: "gen-1", model, status: "completed", output: "Hello", usage: { cost: 0.5 } }
    }))))))
})

describe("usage", () => {
  it.effect("52: is null when a response is created, and counts when it is complete", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream(options))
      const created = events.find((event) => event.type === "response.created")
      assert.strictEqual(created?.type === "response.created" ? created.response.usage : undefined, null)
      const end = events.at(-1)
      const run = end?.type === "run.end" ? end.run : assert.fail("no end")
      assert.deepInclude(run.usage, { inputTokens: 12, outputTokens: 3, totalTokens: 15, cachedTokens: 4, cost: 0.25 })
    }).pipe(Effect.provide(script(
      Script.turn("Hello", { cost: 0.25, usage: { inputTokens: 12, outputTokens: 3, cachedTokens: 4 } })
    ))))

  it.effect("52: that never arrives counts as 0", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "Hello")
      assert.strictEqual(run.cost, 0)
    }).pipe(Effect.provide(script(Script.turn("Hello", { usage: null })))))
})

describe("the arguments of a call", () => {
  const forms = {
    "in fragments": Script.toolCall("echo", { text: "a b" }, { fragments: ["{\"te", "xt\": ", "\"a b\"", "}"] }),
    "whole in one piece": Script.toolCall("echo", { text: "a b" }),
    "with white space behind": Script.toolCall("echo", {}, { fragments: ["{\"text\":\"a b\"}", " ", "\n"] }),
    "with an empty piece": Script.toolCall("echo", {}, { fragments: ["", "{\"text\":\"a b\"}", ""] }),
    "letter by letter": Script.toolCall("echo", { text: "a b" }, { fragments: 40 })
  }

  for (const [form, part] of Object.entries(forms)) {
    it.effect(`53: ${form} are the same`, () =>
      Effect.gen(function*() {
        yield* Agent.run(options)
        assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "a b"]])
      }).pipe(Effect.provide(script([part], "Done."))))
  }

  it.effect("53: that are empty or blank mean no arguments", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "nothing"], ["call_1_2", "nothing"]])
    }).pipe(Effect.provide(script(
      [Script.toolCall("echo", ""), Script.toolCall("echo", " \n")],
      "Done."
    ))))

  it.effect("53: null is not an object, and the model receives that error", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      assert.include(String(errorIn((yield* lastOutputs)[0]?.[1])), "do not fit")
    }).pipe(Effect.provide(script([Script.toolCall("echo", "null")], "Done."))))

  it.effect("53: of calls with one id have an output each, under separate ids", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      const outputs = yield* lastOutputs
      assert.deepStrictEqual(outputs.map((output) => output[1]), ["a", "b"])
      assert.strictEqual(new Set(outputs.map(([id]) => id)).size, 2)
      const [, second] = yield* TestModel.requests
      const calls = itemsOf(second).filter(({ type }) => type === "function_call").map((item) => item["call_id"])
      assert.deepStrictEqual(calls, outputs.map(([id]) => id))
    }).pipe(Effect.provide(script(
      [Script.toolCall("echo", { text: "a" }, { id: "same" }), Script.toolCall("echo", { text: "b" }, { id: "same" })],
      "Done."
    ))))

  it.effect("53: of a call without an item id are emitted under its call id", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.steps[0]?.toolResults[0]?.output, "a")
    }).pipe(Effect.provide(script(
      sse(
        data({
          type: "response.output_item.added",
          output_index: 0,
          item: { type: "function_call", id: null, call_id: "c", name: "echo", arguments: "" }
        }),
        data({
          type: "response.function_call_arguments.delta",
          output_index: 0,
          item_id: "",
          delta: "{\"text\":\"a\"}"
        }),
        data({
          type: "response.output_item.done",
          output_index: 0,
          item: { type: "function_call", id: null, call_id: "c", name: "echo", arguments: "{\"text\":\"a\"}" }
        }),
        data(completed([]))
      ),
      "Done."
    ))))
})
