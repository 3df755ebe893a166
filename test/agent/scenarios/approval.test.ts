/** Calls that wait for an approval. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { withDefault } from "../../support/effect/schemas.js"
import { balance, carriedOut, options, pay, script } from "../support/bank.js"
import { stores } from "../support/logs.js"
import { lastErrors, lastOutputs, sent, shapeOf } from "./support.js"

describe.each(Object.entries(stores))("a call that waits for approval, with a conversation %s", (_, store) => {
  it.scoped("30: lets only the other calls execute, and continues with both outputs in order after the approval", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...options, conversation: "c", input: "Pay" })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(first.pending, [
        { callId: "pay_5", name: "pay", arguments: { amount: 5 }, turn: 1, reason: "approval" }
      ])
      assert.deepStrictEqual(yield* carriedOut, ["balance of abc"])
      assert.strictEqual(yield* sent, 1)
      const second = yield* Agent.run({ ...options, conversation: "c", approve: ["pay_5"] })
      assert.deepStrictEqual([second.outcome, second.text], [{ _tag: "completed" }, "Paid."])
      assert.deepStrictEqual(yield* carriedOut, ["balance of abc", "pay 5 as pay_5"])
      assert.deepStrictEqual(yield* lastOutputs, [["pay_5", "{\"paid\":5}"], ["balance_abc", "3"]])
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide([store, script([pay(5), balance("abc")], "Paid.")])))

  it.scoped("30: does not execute after a rejection, and the model receives the reason", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c", input: "Pay" })
      const reject = ["pay_5", { callId: "pay_6", reason: "too much" }]
      const run = yield* Agent.run({ ...options, conversation: "c", reject })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* carriedOut, [])
      const [plain, reasoned] = yield* lastErrors
      assert.include(plain, "rejected")
      assert.include(reasoned, "rejected")
      assert.include(reasoned, "too much")
    }).pipe(Effect.provide([store, script([pay(5), pay(6)], "A pity.")])))

  it.scoped("30: stays pending while other calls are decided, in several runs", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c", input: "Pay" })
      const second = yield* Agent.run({ ...options, conversation: "c", approve: ["pay_6"] })
      assert.deepStrictEqual(second.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(second.pending.map((call) => call.callId), ["pay_5", "pay_7"])
      const third = yield* Agent.run({ ...options, conversation: "c", reject: ["pay_7"] })
      assert.deepStrictEqual(third.pending.map((call) => call.callId), ["pay_5"])
      assert.deepStrictEqual(Conversation.pending(yield* Conversation.load("c")).map((call) => call.callId), ["pay_5"])
      assert.strictEqual(yield* sent, 1)
      const last = yield* Agent.run({ ...options, conversation: "c", approve: ["pay_5"] })
      assert.deepStrictEqual(last.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* carriedOut, ["pay 6 as pay_6", "pay 5 as pay_5"])
      assert.deepStrictEqual((yield* lastOutputs).map(([id]) => id), ["pay_5", "pay_6", "pay_7"])
    }).pipe(Effect.provide([store, script([pay(5), pay(6), pay(7)], "Done.")])))

  it.scoped("30: counts as not executed if the user continues without it", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c", input: "Pay" })
      const run = yield* Agent.run({ ...options, conversation: "c", input: "Forget it", approve: ["pay_6"] })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* carriedOut, ["pay 6 as pay_6"])
      const [, request] = yield* TestModel.requests
      assert.deepStrictEqual(shapeOf(request), [
        "message user",
        "function_call pay_5",
        "function_call pay_6",
        "function_call_output pay_5",
        "function_call_output pay_6",
        "message user"
      ])
      const [unanswered, answered] = yield* lastOutputs
      assert.include(String(unanswered?.[1]), "went on without it")
      assert.deepStrictEqual(answered, ["pay_6", "{\"paid\":6}"])
    }).pipe(Effect.provide([store, script([pay(5), pay(6)], "All right.")])))
})

describe("a run without a store", () => {
  it.effect("30: continues from its history", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...options, input: "Pay" })
      const history = JSON.parse(JSON.stringify(first.history))
      const second = yield* Agent.run({ ...options, input: history, approve: ["pay_5"], reject: ["pay_7"] })
      assert.deepStrictEqual(second.pending.map((call) => call.callId), ["pay_6"])
      assert.strictEqual(yield* sent, 1)
      const third = yield* Agent.run({ ...options, input: second.history, approve: ["pay_6"] })
      assert.deepStrictEqual(third.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* carriedOut, ["balance of abc", "pay 5 as pay_5", "pay 6 as pay_6"])
      assert.deepStrictEqual((yield* lastOutputs).map(([id]) => id), ["pay_5", "balance_abc", "pay_6", "pay_7"])
    }).pipe(Effect.provide(script([pay(5), balance("abc"), pay(6), pay(7)], "Done."))))

  it.effect("30: adds an output for a call that the user left pending, before the new message", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...options, input: "Pay" })
      yield* Agent.run({ ...options, input: [...first.history, { role: "user", content: "Forget it" }] })
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]), [
        "message user",
        "function_call pay_5",
        "function_call_output pay_5",
        "message user"
      ])
      assert.deepStrictEqual(yield* carriedOut, [])
    }).pipe(Effect.provide(script(pay(5), "All right."))))
})

describe("a decision about a call that does not wait", () => {
  it.effect("is refused before anything is stored or sent", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, conversation: "c", input: "Pay" })
      const before = yield* Conversation.load("c")
      const error = yield* Effect.flip(Agent.run({ ...options, conversation: "c", approve: ["pay_5", "pay_9"] }))
      assert.strictEqual(error._tag, "InvalidRequestError")
      assert.include(error.message, "pay_9")
      const both = yield* Effect.flip(
        Agent.run({ ...options, conversation: "c", approve: ["pay_5"], reject: ["pay_5"] })
      )
      assert.strictEqual(both._tag, "InvalidRequestError")
      assert.deepStrictEqual(yield* Conversation.load("c"), before)
      assert.deepStrictEqual(yield* carriedOut, [])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide([Conversation.layerMemory, script(pay(5))])))
})

describe("a stop condition that holds when a call waits for approval", () => {
  it.effect("31: ends the run before the call, which stays pending with its gate", () =>
    Effect.gen(function*() {
      const stopWhen = StopWhen.stepCountIs(1)
      const first = yield* Agent.run({ ...options, conversation: "c", input: "Pay", stopWhen })
      assert.deepStrictEqual(first.outcome, { _tag: "stopped", condition: "stepCountIs(1)" })
      assert.deepStrictEqual(first.pending.map((call) => call.callId), ["pay_5"])
      const second = yield* Agent.run({ ...options, conversation: "c" })
      assert.deepStrictEqual(second.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(yield* carriedOut, [])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide([Conversation.layerMemory, script(pay(5))])))

  it.effect("31: pauses instead of requesting a final response, and no pending call executes", () =>
    Effect.gen(function*() {
      const stop = { stopWhen: StopWhen.stepCountIs(1), allowFinalResponse: true }
      const first = yield* Agent.run({ ...options, ...stop, conversation: "c", input: "Pay" })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(yield* carriedOut, ["balance of abc"])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide([Conversation.layerMemory, script([pay(5), balance("abc")])])))
})

describe("a predicate of a tool", () => {
  const Transfer = Tool.make("transfer", {
    parameters: Schema.Struct({
      amount: Schema.NumberFromString,
      currency: withDefault(Schema.String, () => "EUR")
    }),
    success: Schema.String,
    requireApproval: (params, call) => {
      seen.push([params, call.id, call.name])
      return Effect.succeed(params.amount > 100)
    }
  })
  const seen: Array<unknown> = []
  const tools = Toolkit.make(Transfer)
  const live = Layer.mergeAll(
    tools.toLayer({ transfer: ({ amount, currency }) => Effect.succeed(`${amount} ${currency}`) }),
    TestModel.layer([
      [
        Script.toolCall("transfer", { amount: "100" }, { id: "small" }),
        Script.toolCall("transfer", { amount: "101", currency: "USD" }, { id: "large" })
      ],
      "Done."
    ])
  )

  it.effect("32: receives the parameters of the handler, decoded and with defaults", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ model: "test/model", input: "Go", tools })
      assert.deepStrictEqual(seen, [
        [{ amount: 100, currency: "EUR" }, "small", "transfer"],
        [{ amount: 101, currency: "USD" }, "large", "transfer"]
      ])
      assert.deepStrictEqual(first.pending.map((call) => call.callId), ["large"])
      yield* Agent.run({ model: "test/model", input: first.history, tools, approve: ["large"] })
      assert.deepStrictEqual(yield* lastOutputs, [["small", "100 EUR"], ["large", "101 USD"]])
      assert.strictEqual(seen.length, 2)
    }).pipe(Effect.provide(live)))
})
