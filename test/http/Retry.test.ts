import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as TestClock from "effect/TestClock"
import * as Endpoint from "../../src/http/Endpoint.js"
import { type OpenRouterClient, type Options, withOptions } from "../../src/http/OpenRouterClient.js"
import * as Retry from "../../src/http/Retry.js"
import { transportFailure } from "../../src/internal/effect/httpFailures.js"
import { withRandom } from "../support/effect/schedules.js"
import { broken, cutOff, memory, over, respond, type Responder } from "./support/memory.js"
import * as Rows from "./support/rows.js"

const thing = respond(200, { id: "1" })

const failed = (status: number, headers: Readonly<Record<string, string>> = {}, more: object = {}) =>
  respond(status, { error: { code: status, message: "No.", ...more } }, headers)

/** Runs a call to its end under the test's clock: when it sent what, and when and how it ended. */
const timeline = <A, E>(
  answers: ReadonlyArray<Responder>,
  call: Effect.Effect<A, E, OpenRouterClient>,
  options: Options = {},
  jitter = 0.5
) =>
  Effect.gen(function*() {
    const wire = memory(...answers)
    const started = yield* Clock.currentTimeMillis
    const fiber = yield* Effect.fork(
      call.pipe(
        Effect.exit,
        Effect.zip(Clock.currentTimeMillis),
        Effect.provide(over(wire, options)),
        withRandom(jitter)
      )
    )
    yield* TestClock.adjust("2 hours")
    const [exit, ended] = yield* Fiber.join(fiber)
    const at = wire.requests.map((request) => request.at - started)
    return { at, ended: ended - started, exit, error: Exit.isFailure(exit) ? yield* Effect.flip(exit) : undefined }
  })

const read = Rows.read({ id: "1" })

