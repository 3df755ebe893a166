/** A failed response is a typed error at every getter, with the progress of the run. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import * as Script from "../../../src/testing/Script.js"
import * as ScriptedServer from "../../../src/testing/server/ScriptedServer.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { failureOf, getters, read } from "./getters.js"
import { model, settled } from "./support.js"

const Weather = Tool.make("get_weather", {
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Number
})
const tools = Toolkit.make(Weather)
const WeatherLive = tools.toLayer({ get_weather: ({ city }) => Effect.succeed(city.length) })

const script = (...turns: Script.Script) => Layer.mergeAll(WeatherLive, TestModel.layer(turns))

const options = { model, input: "A story, please.", tools } as const

/** A first turn that costs something and calls a tool. */
const paid = Script.turn([Script.toolCall("get_weather", { city: "Paris" })], { cost: 0.25, id: "gen-paid" })

const start = Agent.callModel(options)

/** Reads a failing run through every getter, early and late, and returns the error that all of them share. */
const theError = Effect.scoped(Effect.gen(function*() {
  const result = yield* start
  const early = yield* Effect.all(getters(result), { concurrency: "unbounded" })
  const late = yield* Effect.all(getters(result))
  const error = failureOf(early.run) ?? assert.fail("the run did not fail")
  for (const reads of [early, late]) {
    for (const [getter, one] of Object.entries(reads)) {
      assert.strictEqual(failureOf(one), error, `${getter} has another error`)
    }
  }
  assert.strictEqual(early.textStream.seen.join(""), late.textStream.seen.join(""))
  assert.strictEqual(yield* result.cost, error.progress.cost)
  assert.deepStrictEqual(yield* result.usage, error.progress.usage)
  return { error, early }
}))

/** A script whose turns send only these lines. */
const bytes = (...payloads: ReadonlyArray<object | string>) =>
  Script.reply(
    payloads.map((payload) => `data: ${typeof payload === "string" ? payload : JSON.stringify(payload)}\n\n`).join(""),
    { headers: { "content-type": "text/event-stream" } }
  )

const created = {
  type: "response.created",
  response: { id: "gen-1", model, output: [], status: "in_progress", usage: null }
}
const opened = {
  type: "response.output_item.added",
  output_index: 0,
  item: { type: "message", id: "msg_1", role: "assistant", status: "in_progress", content: [] }
}
const piece = (delta: string) => ({
  type: "response.output_text.delta",
  output_index: 0,
  item_id: "msg_1",
  content_index: 0,
  delta,
  logprobs: []
})

describe("a response without its last event", () => {
  it.effect("45: is a StreamTruncatedError with the partial text, at every getter", () =>
    Effect.gen(function*() {
      const { early, error } = yield* theError
      assert.strictEqual(error._tag, "StreamTruncatedError")
      assert.strictEqual(early.textStream.seen.join(""), "Once upon a")
      assert.strictEqual(early.reasoningStream.seen.join(""), "hm")
      assert.strictEqual(error.progress.text, "Once upon a")
      assert.strictEqual(error._tag === "StreamTruncatedError" ? error.partial?.text : "", "Once upon a")
      assert.deepStrictEqual(error.progress.unsettled, ["gen-cut"])
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(script(
      Script.turn([Script.reasoning("hm"), "Once upon a", Script.truncate], { id: "gen-cut" })
    ))))

  it.effect("45: after tools, the error has their steps, their items and their cost", () =>
    Effect.gen(function*() {
      const { early, error } = yield* theError
      const { cost, history, items, steps, text, unsettled } = error.progress
      assert.strictEqual(text, "Once upon a")
      assert.strictEqual(cost, 0.25)
      assert.deepStrictEqual(steps.map((step) => step.toolResults.map(({ result }) => result)), [[5]])
      assert.deepStrictEqual(items.map((item) => item.type), ["function_call", "function_call_output"])
      assert.strictEqual(history.length, 3)
      assert.deepStrictEqual(unsettled, ["gen-cut"])
      assert.strictEqual(early.toolCallsStream.seen.length, 1)
      assert.strictEqual(early.newMessagesStream.seen.length, 2)
    }).pipe(Effect.provide(script(paid, Script.turn(["Once upon a", Script.truncate], { id: "gen-cut" })))))

  it.effect("45: fails even if the server sends [DONE]", () =>
    Effect.gen(function*() {
      const { error } = yield* theError
      assert.strictEqual(error._tag, "StreamTruncatedError")
      assert.strictEqual(error.progress.text, "Once upon")
      assert.deepStrictEqual(error.progress.unsettled, ["gen-1"])
      assert.strictEqual(error._tag === "StreamTruncatedError" ? error.partial?.text : "", "Once upon")
    }).pipe(Effect.provide(script(bytes(created, opened, piece("Once "), piece("upon"), "[DONE]")))))

  it.effect("45: the text of an item without its last event is kept if the response completed", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "Once upon")
      assert.strictEqual(run.items.length, 1)
    }).pipe(Effect.provide(script(bytes(created, opened, piece("Once "), piece("upon"), {
      type: "response.completed",
      response: { id: "gen-1", model, output: [], status: "completed", usage: null }
    }, "[DONE]")))))

  it.effect("45: the stream of a run fails with it too, after its events", () =>
    Effect.gen(function*() {
      const { exit, seen } = yield* read(Agent.stream(options))
      const error = failureOf({ exit, seen })
      assert.strictEqual(error?._tag, "StreamTruncatedError")
      assert.strictEqual(error?.progress.text, "Once")
      assert.isAbove(seen.length, 3)
    }).pipe(Effect.provide(script(["Once", Script.truncate]))))
})

