import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { ConnectionError } from "../../src/http/OpenRouterError.js"
import { poll } from "../support/effect/fibers.js"
import {
  chunk,
  decodeChat,
  done,
  encode,
  finishChunk,
  outcome,
  reads,
  sse,
  textChunk,
  texts,
  usage
} from "../support/events.js"

/** Reads that arrive after waits in milliseconds; then nothing, for ever. */
const timed = (...arrivals: ReadonlyArray<readonly [after: number, text: string]>): Stream.Stream<Uint8Array> =>
  Stream.concat(
    Stream.mapEffect(
      Stream.fromIterable(arrivals).pipe(Stream.rechunk(1)),
      ([after, text]) => Effect.delay(Effect.sync(() => encode(text)), Duration.millis(after))
    ),
    Stream.never
  )

const error429 = { error: { code: 429, message: "Slow down" } }

/** Runs until `millis` and no further, and says what has come of it by then. */
const at = <A, E>(fiber: Fiber.RuntimeFiber<A, E>, millis: number) =>
  Effect.zipRight(TestClock.setTime(millis), Effect.map(poll(fiber), Option.isSome))

describe("the idle timeout", () => {
  it.effect("50: fails at the exact millisecond, with the partial response", () =>
    Effect.gen(function*() {
      const stream = decodeChat({ idleTimeout: "30 seconds" })(
        timed([4000, sse(textChunk("a"))], [29_999, sse(textChunk("b"))])
      )
      const fiber = yield* Effect.fork(outcome(stream))
      assert.isFalse(yield* at(fiber, 63_998))
      assert.isTrue(yield* at(fiber, 63_999))
      const { error, events } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(texts(events), ["a", "b"])
      assert(error?._tag === "StreamStalledError")
      assert.deepStrictEqual(
        [Duration.toMillis(error.idleTimeout), error.partial?.text, error.generationId],
        [30_000, "ab", "gen-1"]
      )
      assert.include(error.message, "30s")
    }))

  it.effect("of zero is a millisecond", () =>
    Effect.gen(function*() {
      const stream = decodeChat({ idleTimeout: 0 })(Stream.concat(reads(sse(textChunk("a"))), Stream.never))
      const fiber = yield* Effect.fork(outcome(Stream.tap(stream, () => Effect.sleep(100))))
      yield* TestClock.adjust(100)
      assert.isTrue(yield* at(fiber, 101))
      const { error, events } = yield* Fiber.join(fiber)
      assert.deepStrictEqual([texts(events), error?._tag], [["a"], "StreamStalledError"])
    }))

  it.effect("also fails before the first byte", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(outcome(decodeChat({ idleTimeout: 250 })(Stream.never)))
      assert.isFalse(yield* at(fiber, 249))
      assert.isTrue(yield* at(fiber, 250))
      const { error } = yield* Fiber.join(fiber)
      assert(error?._tag === "StreamStalledError")
      assert.isUndefined(error.partial)
    }))

  it.effect("counts from the last read, even just before the watch checks", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(outcome(decodeChat({ idleTimeout: 250 })(timed([1, ":"], [249, ":"]))))
      assert.isFalse(yield* at(fiber, 499))
      assert.isTrue(yield* at(fiber, 500))
      const early = yield* Effect.fork(outcome(decodeChat({ idleTimeout: 250 })(timed([1, ":"]))))
      assert.isFalse(yield* at(early, 750))
      assert.isTrue(yield* at(early, 751))
    }))

  it.effect("50: starts again at comments, and at bytes that complete no line", () =>
    Effect.gen(function*() {
      const life = [": OPENROUTER PROCESSING\n\n", ":", " OPENR", "\n", "data: {"].map((text) => [999, text] as const)
      const fiber = yield* Effect.fork(outcome(decodeChat({ idleTimeout: "1 second" })(timed(...life))))
      assert.isFalse(yield* at(fiber, 5 * 999 + 999))
      assert.isTrue(yield* at(fiber, 5 * 999 + 1000))
      assert.strictEqual((yield* Fiber.join(fiber)).error?._tag, "StreamStalledError")
    }))

  it.effect("50: of events starts again at events only", () =>
    Effect.gen(function*() {
      const wire = timed([600, sse(textChunk("a"))], [600, ":\n\n"], [399, sse(textChunk("b"))], [600, ":\n\n"], [
        399,
        ": "
      ])
      const limits = { idleTimeout: "30 seconds", eventTimeout: "1 second" } as const
      const fiber = yield* Effect.fork(outcome(decodeChat(limits)(wire)))
      assert.isFalse(yield* at(fiber, 600 + 999 + 999))
      assert.isTrue(yield* at(fiber, 600 + 999 + 1000))
      const { error, events } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(texts(events), ["a", "b"])
      assert(error?._tag === "StreamStalledError")
      assert.deepStrictEqual([Duration.toMillis(error.idleTimeout), error.partial?.text], [1000, "ab"])
      assert.include(error.message, "eventTimeout")
    }))

  it.effect("of events does not count the time after [DONE], or while the consumer does not pull", () =>
    Effect.gen(function*() {
      const open = Stream.concat(reads(sse(textChunk("a"), finishChunk), done), Stream.never)
      const slow = Stream.tap(decodeChat({ eventTimeout: 100 })(open), () => Effect.sleep(300))
      const fiber = yield* Effect.fork(outcome(slow))
      yield* TestClock.adjust("10 seconds")
      const { error, events } = yield* Fiber.join(fiber)
      assert.deepStrictEqual([texts(events), error], [["a", ""], undefined])
    }))

  it.effect("does not count the time while the consumer does not pull", () =>
    Effect.gen(function*() {
      const stream = decodeChat({ idleTimeout: "20 minutes" })(
        timed([10, sse(textChunk("a"))], [10, sse(textChunk("b"))], [10, sse(finishChunk) + done])
      )
      const slow = Stream.runForEach(stream, () => Effect.sleep("1 hour"))
      const fiber = yield* Effect.fork(slow)
      assert.isTrue(yield* at(fiber, Duration.toMillis("4 hours")))
      yield* Fiber.join(fiber)
    }))

  it.effect("is off when it is not set", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(outcome(decodeChat()(Stream.never)))
      assert.isFalse(yield* at(fiber, Duration.toMillis("100 days")))
      yield* Fiber.interrupt(fiber)
    }))

  it.effect("interrupts the read that stalled, and closes the source", () =>
    Effect.gen(function*() {
      const interrupted = yield* Deferred.make<void>()
      let closed = false
      const source = Stream.fromEffect(Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined)))
        .pipe(Stream.ensuring(Effect.sync(() => {
          closed = true
        })))
      const fiber = yield* Effect.fork(outcome(decodeChat({ idleTimeout: "1 second" })(source)))
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(fiber)
      yield* Deferred.await(interrupted)
      assert.isTrue(closed)
    }))

  it.effect("does not change an interruption of the consumer", () =>
    Effect.gen(function*() {
      const reading = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      const source = Stream.fromEffect(
        Effect.onInterrupt(
          Effect.zipRight(Deferred.succeed(reading, undefined), Effect.never),
          () => Deferred.succeed(interrupted, undefined)
        )
      )
      const fiber = yield* Effect.fork(Stream.runDrain(decodeChat({ idleTimeout: "1 second" })(source)))
      yield* Deferred.await(reading)
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.strictEqual(exit._tag, "Failure")
      assert.isTrue(yield* Deferred.isDone(interrupted))
    }))
})

