/** The limits that all calls of a client share. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as Retry from "../../src/http/Retry.js"
import * as Chat from "../../src/services/Chat.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { memory, over, respond } from "./support/memory.js"
import * as Rows from "./support/rows.js"

const [failure, reply] = [respond(503, { error: { code: 503, message: "No." } }), respond(200, Rows.reply)]

const request = { model: "test/model", messages: [{ role: "user", content: "Hello" }] } as const

const model = (script: Script.Script, options: OpenRouterClient.Options) =>
  TestModel.layer(script, { client: options, allowUnused: true })

const open = Effect.map(TestModel.responses, ({ open }) => open)

describe("`concurrency`", () => {
  it.effect("holds the place of a stream until its last event, and gives it to the next call in the order of the calls", () =>
    Effect.gen(function*() {
      const ended: Array<number> = []
      const calls = yield* Effect.forEach([0, 1, 2, 3], (index) =>
        Effect.fork(
          Stream.runDrain(Chat.stream(request)).pipe(Effect.tap(() => Effect.sync(() => ended.push(index))))
        ).pipe(Effect.zipLeft(TestClock.adjust("1 milli"))))
      for (const expected of [[], [0, 1], [0, 1, 2, 3]]) {
        assert.deepStrictEqual(ended, expected)
        assert.strictEqual(yield* open, Math.min(2, 4 - expected.length))
        yield* TestClock.adjust("1 minute")
      }
      yield* Effect.forEach(calls, Fiber.join)
    }).pipe(
      Effect.provide(model([Script.forever(["One ", Script.wait("1 minute"), "two."])], { concurrency: 2 }))
    ))

  it.effect("gives the place of a call that fails, is interrupted or waits in vain to others", () =>
    Effect.gen(function*() {
      const first = yield* Effect.fork(Stream.runDrain(Chat.stream(request)))
      const second = yield* Effect.fork(Stream.runDrain(Chat.stream(request)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* open, 1)
      yield* Fiber.interrupt(second)
      yield* Fiber.interrupt(first)
      assert.strictEqual((yield* Effect.flip(Chat.send(request)))._tag, "BadRequestResponseError")
      const late = yield* Effect.fork(Effect.flip(Effect.zipRight(
        Stream.runDrain(Stream.take(Chat.stream(request), 1)),
        Chat.send(request)
      )))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(late))._tag, "BadRequestResponseError")
    }).pipe(Effect.provide(model(
      [["One", Script.stall], Script.error(400), ["One", Script.stall], Script.error(400)],
      { concurrency: 1 }
    ))))

  it.effect("counts the wait for a place to `timeout`, which ends it", () =>
    Effect.gen(function*() {
      yield* Effect.fork(Stream.runDrain(Chat.stream(request)))
      yield* TestClock.adjust("1 second")
      const waiting = yield* Effect.fork(
        Effect.flip(OpenRouterClient.withOptions(Chat.send(request), { timeout: "5 seconds" }))
      )
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual((yield* Fiber.join(waiting))._tag, "RequestTimeoutError")
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(model([["One", Script.stall]], { concurrency: 1 }))))

  it.effect("lets a retry wait without a place", () =>
    Effect.gen(function*() {
      const retry = Retry.exponential({ initialDelay: "1 minute", maxDelay: "1 minute" })
      const failing = yield* Effect.fork(OpenRouterClient.withOptions(Chat.send(request), { retry }))
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Chat.send(request)).choices.length, 1)
      yield* TestClock.adjust("5 minutes")
      yield* Fiber.join(failing)
    }).pipe(Effect.provide(model([Script.error(503), "Second", "First"], { concurrency: 1 }))))

  it.effect("accepts whole numbers alone", () =>
    Effect.gen(function*() {
      for (const concurrency of [0, -1, 1.5, Number.NaN]) {
        const error = yield* Effect.flip(OpenRouterClient.make({ concurrency }))
        assert.include(String(error), "concurrency")
      }
    }).pipe(Effect.provide(FetchHttpClient.layer)))
})

describe("`retryQuota`", () => {
  it.effect("lets a share of the calls be sent again while a provider is down, and all others fail at once", () =>
    Effect.gen(function*() {
      const outcomes = yield* Effect.forEach(Array.from({ length: 100 }), () =>
        Effect.gen(function*() {
          const call = yield* Effect.fork(Effect.flip(Chat.send(request)))
          yield* TestClock.adjust("1 minute")
          return (yield* Fiber.join(call))._tag
        }))
      assert.deepStrictEqual([...new Set(outcomes)], ["ServiceUnavailableResponseError"])
      // Five at once, and one for each ten calls
      assert.strictEqual((yield* TestModel.requests).length, 100 + 5 + 10 - 1)
    }).pipe(Effect.provide(model([Script.forever(Script.error(503))], { retryQuota: { share: 0.1, burst: 5 } }))))

  it.effect("takes nothing for a call that does not retry, and fills again while calls succeed", () =>
    Effect.gen(function*() {
      const send = Effect.flatMap(
        Effect.fork(Effect.exit(Chat.send(request))),
        (call) => Effect.zipRight(TestClock.adjust("1 minute"), Fiber.join(call))
      )
      yield* Effect.repeat(OpenRouterClient.withOptions(send, { retry: false }), { times: 4 })
      assert.strictEqual((yield* TestModel.requests).length, 5)
      assert.strictEqual((yield* send)._tag, "Success")
      assert.strictEqual((yield* TestModel.requests).length, 7)
    }).pipe(Effect.provide(model(
      [...Array.from({ length: 6 }, () => Script.error(503)), "Done."],
      { retryQuota: { share: 0, burst: 1 } }
    ))))
})

describe("a limit in `transformClient`", () => {
  it.effect("spaces all attempts evenly, retries too, as docs/limits.md shows", () => {
    const wire = memory(failure, reply)
    let next = 0
    const turn = Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const at = Math.max(now, next)
      next = at + 1000 / 5
      return Effect.sleep(at - now)
    })
    return Effect.gen(function*() {
      const calls = yield* Effect.fork(
        Effect.all([1, 2, 3].map(() => Rows.chat(Rows.hello)), { concurrency: "unbounded" })
      )
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(calls)
      const times = wire.requests.map(({ at }) => at)
      assert.strictEqual(times.length, 4)
      for (const [index, at] of times.slice(1).entries()) assert.isAtLeast(at - (times[index] ?? 0), 200)
    }).pipe(
      Effect.provide(over(wire, { transformClient: HttpClient.transform((send) => Effect.zipRight(turn, send)) }))
    )
  })
})
