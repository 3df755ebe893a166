import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { OpenRouterClient, Options } from "../../../src/http/OpenRouterClient.js"
import { allSeries, labelled } from "../../support/effect/metrics.js"
import { type Traced, tracer } from "../../support/effect/tracing.js"
import { broken, memory, over, respond, type Responder } from "../support/memory.js"
import * as Rows from "../support/rows.js"

/** Runs a call under the test's clock: the spans that it made, and how it ended. */
const traced = <A, E>(
  answers: ReadonlyArray<Responder>,
  call: Effect.Effect<A, E, OpenRouterClient>,
  options: Options = {}
) =>
  Effect.gen(function*() {
    const recording = tracer()
    const wire = memory(...answers)
    const fiber = yield* Effect.fork(
      call.pipe(Effect.provide(over(wire, options)), Effect.withTracer(recording.tracer), Effect.exit)
    )
    yield* TestClock.adjust("1 hour")
    const exit = yield* Fiber.join(fiber)
    return { exit, spans: recording.spans, requests: wire.requests, span: recording.spans[0] ?? assert.fail("no span") }
  })

const attributes = ({ attributes }: Traced) => Object.fromEntries(attributes)

const later = (first: Responder, seconds: number): Responder => (request) =>
  Effect.delay(first(request), seconds * 1000)

/** The histograms of a model, by name and what sets them apart. */
const metrics = (model: string) =>
  allSeries().flatMap(({ histogram, name, tags }) =>
    tags["gen_ai.request.model"] === model && histogram !== undefined ? [{ name, tags, ...histogram }] : []
  )

const chatOf = (model: string) => Rows.chat({ ...Rows.hello, model })

describe("the span of an inference call", () => {
  it.effect("has attributes of the request and the response, as the GenAI conventions name them", () =>
    Effect.gen(function*() {
      const call = Rows.chat({ ...Rows.hello, temperature: 0.5, max_tokens: 100, session_id: "session-1" })
      const { span, spans } = yield* traced([respond(200, Rows.reply)], call)
      assert.lengthOf(spans, 1)
      assert.strictEqual(span.name, "chat acme/small")
      assert.strictEqual(span.kind, "client")
      assert.deepStrictEqual(attributes(span), {
        "http.request.method": "POST",
        "url.template": "/chat/completions",
        "openrouter.endpoint": "chat.send",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openrouter",
        "gen_ai.request.stream": false,
        "gen_ai.request.model": "acme/small",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 100,
        "gen_ai.conversation.id": "session-1",
        "gen_ai.response.id": "gen-1",
        "gen_ai.response.model": "acme/small-2",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 7,
        "openrouter.usage.cost": 0.25
      })
      assert.deepStrictEqual(span.events, [])
    }))

  it.effect("has the details of usage, however the API names them", () =>
    Effect.gen(function*() {
      const usages: ReadonlyArray<object> = [
        {
          prompt_tokens_details: { cached_tokens: 3, cache_write_tokens: 4 },
          completion_tokens_details: { reasoning_tokens: 5 }
        },
        {
          input_tokens_details: { cached_tokens: 3, cache_write_tokens: 4 },
          output_tokens_details: { reasoning_tokens: 5 }
        },
        {
          cache_read_input_tokens: 3,
          cache_creation_input_tokens: 4,
          output_tokens_details: { reasoning_tokens: 5 }
        }
      ]
      for (const usage of usages) {
        const { span } = yield* traced([respond(200, { usage })], Rows.infer({ model: "m" }))
        assert.include(attributes(span), {
          "gen_ai.usage.cache_read.input_tokens": 3,
          "gen_ai.usage.cache_creation.input_tokens": 4,
          "gen_ai.usage.reasoning.output_tokens": 5
        })
      }
    }))

  it.effect("has only the name of the operation without a model", () =>
    Effect.gen(function*() {
      const { span } = yield* traced([respond(200, {})], Rows.infer({ model: "" }))
      assert.strictEqual(span.name, "chat")
    }))

  it.effect("ends with an error if the call fails, with its type", () =>
    Effect.gen(function*() {
      const { exit, span } = yield* traced(
        [respond(402, { error: { code: 402, message: "No." } })],
        Rows.chat(Rows.hello)
      )
      const status = span.status()
      assert.isTrue(status._tag === "Ended" && Exit.isFailure(status.exit))
      assert.deepStrictEqual(status._tag === "Ended" && status.exit, exit)
      assert.strictEqual(span.attributes.get("error.type"), "PaymentRequiredResponseError")
    }))

  it.effect("has the cost of a failed response", () =>
    Effect.gen(function*() {
      const error = { code: 502, message: "Upstream died" }
      const body = { ...Rows.reply, choices: [{ message: { content: "Half" }, error }] }
      const { span } = yield* traced([respond(200, body)], Rows.chat(Rows.hello))
      assert.include(attributes(span), {
        "error.type": "BadGatewayResponseError",
        "gen_ai.response.id": "gen-1",
        "gen_ai.usage.output_tokens": 7,
        "openrouter.usage.cost": 0.25
      })
    }))
})

