/** Suspended runs, whatever code of the user's makes of the interruption. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../src/agent/Agent.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as DurableAgent from "../../src/durable/DurableAgent.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { agent, endOf, model, settle, world } from "./support/world.js"

const Work = DurableAgent.make("work/v1", { payload: Schema.String, key: (id) => id })

const inner = Effect.map(Agent.run({ model, instructions: "inner", input: "Look" }), ({ text }) => text)

type Inner = typeof inner

const aside = Effect.succeed("I do not care.")

/** What a handler may do with an agent inside of it. */
const handlers: Readonly<
  Record<string, (inner: Inner) => Effect.Effect<string, unknown, Effect.Effect.Context<Inner>>>
> = {
  "runs it": (inner) => inner,
  "keeps its exit": (inner) => Effect.flatMap(Effect.exit(inner), (exit) => exit._tag === "Success" ? exit : aside),
  "catches all": (inner) => Effect.catchAllCause(inner, () => aside),
  "is uninterruptible": (inner) => Effect.uninterruptible(inner),
  "forks it": (inner) => Effect.flatMap(Effect.fork(inner), Fiber.join),
  "forks it, and goes on": (inner) =>
    Effect.flatMap(Effect.fork(inner), (fiber) => Effect.flatMap(Fiber.await(fiber), () => aside)),
  "forks a daemon": (inner) => Effect.flatMap(Effect.forkDaemon(inner), Fiber.join),
  "streams it": (inner) => Effect.map(Stream.runCollect(Stream.fromEffect(inner)), (all) => [...all].join("")),
  "shares it": (inner) => Effect.flatMap(Effect.cached(inner), (shared) => Effect.zipRight(shared, shared)),
  "runs something else beside it": (inner) =>
    Effect.map(Effect.all([inner, Effect.sleep("10 millis")], { concurrency: 2 }), ([text]) => text),
  "races it": (inner) => Effect.race(inner, Effect.never),
  "races it to the first": (inner) => Effect.raceFirst(inner, Effect.never),
  "sets a time limit": (inner) => Effect.timeout(inner, "1 hour"),
  "tries it again": (inner) => Effect.retry(inner, { times: 3 })
}

describe("a 402 of an agent inside of a tool suspends the run", () => {
  for (const failureMode of ["return", "error"] as const) {
    for (const [name, handle] of Object.entries(handlers)) {
      it.effect(`whose handler ${name}, with the failure mode "${failureMode}"`, () => {
        const Ask = Tool.make("ask_librarian", { success: Schema.String, failureMode })
        const tools = Toolkit.make(Ask)
        let executions = 0
        const Handlers = tools.toLayer({
          ask_librarian: () => Effect.zipRight(Effect.sync(() => executions++), Effect.orDie(handle(inner)))
        })
        const { layer } = world([Script.toolCall("ask_librarian"), Script.error(402), "found", "Done."])
        return Effect.gen(function*() {
          const id = yield* Work.start("1")
          yield* settle
          const status = yield* Work.status(id)
          assert.include(status._tag === "suspended" ? status.reason : status._tag, "PaymentRequired")
          assert.deepStrictEqual([executions, (yield* TestModel.requests).length], [1, 2])
          yield* Work.resume(id)
          yield* settle
          assert.strictEqual((yield* endOf(Work, id)).text, "Done.")
          assert.deepStrictEqual([executions, (yield* TestModel.requests).length], [2, 4])
        }).pipe(Effect.provide(Layer.provideMerge(
          Work.toLayer(() => Agent.run({ model, input: "Go", tools })),
          Layer.provideMerge(Handlers, layer)
        )))
      })
    }
  }
})

