/** Conversations that continue after a pause, after a failure, or by two runs at the same time. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as AgentStream from "../../../src/agent/AgentStream.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { balance, carriedOut, options, pay, script, sign } from "../support/bank.js"
import { stores } from "../support/logs.js"
import { itemsOf, lastOutputs, sent, shapeOf } from "./support.js"

const run = { ...options, conversation: "c" } as const

const open = Effect.map(Conversation.load("c"), ({ entries }) => entries.at(-1)?._tag !== "closed")

const lossOf = (error: { readonly _tag: string }) => {
  assert.include(["ConversationConflictError", "ConversationBusyError"], error._tag)
  return error._tag
}

/** A store that returns no conversation before `readers` loads have started. */
const loadedTogether = (store: Layer.Layer<Conversation.Conversation>, readers: number) =>
  Layer.effect(
    Conversation.Conversation,
    Effect.gen(function*() {
      const inner = yield* Conversation.Conversation
      const all = yield* Deferred.make<void>()
      let loaded = 0
      const wait = Effect.suspend(() => ++loaded === readers ? Deferred.succeed(all, undefined) : Deferred.await(all))
      return { ...inner, load: (id: string) => Effect.tap(inner.load(id), wait) }
    })
  ).pipe(Layer.provide(store))

describe.each(Object.entries(stores))("a conversation %s", (_, store) => {
  it.scoped("33: is resumed by one of two runs, the other fails with a conflict, and the tool executes once", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...run, input: "Pay" })
      const approved = Agent.run({ ...run, approve: ["pay_5"] })
      const results = yield* Effect.all([approved, approved], { concurrency: 2, mode: "either" })
      assert.deepStrictEqual(results.flatMap(Either.match({ onLeft: () => [], onRight: ({ text }) => [text] })), [
        "Paid."
      ])
      assert.strictEqual(results.flatMap(Either.match({ onLeft: lossOf, onRight: () => [] })).length > 0, true)
      assert.deepStrictEqual(yield* carriedOut, ["pay 5 as pay_5"])
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide([store, script(pay(5), "Paid.")])))

  it.scoped("33: belongs to the run that appends first if two runs have read it", () =>
    Effect.gen(function*() {
      const both = yield* Effect.all([1, 2].map(() => Agent.run({ ...run, input: "Hello" })), {
        concurrency: 2,
        mode: "either"
      })
      const errors = both.flatMap(Either.match({ onLeft: (error) => [error], onRight: () => [] }))
      assert.deepStrictEqual(errors.map((error) => error._tag), ["ConversationConflictError"])
      assert.deepStrictEqual(errors.map((error) => error.progress.steps), [[]])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide([loadedTogether(store, 2), script("Hello!")])))

  it.scoped("33: is not resumed a second time with the same decision", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...run, input: "Pay" })
      yield* Agent.run({ ...run, approve: ["pay_5"] })
      const error = yield* Effect.flip(Agent.run({ ...run, approve: ["pay_5"] }))
      assert.strictEqual(error._tag, "InvalidRequestError")
      assert.deepStrictEqual(yield* carriedOut, ["pay 5 as pay_5"])
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide([store, script(pay(5), "Paid.")])))

  it.scoped("34: keeps calls and outputs of a run whose second turn failed, and no tool executes again", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...run, input: "How much?" }))
      assert.strictEqual(error._tag, "PaymentRequiredResponseError")
      assert.deepStrictEqual(error.progress.items.map((item) => item.type), ["function_call", "function_call_output"])
      const log = yield* Conversation.load("c")
      assert.deepStrictEqual(Conversation.history(log), error.progress.history)
      assert.deepStrictEqual(Conversation.pending(log), [])
      const again = yield* Agent.run(run)
      assert.deepStrictEqual(again.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* carriedOut, ["balance of abc"])
      const [, failed, last] = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(last), itemsOf(failed))
      assert.deepStrictEqual(shapeOf(last), [
        "message user",
        "function_call balance_abc",
        "function_call_output balance_abc"
      ])
    }).pipe(Effect.provide([store, script(balance("abc"), Script.error(402), "Three.")])))

  it.scoped("34: continues after a failure that follows an approved call, even if the approval is repeated", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...run, input: "Pay" })
      const approved = Agent.run({ ...run, approve: ["pay_5"] })
      const done = yield* Effect.retry(approved, { times: 1 })
      assert.deepStrictEqual(done.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* carriedOut, ["pay 5 as pay_5"])
      assert.deepStrictEqual(yield* lastOutputs, [["pay_5", "{\"paid\":5}"]])
    }).pipe(Effect.provide([store, script(pay(5), [Script.reasoning("So"), Script.truncate], "Paid.")])))

  it.scoped("35: sends the input once when a run whose first request failed is repeated", () =>
    Effect.gen(function*() {
      const asked = Agent.run({ ...run, input: "Hello" })
      const error = yield* Effect.flip(asked)
      assert.strictEqual(error._tag, "PaymentRequiredResponseError")
      assert.strictEqual(yield* open, false)
      yield* Effect.retry(asked, { times: 2 })
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(requests.map(shapeOf), [1, 2, 3].map(() => ["message user"]))
      const log = yield* Conversation.load("c")
      assert.deepStrictEqual(Conversation.history(log).map((item) => item.type), [undefined, "message"])
    }).pipe(Effect.provide([store, script(Script.error(402), ["Hel", Script.truncate], "Hello!")])))

  it.scoped("35: keeps a call pending if the run that continued without it failed", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...run, input: "Pay" })
      yield* Effect.flip(Agent.run({ ...run, input: "Forget it" }))
      assert.deepStrictEqual(Conversation.pending(yield* Conversation.load("c")).map(({ callId }) => callId), ["pay_5"])
      yield* Agent.run({ ...run, approve: ["pay_5"] })
      assert.deepStrictEqual(yield* carriedOut, ["pay 5 as pay_5"])
    }).pipe(Effect.provide([store, script(pay(5), Script.error(402), "Paid.")])))

  it.scoped("39: accepts a text as a user message after the history", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...run, input: [{ type: "message", role: "user", content: "Hello" }] })
      yield* Agent.run({ ...run, input: "And now?" })
      const [, second] = yield* TestModel.requests
      assert.deepStrictEqual(shapeOf(second), ["message user", "message assistant", "message user"])
      assert.deepStrictEqual(itemsOf(second).at(-1), { role: "user", content: "And now?" })
    }).pipe(Effect.provide([store, script("Hello!", "Now this.")])))

  it.scoped("38: is stored completely if only the text of its run is read", () =>
    Effect.gen(function*() {
      const text = yield* Agent.stream({ ...run, input: "How much?" }).pipe(AgentStream.textDeltas, Stream.mkString)
      assert.strictEqual(text, "Three.")
      const result = yield* Agent.callModel({ ...run, input: "Thanks" })
      assert.strictEqual(yield* Stream.mkString(result.textStream), "Bye.")
      const log = yield* Conversation.load("c")
      assert.strictEqual(
        log.entries.map(({ _tag }) => _tag).join(),
        "opened,input,turn,tool,turn,closed,opened,input,turn,closed"
      )
    }).pipe(Effect.provide([store, script(balance("abc"), "Three.", "Bye.")])))
})

