/** An agent as a tool of another agent: shared budget, usage and interruption. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as ScriptedServer from "../../../src/testing/server/ScriptedServer.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { collect, model, settled } from "./support.js"

const Look = Tool.make("look", { success: Schema.String })
const inner = Toolkit.make(Look)

const Delegate = Tool.make("delegate", {
  parameters: Schema.Struct({ task: Schema.String }),
  success: Schema.Struct({ text: Schema.String, outcome: Schema.String }),
  failure: Schema.String,
  timeout: "1 hour"
})
const outer = Toolkit.make(Delegate)

const child = (task: string, stopWhen?: StopWhen.StopCondition) =>
  Agent.run({ name: "child", model: "test/child", input: task, tools: inner, stopWhen })

const endOf = ({ outcome }: Agent.Run<unknown>) => outcome._tag === "stopped" ? outcome.condition : outcome._tag

const AgentsLive = outer.toLayer({
  delegate: ({ task }) =>
    child(task).pipe(
      Effect.map((run) => ({ text: run.text, outcome: endOf(run) })),
      Effect.mapError((error) => error._tag)
    )
}).pipe(Layer.provideMerge(inner.toLayer({ look: () => Effect.succeed("seen") })))

const script = (...turns: Script.Script) => Layer.provideMerge(AgentsLive, TestModel.layer(turns))

const parent = { name: "parent", model, input: "Go!", tools: outer } as const

const delegate = (cost: number, task = "look") => Script.turn([Script.toolCall("delegate", { task })], { cost })
const look = (cost: number) => Script.turn([Script.toolCall("look")], { cost })
const says = (text: string, cost: number) => Script.turn(text, { cost })

describe("an agent as a tool", () => {
  it.effect("returns the result of its run, and its cost is in the cost of the parent run", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(parent)
      assert.strictEqual(run.text, "All done.")
      assert.deepStrictEqual(run.steps[0]?.toolResults[0]?.result, { text: "I saw it.", outcome: "completed" })
      assert.strictEqual(run.cost, 1 + 2 + 4 + 8)
      assert.strictEqual(run.steps[0]?.toolResults[0]?.usage.cost, 2 + 4)
      assert.strictEqual(run.steps[0]?.usage.cost, 1 + 2 + 4)
      assert.strictEqual(run.steps[1]?.usage.cost, 8)
      assert.deepStrictEqual((yield* TestModel.requests).map((request) => request.model), [
        model,
        "test/child",
        "test/child",
        model
      ])
    }).pipe(Effect.provide(script(delegate(1), look(2), says("I saw it.", 4), says("All done.", 8)))))

  it.effect("stops when the budget of the parent run is used up, before its tools execute", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...parent, stopWhen: StopWhen.maxCost(3) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(3)" })
      assert.deepStrictEqual(run.steps[0]?.toolResults[0]?.result, { text: "", outcome: "maxCost(3)" })
      assert.strictEqual(run.cost, 3)
      assert.strictEqual((yield* TestModel.requests).length, 2)
    }).pipe(Effect.provide(script(delegate(1), look(2)))))

  it.effect("does not start if the budget of the parent run is used up", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...parent, stopWhen: StopWhen.maxCost(1), allowFinalResponse: true })
      assert.deepStrictEqual(run.steps[0]?.toolResults[0]?.result, { text: "", outcome: "maxCost(1)" })
      assert.deepStrictEqual((yield* TestModel.requests).map((request) => request.model), [model, model])
    }).pipe(Effect.provide(script(delegate(1), says("In short.", 1)))))

  it.effect("shares a budget with concurrent agents: they exceed it by at most the requests under way", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...parent, stopWhen: StopWhen.maxCost(5) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(5)" })
      // Both children sent one request before either cost was known; no further request is sent
      assert.strictEqual(run.cost, 1 + 2 + 2)
      assert.strictEqual((yield* TestModel.requests).length, 3)
    }).pipe(Effect.provide(script(
      Script.turn([
        Script.toolCall("delegate", { task: "a" }),
        Script.toolCall("delegate", { task: "b" })
      ], { cost: 1 }),
      look(2),
      look(2)
    ))))

  it.effect("can have its own budget", () =>
    Effect.gen(function*() {
      const small = yield* child("look", StopWhen.maxCost(2))
      assert.deepStrictEqual(small.outcome, { _tag: "stopped", condition: "maxCost(2)" })
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(script(look(2)))))

  it.effect("shares the budget at any depth", () =>
    Effect.gen(function*() {
      const Deep = Tool.make("deep", { success: Schema.String })
      const deep = Toolkit.make(Deep)
      const DeepLive = deep.toLayer({
        deep: () => Effect.map(Effect.orDie(Agent.run({ ...parent, name: "middle" })), endOf)
      })
      const run = yield* Agent.run({ ...parent, tools: deep, stopWhen: StopWhen.maxCost(7) }).pipe(
        Effect.provide(DeepLive)
      )
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(7)" })
      assert.strictEqual(run.cost, 7)
      assert.strictEqual(run.steps[0]?.toolResults[0]?.result, "maxCost(7)")
      assert.strictEqual((yield* TestModel.requests).length, 3)
    }).pipe(Effect.provide(script(
      Script.turn([Script.toolCall("deep")], { cost: 1 }),
      delegate(2),
      look(4)
    ))))

  it.effect("that fails is counted: its cost is in the parent run", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(parent)
      assert.strictEqual(run.steps[0]?.toolResults[0]?.status, "failure")
      assert.strictEqual(run.cost, 1 + 2 + 4 + 8)
    }).pipe(Effect.provide(script(
      delegate(1),
      look(2),
      Script.turn(["Half", Script.fail(502)], { cost: 4 }),
      says("So be it.", 8)
    ))))

  it.effect("that failed before it reported its cost is unsettled in the parent run too", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(parent)
      assert.strictEqual(run.cost, 1 + 2 + 8)
      assert.deepStrictEqual(run.unsettled, ["gen-child"])
      assert.deepStrictEqual(run.steps[0]?.toolResults[0]?.unsettled, ["gen-child"])
      assert.isUndefined(run.steps[1]?.toolResults[0]?.unsettled)
    }).pipe(Effect.provide(script(
      delegate(1),
      look(2),
      Script.turn(["Half", Script.truncate], { id: "gen-child" }),
      delegate(0),
      says("I saw it.", 0),
      says("So be it.", 8)
    ))))

  it.effect("that is stopped by its timeout is counted", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run(parent))
      yield* TestModel.awaitRequests(3)
      yield* settled
      yield* TestClock.adjust("1 hour")
      const run = yield* Fiber.join(fiber)
      assert.strictEqual(run.steps[0]?.toolResults[0]?.status, "failure")
      assert.strictEqual(run.cost, 1 + 2 + 8)
      assert.strictEqual((yield* TestModel.responses).interrupted, 1)
    }).pipe(Effect.provide(Layer.provideMerge(
      AgentsLive,
      TestModel.layer([delegate(1), look(2), ["Half", Script.stall], says("So be it.", 8)], {
        client: { idleTimeout: "2 hours" }
      })
    ))))

  it.effect("has its own events: the parent run emits only its own", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream(parent))
      assert.deepStrictEqual(
        events.flatMap((event) => event.type === "tool.result" ? [event.name] : []),
        ["delegate"]
      )
      assert.strictEqual(events.filter((event) => event.type === "run.end").length, 1)
    }).pipe(Effect.provide(script(delegate(1), look(2), says("I saw it.", 4), says("All done.", 8)))))
})

describe("an agent as a tool, started in other ways", () => {
  const Streamed = Tool.make("streamed", { success: Schema.String, progress: Schema.String })
  const kit = Toolkit.make(Streamed)
  const options = { model: "test/child", input: "look", tools: inner } as const

  const ways = {
    "Agent.stream": kit.toLayer({
      streamed: (_, { progress }) =>
        Agent.stream(options).pipe(
          Stream.tap((event) => event.type === "response.output_text.delta" ? progress(event.delta) : Effect.void),
          Stream.runFold("", (last, event) => event.type === "run.end" ? endOf(event.run) : last),
          Effect.orDie
        )
    }),
    "Agent.callModel": kit.toLayer({
      streamed: (_, { progress }) =>
        Effect.gen(function*() {
          const result = yield* Agent.callModel(options)
          yield* Stream.runForEach(result.textStream, progress)
          return endOf(yield* result.run)
        }).pipe(Effect.orDie)
    })
  }

  for (const [way, layer] of Object.entries(ways)) {
    const script = (...turns: Script.Script) =>
      layer.pipe(
        Layer.provideMerge(inner.toLayer({ look: () => Effect.succeed("seen") })),
        Layer.provideMerge(TestModel.layer(turns))
      )

    it.effect(`${way} reports its text to the parent run, and its cost counts there`, () =>
      Effect.gen(function*() {
        const events = yield* collect(Agent.stream({ ...parent, tools: kit, stopWhen: StopWhen.maxCost(100) }))
        const written = events.flatMap((event) => event.type === "tool.preliminary_result" ? [event.result] : [])
        assert.strictEqual(written.join(""), "I saw it.")
        const end = events.at(-1)
        assert.strictEqual(end?.type === "run.end" ? end.run.cost : 0, 1 + 2 + 4 + 8)
      }).pipe(Effect.provide(script(
        Script.turn([Script.toolCall("streamed")], { cost: 1 }),
        look(2),
        says("I saw it.", 4),
        says("All done.", 8)
      ))))

    it.effect(`${way} stops when the budget of the parent run is used up`, () =>
      Effect.gen(function*() {
        const run = yield* Agent.run({ ...parent, tools: kit, stopWhen: StopWhen.maxCost(3) })
        assert.strictEqual(run.steps[0]?.toolResults[0]?.result, "maxCost(3)")
        assert.strictEqual(run.cost, 3)
      }).pipe(Effect.provide(script(Script.turn([Script.toolCall("streamed")], { cost: 1 }), look(2)))))
  }
})

describe("an interruption of the parent run", () => {
  const turns = [delegate(1), look(2), ["Half", Script.wait("5 millis"), Script.stall], "Never sent."]

  const server = Layer.provideMerge(
    AgentsLive,
    Layer.provide(ScriptedServer.layerClient({ turns, allowUnused: true }), FetchHttpClient.layer)
  )

  it.scopedLive("42: interrupts the agent: the server sees its connection close", () =>
    Effect.gen(function*() {
      const { awaitInterrupted, awaitRequests, requests, responses } = yield* ScriptedServer.ScriptedServer
      const fiber = yield* Effect.fork(Agent.run(parent))
      yield* awaitRequests(3)
      yield* Fiber.interrupt(fiber)
      yield* awaitInterrupted(1)
      assert.strictEqual((yield* responses).open, 0)
      assert.strictEqual((yield* requests).length, 3)
    }).pipe(Effect.provide(server)))

  it.scopedLive("42: reports the cost of the agent, from the result of Agent.callModel", () =>
    Effect.gen(function*() {
      const { awaitInterrupted, awaitRequests } = yield* ScriptedServer.ScriptedServer
      const scope = yield* Scope.make()
      const result = yield* Scope.extend(Agent.callModel(parent), scope)
      yield* awaitRequests(3)
      yield* Scope.close(scope, Exit.void)
      yield* awaitInterrupted(1)
      assert.isTrue(Exit.isInterrupted(yield* Effect.exit(result.run)))
      assert.strictEqual(yield* result.cost, 1 + 2)
    }).pipe(Effect.provide(server)))
})
