/** Limits count a task: all runs of a stored conversation since its last new input. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model, sent } from "./support.js"

const Pay = Tool.make("pay", { success: Schema.String, requireApproval: true })
const Wait = Tool.make("wait", { requireApproval: true })
const tools = Toolkit.make(Pay, Wait, Tool.make("look"))
const agent = { model, tools, conversation: "c" } as const

const script = (...turns: Script.Script) =>
  Effect.provide(Layer.mergeAll(
    tools.toLayer({
      pay: () => Effect.succeed("paid"),
      wait: () => Effect.sleep("2 minutes"),
      look: () => Effect.void
    }),
    Conversation.layerMemory,
    TestModel.layer(turns, { allowUnused: true })
  ))

const payments = script(Script.forever(Script.turn(Script.toolCall("pay"), { cost: 0.9 })))

/** Approves whatever waits, nine times, with a day between the runs. */
const approvedNineTimes = (limits: { readonly stopWhen?: StopWhen.StopCondition; readonly maxSteps?: number }) =>
  Effect.gen(function*() {
    let run = yield* Agent.run({ ...agent, ...limits, input: "Go!" })
    for (let times = 0; times < 9; times++) {
      yield* TestClock.adjust("1 day")
      run = yield* Agent.run({ ...agent, ...limits, approve: run.pending.map((call) => call.callId) })
    }
    return run
  })

describe("a limit of a task", () => {
  it.effect("of its cost holds for the runs that only bring approvals", () =>
    Effect.gen(function*() {
      const run = yield* approvedNineTimes({ stopWhen: StopWhen.maxCost(1) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(1)" })
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 1.8)
      assert.deepStrictEqual([run.cost, run.task?.cost, run.task?.steps], [0, 1.8, 2])
    }).pipe(payments))

  it.effect("of its turns holds for the runs that only bring approvals", () =>
    Effect.gen(function*() {
      const run = yield* approvedNineTimes({ stopWhen: StopWhen.stepCountIs(3) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "stepCountIs(3)" })
      assert.strictEqual(yield* sent, 3)
    }).pipe(payments))

  it.effect("is also the default limit of turns", () =>
    Effect.gen(function*() {
      const run = yield* approvedNineTimes({ maxSteps: 4 })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxSteps(4)" })
      assert.strictEqual(yield* sent, 4)
    }).pipe(payments))

  it.effect("of its time does not count the time between the runs", () =>
    Effect.gen(function*() {
      const run = yield* approvedNineTimes({ stopWhen: StopWhen.elapsed("1 hour") })
      assert.strictEqual(run.outcome._tag, "awaiting_approval")
      assert.strictEqual(yield* sent, 10)
    }).pipe(payments))

  it.effect("of its time counts calls that an earlier run left, before the next request", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...agent, input: "Go!" })
      const stopWhen = StopWhen.elapsed("1 minute")
      const running = yield* Effect.fork(Agent.run({ ...agent, stopWhen, approve: ["call_1_1"] }))
      yield* TestClock.adjust("2 minutes")
      const run = yield* Fiber.join(running)
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "elapsed(1m)" })
      assert.deepStrictEqual([run.updatedAt - run.startedAt, run.task?.elapsed, yield* sent], [120_000, 120_000, 1])
    }).pipe(script(Script.toolCall("wait"))))

  it.effect("of its time does not count the time until a run is repeated with its id", () =>
    Effect.gen(function*() {
      const task = { ...agent, input: "Go!", runId: "task", stopWhen: StopWhen.elapsed("1 hour") }
      yield* Effect.flip(Agent.run(task))
      yield* TestClock.adjust("1 day")
      const run = yield* Agent.run(task)
      assert.deepStrictEqual([run.outcome._tag, run.task?.elapsed], ["completed", 0])
      const next = yield* Agent.run({ ...agent, input: "Next!" })
      assert.strictEqual(next.conversation?.elapsed, 0)
    }).pipe(script(Script.toolCall("look"), Script.error(402), "Done.", "Next.")))

  it.effect("holds for runs that only bring approvals of what a server requests", () =>
    Effect.gen(function*() {
      const run = yield* approvedNineTimes({ stopWhen: StopWhen.maxCost(1) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(1)" })
      assert.deepStrictEqual([run.task?.cost, run.task?.steps, yield* sent], [1.8, 2, 2])
    }).pipe(script(Script.forever(({ json }) => {
      const id = `r${Array.isArray(json["input"]) ? json["input"].length : 0}`
      return Script.turn(
        [Script.item({ type: "mcp_approval_request", id, name: "drop", arguments: "{}", server_label: "git" })],
        { cost: 0.9 }
      )
    }))))

  it.effect("begins anew with new input", () =>
    Effect.gen(function*() {
      yield* approvedNineTimes({ stopWhen: StopWhen.maxCost(1) })
      const next = yield* Agent.run({ ...agent, input: "Next!", stopWhen: StopWhen.maxCost(1) })
      assert.deepStrictEqual([next.outcome._tag, next.task?.cost, next.conversation?.steps], [
        "awaiting_approval",
        0.9,
        3
      ])
    }).pipe(payments))

  it.effect("holds after a run that failed, with what it spent", () =>
    Effect.gen(function*() {
      const stopWhen = StopWhen.maxCost(1)
      yield* Agent.run({ ...agent, input: "Go!", stopWhen })
      yield* Effect.flip(Agent.run({ ...agent, stopWhen, approve: ["call_1_1"] }))
      const run = yield* Agent.run({ ...agent, stopWhen })
      assert.deepStrictEqual([run.outcome._tag, run.task?.cost, yield* sent], ["stopped", 1.4, 2])
    }).pipe(script(
      Script.turn(Script.toolCall("pay"), { cost: 0.9 }),
      Script.turn(["Half", Script.fail(502)], { cost: 0.5 })
    )))
})

