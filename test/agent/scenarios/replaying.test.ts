/** A run whose activities are kept: its process dies anywhere, and a replay comes to the same end. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Activities from "../../../src/agent/Activities.js"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Responses from "../../../src/services/endpoints/Responses.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { type Journal, runIn } from "../support/journal.js"
import { timedPatiently } from "../support/patience.js"
import { model, outputsOf } from "./support.js"

const Look = Tool.make("look", { success: Schema.String })
const Pay = Tool.make("pay", { success: Schema.String, requireApproval: true })
const Delete = Tool.make("delete", { success: Schema.String, requireApproval: true })
const Ask = Tool.make("ask", { success: Schema.String, answer: Schema.String })
const Delegate = Tool.make("delegate", { success: Schema.String })
const Inner = Toolkit.make(Look)
const tools = Toolkit.make(Look, Pay, Delete, Ask, Delegate)

/** Turns of the outer agent by the number of outputs so far; the inner agent has the instructions "inner". */
const turnFor = (failures: Set<string>) =>
  Script.forever((request) => {
    const outputs = outputsOf(request).length
    if (request.json["instructions"] === "inner") {
      return outputs === 0 ? [Script.toolCall("look", {}, { id: "look" })] : "inner"
    }
    if (outputs === 0) {
      const calls = ["look", "pay", "delete", "ask", "nothing"].map((name) => Script.toolCall(name, {}, { id: name }))
      return Script.turn(calls, { cost: 1 })
    }
    if (outputs === 5 && !failures.has("once")) {
      failures.add("once")
      return Script.turn(["Half", Script.fail(502)], { cost: 0.25 })
    }
    if (outputs === 5) return Script.turn([Script.toolCall("delegate", {}, { id: "a/b" })], { cost: 0.5 })
    return "Done."
  })

const decide = ({ name, reason }: Activities.ApprovalKey): Activities.Decision =>
  reason === "answer" ? { _tag: "answer", value: "yes" } : { _tag: name === "delete" ? "reject" : "approve" }

/** A world in which handlers and models keep what happened to them, whatever happens to the processes. */
const makeWorld = () => {
  const finished: Array<string> = []
  const did = (key: string) => Effect.as(Effect.sync(() => finished.push(key)), "ok")
  const look = Inner.toLayer({ look: (_, call) => did(call.idempotencyKey) })
  const rest = Toolkit.make(Pay, Delete, Ask, Delegate).toLayer({
    pay: (_, call) => did(call.idempotencyKey),
    delete: (_, call) => did(call.idempotencyKey),
    ask: (_, call) => Effect.zipRight(call.answer, did(call.idempotencyKey)),
    delegate: (_, call) =>
      Agent.run({ model, instructions: "inner", input: "Look", tools: Inner }).pipe(
        Effect.orDie,
        Effect.zipRight(did(call.idempotencyKey))
      )
  })
  return { finished, layer: Layer.provideMerge(rest, Layer.merge(look, TestModel.layer([turnFor(new Set())]))) }
}

const agent = Agent.run({
  model,
  tools,
  input: "Go",
  runId: "task",
  retryTurn: Schedule.exponential("1 second").pipe(Schedule.jittered, Schedule.intersect(Schedule.recurs(2)))
})

/** All that a run says, as data. */
const plain = (run: Agent.Run): unknown => JSON.parse(JSON.stringify(run))

type When = "before" | "unkept" | "kept"

/** The first process dies at an activity, and another one replays the run later. */
const survived = (activity: number, when: When) => {
  const { finished, layer } = makeWorld()
  const journal: Journal = new Map()
  return Effect.gen(function*() {
    const [first] = yield* timedPatiently(runIn({ journal, decide, fatal: { activity, when } }, agent))
    if (Option.isSome(first)) return undefined
    const [second] = yield* timedPatiently(runIn({ journal, decide }, agent), 1_000_000)
    const run = plain(Option.getOrThrow(second))
    const [third] = yield* timedPatiently(runIn({ journal, decide }, agent), 5_000_000)
    assert.deepStrictEqual(plain(Option.getOrThrow(third)), run)
    return { run, finished, keys: [...journal.keys()].toSorted() }
  }).pipe(Effect.provide(layer))
}

