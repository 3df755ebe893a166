/** A budget that runs share, and how far parallel runs exceed a limit. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Budget from "../../../src/agent/Budget.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Chat from "../../../src/services/Chat.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model, sent, settled, timed } from "./support.js"

const says = (cost: number) => Script.turn("Hi", { cost })
const given = (...script: Script.Script) => Effect.provide(TestModel.layer(script, { allowUnused: true }))

const endOf = ({ outcome }: Agent.Run<unknown>) => outcome._tag === "stopped" ? outcome.condition : outcome._tag

/** Runs at the same time, each of one turn. */
const runs = (count: number, budget: Budget.Budget) =>
  Effect.map(
    Effect.all(Array.from({ length: count }, () => Agent.run({ model, input: "Go!", budget })), {
      concurrency: "unbounded"
    }),
    (ended) => ended.map(endOf).toSorted()
  )

describe("a shared budget", () => {
  it.effect("stops each run that holds it once it is used up, the last one before its first request", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ usd: 2 })
      assert.deepStrictEqual(yield* runs(1, budget), ["completed"])
      assert.deepStrictEqual(yield* runs(1, budget), ["completed"])
      assert.deepStrictEqual(yield* runs(1, budget), ["Budget(2 USD)"])
      assert.strictEqual((yield* Budget.spent(budget)).cost, 2)
      assert.strictEqual(yield* sent, 2)
    }).pipe(given(Script.forever(says(1)))))

  it.effect("limits tokens", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ tokens: 10 })
      assert.deepStrictEqual(yield* runs(1, budget), ["completed"])
      assert.deepStrictEqual(yield* runs(1, budget), ["Budget(10 tokens)"])
    }).pipe(given(Script.forever(Script.turn("Hi", { usage: { inputTokens: 6, outputTokens: 4 } })))))

  it.effect("is used up from the beginning with a limit that is no number above 0", () =>
    Effect.gen(function*() {
      for (const usd of [0, -1, NaN]) {
        assert.deepStrictEqual(yield* runs(1, yield* Budget.make({ usd })), [`Budget(${usd} USD)`])
      }
      assert.strictEqual(yield* sent, 0)
    }).pipe(given()))

  it.effect("is spent once by nested runs and by the endpoints that handlers call", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ usd: 100 })
      const inner = Agent.run({ model, input: "Go!", budget })
      const chat = Chat.send({ model: "test/chat", messages: [{ role: "user", content: "Hi" }] })
      const kit = Toolkit.make(Tool.make("work", { success: Schema.String }))
      const layer = kit.toLayer({ work: () => Effect.as(Effect.orDie(Effect.zip(inner, chat)), "done") })
      const outer = yield* Effect.provide(Agent.run({ model, input: "Go!", tools: kit, budget }), layer)
      assert.strictEqual((yield* Budget.spent(budget)).cost, 1 + 2 + 4 + 8)
      assert.strictEqual(outer.cost, 1 + 2 + 4 + 8)
    }).pipe(given(Script.turn(Script.toolCall("work"), { cost: 1 }), says(2), says(4), says(8))))

  it.effect("stops a run between its turns, and allows the final response", () =>
    Effect.gen(function*() {
      const kit = Toolkit.make(Tool.make("work", { success: Schema.String }))
      const layer = kit.toLayer({ work: () => Effect.succeed("done") })
      const run = (budget: Budget.Budget, allowFinalResponse: boolean) =>
        Effect.provide(Agent.run({ model, input: "Go!", tools: kit, budget, allowFinalResponse }), layer)
      const stopped = yield* run(yield* Budget.make({ usd: 1 }), false)
      assert.deepStrictEqual([endOf(stopped), stopped.text, stopped.pending.length], ["Budget(1 USD)", "", 1])
      const finished = yield* run(yield* Budget.make({ usd: 1 }), true)
      assert.deepStrictEqual([endOf(finished), finished.text, finished.pending.length], ["Budget(1 USD)", "Hi", 0])
    }).pipe(given(
      Script.turn(Script.toolCall("work"), { cost: 1 }),
      Script.turn(Script.toolCall("work"), { cost: 1 }),
      says(1)
    )))
})