describe("the span of any other call", () => {
  it.effect("has the name of the endpoint, and no parameters", () =>
    Effect.gen(function*() {
      const { span, spans } = yield* traced(
        [respond(200, { id: "1" })],
        Rows.read({ id: "private", filter: "private" })
      )
      assert.lengthOf(spans, 1)
      assert.strictEqual(span.name, "things.read")
      assert.strictEqual(span.kind, "client")
      assert.deepStrictEqual(attributes(span), {
        "http.request.method": "GET",
        "url.template": "/things/{id}",
        "openrouter.endpoint": "things.read"
      })
    }))

  it.effect("is a child of the span of its caller", () =>
    Effect.gen(function*() {
      const { spans } = yield* traced([respond(200, { id: "1" })], Effect.withSpan(Rows.read({ id: "1" }), "caller"))
      assert.deepStrictEqual(spans.map(({ name, parent }) => [name, parent]), [
        ["caller", undefined],
        ["things.read", "caller"]
      ])
    }))

  it.effect("exists for bytes, too", () =>
    Effect.gen(function*() {
      const { span } = yield* traced([respond(200, "bytes")], Stream.runDrain(Rows.content({ id: "1" })))
      assert.strictEqual(span.name, "things.content")
      assert.strictEqual(span.status()._tag, "Ended")
    }))
})

describe("attempts", () => {
  it.effect("that failed are events of the span, with time and reason", () =>
    Effect.gen(function*() {
      const answers = [respond(500), broken("ECONNRESET"), respond(200, { id: "1" })]
      const { span } = yield* traced(answers, Rows.read({ id: "1" }))
      assert.deepStrictEqual(
        span.events.map(({ attributes, name }): Record<string, unknown> => ({ name, ...attributes })),
        [
          {
            "name": "openrouter.attempt_failed",
            "error.type": "InternalServerResponseError",
            "http.response.status_code": 500
          },
          { "name": "openrouter.attempt_failed", "error.type": "ConnectionError" }
        ]
      )
      const [first, second] = span.events
      assert.strictEqual(first?.at, 0n)
      assert.isTrue(second !== undefined && second.at >= 400_000_000n && second.at <= 600_000_000n)
    }))
})

describe("trace headers", () => {
  const call = Effect.withSpan(Rows.read({ id: "1" }), "caller")

  it.effect("are not sent to OpenRouter", () =>
    Effect.gen(function*() {
      const { requests } = yield* traced([respond(200, { id: "1" })], call)
      assert.notProperty(requests[0]?.headers, "traceparent")
      assert.notProperty(requests[0]?.headers, "b3")
    }))

  it.effect("are sent if the option is set, and the HTTP request has its own span", () =>
    Effect.gen(function*() {
      const { requests, spans } = yield* traced([respond(200, { id: "1" })], call, { tracePropagation: true })
      assert.property(requests[0]?.headers, "traceparent")
      assert.property(requests[0]?.headers, "b3")
      assert.deepStrictEqual(spans.map(({ name, parent }) => [name, parent]), [
        ["caller", undefined],
        ["things.read", "caller"],
        ["http.client GET", "things.read"]
      ])
      assert.strictEqual(spans[2]?.attributes.get("http.request.header.authorization"), "<redacted>")
    }))
})