describe("a run whose activities are kept", () => {
  it.effect("comes to the same end wherever its process dies, with the same keys", () =>
    Effect.gen(function*() {
      const { finished: expected, layer } = makeWorld()
      const journal: Journal = new Map()
      const [whole] = yield* timedPatiently(runIn({ journal, decide }, agent).pipe(Effect.provide(layer)))
      const { cost, outcome, text } = Option.getOrThrow(whole)
      assert.deepStrictEqual([outcome._tag, text, cost], ["completed", "Done.", 1.75])
      const keys = [...journal.keys()].toSorted()
      assert.includeMembers(expected, ["task/look", "task/pay", "task/ask", "task/a%2Fb/1/look", "task/a%2Fb"])
      let deaths = 0
      for (let activity = 1;; activity++) {
        const after = yield* survived(activity, "kept")
        if (after === undefined) break
        deaths++
        assert.deepStrictEqual(after.keys, keys)
        assert.deepStrictEqual(after.finished.toSorted(), expected.toSorted(), `killed after activity ${activity}`)
        for (const when of ["before", "unkept"] as const) {
          // What was not kept happens again: the model may respond otherwise then, but no key changes
          const again = yield* survived(activity, when)
          assert.deepStrictEqual(new Set(again?.finished), new Set(expected))
        }
      }
      assert.strictEqual(deaths, keys.length)
    }))

  it.effect("replays 200 turns without a request", () =>
    Effect.gen(function*() {
      let turns = 0
      const world = Layer.merge(
        Inner.toLayer({ look: () => Effect.succeed("ok") }),
        TestModel.layer([Script.forever(() => ++turns < 200 ? [Script.toolCall("look")] : "Done.")])
      )
      const long = Agent.run({ model, tools: Inner, input: "Go", runId: "task", maxSteps: Infinity })
      const journal: Journal = new Map()
      const [first, second] = yield* Effect.all([
        runIn({ journal, decide }, long),
        runIn({ journal, decide }, long)
      ]).pipe(Effect.provide(world))
      assert.strictEqual(turns, 200)
      assert.deepStrictEqual(second, first)
      assert.strictEqual(Option.getOrThrow(second).steps.length, 200)
    }))
})

const Flaky = Tool.make("flaky", {
  success: Schema.String,
  failure: Schema.Struct({ why: Schema.String }),
  failureMode: "error"
})
const Flaking = Toolkit.make(Flaky)

describe("an interpreter that repeats activities", () => {
  it.effect("repeats a tool that failed the run, and all that its executions spent counts once", () => {
    let tries = 0
    const live = Flaking.toLayer({
      flaky: () =>
        Effect.gen(function*() {
          yield* Effect.orDie(Responses.send({ model, instructions: "inner", input: "Look" }))
          return ++tries < 3 ? yield* Effect.fail({ why: "flaky" }) : "ok"
        })
    })
    const turn = Script.forever((request) =>
      Script.turn(
        request.json["instructions"] === "inner" || outputsOf(request).length > 0
          ? ["ok"]
          : [Script.toolCall("flaky", {}, { id: "1" }), Script.toolCall("flaky", {}, { id: "2" })],
        { cost: 1 }
      )
    )
    return Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Go", tools: Flaking }).pipe(
        Effect.provideService(Activities.Activities, {
          ...Activities.passThrough,
          tool: (_, effect) => Effect.retry(effect, { times: 3 })
        })
      )
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual(tries, 4)
      assert.strictEqual(run.cost, 2 + tries)
    }).pipe(Effect.provide(Layer.provideMerge(live, TestModel.layer([turn]))))
  })

  it.effect("repeats a tool, and the runs inside of it return what they did", () => {
    let tries = 0
    const live = Flaking.toLayer({
      flaky: () =>
        Effect.gen(function*() {
          yield* Effect.orDie(Agent.run({ model, instructions: "inner", input: "Look" }))
          return ++tries < 3 ? yield* Effect.fail({ why: "flaky" }) : "ok"
        })
    })
    const turn = Script.forever((request) =>
      request.json["instructions"] === "inner" || outputsOf(request).length > 0
        ? Script.turn("ok", { cost: 1 })
        : Script.turn([Script.toolCall("flaky", {})], { cost: 1 })
    )
    return Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Go", tools: Flaking }).pipe(
        Effect.provideService(Activities.Activities, {
          ...Activities.passThrough,
          tool: (_, effect) => Effect.retry(effect, { times: 3 })
        })
      )
      assert.deepStrictEqual([run.outcome._tag, tries, run.cost], ["completed", 3, 3])
    }).pipe(Effect.provide(Layer.provideMerge(live, TestModel.layer([turn]))))
  })

  it.effect("repeats a turn, and all its responses count once", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Go" }).pipe(
        Effect.provideService(Activities.Activities, {
          ...Activities.passThrough,
          turn: (_, effect) => Effect.retry(effect, { times: 3 })
        })
      )
      assert.deepStrictEqual([run.text, run.cost], ["Done.", 1.25])
    }).pipe(Effect.provide(TestModel.layer([
      Script.turn(["Half", Script.fail(502)], { cost: 0.25 }),
      Script.turn(["Done."], { cost: 1 })
    ]))))
})

describe("the option runId", () => {
  it.effect("is refused if it is empty", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ model, input: "Go", runId: "" }))
      assert.strictEqual(error._tag === "InvalidRequestError" ? error.parameter : error._tag, "runId")
    }).pipe(Effect.provide(TestModel.layer([]))))
})