describe("by default, a request", () => {
  it.effect("55: is sent again after half a second, then after a second", () =>
    Effect.gen(function*() {
      const call = Rows.read.withResponse({ id: "1" })
      const { at, ended, exit } = yield* timeline([failed(500), failed(500), thing], call)
      assert.deepStrictEqual(at, [0, 500, 1500])
      assert.strictEqual(ended, 1500)
      assert.deepStrictEqual(exit, Exit.succeed({ data: { id: "1" }, response: { status: 200, attempts: 3 } }))
    }))

  it.effect("is sent again a little earlier or later, at random", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* timeline([failed(500)], read, {}, 0)).at, [0, 400, 1200])
      assert.deepStrictEqual((yield* timeline([failed(500)], read, {}, 1)).at, [0, 600, 1800])
    }))

  it.effect("55: fails after three attempts, with the last failure", () =>
    Effect.gen(function*() {
      const { at, ended, error } = yield* timeline([failed(500), failed(502), failed(503), thing], read)
      assert.deepStrictEqual(at, [0, 500, 1500])
      assert.strictEqual(ended, 1500)
      assert.strictEqual(error?._tag, "ServiceUnavailableResponseError")
    }))

  it.effect("is retried for temporary statuses, and for no other", () =>
    Effect.gen(function*() {
      const passing = [408, 429, 500, 502, 503, 504, 524, 529]
      for (const status of [...Rows.statuses, 301, 405, 418, 501, 520]) {
        const { at } = yield* timeline([failed(status), thing], read)
        assert.lengthOf(at, passing.includes(status) ? 2 : 1, String(status))
      }
    }))

  it.effect("is retried if the connection could not be made, or broke before the response", () =>
    Effect.gen(function*() {
      for (const code of ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "UND_ERR_SOCKET"]) {
        const { at } = yield* timeline([broken(code), thing], read)
        assert.deepStrictEqual(at, [0, 500], code)
      }
      const { error } = yield* timeline([broken("ECONNREFUSED", "connect ECONNREFUSED 10.0.0.1:443")], read)
      if (error?._tag !== "ConnectionError") return assert.fail(String(error))
      assert.strictEqual(error.phase, "connect")
      assert.strictEqual(error.code, "ECONNREFUSED")
      assert.include(error.message, "could not be reached")
    }))

  it.effect("keeps the reason of a failure of the connection", () =>
    Effect.gen(function*() {
      const closed: Responder = (request) => Effect.fail(transportFailure(request, new Error("the proxy is closed")))
      const { error } = yield* timeline([closed], read)
      assert.include(error?.message, "(the proxy is closed)")
    }))

  it.effect("55: is not retried if the response broke off, because it may be charged", () =>
    Effect.gen(function*() {
      const { at, error } = yield* timeline([cutOff(200, "{\"id\":"), thing], Rows.chat(Rows.hello))
      assert.deepStrictEqual(at, [0])
      assert.propertyVal(error, "received", "{\"id\":")
    }))

  it.effect("is not retried if the response is not valid", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* timeline([respond(200, "<html>"), thing], read)).at, [0])
      assert.deepStrictEqual((yield* timeline([respond(200, { id: 1 }), thing], read)).at, [0])
    }))

  it.effect("55: is retried for an error with status 200, unless something was generated", () =>
    Effect.gen(function*() {
      const error = { code: 502, message: "Upstream died" }
      const bare = yield* timeline([respond(200, { error }), respond(200, Rows.reply)], Rows.chat(Rows.hello))
      assert.deepStrictEqual(bare.at, [0, 500])
      assert.isTrue(Exit.isSuccess(bare.exit))
      const parts = [{ content: "Once" }, { content: null, reasoning: "hm" }, {
        tool_calls: [{ id: "1", function: {} }]
      }]
      for (const message of parts) {
        const body = { id: "gen-1", choices: [{ message, error }] }
        assert.deepStrictEqual((yield* timeline([respond(200, body), thing], Rows.chat(Rows.hello))).at, [0])
      }
    }))

  it.effect("follows OpenRouter's own flag for retries", () =>
    Effect.gen(function*() {
      const stated = (retryable: boolean) => ({ availability: { code: "x", retryable } })
      assert.lengthOf((yield* timeline([failed(503, {}, stated(false)), thing], read)).at, 1)
      assert.lengthOf((yield* timeline([failed(404, {}, stated(true)), thing], read)).at, 2)
    }))
})

describe("the wait that the server sends", () => {
  it.effect("56: is used if it is longer than the backoff", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* timeline([failed(429, { "retry-after": "2" }), thing], read)).at, [0, 2000])
      assert.deepStrictEqual((yield* timeline([failed(503, { "retry-after-ms": "100" }), thing], read)).at, [0, 500])
      const availability = { availability: { retryable: true, retry_after: 4 } }
      assert.deepStrictEqual((yield* timeline([failed(503, {}, availability), thing], read)).at, [0, 4000])
    }))

  it.effect("may be a date", () =>
    Effect.gen(function*() {
      const date = { "retry-after": "Thu, 01 Jan 1970 00:00:09 GMT" }
      assert.deepStrictEqual((yield* timeline([failed(429, date), thing], read)).at, [0, 9000])
    }))

  it.effect("may be the reset time of a used up limit", () =>
    Effect.gen(function*() {
      const limits = { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "100000000030" }
      yield* TestClock.setTime(100_000_000_000)
      assert.deepStrictEqual((yield* timeline([failed(429, limits), thing], read, {}, 0)).at, [0, 400])
      yield* TestClock.setTime(99_999_985_030)
      assert.deepStrictEqual((yield* timeline([failed(429, limits), thing], read)).at, [0, 15_000])
    }))

  it.effect("is used up to a minute", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* timeline([failed(429, { "retry-after": "60" }), thing], read)).at, [0, 60_000])
    }))

  it.effect("fails the call at once if it is longer, and is in the error", () =>
    Effect.gen(function*() {
      for (const wish of ["60.001", "86400", "99999999999999"]) {
        const { at, ended, error } = yield* timeline([failed(429, { "retry-after": wish }), thing], read)
        assert.deepStrictEqual(at, [0])
        assert.strictEqual(ended, 0)
        if (error?._tag !== "TooManyRequestsResponseError") return assert.fail(String(error))
        assert.isTrue(Duration.greaterThan(error.retryAfter, Duration.minutes(1)))
      }
      const later = yield* timeline([failed(500), failed(429, { "retry-after": "61" }), thing], read)
      assert.deepStrictEqual(later.at, [0, 500])
      assert.strictEqual(later.ended, 500)
    }))

  it.effect("is ignored if the limit is not used up", () =>
    Effect.gen(function*() {
      const limits = { "x-ratelimit-remaining": "12", "x-ratelimit-reset": String(Date.UTC(1971)) }
      assert.deepStrictEqual((yield* timeline([failed(500, limits), thing], read)).at, [0, 500])
    }))
})

