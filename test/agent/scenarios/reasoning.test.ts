/** Reasoning returns to the model unchanged: not lost, not added to, not repeated. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { collect, itemsOf, model } from "./support.js"

const Look = Tool.make("look", { success: Schema.String })
const tools = Toolkit.make(Look)

const script = (...turns: Script.Script) =>
  Layer.mergeAll(tools.toLayer({ look: () => Effect.succeed("seen") }), TestModel.layer(turns))

const options = { model, input: "Go!", tools } as const
const call = Script.toolCall("look")

/** The items of reasoning in a request, byte for byte. */
const reasoningIn = (index: number) =>
  Effect.map(
    TestModel.requests,
    (requests) =>
      itemsOf(requests[index]).filter(({ type }) => type === "reasoning").map((item) => JSON.stringify(item))
  )

/** The items of reasoning that responses listed, byte for byte. */
const reasoningOf = (responses: ReadonlyArray<{ readonly output: ReadonlyArray<{ readonly type: string }> }>) =>
  responses.flatMap(({ output }) =>
    output.filter(({ type }) => type === "reasoning").map((item) => JSON.stringify(item))
  )

const kinds = {
  "with a signature after its text": Script.reasoning("Let me think.", {
    signature: "EqQBCgIYAhIM+/==",
    format: "anthropic-claude-v1"
  }),
  "with a signature and no text": Script.reasoning([], { signature: "c2lnbmVk", format: "anthropic-claude-v1" }),
  "that is encrypted": Script.reasoning([], { encrypted: "gAAAAABo\u2028+/=", format: "openai-responses-v1" }),
  "that is encrypted, with a summary": Script.reasoning("In short.", {
    summary: true,
    encrypted: "sealed",
    format: "openai-responses-v1"
  }),
  "in a format of tomorrow": Script.reasoning("Hm \ud83e\udd14 \"quoted\" \\ \u0000", { format: "tomorrow-v9" })
}

describe("reasoning", () => {
  for (const [kind, part] of Object.entries(kinds)) {
    it.effect(`51: ${kind} is replayed byte for byte, in its place`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run(options)
        const sent = yield* reasoningIn(1)
        assert.strictEqual(sent.length, 1)
        assert.deepStrictEqual(sent, reasoningOf(run.steps.map(({ response }) => response)))
        const [, second] = yield* TestModel.requests
        assert.deepStrictEqual(itemsOf(second).map((item) => item["type"] ?? item["role"]), [
          "user",
          "reasoning",
          "function_call",
          "function_call_output"
        ])
      }).pipe(Effect.provide(script([part, call], "Done."))))
  }

  it.effect("51: that arrived in deltas is replayed as the whole item, with the fields that no delta has", () =>
    Effect.gen(function*() {
      yield* Agent.run(options)
      assert.deepStrictEqual(yield* reasoningIn(1), [JSON.stringify(whole)])
    }).pipe(Effect.provide(script(
      [
        Script.event({
          type: "response.output_item.added",
          output_index: 0,
          item: { type: "reasoning", id: "rs_9", summary: [] }
        }),
        Script.event({
          type: "response.reasoning_text.delta",
          output_index: 0,
          item_id: "rs_9",
          content_index: 0,
          delta: "Hm"
        }),
        Script.item(whole),
        call
      ],
      "Done."
    ))))

  it.effect("51: of all turns is replayed once in a run of several turns", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      const all = reasoningOf(run.steps.map(({ response }) => response))
      assert.strictEqual(all.length, 3)
      assert.deepStrictEqual(yield* reasoningIn(1), all.slice(0, 1))
      assert.deepStrictEqual(yield* reasoningIn(2), all.slice(0, 2))
      assert.deepStrictEqual(yield* reasoningIn(3), all)
    }).pipe(Effect.provide(script(
      [Script.reasoning("One", { signature: "1" }), call],
      [Script.reasoning("Two", { signature: "2" }), call],
      [Script.reasoning("Three", { signature: "3" }), call],
      "Done."
    ))))

  it.effect("51: of two turns is replayed if the provider gives both the same id", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      const all = reasoningOf(run.steps.map(({ response }) => response))
      assert.deepStrictEqual(yield* reasoningIn(2), all)
    }).pipe(Effect.provide(script(
      [Script.reasoning("One", { id: "rs_1", signature: "1" }), call],
      [Script.reasoning("Two", { id: "rs_1", signature: "2" }), call],
      "Done."
    ))))

  it.effect("51: is replayed unchanged in the next run, from the history or from its JSON", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      // A history that an application reads from its own store has only the type that the application declares
      const stored = JSON.parse(JSON.stringify(first.history)) as typeof first.history
      yield* Agent.run({ ...options, input: [...first.history, { role: "user", content: "More!" }] })
      yield* Agent.run({ ...options, input: stored })
      const all = reasoningOf(first.steps.map(({ response }) => response))
      assert.deepStrictEqual(yield* reasoningIn(2), all)
      assert.deepStrictEqual(yield* reasoningIn(3), all)
    }).pipe(Effect.provide(script(
      [Script.reasoning([], { encrypted: "sealed" }), call],
      [Script.reasoning("Hm", { signature: "sig" }), "Done."],
      "More.",
      "Again."
    ))))

  it.effect("51: of an attempt that failed is not replayed", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, retryTurn: Schedule.recurs(1) })
      assert.deepStrictEqual((yield* reasoningIn(2)).map((item) => item.includes("good")), [true])
    }).pipe(Effect.provide(script(
      [Script.reasoning("Bad", { signature: "bad" }), Script.truncate],
      [Script.reasoning("Good", { signature: "good" }), call],
      "Done."
    ))))

  it.effect("51: readable deltas are emitted as they arrive; a signature is not a delta", () =>
    Effect.gen(function*() {
      const pieces = yield* Effect.scoped(Effect.flatMap(
        Agent.callModel(options),
        ({ reasoningStream }) => collect(reasoningStream)
      ))
      assert.strictEqual(pieces.join(""), "Let me think.In short.")
    }).pipe(Effect.provide(script([
      kinds["with a signature after its text"],
      kinds["that is encrypted"],
      kinds["that is encrypted, with a summary"],
      "Done."
    ]))))
})

const whole = {
  type: "reasoning",
  id: "rs_9",
  status: "completed",
  summary: [],
  content: [{ type: "reasoning_text", text: "Hm", tomorrow: [1, null] }],
  signature: "sig",
  encrypted_content: null,
  format: "anthropic-claude-v1"
}