describe("a durable run", () => {
  it.effect("is suspended by a handler that interrupts itself, and executes it once more when it is resumed", () => {
    const Odd = Tool.make("odd", { success: Schema.String, failureMode: "error" })
    const tools = Toolkit.make(Odd)
    let executions = 0
    const Handlers = tools.toLayer({
      odd: () => Effect.suspend(() => ++executions === 1 ? Effect.interrupt : Effect.succeed("ok"))
    })
    return Effect.gen(function*() {
      const id = yield* Work.start("1")
      yield* settle
      const status = yield* Work.status(id)
      assert.deepStrictEqual([status._tag, executions], ["suspended", 1])
      yield* Work.resume(id)
      yield* settle
      assert.strictEqual((yield* endOf(Work, id)).text, "Done.")
      assert.strictEqual(executions, 2)
    }).pipe(Effect.provide(Layer.provideMerge(
      Work.toLayer(() => Agent.run({ model, input: "Go", tools })),
      Layer.provideMerge(Handlers, world([Script.toolCall("odd"), "Done."]).layer)
    )))
  })

  it.effect("pays no other run in place of one that waits", () => {
    const { layer } = world([Script.toolCall("pay", {}, { id: "pay" }), "Done."])
    const other = Agent.run({ model, input: "Another way" })
    const live = Work.toLayer(() => Effect.catchAllCause(Effect.timeout(Agent.run(agent), "1 hour"), () => other))
    return Effect.gen(function*() {
      const id = yield* Work.start("1")
      yield* settle
      assert.deepStrictEqual((yield* Work.pending(id)).map(({ callId }) => callId), ["pay"])
      assert.strictEqual((yield* TestModel.requests).length, 1)
      yield* Work.approve(id, "pay")
      yield* settle
      assert.strictEqual((yield* endOf(Work, id)).text, "Done.")
    }).pipe(Effect.provide(Layer.provideMerge(live, layer)))
  })

  it.effect("that was interrupted before its start pays nothing and ends", () => {
    const { layer } = world([])
    return Effect.gen(function*() {
      const id = yield* Work.executionId("1")
      yield* Work.interrupt(id)
      yield* Work.start("1")
      yield* settle
      assert.strictEqual((yield* Effect.flip(endOf(Work, id)))._tag, "RunInterruptedError")
      assert.strictEqual((yield* TestModel.requests).length, 0)
    }).pipe(Effect.provide(Layer.provideMerge(Work.toLayer(() => Agent.run(agent)), layer)))
  })

  it.effect("that was interrupted has no calls that wait", () => {
    const { layer } = world([Script.toolCall("pay", {}, { id: "pay" })])
    return Effect.gen(function*() {
      const id = yield* Work.start("1")
      yield* settle
      yield* Effect.all([Work.interrupt(id), Work.interrupt(id)], { concurrency: 2 })
      yield* settle
      assert.deepStrictEqual(yield* Work.pending(id), [])
      assert.strictEqual((yield* Effect.flip(Work.approve(id, "pay")))._tag, "NotWaitingError")
      yield* Work.resume(id)
      yield* settle
      assert.strictEqual((yield* Effect.flip(endOf(Work, id)))._tag, "RunInterruptedError")
    }).pipe(Effect.provide(Layer.provideMerge(Work.toLayer(() => Agent.run(agent)), layer)))
  })

  it.effect("rejects a call whose expiry has a wrong answer", () => {
    const Wrong = DurableAgent.make("wrong/v1", {
      payload: Schema.String,
      key: (id) => id,
      expire: () => ({ after: "1 minute", decision: { _tag: "answer", value: "wrong" } })
    })
    const { finished, layer } = world([Script.toolCall("ask"), "Done."])
    return Effect.gen(function*() {
      const id = yield* Wrong.start("1")
      yield* settle
      yield* TestClock.adjust("1 minute")
      yield* settle
      const { items, text } = yield* endOf(Wrong, id)
      assert.strictEqual(text, "Done.")
      assert.include(JSON.stringify(items), "Nobody answered in time")
      assert.deepStrictEqual(finished, [])
    }).pipe(Effect.provide(Layer.provideMerge(Wrong.toLayer(() => Agent.run(agent)), layer)))
  })

  it.effect("fails with its own error where functions of its options throw", () => {
    const throws = () => {
      throw new Error("mine")
    }
    const Odd = DurableAgent.make("odd/v1", {
      payload: Schema.String,
      key: (id) => id === "throws" ? throws() : id,
      suspendOn: throws,
      expire: throws
    })
    const { layer } = world([
      Script.turn(Script.toolCall("pay", {}, { id: "pay" }), { cost: 3 }),
      Script.error(400)
    ])
    return Effect.gen(function*() {
      assert.include(Cause.pretty(yield* Effect.flip(Effect.sandbox(Odd.run("throws")))), "mine")
      const id = yield* Odd.start("1")
      yield* settle
      yield* Odd.approve(id, "pay")
      yield* settle
      const failure = yield* Effect.flip(endOf(Odd, id))
      assert.strictEqual(failure._tag, "BadRequestResponseError")
      assert.strictEqual("progress" in failure ? failure.progress.cost : undefined, 3)
    }).pipe(Effect.provide(Layer.provideMerge(Odd.toLayer(() => Agent.run(agent)), layer)))
  })

  it.effect("tries a tool of its own `retry` no more often than it says", () => {
    const Flaky = Tool.make("flaky", { success: Schema.String, failure: Schema.String, retry: Schedule.recurs(2) })
    const tools = Toolkit.make(Flaky)
    let executions = 0
    const Handlers = tools.toLayer({
      flaky: () => Effect.suspend(() => ++executions < 3 ? Effect.fail("again") : inner.pipe(Effect.orDie))
    })
    const { layer } = world([Script.toolCall("flaky"), Script.error(402), "found", "Done."])
    return Effect.gen(function*() {
      const id = yield* Work.start("1")
      yield* settle
      assert.strictEqual((yield* Work.status(id))._tag, "suspended")
      assert.strictEqual(executions, 3)
      yield* Work.resume(id)
      yield* settle
      assert.strictEqual((yield* endOf(Work, id)).text, "Done.")
    }).pipe(Effect.provide(Layer.provideMerge(
      Work.toLayer(() => Agent.run({ model, input: "Go", tools })),
      Layer.provideMerge(Handlers, layer)
    )))
  })
})
