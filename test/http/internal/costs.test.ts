/** The costs of all attempts of a call: in its error, its result, its span and the metric. */
import { assert, describe, it } from "@effect/vitest"
import { Chat } from "effect-openrouter"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as MetricState from "effect/MetricState"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Costs } from "../../../src/http/internal/costs.js"
import type { OpenRouterClient, Options } from "../../../src/http/OpenRouterClient.js"
import { tracer } from "../support/exposure.js"
import { memory, over, respond, type Responder } from "../support/memory.js"
import * as Rows from "../support/rows.js"

const error = { code: 502, message: "Upstream died" }

const costing = (cost: number) =>
  respond(200, { id: "gen-0", error, usage: { prompt_tokens: 1, completion_tokens: 2, cost } }, {
    "content-type": "application/json"
  })

const options: Options = { retryPaid: true, retry: Schedule.recurs(2) }

/** How a call ends within a minute, and the cost in its span. */
const made = <A, E>(
  responders: ReadonlyArray<Responder>,
  call: Effect.Effect<A, E, OpenRouterClient>,
  more = options
) =>
  Effect.gen(function*() {
    const recording = tracer()
    const fiber = yield* Effect.fork(
      call.pipe(Effect.provide(over(memory(...responders), more)), Effect.withTracer(recording.tracer), Effect.either)
    )
    // Bodies arrive in promises
    yield* Effect.repeat(TestClock.adjust("1 second"), { until: () => Effect.map(Fiber.poll(fiber), Option.isSome) })
    const result = yield* Fiber.join(fiber)
    return { result, cost: recording.spans[0]?.attributes.get("openrouter.usage.cost") }
  })

/** What the metric counted for a model. */
const counted = (model: string): number =>
  Metric.unsafeSnapshot().reduce((sum, { metricKey, metricState }) => {
    const isOfModel = metricKey.tags.some(({ key, value }) => key === "gen_ai.request.model" && value === model)
    return metricKey.name === "openrouter.client.cost" && isOfModel && MetricState.isHistogramState(metricState)
      ? sum + metricState.sum
      : sum
  }, 0)

const chat = (model: string) => Rows.chat({ ...Rows.hello, model })

describe("the cost of a call", () => {
  it.effect("that fails is the sum of its attempts", () =>
    Effect.gen(function*() {
      const { cost, result } = yield* made([costing(0.5), costing(0.25), costing(0.125)], chat("costs/failed"))
      if (result._tag === "Right") return assert.fail("it succeeded")
      assert.propertyVal(result.left, "cost", 0.875)
      assert.strictEqual("partial" in result.left && result.left.partial?.cost, 0.125)
      assert.include(JSON.stringify(result.left), "\"cost\":0.875")
      assert.strictEqual(cost, 0.875)
      assert.strictEqual(counted("costs/failed"), 0.875)
    }))

  it.effect("that succeeds has its failed attempts in it", () =>
    Effect.gen(function*() {
      const call = Rows.chat.withResponse({ ...Rows.hello, model: "costs/good" })
      const { cost, result } = yield* made([costing(0.5), respond(200, Rows.reply)], call)
      if (result._tag === "Left") return assert.fail(String(result.left))
      assert.deepStrictEqual(result.right.response, { status: 200, attempts: 2, generationId: "gen-1", cost: 0.75 })
      assert.strictEqual(cost, 0.75)
      assert.strictEqual(counted("costs/good"), 0.75)
    }))

  it.effect("that meets the timeout has the failed attempts, and what the last one had reported", () =>
    Effect.gen(function*() {
      const silent: Responder = () => Effect.never
      const late = yield* made([costing(0.5), silent], chat("costs/late"), { ...options, timeout: "5 seconds" })
      assert.propertyVal(late.result._tag === "Left" ? late.result.left : {}, "cost", 0.5)
      assert.strictEqual(counted("costs/late"), 0.5)

      const body = JSON.stringify({ id: "gen-1", usage: { cost: 0.25 }, choices: [{ message: { content: "Hi" } }] })
      const stuck: Responder = () =>
        Effect.sync(() =>
          new Response(
            new ReadableStream({
              start: (controller) => controller.enqueue(new TextEncoder().encode(body.slice(0, -1)))
            })
          )
        )
      const cut = yield* made([costing(0.5), stuck], chat("costs/cut"), { ...options, timeout: "5 seconds" })
      assert.propertyVal(cut.result._tag === "Left" ? cut.result.left : {}, "cost", 0.75)
      assert.strictEqual(counted("costs/cut"), 0.75)
    }))

  it.effect("of a stream has the attempts before it, in its info, its errors and its span", () =>
    Effect.gen(function*() {
      const chunk = {
        id: "gen-1",
        object: "chat.completion.chunk",
        created: 1,
        model: "m",
        choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: null }],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2, cost: 0.25 }
      }
      const cut = respond(200, `data: ${JSON.stringify(chunk)}\n\n`, { "content-type": "text/event-stream" })
      const params = { ...Rows.hello, model: "costs/stream", messages: [{ role: "user", content: "Hi" }] } as const
      const call = Effect.scoped(
        Effect.flatMap(
          Chat.stream.withResponse(params),
          ({ data, response }) => Effect.map(Effect.flip(Stream.runDrain(data)), (failure) => ({ failure, response }))
        )
      )
      const { cost, result } = yield* made([costing(0.5), cut], call)
      if (result._tag === "Left") return assert.fail(String(result.left))
      assert.strictEqual(result.right.response.cost, 0.5)
      assert.propertyVal(result.right.failure, "cost", 0.75)
      assert.strictEqual(cost, 0.75)
      assert.strictEqual(counted("costs/stream"), 0.75)
    }))

  it.effect("is not there where no attempt reported one", () =>
    Effect.gen(function*() {
      const { result } = yield* made([respond(500, { error })], chat("costs/none"))
      assert.notProperty(result._tag === "Left" ? { ...result.left } : {}, "cost")
    }))
})

describe("Costs", () => {
  it("counts each cost once", () => {
    const costs = new Costs()
    assert.isUndefined(costs.total)
    costs.add(undefined)
    assert.isUndefined(costs.unrecorded())
    costs.add(0)
    assert.strictEqual(costs.unrecorded(), 0)
    costs.add(0.5)
    costs.add(0.25)
    assert.strictEqual(costs.unrecorded(), 0.75)
    assert.isUndefined(costs.unrecorded())
    assert.strictEqual(costs.total, 0.75)
  })
})
