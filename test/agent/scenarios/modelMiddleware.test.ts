/** Middleware for model calls: other models, caches, execution plans. */
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as ExecutionPlan from "effect/ExecutionPlan"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as AgentStream from "../../../src/agent/AgentStream.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import type { OpenResponsesResult } from "../../../src/schema/Responses.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { balance, carriedOut, options, script } from "../support/bank.js"
import { sent } from "./support.js"

const run = { ...options, input: "Go" } as const

const models = Effect.map(TestModel.requests, (requests) => requests.map(({ model }) => model))

describe("another model as a fallback", () => {
  const fallback = Middleware.make({
    model: (request, next) =>
      Effect.catchTag(next(request), "PaymentRequiredResponseError", () => next({ ...request, model: "test/free" }))
  })

  it.effect("is used when the first one fails, in each turn", () =>
    Effect.gen(function*() {
      const result = yield* Agent.run({ ...run, middleware: fallback })
      assert.strictEqual(result.text, "Three.")
      assert.deepStrictEqual(yield* models, ["test/model", "test/free", "test/model"])
      assert.deepStrictEqual(yield* carriedOut, ["balance of abc"])
    }).pipe(Effect.provide(script(Script.error(402), balance("abc"), "Three."))))

  it.effect("fails the run if it fails too", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...run, middleware: fallback }))
      assert.strictEqual(error._tag, "BadRequestResponseError")
      assert.deepStrictEqual(yield* models, ["test/model", "test/free"])
    }).pipe(Effect.provide(script(Script.error(402), Script.error(400)))))

  const patient = Middleware.make({
    model: (request, next) =>
      Effect.catchTag(next(request), "StreamTruncatedError", () => next({ ...request, model: "test/other" }))
  })

  it.effect("adds to the cost of the failed response", () =>
    Effect.gen(function*() {
      const result = yield* Agent.run({ ...run, conversation: "c", middleware: patient })
      assert.strictEqual(result.text, "Three.")
      assert.deepStrictEqual(result.unsettled, ["gen_broken"])
      const { entries } = yield* Conversation.load("c")
      const record = entries.flatMap((entry) => entry._tag === "turn" ? [entry.record] : [])[0]
      assert.deepStrictEqual(record?.unsettled, ["gen_broken"])
    }).pipe(Effect.provide([
      Conversation.layerMemory,
      script(Script.turn(["Tw", Script.truncate], { id: "gen_broken" }), "Three.")
    ])))

  it.effect("voids the items of the failed response", () =>
    Effect.gen(function*() {
      const items = Agent.stream({ ...run, middleware: patient }).pipe(AgentStream.items)
      const snapshots = yield* Stream.runCollect(items)
      const last = new Map([...snapshots].map((snapshot) => [snapshot.id, snapshot.state]))
      assert.deepStrictEqual([...last.values()], ["void", "whole"])
    }).pipe(Effect.provide(script(["Tw", Script.truncate], "Three."))))
})

describe("several responses of which one is used", () => {
  const best = Middleware.make({
    model: (request, next) => Effect.map(Effect.all([next(request), next(request)]), ([, second]) => second)
  })

  it.effect("all count in the run, its budget and the conversation", () =>
    Effect.gen(function*() {
      const stopWhen = StopWhen.maxCost(3)
      const result = yield* Agent.run({ ...run, conversation: "c", middleware: best, stopWhen })
      assert.strictEqual(result.cost, 3)
      assert.strictEqual(result.steps[0]?.usage.cost, 3)
      assert.strictEqual(result.outcome._tag, "stopped")
      assert.deepStrictEqual(yield* carriedOut, [])
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 3)
    }).pipe(Effect.provide([
      Conversation.layerMemory,
      script(Script.turn(balance("a"), { cost: 1 }), Script.turn(balance("b"), { cost: 2 }))
    ])))
})