describe("requests at the same time", () => {
  it.effect("reserve the price of the dearest turn", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ usd: 1 })
      const ended = yield* runs(8, budget)
      assert.deepStrictEqual(ended.filter((end) => end === "completed").length, 3)
      assert.closeTo((yield* Budget.spent(budget)).cost, 1.2, 1e-9)
    }).pipe(given(Script.forever(says(0.4)))))

  // The price of the outer run says nothing about that of the inner runs
  for (const cost of [0, 0.01]) {
    it.effect(`of agents in tools reserve parts of the limit of the outer run, whose turn cost ${cost}`, () =>
      Effect.gen(function*() {
        const kit = Toolkit.make(Tool.make("work", { success: Schema.String }))
        const inner = Effect.map(Effect.orDie(Agent.run({ model, input: "Go!" })), endOf)
        const layer = kit.toLayer({ work: () => inner })
        const run = Agent.run({ model, input: "Go!", tools: kit, stopWhen: StopWhen.maxCost(1) })
        const { cost: spent, outcome, steps } = yield* Effect.provide(run, layer)
        assert.deepStrictEqual(outcome, { _tag: "stopped", condition: "maxCost(1)" })
        assert.strictEqual(steps[0]?.toolResults.filter(({ result }) => result === "maxCost(1)").length, 5)
        assert.isAtMost(spent, 1.4)
      }).pipe(given(
        Script.turn(Array.from({ length: 8 }, () => Script.toolCall("work")), { cost }),
        Script.forever(says(0.4))
      )))
  }

  it.effect("are sent at once where the limit covers them, as soon as one price is known", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ usd: 10 })
      const [ended, millis] = yield* timed(runs(8, budget))
      assert.deepStrictEqual([ended.length, millis], [8, 20])
    }).pipe(given(Script.forever(Script.delayed(says(1), "10 millis")))))

  it.effect("are sent at once where the limit covers them exactly", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ usd: 1 })
      const [ended, millis] = yield* timed(runs(4, budget))
      assert.deepStrictEqual([ended.length, millis], [4, 20])
    }).pipe(given(Script.forever(Script.delayed(says(0.25), "10 millis")))))

  it.effect("release their reservation when they fail and when they are interrupted", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ usd: 1 })
      const stuck = yield* Effect.fork(Agent.run({ model, input: "Go!", budget }))
      yield* TestModel.awaitRequests(1)
      const others = yield* Effect.fork(Effect.exit(runs(2, budget)))
      yield* settled
      assert.strictEqual(yield* sent, 1)
      yield* Fiber.interrupt(stuck)
      assert.isTrue(Exit.isFailure(yield* Fiber.join(others)))
      assert.deepStrictEqual(yield* runs(1, budget), ["completed"])
    }).pipe(given(
      Script.delayed(says(1), "1 hour"),
      Script.error(400),
      Script.forever(says(0.1))
    )))

  it.effect("of a run inside of a middleware do not wait for the turn of that middleware", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ usd: 10 })
      const middleware = Middleware.make({
        model: (request, next) =>
          Effect.zipRight(Effect.orDie(Agent.run({ model, input: "Safe?", budget })), next(request))
      })
      assert.strictEqual((yield* Agent.run({ model, input: "Go!", budget, middleware })).outcome._tag, "completed")
      assert.strictEqual((yield* Budget.spent(budget)).cost, 3)
    }).pipe(given(says(1), says(2))))

  it.effect("do not wait for a reader of another run", () =>
    Effect.gen(function*() {
      const budget = yield* Budget.make({ usd: 10 })
      const inner = Agent.run({ model, input: "Go!", budget })
      yield* Stream.runForEach(
        Agent.stream({ model, input: "Go!", budget }),
        ({ type }) => type === "turn.start" ? inner : Effect.void
      )
      assert.strictEqual((yield* Budget.spent(budget)).cost, 2)
    }).pipe(given(Script.forever(says(1)))))
})