describe("metrics", () => {
  const common = (model: string, response: string) => ({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openrouter",
    "gen_ai.request.model": model,
    "gen_ai.response.model": response
  })

  it.effect("count tokens by direction, cost, and seconds including retries", () =>
    Effect.gen(function*() {
      const model = "acme/metrics"
      const answers = [
        respond(503, { error: { code: 503, message: "No." } }, { "retry-after": "10" }),
        later(respond(200, Rows.reply), 2)
      ]
      yield* traced(answers, chatOf(model))
      yield* traced([later(respond(200, Rows.reply), 3)], chatOf(model))
      const tags = common(model, "acme/small-2")
      const found = metrics(model).sort((a, b) => `${a.name}${a.sum}`.localeCompare(`${b.name}${b.sum}`))
      assert.deepStrictEqual(found, [
        { name: "gen_ai.client.operation.duration", tags, count: 2, sum: 15 },
        { name: "gen_ai.client.token.usage", tags: { ...tags, "gen_ai.token.type": "input" }, count: 2, sum: 10 },
        { name: "gen_ai.client.token.usage", tags: { ...tags, "gen_ai.token.type": "output" }, count: 2, sum: 14 },
        { name: "openrouter.client.cost", tags, count: 2, sum: 0.5 }
      ])
    }))

  it.effect("count only what was reported", () =>
    Effect.gen(function*() {
      const { usage: _, ...body } = Rows.reply
      yield* traced([respond(200, body)], chatOf("acme/silent"))
      assert.deepStrictEqual(metrics("acme/silent").map(({ name }) => name), ["gen_ai.client.operation.duration"])
    }))

  it.effect("count failures by type", () =>
    Effect.gen(function*() {
      const model = "acme/failing"
      yield* traced([later(respond(400, { error: { code: 400, message: "No." } }), 4)], chatOf(model))
      assert.deepStrictEqual(metrics(model), [{
        name: "gen_ai.client.operation.duration",
        tags: { ...common(model, ""), "error.type": "BadRequestResponseError" },
        count: 1,
        sum: 4
      }])
    }))

  it.effect("count the cost of a failed response", () =>
    Effect.gen(function*() {
      const model = "acme/half"
      const body = { ...Rows.reply, choices: [{ message: { content: "Half" }, error: { code: 502, message: "No." } }] }
      yield* traced([respond(200, body)], chatOf(model))
      const cost = metrics(model).find(({ name }) => name === "openrouter.client.cost")
      assert.strictEqual(cost?.sum, 0.25)
      assert.strictEqual(cost?.tags["error.type"], "BadGatewayResponseError")
    }))

  it.effect("have the labels of their caller", () =>
    Effect.gen(function*() {
      const model = "acme/labelled"
      yield* traced([respond(200, Rows.reply)], chatOf(model).pipe(labelled("team", "search")))
      yield* traced([respond(500)], chatOf(model).pipe(labelled("team", "search")), { retry: false })
      assert.deepStrictEqual(metrics(model).map(({ tags }) => tags["team"]), Array.from({ length: 5 }, () => "search"))
    }))

  it.effect("are counted without a tracer, too", () =>
    Effect.gen(function*() {
      const model = "acme/untraced"
      yield* chatOf(model).pipe(Effect.provide(over(memory(respond(200, Rows.reply)))), Effect.withTracerEnabled(false))
      assert.lengthOf(metrics(model), 4)
    }))

  it.effect("are only for inference", () =>
    Effect.gen(function*() {
      const before = allSeries().length
      yield* traced([respond(200, { id: "1" })], Rows.read({ id: "1" }))
      yield* traced([respond(404)], Rows.read({ id: "1" }))
      assert.lengthOf(allSeries(), before)
    }))
})
