/** Turns that are retried: what is repeated, what is not, and what it costs. */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
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
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import * as Generations from "../../../src/services/Generations.js"
import * as MockHttpClient from "../../../src/testing/MockHttpClient.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { whileInput } from "../../support/effect/schedules.js"
import { failureOf, read } from "./getters.js"
import { collect, itemsOf, model, settled, shapeOf } from "./support.js"

const Count = Tool.make("count", { success: Schema.Number })
const tools = Toolkit.make(Count)

/** A tool that counts its runs, with a scripted model. */
const script = (...turns: Script.Script) => {
  let runs = 0
  return Layer.mergeAll(
    tools.toLayer({ count: () => Effect.sync(() => ++runs) }),
    TestModel.layer(turns)
  )
}

const options = { model, input: "A story, please.", tools } as const
const twice = Schedule.recurs(2)
const call = Script.toolCall("count")

const broken = (cost?: number) =>
  Script.turn(["Once", cost === undefined ? Script.truncate : Script.fail(502)], {
    id: `gen-broken-${cost ?? "unknown"}`,
    ...(cost === undefined ? {} : { cost })
  })

describe("a turn whose stream ended early", () => {
  it.effect("is requested again with the same input; its tools do not execute again", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, retryTurn: twice })
      assert.strictEqual(run.text, "One.")
      assert.deepStrictEqual(run.steps.flatMap((step) => step.toolResults.map(({ result }) => result)), [1])
      const requests = yield* TestModel.requests
      assert.strictEqual(requests.length, 4)
      assert.deepStrictEqual(requests[1]?.json, requests[2]?.json)
      assert.deepStrictEqual(requests[2]?.json, requests[3]?.json)
      assert.deepStrictEqual(shapeOf(requests[3]), [
        "message user",
        "function_call call_1_1",
        "function_call_output call_1_1"
      ])
      assert.deepStrictEqual(run.items.map(({ type }) => type), ["function_call", "function_call_output", "message"])
    }).pipe(Effect.provide(script(call, ["Once", Script.truncate], ["Twice", Script.reset], "One."))))

  it.effect("is not requested again without retryTurn", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run(options))
      assert.strictEqual(error._tag, "StreamTruncatedError")
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(script(broken()))))

  it.effect("does not execute a complete call of the response that was cut off", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream({ ...options, retryTurn: twice }))
      const results = events.flatMap((event) => event.type === "tool.result" ? [event.toolCallId] : [])
      assert.deepStrictEqual(results, ["good"])
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(shapeOf(requests[2]).slice(1), ["function_call good", "function_call_output good"])
    }).pipe(Effect.provide(script(
      [Script.toolCall("count", {}, { id: "bad" }), Script.truncate],
      Script.toolCall("count", {}, { id: "good" }),
      "One."
    ))))

  it.effect("emits turn.retry before it starts again", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream({ ...options, retryTurn: twice }))
      const told = events.flatMap((event) =>
        event.type === "turn.start" || event.type === "turn.retry" ? [[event.type, event.turn, event.attempt]] : []
      )
      assert.deepStrictEqual(told, [
        ["turn.start", 1, 1],
        ["turn.retry", 1, 1],
        ["turn.start", 1, 2],
        ["turn.retry", 1, 2],
        ["turn.start", 1, 3]
      ])
      const retries = events.flatMap((event) => event.type === "turn.retry" ? [event.error] : [])
      assert.deepStrictEqual(retries.map(({ _tag }) => _tag), ["StreamTruncatedError", "BadGatewayResponseError"])
      assert.isNotEmpty(retries[0]?.message)
    }).pipe(Effect.provide(script(broken(), broken(0.5), "Once upon a time."))))

  it.effect("is void in the items, and the text starts over", () =>
    Effect.gen(function*() {
      const stream = Agent.stream({ ...options, retryTurn: twice })
      assert.strictEqual((yield* collect(AgentStream.textDeltas(stream))).join(""), "OnceOnce upon a time.")
      const states = (yield* collect(AgentStream.items(stream))).map(({ item, state }) => [item.type, state])
      assert.deepStrictEqual(states.filter((state) => state[1] !== "growing"), [
        ["message", "void"],
        ["message", "whole"]
      ])
    }).pipe(Effect.provide(script(broken(), "Once upon a time.", broken(), "Once upon a time."))))
})