describe("after [DONE]", () => {
  it.effect("emits the events at once and ends when the body does", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const ended = reads(sse(textChunk("a"), finishChunk) + done)
      const body = Stream.concat(
        ended,
        Stream.fromEffect(Effect.delay(Effect.sync(() => encode(": bye\n\n")), "300 millis"))
      )
      const fiber = yield* Effect.fork(
        Stream.runForEach(decodeChat({ idleTimeout: "100 millis" })(body), (event) =>
          Effect.sync(() => seen.push(...texts([event]))))
      )
      assert.isFalse(yield* at(fiber, 299))
      assert.deepStrictEqual(seen, ["a", ""])
      assert.isTrue(yield* at(fiber, 300))
      yield* Fiber.join(fiber)
    }))

  it.effect("waits one second for the body to end, and then closes it", () =>
    Effect.gen(function*() {
      let closed = false
      const body = timed([0, sse(textChunk("a"), finishChunk) + done], [600, sse(textChunk("b"))], [
        399,
        ": still here\n\n"
      ]).pipe(
        Stream.ensuring(Effect.sync(() => {
          closed = true
        }))
      )
      const fiber = yield* Effect.fork(outcome(decodeChat()(body)))
      assert.isFalse(yield* at(fiber, 999))
      assert.isTrue(yield* at(fiber, 1000))
      const { error, events } = yield* Fiber.join(fiber)
      assert.deepStrictEqual([texts(events), error, closed], [["a", ""], undefined, true])
    }))

  it.effect("ignores how the body ends", () =>
    Effect.gen(function*() {
      const reset = new ConnectionError({ phase: "body", message: "reset while closing" })
      const body = Stream.concat(reads(sse(finishChunk) + done), Stream.fail(reset))
      assert.strictEqual(yield* Stream.runCount(decodeChat()(body)), 1)
    }))
})