describe("discarded responses", () => {
  class Poor extends Schema.TaggedError<Poor>()("Poor", {}) {}

  const giveUp = Middleware.make({
    model: (request, next) => Effect.zipRight(next(request), Effect.fail(new Poor()))
  })

  it.effect("count if the middleware fails the run", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...run, middleware: giveUp }))
      assert.strictEqual(error._tag, "Poor")
      assert.strictEqual(error.progress.cost, 1)
    }).pipe(Effect.provide(script(Script.turn("No.", { cost: 1 })))))

  it.effect("count in the conversation if the turn is retried", () =>
    Effect.gen(function*() {
      const retryTurn = Schedule.recurs(1)
      const result = yield* Agent.run({ ...run, conversation: "c", retryTurn })
      assert.deepStrictEqual([result.text, result.cost], ["Three.", 3])
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 3)
    }).pipe(Effect.provide([
      Conversation.layerMemory,
      script(Script.turn(["Tw", Script.fail(502)], { cost: 1 }), Script.turn("Three.", { cost: 2 }))
    ])))
})

describe("a cache", () => {
  const cached = (answers: Map<string, OpenResponsesResult>) =>
    Middleware.make({
      model: (request, next) => {
        const key = JSON.stringify([request.model, request.input])
        const known = answers.get(key)
        return known === undefined
          ? Effect.tap(next(request), (response) => Effect.sync(() => answers.set(key, response)))
          : Effect.succeed(known)
      }
    })

  it.effect("responds in place of the model, and nothing is sent", () =>
    Effect.gen(function*() {
      const middleware = cached(new Map())
      const first = yield* Agent.run({ ...run, middleware })
      assert.strictEqual(yield* sent, 2)
      const second = yield* Agent.run({ ...run, middleware })
      assert.strictEqual(yield* sent, 2)
      assert.deepStrictEqual([first.text, second.text], ["Three.", "Three."])
      assert.deepStrictEqual(yield* carriedOut, ["balance of abc", "balance of abc"])
      assert.deepStrictEqual(second.history, first.history)
    }).pipe(Effect.provide(script(balance("abc"), "Three."))))

  it.effect("appears in the views of a run like a model", () =>
    Effect.gen(function*() {
      const middleware = cached(new Map())
      yield* Agent.run({ ...run, middleware })
      const events = yield* Stream.runCollect(Agent.stream({ ...run, middleware }))
      const stream = Stream.fromIterable(events)
      assert.strictEqual(yield* Stream.mkString(AgentStream.textDeltas(stream)), "Three.")
      const calls = yield* Stream.runCollect(AgentStream.toolCalls(stream))
      assert.deepStrictEqual([...calls].map((call) => call.toolCallId), ["balance_abc"])
      const items = yield* Stream.runCollect(AgentStream.items(stream))
      assert.deepStrictEqual([...items].map(({ item, state }) => [item.type, state]), [
        ["function_call", "whole"],
        ["function_call_output", "whole"],
        ["message", "whole"]
      ])
    }).pipe(Effect.provide(script(balance("abc"), "Three."))))
})

describe("an ExecutionPlan", () => {
  class Model extends Context.Tag("test/Model")<Model, string>() {}

  const plan = ExecutionPlan.make(
    { provide: Layer.succeed(Model, "test/best"), attempts: 2, schedule: Schedule.spaced("1 minute") },
    { provide: Layer.succeed(Model, "test/cheap") }
  )

  const planned = Middleware.make({
    model: (request, next) =>
      Effect.flatMap(Model, (model) => next({ ...request, model })).pipe(Effect.withExecutionPlan(plan))
  })

  it.effect("decides which models a turn tries, how often, and when", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run({ ...run, middleware: planned }))
      yield* TestModel.awaitRequests(1)
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(yield* sent, 1)
      yield* TestClock.adjust("1 second")
      const result = yield* Fiber.join(fiber)
      assert.strictEqual(result.text, "Three.")
      assert.deepStrictEqual(yield* models, ["test/best", "test/best", "test/cheap", "test/best"])
      assert.deepStrictEqual(yield* carriedOut, ["balance of abc"])
    }).pipe(Effect.provide(script(Script.error(402), Script.error(402), balance("abc"), "Three."))))
})