describe("the schedule", () => {
  const delays = Schedule.exponential("1 second").pipe(Schedule.intersect(Schedule.recurs(3)))

  it.effect("sets the waits, to the millisecond, and how many there are", () =>
    Effect.gen(function*() {
      const starts: Array<number> = []
      const watched = Stream.tap(
        Agent.stream({ ...options, retryTurn: delays }),
        (event) =>
          event.type === "turn.start"
            ? Effect.map(Clock.currentTimeMillis, (now) => void starts.push(now))
            : Effect.void
      )
      const fiber = yield* Effect.fork(read(watched))
      for (const millis of [999, 1, 1999, 1, 3999, 1]) {
        yield* settled
        yield* TestClock.adjust(millis)
      }
      const error = failureOf(yield* Fiber.join(fiber))
      assert.strictEqual(error?._tag, "StreamTruncatedError")
      assert.deepStrictEqual(starts, [0, 1000, 3000, 7000])
      assert.deepStrictEqual(error?.progress.unsettled, Array.from({ length: 4 }, () => "gen-broken-unknown"))
    }).pipe(Effect.provide(script(broken(), broken(), broken(), broken()))))

  it.effect("starts again with each turn", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run({ ...options, retryTurn: delays }))
      for (const millis of [999, 1, 999]) {
        yield* settled
        yield* TestClock.adjust(millis)
      }
      yield* settled
      assert.strictEqual((yield* TestModel.requests).length, 3)
      yield* TestClock.adjust(1)
      assert.strictEqual((yield* Fiber.join(fiber)).text, "One.")
    }).pipe(Effect.provide(script(broken(), call, broken(), "One."))))

  it.effect("can decide by the error", () =>
    Effect.gen(function*() {
      const retryTurn = whileInput<Agent.AgentError>((error) => error._tag === "StreamTruncatedError")
      const error = yield* Effect.flip(Agent.run({ ...options, retryTurn }))
      assert.strictEqual(error._tag, "BadGatewayResponseError")
      assert.strictEqual((yield* TestModel.requests).length, 2)
    }).pipe(Effect.provide(script(broken(), broken(0.5)))))

  it.effect("does not receive errors that are permanent or not the model's", () =>
    Effect.gen(function*() {
      const denied = yield* Effect.flip(Agent.run({ ...options, retryTurn: twice }))
      assert.strictEqual(denied._tag, "PaymentRequiredResponseError")
      const thrown = yield* Effect.flip(
        Agent.run({
          ...options,
          retryTurn: twice,
          temperature: () => {
            throw new Error("no")
          }
        })
      )
      assert.strictEqual(thrown._tag, "CallbackError")
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(script(Script.error(402)))))

  it.effect("applies after the retries of the client", () =>
    Effect.gen(function*() {
      const run = Agent.run({ ...options, retryTurn: Schedule.recurs(1) }).pipe(
        OpenRouterClient.withOptions({ retry: Schedule.recurs(1) })
      )
      assert.strictEqual((yield* run).text, "At last.")
      assert.strictEqual((yield* TestModel.requests).length, 4)
    }).pipe(Effect.provide(script(Script.error(503), Script.error(503), Script.error(503), "At last."))))

  it.effect("waits at least as long as the server requests", () =>
    Effect.gen(function*() {
      const run = Agent.run({ ...options, retryTurn: twice }).pipe(OpenRouterClient.withOptions({ retry: false }))
      const fiber = yield* Effect.fork(run)
      yield* settled
      yield* TestClock.adjust("4999 millis")
      assert.strictEqual((yield* TestModel.requests).length, 1)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(fiber)).text, "At last.")
    }).pipe(Effect.provide(script(Script.error(429, { retryAfter: "5 seconds" }), "At last."))))

  it.effect("fails if the server requests more than a minute", () =>
    Effect.gen(function*() {
      const run = Agent.run({ ...options, retryTurn: twice }).pipe(OpenRouterClient.withOptions({ retry: false }))
      const error = yield* Effect.flip(run)
      assert.strictEqual(error._tag, "TooManyRequestsResponseError")
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(script(Script.error(429, { retryAfter: "2 minutes" })))))
})

describe("another model as a fallback", () => {
  it.effect("is a function of the attempt", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({
        ...options,
        model: ({ attempt }) => attempt === 1 ? "test/first" : "test/second",
        retryTurn: twice
      })
      assert.strictEqual(run.text, "One.")
      assert.deepStrictEqual((yield* TestModel.requests).map((request) => request.model), [
        "test/first",
        "test/second",
        "test/first"
      ])
    }).pipe(Effect.provide(script(broken(), call, "One."))))

  it.effect("is a service that an ExecutionPlan provides, for the whole run", () =>
    Effect.gen(function*() {
      class Model extends Context.Tag("Model")<Model, string>() {}
      const plan = ExecutionPlan.make(
        { provide: Layer.succeed(Model, "test/first"), attempts: 2 },
        { provide: Layer.succeed(Model, "test/second") }
      )
      const run = yield* Effect.withExecutionPlan(Agent.run({ ...options, model: () => Model }), plan)
      assert.strictEqual(run.text, "One.")
      assert.deepStrictEqual((yield* TestModel.requests).map((request) => request.model), [
        "test/first",
        "test/first",
        "test/first",
        "test/second"
      ])
    }).pipe(Effect.provide(script(call, broken(), broken(), "One."))))

  it.effect("is chosen by OpenRouter, from several", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, model: "test/first", models: ["test/second"] })
      assert.strictEqual(run.response?.model, "test/second")
      const [request] = yield* TestModel.requests
      assert.deepStrictEqual(request?.json["models"], ["test/second"])
    }).pipe(Effect.provide(script(Script.turn("Here.", { model: "test/second" })))))

  it.effect("can depend on the progress of the run", () =>
    Effect.gen(function*() {
      const costs: Array<number> = []
      yield* Agent.run({
        ...options,
        retryTurn: twice,
        model: ({ run }) => {
          costs.push(run.cost)
          return model
        }
      })
      assert.deepStrictEqual(costs, [0, 0.5])
    }).pipe(Effect.provide(script(broken(0.5), "Once."))))
})

