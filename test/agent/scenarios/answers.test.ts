/** Calls with a result from outside: handlers that wait for a person, and tools that the caller executes. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { ask, balance, carriedOut, options, outputItem, script, sign } from "../support/bank.js"
import { stores } from "../support/logs.js"
import { lastErrors, lastOutputs, sent, shapeOf } from "./support.js"

describe.each(Object.entries(stores))(
  "a handler that needs an answer from a person, with a conversation %s",
  (_, store) => {
    it.scoped("pauses the run, keeps other results, and starts again with the decoded answer", () =>
      Effect.gen(function*() {
        const first = yield* Agent.run({ ...options, conversation: "c", input: "When?" })
        assert.deepStrictEqual(first.outcome, { _tag: "awaiting_tools" })
        assert.deepStrictEqual(first.pending, [
          { callId: "ask_when", name: "ask", arguments: { question: "when" }, turn: 1, reason: "answer" }
        ])
        assert.deepStrictEqual(
          Conversation.pending(yield* Conversation.load("c")).map(({ callId, reason }) => [callId, reason]),
          [["ask_when", "answer"]]
        )
        const answer = { ask_when: { days: "3" } }
        const second = yield* Agent.run({ ...options, conversation: "c", answer })
        assert.deepStrictEqual(second.outcome, { _tag: "completed" })
        assert.deepStrictEqual(yield* carriedOut, ["ask when", "balance of abc", "ask when", "told 3"])
        assert.deepStrictEqual(yield* lastOutputs, [["ask_when", "in 3 days"], ["balance_abc", "3"]])
        assert.strictEqual(yield* sent, 2)
      }).pipe(Effect.provide([store, script([ask("when"), balance("abc")], "Soon.")])))

    it.scoped("does not start with an answer that does not fit; nothing is stored or sent", () =>
      Effect.gen(function*() {
        yield* Agent.run({ ...options, conversation: "c", input: "When?" })
        const before = yield* Conversation.load("c")
        const wrong = { ask_when: { days: "soon" } }
        const error = yield* Effect.flip(Agent.run({ ...options, conversation: "c", answer: wrong }))
        assert.strictEqual(error._tag, "InvalidRequestError")
        assert.include(error.message, "ask_when")
        assert.include(error.message, "days")
        assert.deepStrictEqual(yield* Conversation.load("c"), before)
        assert.deepStrictEqual(yield* carriedOut, ["ask when"])
        assert.strictEqual(yield* sent, 1)
        const right = { ask_when: { days: "4" } }
        const run = yield* Agent.run({ ...options, conversation: "c", answer: right })
        assert.deepStrictEqual(run.outcome, { _tag: "completed" })
        assert.deepStrictEqual(yield* lastOutputs, [["ask_when", "in 4 days"]])
      }).pipe(Effect.provide([store, script(ask("when"), "Soon.")])))

    it.scoped("stays pending after another call is answered, and can be rejected", () =>
      Effect.gen(function*() {
        yield* Agent.run({ ...options, conversation: "c", input: "When?" })
        const second = yield* Agent.run({ ...options, conversation: "c", answer: { ask_b: { days: "1" } } })
        assert.deepStrictEqual(second.pending.map(({ callId, reason }) => [callId, reason]), [["ask_a", "answer"]])
        yield* Agent.run({
          ...options,
          conversation: "c",
          reject: [{ callId: "ask_a", reason: "none of your business" }]
        })
        const [rejected, answered] = yield* lastOutputs
        assert.include(String(rejected?.[1]), "none of your business")
        assert.deepStrictEqual(answered, ["ask_b", "in 1 days"])
      }).pipe(Effect.provide([store, script([ask("a"), ask("b")], "Soon.")])))
  }
)

describe.each(Object.entries(stores))("a manual tool, with a conversation %s", (_, store) => {
  it.scoped("24: ends the run with the call, and an answer provides its result", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...options, conversation: "c", input: "Sign" })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_tools" })
      assert.deepStrictEqual(first.pending, [
        { callId: "sign_deed", name: "sign", arguments: { paper: "deed" }, turn: 1, reason: "manual" }
      ])
      const wrong = yield* Effect.flip(Agent.run({ ...options, conversation: "c", answer: { sign_deed: { by: 1 } } }))
      assert.strictEqual(wrong._tag, "InvalidRequestError")
      assert.strictEqual(yield* sent, 1)
      const run = yield* Agent.run({ ...options, conversation: "c", answer: { sign_deed: { by: "Ada" } } })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* lastOutputs, [["sign_deed", "{\"by\":\"Ada\"}"]])
    }).pipe(Effect.provide([store, script(sign("deed"), "Signed.")])))

  it.scoped("24: receives its result from an output item, which is sent in the order of the calls", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c", input: "Sign" })
      const second = yield* Agent.run({
        ...options,
        conversation: "c",
        input: [outputItem("sign_b", "by Bob"), outputItem("sign_a", "by Ada")]
      })
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* lastOutputs, [["sign_a", "by Ada"], ["balance_abc", "3"], ["sign_b", "by Bob"]])
      const third = yield* Agent.run({ ...options, conversation: "c", input: "Thanks" })
      assert.deepStrictEqual(third.outcome, { _tag: "completed" })
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[2]), [
        "message user",
        "function_call sign_a",
        "function_call balance_abc",
        "function_call sign_b",
        "function_call_output sign_a",
        "function_call_output balance_abc",
        "function_call_output sign_b",
        "message assistant",
        "message user"
      ])
    }).pipe(Effect.provide([store, script([sign("a"), balance("abc"), sign("b")], "Signed.", "Bye.")])))

  it.scoped("24: keeps an output item of one call while another waits", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c", input: "Sign" })
      const second = yield* Agent.run({ ...options, conversation: "c", input: [outputItem("sign_a", "by Ada")] })
      assert.deepStrictEqual(second.outcome, { _tag: "awaiting_tools" })
      assert.deepStrictEqual(second.pending.map((call) => call.callId), ["sign_b"])
      assert.strictEqual(yield* sent, 1)
      yield* Agent.run({ ...options, conversation: "c", answer: { sign_b: { by: "Bob" } } })
      assert.deepStrictEqual(yield* lastOutputs, [["sign_a", "by Ada"], ["sign_b", "{\"by\":\"Bob\"}"]])
    }).pipe(Effect.provide([store, script([sign("a"), sign("b")], "Signed.")])))

  it.scoped("24: has no result if the user continues without it", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c", input: "Sign" })
      const run = yield* Agent.run({ ...options, conversation: "c", input: "Never mind" })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      const [error] = yield* lastErrors
      assert.include(error, "went on without it")
      assert.deepStrictEqual(Conversation.pending(yield* Conversation.load("c")), [])
    }).pipe(Effect.provide([store, script(sign("a"), "All right.")])))
})

describe("answers without a store", () => {
  it.effect("continue from the history, with an answer or with an output item after it", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...options, input: "Go" })
      assert.deepStrictEqual(first.pending.map(({ callId, reason }) => [callId, reason]), [
        ["ask_when", "answer"],
        ["sign_a", "manual"],
        ["sign_b", "manual"]
      ])
      const run = yield* Agent.run({
        ...options,
        input: [...first.history, outputItem("sign_b", "by Bob")],
        answer: { ask_when: { days: "2" }, sign_a: { by: "Ada" } }
      })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* lastOutputs, [
        ["ask_when", "in 2 days"],
        ["sign_a", "{\"by\":\"Ada\"}"],
        ["sign_b", "by Bob"]
      ])
    }).pipe(Effect.provide(script([ask("when"), sign("a"), sign("b")], "Done."))))
})

describe("a handler that uses a model before it waits for a person", () => {
  const Think = Tool.make("think", { success: Schema.String, answer: Schema.String })
  const tools = Toolkit.make(Think)
  const live = tools.toLayer({
    think: (_, call) =>
      Effect.gen(function*() {
        yield* Effect.orDie(Agent.run({ model: "test/small", input: "What to ask?" }))
        return yield* call.answer
      })
  })
  const turns = [
    Script.turn(Script.toolCall("think", {}, { id: "t" }), { cost: 1 }),
    Script.turn("Ask for the name", { cost: 0.25 }),
    Script.turn("Done.", { cost: 2 })
  ]

  it.effect("counts what it spent in the run that pauses and in the conversation, and does not pay it again", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ model: "test/model", input: "Go", conversation: "c", tools })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_tools" })
      assert.strictEqual(first.cost, 1.25)
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 1.25)
      const second = yield* Agent.run({ model: "test/model", conversation: "c", tools, answer: { t: "Ada" } })
      assert.strictEqual(second.cost, 2)
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 3.25)
    }).pipe(Effect.provide([Conversation.layerMemory, Layer.provideMerge(live, TestModel.layer(turns))])))
})

describe("a call that executes again", () => {
  const Note = Tool.make("note", { success: Schema.String, answer: Schema.String })
  const tools = Toolkit.make(Note)
  const seen: Array<readonly [turn: number, key: string]> = []
  const live = tools.toLayer({
    note: (_, call) => {
      seen.push([call.turn, call.idempotencyKey])
      return call.answer
    }
  })
  const note = Script.toolCall("note", {}, { id: "n" })

  it.effect("has the same idempotency key in every run of its conversation, and counts as one of an earlier run", () =>
    Effect.gen(function*() {
      const run = { model: "test/model", tools, conversation: "c" } as const
      yield* Agent.run({ ...run, input: "Go" })
      const waiting = yield* Agent.run(run)
      assert.deepStrictEqual(waiting.pending.map(({ callId, turn }) => [callId, turn]), [["n", 0]])
      yield* Agent.run({ ...run, answer: { n: "x" } })
      assert.deepStrictEqual(seen, [[1, "c/n"], [0, "c/n"], [0, "c/n"]])
    }).pipe(Effect.provide([Conversation.layerMemory, live, TestModel.layer([note, "Done."])])))
})

describe("an answer to a call that waits for an approval", () => {
  const Sell = Tool.make("sell", { answer: Schema.Number, success: Schema.Number, requireApproval: true })
  const Wipe = Tool.make("wipe", { requireApproval: true })
  const tools = Toolkit.make(Sell, Wipe)
  const live = tools.toLayer({ sell: (_, call) => call.answer, wipe: () => Effect.die("nobody approved this") })
  const turns = [[Script.toolCall("sell", {}, { id: "s" }), Script.toolCall("wipe", {}, { id: "w" })], "Sold."]

  it.effect("does not open its gate, and is rejected if the tool has no answer", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ model: "test/model", tools, input: "Go" })
      const run = { model: "test/model", tools, input: first.history } as const
      const error = yield* Effect.flip(Agent.run({ ...run, answer: { w: null } }))
      assert.strictEqual(error._tag, "InvalidRequestError")
      const second = yield* Agent.run({ ...run, answer: { s: 5 } })
      assert.deepStrictEqual(second.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(second.pending.map(({ callId }) => callId), ["s", "w"])
      yield* Agent.run({ ...run, approve: ["s"], answer: { s: 5 }, reject: ["w"] })
      assert.deepStrictEqual((yield* lastOutputs)[0], ["s", "5"])
    }).pipe(Effect.provide([live, TestModel.layer(turns)])))

  it.effect("is kept in the conversation until the gate opens", () =>
    Effect.gen(function*() {
      const run = { model: "test/model", tools, conversation: "c" } as const
      yield* Agent.run({ ...run, input: "Go" })
      const second = yield* Agent.run({ ...run, answer: { s: 5 }, reject: ["w"] })
      assert.deepStrictEqual(second.pending.map(({ callId, reason }) => [callId, reason]), [["s", "approval"]])
      const third = yield* Agent.run({ ...run, approve: ["s"] })
      assert.deepStrictEqual(third.outcome, { _tag: "completed" })
      assert.deepStrictEqual((yield* lastOutputs)[0], ["s", "5"])
    }).pipe(Effect.provide([live, Conversation.layerMemory, TestModel.layer(turns)])))
})