const callItem = {
  type: "function_call",
  id: "fc_1",
  call_id: "call_1",
  name: "get_weather",
  arguments: "{\"city\":\"Paris\"}",
  status: "completed"
}
const callDone = { type: "response.output_item.done", output_index: 0, item: callItem }
const textDone = {
  type: "response.output_item.done",
  output_index: 0,
  item: { ...opened.item, status: "completed", content: [{ type: "output_text", text: "Once upon", annotations: [] }] }
}

describe("a response whose items are complete, without its last event,", () => {
  const goesOn = (...endings: ReadonlyArray<"[DONE]">) =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "It is 5")
      assert.deepStrictEqual(run.steps.map((step) => step.toolResults.map(({ result }) => result)), [[5], []])
      assert.deepStrictEqual(run.unsettled, ["gen-1"])
      assert.strictEqual((yield* TestModel.requests).length, 2)
    }).pipe(Effect.provide(script(bytes(created, callDone, ...endings), "It is 5")))

  it.effect("is a turn of the run, with a cost that is not settled, after [DONE]", () => goesOn("[DONE]"))

  it.effect("is a turn of the run, with a cost that is not settled, at the end of its body", () => goesOn())

  it.effect("is the last turn if it is a text", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual([run.outcome._tag, run.text, run.unsettled], ["completed", "Once upon", ["gen-1"]])
    }).pipe(Effect.provide(script(bytes(created, textDone)))))

  it.effect("is a failure that says so if it has only reasoning", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run(options))
      assert(error._tag === "StreamTruncatedError")
      assert.isTrue(error.partial?.itemsComplete)
      assert.include(error.message, "without its final event")
    }).pipe(Effect.provide(script(bytes(created, {
      type: "response.output_item.done",
      output_index: 0,
      item: { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Hm" }] }
    })))))
})

describe("a connection that breaks", () => {
  it.scopedLive("46: is a ConnectionError with the partial text, at every getter", () =>
    Effect.gen(function*() {
      const { early, error } = yield* theError
      assert.strictEqual(error._tag, "ConnectionError")
      assert.strictEqual(early.textStream.seen.join(""), "Once upon")
      assert.strictEqual(error.progress.text, "Once upon")
      assert.strictEqual(error.progress.cost, 0.25)
      assert.deepStrictEqual(error.progress.unsettled, ["gen-reset"])
    }).pipe(Effect.provide(Layer.mergeAll(
      WeatherLive,
      Layer.provide(
        ScriptedServer.layerClient({
          turns: [
            paid,
            Script.turn(["Once upon", Script.wait("50 millis"), Script.reset], { id: "gen-reset" })
          ]
        }),
        FetchHttpClient.layer
      )
    ))))

  it.scopedLive("46: fails before a response, too", () =>
    Effect.gen(function*() {
      const { error } = yield* theError
      assert.strictEqual(error._tag, "ConnectionError")
      assert.strictEqual(error.progress.text, "")
      assert.deepStrictEqual(error.progress.unsettled, [])
    }).pipe(Effect.provide(Layer.mergeAll(
      WeatherLive,
      Layer.provide(
        ScriptedServer.layerClient({ turns: [Script.unreachable], client: { retry: false } }),
        FetchHttpClient.layer
      )
    ))))
})