describe("two runs of one conversation in a process", () => {
  it.effect("33: exclude each other while a tool runs, and the second fails at once", () =>
    Effect.gen(function*() {
      const [began, mayEnd] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
      const slow = Middleware.make({
        tool: (call, next) =>
          Deferred.succeed(began, undefined).pipe(
            Effect.zipRight(Deferred.await(mayEnd)),
            Effect.zipRight(next(call.params))
          )
      })
      yield* Agent.run({ ...run, input: "Pay" })
      const winner = yield* Effect.fork(Agent.run({ ...run, approve: ["pay_5"], middleware: slow }))
      yield* Deferred.await(began)
      const before = yield* Conversation.load("c")
      const losers = yield* Effect.all([
        Effect.flip(Agent.run({ ...run, approve: ["pay_5"] })),
        Effect.flip(Agent.run({ ...run, input: "Hello?" })),
        Effect.flip(Stream.runDrain(Agent.stream(run)))
      ])
      assert.deepStrictEqual(losers.map((error) => error._tag), losers.map(() => "ConversationBusyError"))
      assert.deepStrictEqual(yield* Conversation.load("c"), before)
      yield* Deferred.succeed(mayEnd, undefined)
      assert.strictEqual((yield* Fiber.join(winner)).text, "Paid.")
      assert.deepStrictEqual(yield* carriedOut, ["pay 5 as pay_5"])
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide([Conversation.layerMemory, script(pay(5), "Paid.")])))
})

describe("the usage of a run", () => {
  it.effect("is in the result of a run, and of all runs in the conversation", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...run, input: "Pay" })
      const second = yield* Agent.run({ ...run, approve: ["pay_5"], answer: { sign_a: { by: "Ada" } } })
      const third = yield* Agent.run({ ...run, input: "Thanks" })
      assert.deepStrictEqual([first.cost, second.cost, third.cost], [1, 0.5, 0.25])
      assert.deepStrictEqual([first.steps.length, second.steps.length, third.steps.length], [1, 1, 1])
      const usage = Conversation.usage(yield* Conversation.load("c"))
      assert.strictEqual(usage.cost, 1.75)
      assert.deepStrictEqual([usage.inputTokens, usage.outputTokens, usage.totalTokens], [13, 27, 40])
    }).pipe(Effect.provide([
      Conversation.layerMemory,
      script(
        Script.turn([pay(5), sign("a")], { cost: 1, usage: { inputTokens: 1, outputTokens: 2 } }),
        Script.turn("Paid.", { cost: 0.5, usage: { inputTokens: 4, outputTokens: 8 } }),
        Script.turn("Bye.", { cost: 0.25, usage: { inputTokens: 8, outputTokens: 17 } })
      )
    ])))
})