describe("a limit of other scope", () => {
  it.effect("of a run counts one run", () =>
    Effect.gen(function*() {
      const run = yield* approvedNineTimes({ stopWhen: StopWhen.maxCost(1, { of: "run" }) })
      assert.deepStrictEqual([run.outcome._tag, yield* sent], ["awaiting_approval", 10])
    }).pipe(payments))

  it.effect("of a conversation counts new input as well", () =>
    Effect.gen(function*() {
      const stopWhen = StopWhen.maxCost(1.5, { of: "conversation" })
      yield* Agent.run({ ...agent, input: "One!", stopWhen })
      yield* Agent.run({ ...agent, input: "Two!", stopWhen })
      const run = yield* Agent.run({ ...agent, input: "Three!", stopWhen })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(1.5, conversation)" })
      assert.strictEqual(yield* sent, 2)
    }).pipe(payments))

  it.effect("of a conversation counts runs that failed before their first response", () =>
    Effect.gen(function*() {
      const stopWhen = StopWhen.maxCost(1, { of: "conversation" })
      yield* Effect.flip(Agent.run({ ...agent, input: "One!", stopWhen }))
      const run = yield* Agent.run({ ...agent, input: "Two!", stopWhen })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(1, conversation)" })
      assert.strictEqual(yield* sent, 1)
    }).pipe(script(Script.turn(["Half", Script.fail(502)], { cost: 1 }))))

  it.effect("of a conversation fails without one, before anything is sent", () =>
    Effect.gen(function*() {
      const stopWhen = StopWhen.any(StopWhen.stepCountIs(2), StopWhen.maxCost(1, { of: "conversation" }))
      const error = yield* Effect.flip(Agent.run({ model, input: "Go!", stopWhen }))
      assert.deepStrictEqual([error._tag, yield* sent], ["InvalidRequestError", 0])
    }).pipe(payments))
})