describe("an error within a response", () => {
  const forms = {
    "failed": "BadGatewayResponseError",
    "nested": "BadGatewayResponseError",
    "response-error": "BadGatewayResponseError",
    // It has a code of the API and no type, so it is known only that the server failed
    "flat": "InternalServerResponseError"
  } as const

  for (const as of ["failed", "nested", "response-error", "flat"] as const) {
    it.effect(`47: in the form "${as}" is the class of its status, with the partial text, at every getter`, () =>
      Effect.gen(function*() {
        const { early, error } = yield* theError
        assert.strictEqual(error._tag, forms[as])
        assert.include(error.message, "Upstream died")
        assert.strictEqual(early.textStream.seen.join(""), "Once upon")
        assert.strictEqual(error.progress.text, "Once upon")
        assert.strictEqual(error.progress.steps.length, 1)
        assert.strictEqual(error.progress.cost, 0.25)
        if (as !== "flat" && error._tag === "BadGatewayResponseError") {
          assert.strictEqual(error.errorType, "provider_unavailable")
        }
      }).pipe(Effect.provide(script(
        paid,
        ["Once upon", Script.fail(502, { as, message: "Upstream died", errorType: "provider_unavailable" })]
      ))))
  }

  it.effect("57: in JSON with status 200, instead of a stream, is the class of its status", () =>
    Effect.gen(function*() {
      const { error } = yield* theError
      assert.strictEqual(error._tag, "ForbiddenResponseError")
      assert.include(error.message, "Flagged")
      assert.strictEqual(error.progress.cost, 0.25)
    }).pipe(Effect.provide(script(paid, Script.reply({ error: { code: 403, message: "Flagged" } })))))

  it.effect("47: by status, before any response, has the progress of the turns before it", () =>
    Effect.gen(function*() {
      const { error } = yield* theError
      assert.strictEqual(error._tag, "PaymentRequiredResponseError")
      assert.strictEqual(error.progress.cost, 0.25)
      assert.strictEqual(error.progress.steps[0]?.toolResults[0]?.result, 5)
      assert.deepStrictEqual(error.progress.unsettled, [])
    }).pipe(Effect.provide(script(paid, Script.error(402)))))

  it.effect("47: can be caught by its tag, with the progress", () =>
    Effect.gen(function*() {
      const text = yield* Effect.map(Agent.run(options), (run) => run.text).pipe(
        Effect.catchTag("BadGatewayResponseError", (error) => Effect.succeed(`so far: ${error.progress.text}`))
      )
      assert.strictEqual(text, "so far: Once")
    }).pipe(Effect.provide(script(["Once", Script.fail(502)]))))

  it.effect("47: its cost is in the progress if the error has it", () =>
    Effect.gen(function*() {
      const { error } = yield* theError
      assert.strictEqual(error.progress.cost, 0.5)
      assert.deepStrictEqual(error.progress.unsettled, [])
    }).pipe(Effect.provide(script(Script.turn(["Once", Script.fail(502, { as: "failed" })], { cost: 0.5 })))))
})

describe("a run with invalid options", () => {
  it.effect("fails at every getter, before anything is sent", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.gen(function*() {
        const result = yield* Agent.callModel({ ...options, maxSteps: 0 })
        for (const [getter, one] of Object.entries(yield* Effect.all(getters(result)))) {
          assert.strictEqual(failureOf(one)?._tag, "InvalidRequestError", getter)
        }
        assert.deepStrictEqual(failureOf(yield* getters(result).run)?.progress.steps, [])
        assert.strictEqual(yield* result.cost, 0)
      }))
      assert.deepStrictEqual(yield* TestModel.requests, [])
    }).pipe(Effect.provide(script())))
})

describe("a response that stalls", () => {
  const story = ["Once upon", Script.stall] as const

  it.effect("50: is a StreamStalledError after the limit, to the millisecond, at every getter", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(OpenRouterClient.withOptions(theError, { idleTimeout: "30 seconds" }))
      yield* TestModel.awaitRequests(1)
      yield* settled
      yield* TestClock.adjust("29999 millis")
      yield* settled
      assert.deepStrictEqual(yield* TestModel.responses, { finished: 0, interrupted: 0, open: 1 })
      yield* TestClock.adjust("1 millis")
      yield* TestModel.awaitInterrupted(1)
      const { early, error } = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "StreamStalledError")
      assert.strictEqual(error.progress.text, "Once upon")
      assert.strictEqual(early.textStream.seen.join(""), "Once upon")
    }).pipe(Effect.provide(script([...story]))))

  it.effect("50: comments reset the idle timeout", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(OpenRouterClient.withOptions(Agent.run(options), { idleTimeout: "30 seconds" }))
      yield* TestModel.awaitRequests(1)
      for (let n = 0; n < 3; n++) {
        yield* settled
        yield* TestClock.adjust("20 seconds")
      }
      assert.strictEqual((yield* Fiber.join(fiber)).text, "Once upon a time")
    }).pipe(Effect.provide(script([
      "Once upon",
      Script.wait("20 seconds"),
      Script.comment(),
      Script.wait("20 seconds"),
      Script.comment(),
      Script.wait("20 seconds"),
      " a time"
    ]))))

  it.effect("50: comments do not reset the event timeout", () =>
    Effect.gen(function*() {
      const fiber = yield* Agent.run(options).pipe(
        OpenRouterClient.withOptions({ eventTimeout: "30 seconds" }),
        Effect.flip,
        Effect.fork
      )
      yield* TestModel.awaitRequests(1)
      for (let n = 0; n < 3; n++) {
        yield* settled
        yield* TestClock.adjust("10 seconds")
      }
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "StreamStalledError")
      assert.strictEqual(error.progress.text, "Once upon")
      assert.strictEqual((yield* TestModel.responses).interrupted, 1)
    }).pipe(Effect.provide(script([
      "Once upon",
      Script.wait("10 seconds"),
      Script.comment(),
      Script.wait("10 seconds"),
      Script.comment(),
      Script.wait("10 minutes"),
      " a time"
    ]))))

  it.effect("50: the limit of the client holds without an option of the run", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.flip(Agent.run(options)))
      yield* TestModel.awaitRequests(1)
      yield* settled
      yield* TestClock.adjust("2 minutes")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "StreamStalledError")
    }).pipe(Effect.provide(script([...story]))))
})