describe("a write", () => {
  const definition = {
    operationId: "x",
    name: "x.x",
    path: "/x",
    query: [],
    body: "json",
    schema: Rows.Thing,
    errors: [500],
    auth: "none"
  } as const

  it.effect("outside inference is not retried if it may have happened", () =>
    Effect.gen(function*() {
      for (
        const first of [
          failed(500),
          failed(502),
          failed(504),
          failed(408),
          broken("ECONNRESET"),
          broken("UND_ERR_SOCKET")
        ]
      ) {
        assert.deepStrictEqual((yield* timeline([first, thing], Rows.create({}))).at, [0])
      }
    }))

  it.effect("outside inference is retried if it cannot have happened", () =>
    Effect.gen(function*() {
      for (
        const first of [failed(429), failed(503), broken("ECONNREFUSED"), broken("ENOTFOUND"), broken("EAI_AGAIN")]
      ) {
        assert.lengthOf((yield* timeline([first, thing], Rows.create({}))).at, 2)
      }
    }))

  it.effect("is decided again after each attempt", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* timeline([failed(503), failed(500), thing], Rows.create({}))).at, [0, 500])
    }))

  it.effect("follows its row, if the row sets whether to retry", () =>
    Effect.gen(function*() {
      const once = Endpoint.json<void, Rows.Thing, 500, "none">({ ...definition, repeatable: false, method: "PUT" })
      assert.deepStrictEqual((yield* timeline([failed(500), thing], once())).at, [0])
      const often = Endpoint.json<void, Rows.Thing, 500, "none">({ ...definition, repeatable: true, method: "POST" })
      assert.deepStrictEqual((yield* timeline([failed(500), thing], often())).at, [0, 500])
    }))

  it.effect("that may happen twice is retried, and so is inference", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* timeline([failed(500), thing], Rows.replace({ id: "1", size: 1 }))).at, [0, 500])
      assert.deepStrictEqual((yield* timeline([failed(500), respond(204)], Rows.remove({ id: "1" }))).at, [0, 500])
      const chat = yield* timeline([failed(500), respond(200, Rows.reply)], Rows.chat(Rows.hello))
      assert.deepStrictEqual(chat.at, [0, 500])
    }))
})