describe("the cost of failed attempts", () => {
  it.effect("is in the cost of the run, of its step and in the usage", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, retryTurn: twice })
      assert.strictEqual(run.cost, 0.75)
      assert.strictEqual(run.steps[0]?.usage.cost, 0.75)
      assert.strictEqual(run.steps[0]?.response.usage?.cost, 0.25)
      assert.strictEqual(run.usage.inputTokens, 20)
      assert.deepStrictEqual(run.unsettled, [])
    }).pipe(Effect.provide(script(broken(0.5), Script.turn("Once.", { cost: 0.25 })))))

  it.effect("is in the error if all attempts failed", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run({ ...options, retryTurn: twice }))
      assert.strictEqual(error.progress.cost, 1.5)
      assert.deepStrictEqual(error.progress.steps, [])
    }).pipe(Effect.provide(script(broken(0.5), broken(0.5), broken(0.5)))))

  it.effect("is unsettled if the attempts did not report it, and can be requested", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, retryTurn: twice })
      assert.strictEqual(run.cost, 0.25)
      assert.deepStrictEqual(run.unsettled, ["gen-broken-unknown"])
      const [settlement] = yield* Effect.forEach(run.unsettled, (id) => Generations.settle(id))
      assert.strictEqual(settlement?.cost, 0.125)
    }).pipe(Effect.provide(Layer.mergeAll(
      tools.toLayer({ count: () => Effect.succeed(0) }),
      TestModel.layer([broken(), Script.turn("Once.", { cost: 0.25 })], {
        handlers: [MockHttpClient.on(Generations.getGeneration, ({ id }) => ({
          data: { id, model, created_at: "2026-01-01T00:00:00Z", total_cost: 0.125, usage: 0.125 }
        }))]
      })
    ))))

  it.effect("is unsettled under OpenRouter's id of the generation", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run(options))
      assert.deepStrictEqual(error.progress.unsettled, ["gen-header"])
    }).pipe(Effect.provide(script(
      Script.turn(["Once", Script.truncate], { id: "resp_1", headers: { "x-generation-id": "gen-header" } })
    ))))

  it.effect("counts against a budget before there is another attempt", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        Agent.run({ ...options, retryTurn: twice, stopWhen: StopWhen.maxCost(0.5) })
      )
      assert.strictEqual(error._tag, "BadGatewayResponseError")
      assert.strictEqual(error.progress.cost, 0.5)
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(script(broken(0.5)))))

  it.effect("stops a run whose budget is used up by the attempts and the response", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, retryTurn: twice, stopWhen: StopWhen.maxCost(0.75) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(0.75)" })
      assert.strictEqual(run.cost, 0.75)
    }).pipe(Effect.provide(script(broken(0.5), Script.turn([call], { cost: 0.25 })))))
})

describe("the idle timeout", () => {
  it.effect("and the timeout of requests are retried like other failures, with another model", () =>
    Effect.gen(function*() {
      const fiber = yield* Agent.run({
        ...options,
        model: ({ attempt }) => attempt === 1 ? "test/first" : "test/second",
        retryTurn: twice
      }).pipe(OpenRouterClient.withOptions({ timeout: "20 seconds" }), Effect.fork)
      yield* TestModel.awaitRequests(1)
      yield* settled
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).text, "Here.")
      assert.deepStrictEqual((yield* TestModel.requests).map((request) => request.model), ["test/first", "test/second"])
      assert.strictEqual((yield* TestModel.responses).interrupted, 1)
    }).pipe(Effect.provide(script(Script.silent, "Here."))))

  it.effect("allows a retry of a turn that stalled", () =>
    Effect.gen(function*() {
      const fiber = yield* Agent.run({ ...options, retryTurn: Schedule.spaced("5 seconds") }).pipe(
        OpenRouterClient.withOptions({ idleTimeout: "30 seconds" }),
        Effect.fork
      )
      yield* TestModel.awaitRequests(1)
      yield* settled
      yield* TestClock.adjust("30 seconds")
      yield* TestModel.awaitInterrupted(1)
      yield* settled
      yield* TestClock.adjust("4999 millis")
      yield* settled
      assert.strictEqual((yield* TestModel.requests).length, 1)
      yield* TestClock.adjust("1 millis")
      const run = yield* Fiber.join(fiber)
      assert.strictEqual(run.text, "Here.")
      assert.deepStrictEqual(run.unsettled, ["gen-silent"])
      assert.deepStrictEqual(itemsOf((yield* TestModel.requests)[1]).length, 1)
    }).pipe(Effect.provide(script(Script.turn(["Hm", Script.stall], { id: "gen-silent" }), "Here."))))
})
