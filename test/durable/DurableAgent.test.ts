import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../src/agent/Agent.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as DurableAgent from "../../src/durable/DurableAgent.js"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as OpenRouterError from "../../src/http/OpenRouterError.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { agent, endOf, model, settle, world } from "./support/world.js"

const Work = DurableAgent.make("work/v1", { payload: Schema.Struct({ id: Schema.String }), key: ({ id }) => id })
const WorkLive = Work.toLayer(() => Agent.run(agent))

const call = (name: string, params = {}) => Script.toolCall(name, params, { id: name })

describe("DurableAgent", () => {
  it.effect("starts the work of a key once, and returns its result to all who wait", () => {
    const { layer } = world(["Done."])
    return Effect.gen(function*() {
      const [first, second] = [yield* Work.start({ id: "1" }), yield* Work.start({ id: "1" })]
      assert.strictEqual(first, second)
      assert.strictEqual(first, yield* Work.executionId({ id: "1" }))
      assert.notStrictEqual(first, yield* Work.executionId({ id: "2" }))
      const waiting = yield* Effect.fork(Effect.all([Work.run({ id: "1" }), Work.result(first)], { concurrency: 2 }))
      yield* settle
      const [joined, waited] = yield* Fiber.join(waiting)
      assert.deepStrictEqual(joined, waited)
      assert.deepStrictEqual([joined.text, joined.steps, joined.outcome], ["Done.", 1, { _tag: "completed" }])
      assert.deepStrictEqual(yield* endOf(Work, first), joined)
    }).pipe(Effect.provide(Layer.provideMerge(WorkLive, layer)))
  })

  it.effect("waits for decisions of others, and does nothing again that it did", () => {
    const { finished, layer } = world([
      Script.turn([call("look"), call("pay"), call("ask")], { cost: 1 }),
      Script.turn(call("pay"), { cost: 1 }),
      Script.turn("Done.", { cost: 1 })
    ])
    return Effect.gen(function*() {
      const id = yield* Work.start({ id: "1" })
      yield* settle
      const status = yield* Work.status(id)
      assert.deepStrictEqual(status, { _tag: "suspended", reason: undefined, pending: yield* Work.pending(id) })
      assert.deepStrictEqual(
        (yield* Work.pending(id)).map(({ callId, reason }) => [callId, reason]),
        [["pay", "approval"], ["ask", "answer"]]
      )
      yield* Work.answer(id, "ask", 42)
      yield* Work.approve(id, "pay")
      yield* settle
      const [next] = yield* Work.pending(id)
      assert.strictEqual(next?.turn, 2)
      yield* Work.reject(id, next?.callId ?? "", "too much")
      yield* settle
      const run = yield* endOf(Work, id)
      assert.deepStrictEqual([run.text, run.cost, run.steps], ["Done.", 3, 3])
      assert.deepStrictEqual(finished.toSorted(), ["/1/ask = 42", "/1/look", "/1/pay"])
      assert.include(JSON.stringify(run.items), "too much")
      assert.deepStrictEqual(yield* Work.pending(id), [])
    }).pipe(Effect.provide(Layer.provideMerge(WorkLive, layer)))
  })

  it.effect("wakes for each decision, also for those that arrive while it works", () => {
    const calls = Array.from({ length: 10 }, (_, index) => Script.toolCall("pay", {}, { id: `pay${index}` }))
    const { finished, layer } = world([calls, "Done."])
    return Effect.gen(function*() {
      const id = yield* Work.start({ id: "1" })
      yield* settle
      yield* Effect.forEach(yield* Work.pending(id), ({ callId }) => Work.approve(id, callId), { concurrency: 3 })
      yield* settle
      assert.strictEqual((yield* endOf(Work, id)).text, "Done.")
      assert.strictEqual(finished.length, 10)
    }).pipe(Effect.provide(Layer.provideMerge(WorkLive, layer)))
  })

  it.effect("refuses decisions that no call waits for, and asks again after a wrong answer", () => {
    const { finished, layer } = world([[call("pay"), call("ask")], "Done."])
    return Effect.gen(function*() {
      const id = yield* Work.start({ id: "1" })
      yield* settle
      const refused = yield* Effect.forEach([
        Work.approve(id, "look"),
        Work.approve(id, "ask"),
        Work.answer(id, "pay", 1),
        Work.approve("another", "pay")
      ], Effect.flip)
      assert.deepStrictEqual(refused.map(({ message }) => message), [
        "no call \"look\" waits. Read the calls that wait with `pending`",
        "the call \"ask\" waits for an answer. Use `answer` or `reject`",
        "the call \"pay\" waits for an approval. Use `approve` or `reject`",
        "no call \"pay\" waits. Read the calls that wait with `pending`"
      ])
      yield* Work.answer(id, "ask", "forty-two")
      yield* Work.approve(id, "pay")
      yield* settle
      const [again] = yield* Work.pending(id)
      assert.include(again?.problem, "Expected number")
      yield* Work.answer(id, "ask", 42)
      yield* settle
      assert.strictEqual((yield* endOf(Work, id)).text, "Done.")
      assert.deepStrictEqual(finished, ["/1/pay", "/1/ask = 42"])
      assert.strictEqual((yield* Effect.flip(Work.approve(id, "pay")))._tag, "NotWaitingError")
    }).pipe(Effect.provide(Layer.provideMerge(WorkLive, layer)))
  })

  it.effect("decides by itself when nobody did in time", () => {
    const { finished, layer } = world([[call("pay"), call("ask")], "Done."])
    const Expiring = DurableAgent.make("expiring/v1", {
      payload: Schema.String,
      key: (id) => id,
      expire: ({ reason }) =>
        reason === "approval"
          ? { after: "2 days", decision: { _tag: "reject", reason: "nobody was there" } }
          : undefined
    })
    return Effect.gen(function*() {
      const id = yield* Expiring.start("1")
      yield* settle
      yield* Expiring.answer(id, "ask", 1)
      yield* TestClock.adjust("1 day")
      assert.deepStrictEqual((yield* Expiring.pending(id)).map(({ callId }) => callId), ["pay"])
      yield* TestClock.adjust("1 day")
      yield* settle
      const run = yield* endOf(Expiring, id)
      assert.include(JSON.stringify(run.items), "nobody was there")
      assert.deepStrictEqual(finished, ["/1/ask = 1"])
    }).pipe(Effect.provide(Layer.provideMerge(Expiring.toLayer(() => Agent.run(agent)), layer)))
  })

  for (const where of ["a turn", "a turn of an agent inside"]) {
    it.effect(`waits for credits after a 402 in ${where}, and then does only that turn again`, () => {
      const { finished, layer } = world([
        where === "a turn" ? call("look") : call("librarian", { task: "t" }),
        ...(where === "a turn" ? [] : [call("look")]),
        Script.error(402, { message: "Insufficient credits" }),
        ...(where === "a turn" ? [] : ["found"]),
        "Done."
      ])
      return Effect.gen(function*() {
        const id = yield* Work.start({ id: "1" })
        yield* settle
        const status = yield* Work.status(id)
        assert.strictEqual(status._tag, "suspended")
        assert.include(status._tag === "suspended" ? status.reason : "", "PaymentRequiredResponseError: ")
        yield* Work.resume(id)
        yield* settle
        assert.strictEqual((yield* endOf(Work, id)).text, "Done.")
        assert.strictEqual(finished.length, 1)
      }).pipe(Effect.provide(Layer.provideMerge(WorkLive, layer)))
    })
  }

  it.effect("waits until a missing key is there", () => {
    let hasKey = false
    const withoutKey = Effect.provide(Layer.provide(OpenRouterClient.layer({}), FetchHttpClient.layer))
    const live = Work.toLayer(() => hasKey ? Agent.run(agent) : withoutKey(Agent.run(agent)))
    const { layer } = world(["Done."])
    return Effect.gen(function*() {
      const id = yield* Work.start({ id: "1" })
      yield* settle
      const status = yield* Work.status(id)
      assert.include(status._tag === "suspended" ? status.reason : "", "OPENROUTER_API_KEY")
      hasKey = true
      yield* Work.resume(id)
      yield* settle
      assert.strictEqual((yield* endOf(Work, id)).text, "Done.")
    }).pipe(Effect.provide(Layer.provideMerge(live, layer)))
  })

  it.effect("fails with the error of the run and what it did, and with the errors of its own schema", () => {
    const Refused = Schema.TaggedStruct("Refused", { why: Schema.String })
    const Strict = Tool.make("strict", { success: Schema.String, failure: Refused, failureMode: "error" })
    const tools = Toolkit.make(Strict)
    const Failing = DurableAgent.make("failing/v1", { payload: Schema.String, key: (id) => id, error: Refused })
    const live = Failing.toLayer((input) => Agent.run({ model, input, tools }))
    const layer = world([
      Script.turn(["Half.", Script.fail(500)], { cost: 1 }),
      Script.turn(["Let me see.", call("strict")], { cost: 2 })
    ]).layer
    return Effect.gen(function*() {
      const first = yield* Effect.fork(Effect.flip(Failing.run("a")))
      yield* settle
      const failure = yield* Fiber.join(first)
      assert.instanceOf(failure, OpenRouterError.errorClassByStatus[500])
      const second = yield* Effect.fork(Effect.flip(Failing.run("b")))
      yield* settle
      const refused = yield* Fiber.join(second)
      if (refused._tag !== "Refused") return assert.fail(refused.message)
      assert.strictEqual(refused.why, "no")
      assert.deepStrictEqual([refused.progress.cost, refused.progress.text], [2, "Let me see."])
      assert.strictEqual(refused.progress.steps, 1)
    }).pipe(
      Effect.provide(Layer.provideMerge(
        live,
        Layer.merge(layer, tools.toLayer({ strict: () => Effect.fail({ _tag: "Refused", why: "no" }) }))
      ))
    )
  })

  it.effect("returns the structured output, in the form of its schema", () => {
    const Answer = Schema.Struct({ day: Schema.DateFromString })
    const Dated = DurableAgent.make("dated/v1", { payload: Schema.String, key: (id) => id, value: Answer })
    const live = Dated.toLayer((input) => Agent.run({ model, input, output: Answer }))
    return Effect.gen(function*() {
      const id = yield* Dated.start("When?")
      yield* settle
      const { value } = yield* endOf(Dated, id)
      assert.deepStrictEqual(value?.day, new Date(0))
    }).pipe(Effect.provide(Layer.provideMerge(live, world([JSON.stringify({ day: new Date(0) })]).layer)))
  })

  it.effect("really waits before each repetition of a turn, and not again in a replay", () => {
    const broken = Script.turn(["Half", Script.fail(502)])
    const { layer } = world([broken, broken, call("pay"), broken, "Done."])
    const patient = { ...agent, retryTurn: Schedule.spaced("2 minutes") }
    return Effect.gen(function*() {
      const id = yield* Work.start({ id: "1" })
      const requests = Effect.map(TestModel.requests, ({ length }) => length)
      yield* settle
      assert.strictEqual(yield* requests, 1)
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual(yield* requests, 2)
      yield* TestClock.adjust("2 minutes")
      yield* settle
      assert.strictEqual(yield* requests, 3)
      yield* Work.approve(id, "pay")
      yield* settle
      assert.strictEqual(yield* requests, 4)
      yield* TestClock.adjust("2 minutes")
      yield* settle
      assert.strictEqual((yield* endOf(Work, id)).text, "Done.")
    }).pipe(Effect.provide(Layer.provideMerge(Work.toLayer(() => Agent.run(patient)), layer)))
  })

  it.effect("stops a turn under way when it is interrupted", () => {
    const { layer } = world([Script.turn(["Never", Script.stall])])
    return Effect.gen(function*() {
      const id = yield* Work.start({ id: "1" })
      yield* settle
      assert.deepStrictEqual(yield* Work.status(id), { _tag: "running" })
      yield* Work.interrupt(id)
      yield* settle
      assert.deepStrictEqual(yield* TestModel.responses, { finished: 0, interrupted: 1, open: 0 })
      assert.strictEqual((yield* Effect.flip(endOf(Work, id)))._tag, "RunInterruptedError")
    }).pipe(Effect.provide(Layer.provideMerge(WorkLive, layer)))
  })

  it.effect("ends when it is interrupted while it waits", () => {
    const { finished, layer } = world([call("pay")])
    return Effect.gen(function*() {
      const id = yield* Work.start({ id: "1" })
      yield* settle
      yield* Work.interrupt(id)
      yield* settle
      assert.strictEqual((yield* Effect.flip(Work.result(id)))._tag, "RunInterruptedError")
      assert.strictEqual((yield* Effect.flip(Work.approve(id, "pay")))._tag, "NotWaitingError")
      yield* settle
      assert.deepStrictEqual(finished, [])
    }).pipe(Effect.provide(Layer.provideMerge(WorkLive, layer)))
  })

  it.effect("tells events as they happen, and what is done again after each wait", () => {
    const { layer } = world(["One. ", [call("pay")], "Two."].slice(1))
    const told: Array<string> = []
    const live = Work.toLayer(() =>
      DurableAgent.tell(Agent.stream(agent), ({ type }) => Effect.sync(() => told.push(type)))
    )
    const count = (type: string) => told.filter((one) => one === type).length
    return Effect.gen(function*() {
      const id = yield* Work.start({ id: "1" })
      yield* settle
      yield* Work.approve(id, "pay")
      yield* settle
      assert.strictEqual((yield* endOf(Work, id)).text, "Two.")
      assert.deepStrictEqual(
        [count("response.completed"), count("tool.result"), count("run.end")],
        [2, 1, 1]
      )
      assert.isAtLeast(count("turn.end"), 3)
    }).pipe(Effect.provide(Layer.provideMerge(live, layer)))
  })

  it.effect("replays 100 turns without a request", () => {
    let turns = 0
    const script = Script.forever(() =>
      ++turns <= 100 ? [Script.toolCall("look")] : turns === 101 ? call("pay") : "Done."
    )
    const { finished, layer } = world([script])
    const live = Work.toLayer(() => Agent.run({ ...agent, maxSteps: Infinity }))
    return Effect.gen(function*() {
      const id = yield* Work.start({ id: "1" })
      yield* Effect.repeat(Effect.zipRight(settle, Work.status(id)), { until: ({ _tag }) => _tag === "suspended" })
      yield* Work.approve(id, "pay")
      yield* Effect.repeat(Effect.zipRight(settle, Work.status(id)), { until: ({ _tag }) => _tag === "ended" })
      const { outcome, steps } = yield* endOf(Work, id)
      assert.deepStrictEqual([outcome._tag, steps, turns, finished.length], ["completed", 102, 102, 101])
    }).pipe(Effect.provide(Layer.provideMerge(live, layer)))
  })
})
