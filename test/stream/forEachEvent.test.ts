/** `forEach` of a streaming endpoint: the same as its stream, without one. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { ServerResponse } from "node:http"
import type { ChatStreamChunk } from "../../src/schema/Chat.js"
import * as Chat from "../../src/services/Chat.js"
import { overFetch, serve } from "../http/support/loopback.js"
import { memory, over, respond } from "../http/support/memory.js"
import { tracer } from "../support/effect/tracing.js"
import { chat, cut, done, encode, finishChunk, positions, sse, textChunk, usage } from "../support/events.js"

const request = { model: "test/model" }

const type = { "content-type": "text/event-stream" }

const chunks = [textChunk("a"), textChunk("b"), textChunk("c"), { ...finishChunk, usage }]

const whole = sse(...chunks) + done

const head = (response: ServerResponse): ServerResponse => response.writeHead(200, type)

/** What is collected of the events, and how. */
const seeing = () => {
  const seen: Array<ChatStreamChunk> = []
  return { seen, see: (event: ChatStreamChunk) => Effect.sync(() => seen.push(event)) }
}

describe("forEach", () => {
  it.effect("runs the function for each event and returns the result of the stream", () =>
    Effect.gen(function*() {
      const { see, seen } = seeing()
      const client = over(memory(respond(200, whole, type)))
      const result = yield* Effect.provide(chat.forEach(request, see), client)
      assert.deepStrictEqual(seen, chunks)
      assert.deepStrictEqual(result, yield* Effect.provide(Chat.accumulate(chat(request)), client))
      assert.strictEqual(result.usage?.cost, 0.5)
    }))

  it.effect("can be run again: each run is a call of its own", () =>
    Effect.gen(function*() {
      const { see, seen } = seeing()
      const server = memory(respond(200, whole, type))
      const call = Effect.provide(chat.forEach(request, see), over(server))
      assert.deepStrictEqual(yield* call, yield* call)
      assert.deepStrictEqual([seen.length, server.requests.length], [2 * chunks.length, 2])
    }))

  it.effect("runs one function at a time, in the fiber and with the context of the caller", () =>
    Effect.gen(function*() {
      const caller = yield* Effect.fiberId
      let running = 0
      const fibers = new Set<unknown>()
      yield* Effect.provide(
        chat.forEach(request, () =>
          Effect.gen(function*() {
            assert.strictEqual(++running, 1)
            fibers.add(yield* Effect.fiberId)
            yield* Effect.yieldNow()
            running--
          })),
        over(memory(respond(200, whole, type)))
      )
      assert.deepStrictEqual([...fibers], [caller])
    }))

  it.effect("leaves what the function acquires to the scope of the caller", () =>
    Effect.gen(function*() {
      let released = 0
      yield* Effect.scoped(Effect.gen(function*() {
        yield* chat.forEach(request, () => Effect.addFinalizer(() => Effect.sync(() => released++)))
        assert.strictEqual(released, 0)
      }))
      assert.strictEqual(released, chunks.length)
    }).pipe(Effect.provide(over(memory(respond(200, whole, type))))))

  it.effect("shows the same however the bytes are cut, and ends with the same error wherever they end", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(positions, FastCheck.nat(whole.length), (at, length) => {
          const pieces = cut(whole.slice(0, length), at).map(encode)
          const bodyOf = () =>
            new ReadableStream<Uint8Array>({
              start: (controller) => {
                for (const piece of pieces) controller.enqueue(piece)
                controller.close()
              }
            })
          const client = over(memory(() => Effect.sync(() => new Response(bodyOf(), { headers: type }))), {
            retry: false
          })
          return Effect.runPromise(
            Effect.gen(function*() {
              const direct = seeing()
              const streamed = seeing()
              const one = yield* Effect.exit(chat.forEach(request, direct.see))
              const other = yield* Effect.exit(Chat.accumulate(Stream.tap(chat(request), streamed.see)))
              assert.deepStrictEqual(direct.seen, streamed.seen)
              assert.deepStrictEqual(one, other)
            }).pipe(Effect.provide(client))
          )
        }),
        { numRuns: 60 }
      )
    ))

  for (const [index] of chunks.entries()) {
    it.scoped(`ends with the failure of the function at event ${index + 1}, and closes the connection`, () =>
      Effect.gen(function*() {
        const server = yield* serve(({ response }) => {
          head(response).write(sse(...chunks))
        })
        let count = 0
        const failing = chat.forEach(request, () => count++ === index ? Effect.fail("enough") : Effect.void)
        assert.strictEqual(yield* Effect.flip(Effect.provide(failing, overFetch(server))), "enough")
        assert.strictEqual(count, index + 1)
        yield* (yield* server.exchange(0)).abandoned
      }))
  }

  it.scoped("ends with a defect of the function, and closes the connection", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response).write(sse(textChunk("a")))
      })
      const thrown = chat.forEach(request, (): Effect.Effect<void> => {
        throw new Error("a bug")
      })
      const exit = yield* Effect.exit(Effect.provide(thrown, overFetch(server)))
      assert(Exit.isFailure(exit))
      assert.isTrue(Cause.isDie(exit.cause))
      yield* (yield* server.exchange(0)).abandoned
    }))

  it.scoped("closes the connection when it is interrupted: within the function, between events, before them", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response).write(server.exchanges.length === 3 ? ": OPENROUTER PROCESSING\n\n" : sse(textChunk("a")))
      })
      const seen = [yield* Deferred.make<void>(), yield* Deferred.make<void>()] as const
      const functions = [
        () => Effect.zipRight(Deferred.succeed(seen[0], undefined), Effect.never),
        () => Deferred.succeed(seen[1], undefined),
        Effect.die
      ]
      for (const [index, f] of functions.entries()) {
        const fiber = yield* Effect.fork(Effect.provide(chat.forEach(request, f), overFetch(server)))
        const { abandoned } = yield* server.exchange(index)
        const waiting = seen[index]
        if (waiting !== undefined) yield* Deferred.await(waiting)
        yield* Fiber.interrupt(fiber)
        assert.isTrue(Exit.isInterrupted(yield* Fiber.await(fiber)))
        yield* abandoned
      }
    }))

  it.effect("retries a failure before the first event, and none after it", () =>
    Effect.gen(function*() {
      const broken = { error: { code: 502, message: "Upstream died" } }
      const server = memory(
        respond(502, broken),
        respond(200, sse(broken), type),
        respond(200, sse(textChunk("a"), broken), type)
      )
      const { see, seen } = seeing()
      const retry = Schedule.recurs(5)
      const error = yield* Effect.flip(Effect.provide(chat.forEach(request, see), over(server, { retry })))
      assert(error._tag === "BadGatewayResponseError")
      assert.strictEqual(error.partial?.text, "a")
      assert.deepStrictEqual([seen, server.requests.length], [[textChunk("a")], 3])
    }))

  const ends: Readonly<Record<string, readonly [wire: string, type: string | undefined]>> = {
    "well": [whole, undefined],
    "before its end": [sse(textChunk("a")), "StreamTruncatedError"]
  }
  for (const [when, [wire, failure]] of Object.entries(ends)) {
    it.effect(`that ends ${when} has its end in one span, which the function is not within`, () =>
      Effect.gen(function*() {
        const { spans, tracer: recording } = tracer()
        const call = chat.forEach(request, () => Effect.withSpan(Effect.void, "own"))
        yield* Effect.exit(Effect.provide(call, over(memory(respond(200, wire, type)), { retry: false }))).pipe(
          Effect.withTracer(recording)
        )
        const [span, ...own] = spans
        assert.strictEqual(span?.name, "chat test/model")
        assert.strictEqual(span?.attributes.get("error.type"), failure)
        assert.strictEqual(span?.status()._tag, "Ended")
        assert.isNotEmpty(own)
        for (const { name, parent } of own) assert.deepStrictEqual([name, parent], ["own", undefined])
      }))
  }
})