describe("the retry option", () => {
  it.effect("can be false", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* timeline([failed(500), thing], read, { retry: false })).at, [0])
      const call = withOptions(read, { retry: false })
      assert.deepStrictEqual((yield* timeline([failed(500), thing], call)).at, [0])
    }))

  it.effect("can be any schedule", () =>
    Effect.gen(function*() {
      const retry = Schedule.intersect(Schedule.spaced("3 seconds"), Schedule.recurs(3))
      const { at, error } = yield* timeline([failed(500)], read, { retry })
      assert.deepStrictEqual(at, [0, 3000, 6000, 9000])
      assert.strictEqual(error?._tag, "InternalServerResponseError")
      assert.deepStrictEqual((yield* timeline([failed(400), thing], read, { retry })).at, [0])
      const call = withOptions(read, { retry })
      assert.deepStrictEqual((yield* timeline([failed(500)], call, { retry: false })).at, [0, 3000, 6000, 9000])
    }))

  it.effect("starts again with every call", () =>
    Effect.gen(function*() {
      const retry = Schedule.recurs(1)
      const twice = Effect.zip(read, read)
      const { at, exit } = yield* timeline([failed(500), thing, failed(500), thing], twice, { retry })
      assert.lengthOf(at, 4)
      assert.isTrue(Exit.isSuccess(exit))
    }))

  it.effect("can be exponential with other limits", () =>
    Effect.gen(function*() {
      const retry = Retry.exponential({ maxRetries: 5, initialDelay: "1 second", maxDelay: "4 seconds" })
      assert.deepStrictEqual((yield* timeline([failed(500)], read, { retry })).at, [
        0,
        1000,
        3000,
        7000,
        11_000,
        15_000
      ])
      const patient = Retry.exponential({ maxRetryAfter: "1 hour" })
      const options = { retry: patient, timeout: Duration.infinity }
      const first = failed(429, { "retry-after": "1800" })
      assert.deepStrictEqual((yield* timeline([first, thing], read, options)).at, [0, 1_800_000])
      assert.deepStrictEqual(
        (yield* timeline([failed(500)], read, { retry: Retry.exponential({ maxRetries: 0 }) })).at,
        [0]
      )
    }))
})

describe("the timeout", () => {
  const never: Responder = () => Effect.never

  it.effect("55: limits attempts and waits together", () =>
    Effect.gen(function*() {
      const { at, ended, error } = yield* timeline([failed(500), failed(500), never], read, { timeout: "1200 millis" })
      assert.deepStrictEqual(at, [0, 500])
      assert.strictEqual(ended, 1200)
      if (error?._tag !== "RequestTimeoutError") return assert.fail(String(error))
      assert.deepStrictEqual(error.timeout, Duration.millis(1200))
      assert.include(error.message, "things.read")
      assert.include(error.message, "1s 200ms")
    }))

  it.effect("is ten minutes by default, and is not retried", () =>
    Effect.gen(function*() {
      const { at, ended } = yield* timeline([never], read)
      assert.deepStrictEqual(at, [0])
      assert.strictEqual(ended, 600_000)
    }))

  it.effect("can be set for a call", () =>
    Effect.gen(function*() {
      const call = withOptions(read, { timeout: "5 seconds" })
      assert.strictEqual((yield* timeline([never], call, { timeout: "1 minute" })).ended, 5000)
    }))

  it.effect("can be off", () =>
    Effect.gen(function*() {
      const late: Responder = (request) => Effect.delay(thing(request), "1 hour")
      const { ended, exit } = yield* timeline([late], read, { timeout: Duration.infinity })
      assert.strictEqual(ended, 3_600_000)
      assert.isTrue(Exit.isSuccess(exit))
    }))

  it.effect("includes the body of a JSON response", () =>
    Effect.gen(function*() {
      const stalled: Responder = () => Effect.sync(() => new Response(new ReadableStream()))
      const { ended, error } = yield* timeline([stalled], read, { timeout: "7 seconds" })
      assert.strictEqual(ended, 7000)
      assert.strictEqual(error?._tag, "RequestTimeoutError")
    }))
})

describe("interruption", () => {
  it.effect("56: ends a wait at once, and no request follows", () =>
    Effect.gen(function*() {
      const wire = memory(failed(429, { "retry-after": "30" }), thing)
      const fiber = yield* Effect.fork(Effect.provide(read, over(wire)))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.isTrue(Exit.isInterrupted(exit))
      assert.strictEqual(yield* Clock.currentTimeMillis, 10_000)
      yield* TestClock.adjust("1 hour")
      assert.lengthOf(wire.requests, 1)
    }))
})