describe("after an error event", () => {
  it.effect("emits the events before it at once, then waits at most one second for the usage", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const body = timed([0, sse(textChunk("a"), error429)], [400, sse(chunk({ content: "" }, null, { usage }))])
      const fiber = yield* Effect.fork(
        Effect.flip(Stream.runForEach(decodeChat()(body), (event) => Effect.sync(() => seen.push(...texts([event])))))
      )
      assert.isFalse(yield* at(fiber, 999))
      assert.deepStrictEqual(seen, ["a"])
      assert.isTrue(yield* at(fiber, 1000))
      const error = yield* Fiber.join(fiber)
      assert(error._tag === "TooManyRequestsResponseError")
      assert.strictEqual(error.partial?.cost, 0.5)
    }))

  it.effect("does not wait when [DONE] follows", () =>
    Effect.gen(function*() {
      const body = timed([0, sse(error429)], [400, sse(chunk({ content: "" }, null, { usage })) + done])
      const fiber = yield* Effect.fork(outcome(decodeChat()(body)))
      assert.isFalse(yield* at(fiber, 399))
      assert.isTrue(yield* at(fiber, 400))
      const { error } = yield* Fiber.join(fiber)
      assert(error?._tag === "TooManyRequestsResponseError")
      assert.strictEqual(error.partial?.cost, 0.5)
    }))

  it.effect("has the wait until the date of the error", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1_700_000_000_000)
      const reset = {
        error: { code: 429, message: "x", metadata: { headers: { "X-RateLimit-Reset": "1700000005000" } } }
      }
      const { error } = yield* outcome(decodeChat()(reads(sse(reset) + done)))
      assert(error?._tag === "TooManyRequestsResponseError")
      assert.strictEqual(Duration.toMillis(error.retryAfter), 5000)
    }))
})

describe("the chunks of a stream", () => {
  it.effect("are the reads, under an idle timeout too", () =>
    Effect.gen(function*() {
      const stream = decodeChat({ idleTimeout: "1 minute" })(
        reads(sse(textChunk("a"), textChunk("b")), sse(finishChunk) + done)
      )
      const chunks = yield* Stream.runCollect(Stream.chunks(stream))
      assert.deepStrictEqual(Chunk.toArray(chunks).map((events) => Chunk.toArray(events).length), [2, 1])
    }))
})

describe("an uninterruptible stream, as in a finalizer,", () => {
  it.effect("ends with its body", () =>
    Effect.gen(function*() {
      const stream = decodeChat({ idleTimeout: 250 })(reads(sse(textChunk("a"), finishChunk) + done))
      const { error, events } = yield* Effect.uninterruptible(outcome(stream))
      assert.deepStrictEqual([texts(events), error], [["a", ""], undefined])
    }))

  it.effect("ends when its consumer stops", () =>
    Effect.gen(function*() {
      const stream = decodeChat({ idleTimeout: 250 })(timed([0, sse(textChunk("a"))]))
      const fiber = yield* Effect.fork(Effect.uninterruptible(outcome(Stream.take(stream, 1))))
      yield* TestClock.adjust(0)
      assert.deepStrictEqual(texts((yield* Fiber.join(fiber)).events), ["a"])
    }))

  it.effect("still fails at the idle timeout, and waits at most a second after its end or an error", () =>
    Effect.gen(function*() {
      const cases = [
        [sse(textChunk("a")), "StreamStalledError"],
        [sse(textChunk("a"), finishChunk) + done, undefined],
        [sse(textChunk("a"), error429), "TooManyRequestsResponseError"]
      ] as const
      for (const [text, tag] of cases) {
        const stream = decodeChat({ idleTimeout: "1 second" })(timed([0, text]))
        const fiber = yield* Effect.fork(Effect.uninterruptible(outcome(stream)))
        yield* TestClock.adjust("1 second")
        assert.strictEqual((yield* Fiber.join(fiber)).error?._tag, tag)
      }
    }))
})
