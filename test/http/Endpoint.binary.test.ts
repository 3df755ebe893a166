/** Bytes that stop coming. */
import { assert, describe, it } from "@effect/vitest"
import { Tts } from "effect-openrouter"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { Options } from "../../src/http/OpenRouterClient.js"
import { poll } from "../support/effect/fibers.js"
import { memory, over, type Responder } from "./support/memory.js"
import * as Rows from "./support/rows.js"

/** Three bytes, and then nothing. */
const silent = (contentType: string, seen = { cancelled: false }): Responder => () =>
  Effect.sync(() =>
    new Response(
      new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(Uint8Array.of(97, 98, 99)),
        cancel: () => {
          seen.cancelled = true
        }
      }),
      { headers: { "content-type": contentType, "x-generation-id": "gen-1" } }
    )
  )

const downloads = {
  file: Rows.content({ id: "1" }),
  speech: Tts.createSpeech({ model: "m", input: "text", voice: "v" })
}

/** How a download ends, and what it emitted. */
const download = (responder: Responder, bytes: typeof downloads.file | typeof downloads.speech, options: Options) =>
  Effect.gen(function*() {
    const read: Array<number> = []
    const fiber = yield* Effect.fork(
      Effect.flip(
        Effect.provide(
          Stream.runForEach(bytes, (piece) => Effect.sync(() => read.push(...piece))),
          over(memory(responder), { retry: false, ...options })
        )
      )
    )
    // The bytes arrive in promises, so nobody knows when the wait begins
    yield* Effect.repeat(TestClock.adjust("1 minute"), { until: () => Effect.map(poll(fiber), Option.isSome) })
    return { error: yield* Fiber.join(fiber), read }
  })

describe("the bytes of a response", () => {
  for (const [name, bytes] of Object.entries(downloads)) {
    it.effect(`of a ${name} may be silent for the idle timeout, two minutes by default`, () =>
      Effect.gen(function*() {
        for (const [idleTimeout, expected] of [[undefined, 120_000], ["1 second", 1000]] as const) {
          const seen = { cancelled: false }
          const { error, read } = yield* download(silent("audio/mpeg", seen), bytes, { idleTimeout })
          if (error._tag !== "StreamStalledError") return assert.fail(String(error))
          assert.deepStrictEqual(error.idleTimeout, Duration.millis(expected))
          assert.strictEqual(error.generationId, "gen-1")
          assert.match(error.message, /^\w+\.\w+: the response sent nothing for/)
          assert.deepStrictEqual(read, [97, 98, 99])
          assert.isTrue(seen.cancelled)
        }
      }))
  }

  it.effect("have the same limit where they may be an error in JSON", () =>
    Effect.gen(function*() {
      const { error, read } = yield* download(silent("application/json"), downloads.file, { idleTimeout: "1 second" })
      assert.strictEqual(error._tag, "StreamStalledError")
      assert.deepStrictEqual(read, [])
    }))

  it.effect("have no limit on a slow reader, and none with an infinite idle timeout", () =>
    Effect.gen(function*() {
      const three: Responder = () => Effect.sync(() => new Response("abc"))
      const slow = downloads.file.pipe(
        Stream.mapEffect((bytes) => Effect.as(Effect.sleep("1 hour"), bytes.length)),
        Stream.runSum,
        Effect.provide(over(memory(three), { idleTimeout: "1 second" }))
      )
      const waiting = yield* Effect.fork(slow)
      yield* Effect.repeat(TestClock.adjust("1 hour"), { until: () => Effect.map(poll(waiting), Option.isSome) })
      assert.strictEqual(yield* Fiber.join(waiting), 3)
      const idle = yield* Effect.fork(
        Effect.provide(
          Stream.runDrain(downloads.file),
          over(memory(silent("audio/mpeg")), { idleTimeout: Duration.infinity })
        )
      )
      yield* TestClock.adjust("10 hours")
      assert.isTrue(Option.isNone(yield* poll(idle)))
      yield* Fiber.interrupt(idle)
    }))
})
