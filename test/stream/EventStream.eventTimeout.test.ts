/** The limits that a stream has where nobody set one, in the time of the tests. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import type { RequestOptions } from "../../src/http/requestOptions.js"
import * as Chat from "../../src/services/Chat.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { poll } from "../support/effect/fibers.js"
import { outcome, texts } from "../support/events.js"

const minutes = 20

/** A word, and then a sign of life a minute until the rest is said. */
const slow = TestModel.layer([[
  "Once upon",
  ...Array.from({ length: minutes }, () => [Script.wait("1 minute"), Script.comment()]).flat(),
  " a time"
]])

const stream = Chat.stream({ model: "test/model", messages: [{ role: "user", content: "A story, please." }] })

/** After how many minutes the stream ended, and how. */
const endOf = (options: RequestOptions) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(outcome(OpenRouterClient.withOptions(stream, options)))
    yield* TestModel.awaitRequests(1)
    let minute = 0
    while ((yield* poll(fiber))._tag === "None") {
      yield* TestClock.adjust("1 minute")
      minute++
    }
    const { error, events } = yield* Fiber.join(fiber)
    return { minute, tag: error?._tag, text: texts(events).join("") }
  }).pipe(Effect.provide(slow))

describe("a stream of keep-alive comments", () => {
  it.effect("50: fails after ten minutes without an event, or after a longer timeout of the call", () =>
    Effect.gen(function*() {
      const stalled = { tag: "StreamStalledError", text: "Once upon" } as const
      assert.deepStrictEqual(yield* endOf({}), { minute: 10, ...stalled })
      assert.deepStrictEqual(yield* endOf({ timeout: "20 seconds" }), { minute: 10, ...stalled })
      assert.deepStrictEqual(yield* endOf({ timeout: "15 minutes" }), { minute: 15, ...stalled })
      assert.deepStrictEqual(yield* endOf({ idleTimeout: "15 minutes" }), { minute: 15, ...stalled })
      assert.deepStrictEqual(yield* endOf({ eventTimeout: "15 minutes" }), { minute: 15, ...stalled })
    }))

  it.effect("50: is read to its end if the limit is off", () =>
    Effect.gen(function*() {
      const whole = { minute: minutes, tag: undefined, text: "Once upon a time" }
      assert.deepStrictEqual(yield* endOf({ eventTimeout: Duration.infinity }), whole)
      assert.deepStrictEqual(yield* endOf({ timeout: Duration.infinity }), whole)
      assert.deepStrictEqual(yield* endOf({ idleTimeout: Duration.infinity }), whole)
    }))
})
