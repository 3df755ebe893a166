import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as KeyPool from "../../src/http/KeyPool.js"
import { OpenRouterDefaultError } from "../../src/http/OpenRouterError.js"
import { memory, over, respond } from "./support/memory.js"
import * as Rows from "./support/rows.js"

const keys = [Redacted.make("sk-or-v1-first"), Redacted.make("sk-or-v1-second")] as const

const good = respond(200, Rows.reply)

const failed = (status: number, headers: Readonly<Record<string, string>> = {}, message = "No.") =>
  respond(status, { error: { code: status, message } }, headers)

/** Which key each request had, and when it was sent. */
const sent = ({ requests }: ReturnType<typeof memory>) =>
  requests.map(({ at, headers }) => `${headers["authorization"]?.replace("Bearer sk-or-v1-", "")} ${at / 1000}`)

describe("KeyPool", () => {
  it.effect("takes its keys in turn", () => {
    const wire = memory(good)
    return Effect.gen(function*() {
      for (let call = 0; call < 4; call++) yield* Rows.chat(Rows.hello)
      assert.deepStrictEqual(sent(wire), ["first 0", "second 0", "first 0", "second 0"])
    }).pipe(Effect.provide(over(wire, { apiKey: KeyPool.make(keys) })))
  })

  it.effect("lets a key rest that is limited, and goes on with the next one at once", () => {
    const wire = memory(failed(429, { "retry-after": "30" }), good)
    return Effect.gen(function*() {
      yield* Rows.chat(Rows.hello)
      yield* Rows.chat(Rows.hello)
      yield* TestClock.adjust("30 seconds")
      yield* Rows.chat(Rows.hello)
      assert.deepStrictEqual(sent(wire), ["first 0", "second 0", "second 0", "first 30"])
    }).pipe(Effect.provide(over(wire, { apiKey: KeyPool.make(keys) })))
  })

  it.effect("fails with one error when all keys are empty, and tries them again after their rest", () => {
    const wire = memory(failed(402), failed(402), failed(402), good)
    return Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(Rows.chat(Rows.hello)))._tag, "PaymentRequiredResponseError")
      assert.strictEqual((yield* Effect.flip(Rows.chat(Rows.hello)))._tag, "PaymentRequiredResponseError")
      yield* TestClock.adjust("10 minutes")
      yield* Rows.chat(Rows.hello)
      assert.deepStrictEqual(sent(wire), ["first 0", "second 0", "first 0", "first 600"])
    }).pipe(Effect.provide(over(wire, { apiKey: KeyPool.make(keys) })))
  })

  it.effect("waits as `retry` says when all keys are limited", () => {
    const wire = memory(failed(429, { "retry-after": "50" }), failed(429, { "retry-after": "20" }), good)
    return Effect.gen(function*() {
      const call = yield* Effect.fork(Rows.chat(Rows.hello))
      yield* TestClock.adjust("1 minute")
      yield* Fiber.join(call)
      assert.deepStrictEqual(sent(wire), ["first 0", "second 0", "second 20"])
    }).pipe(Effect.provide(over(wire, { apiKey: KeyPool.make(keys) })))
  })

  it.effect("sends nothing again that may have been charged, or that another key does not mend", () =>
    Effect.forEach([
      failed(400),
      failed(403),
      respond(429, { error: { code: 429, message: "No." }, usage: { cost: 0.1, completion_tokens: 5 } })
    ], (response) => {
      const wire = memory(response)
      return Effect.gen(function*() {
        yield* Effect.flip(Rows.chat(Rows.hello))
        assert.strictEqual(wire.requests.length, 1)
      }).pipe(Effect.provide(over(wire, { apiKey: KeyPool.make(keys), retry: false })))
    }))

  it.effect("rests as long as it is told", () => {
    const apiKey = KeyPool.make(keys, { rest: ({ status }) => status === 429 ? "1 hour" : undefined })
    const errorOf = (status: number) => new OpenRouterDefaultError({ status, message: "No." })
    return Effect.gen(function*() {
      assert.isFalse(yield* apiKey.failed(keys[0], errorOf(402)))
      assert.isTrue(yield* apiKey.failed(keys[0], errorOf(429)))
      assert.deepStrictEqual([yield* apiKey.next, yield* apiKey.next], [keys[1], keys[1]])
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* apiKey.next, keys[0])
    })
  })

  it.effect("shows none of its keys in an error, also where the server repeats one", () => {
    const echo = keys.map((key) => failed(402, {}, `no credits for ${Redacted.value(key)}`))
    return Effect.gen(function*() {
      const error = yield* Effect.flip(Rows.chat(Rows.hello))
      assert.notMatch(JSON.stringify(error) + String(error), /sk-or-v1-(first|second)/)
    }).pipe(Effect.provide(over(memory(...echo), { apiKey: KeyPool.make(keys) })))
  })
})
