import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Tracer from "effect/Tracer"
import type { ServerResponse } from "node:http"
import type * as Net from "node:net"
import { type Exchange, type Loopback, overFetch, serve } from "../http/support/loopback.js"
import { poll } from "../support/effect/fibers.js"
import { chat, done, finishChunk, outcome, sse, textChunk, texts, usage } from "../support/events.js"

const request = { model: "test/model" }

const head = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { "content-type": "text/event-stream", "x-generation-id": "gen-header" })

const answer = ({ response }: Exchange): void => {
  head(response).end(sse(textChunk("a"), textChunk("b"), finishChunk) + done)
}

const stream = (server: Loopback) => Stream.provideLayer(chat(request), overFetch(server))

describe("an SSE endpoint over a real connection", () => {
  it.scoped("sends stream: true and emits the events", () =>
    Effect.gen(function*() {
      const server = yield* serve(answer)
      const { error, events } = yield* outcome(stream(server))
      assert.deepStrictEqual([texts(events), error], [["a", "b", ""], undefined])
      const request = yield* server.exchange(0)
      assert.deepStrictEqual(JSON.parse(request.body), { model: "test/model", stream: true })
      assert.strictEqual(request.headers.accept, "text/event-stream")
    }))

  it.scoped("returns facts about the response with the stream", () =>
    Effect.gen(function*() {
      const server = yield* serve(answer)
      const { data, response } = yield* Effect.provide(chat.withResponse(request), overFetch(server))
      assert.deepStrictEqual([response.status, response.attempts, response.generationId], [200, 1, "gen-header"])
      assert.deepStrictEqual(texts((yield* outcome(data)).events), ["a", "b", ""])
    }))

  it("has its row", () => {
    assert.deepStrictEqual([chat.name, chat.path, chat.success, chat.errors], [
      "chat.stream",
      "/chat/completions",
      "sse",
      [400, 429, 502, 504]
    ])
  })

  it.scoped("42: closes the connection when it is interrupted", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response).write(sse(textChunk("a")))
      })
      const seen = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(Stream.runForEach(stream(server), () => Deferred.succeed(seen, undefined)))
      yield* Deferred.await(seen)
      yield* Fiber.interrupt(fiber)
      yield* (yield* server.exchange(0)).abandoned
    }))

  it.scoped("closes the connection when it is interrupted before the first event", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response).write(": OPENROUTER PROCESSING\n\n")
      })
      const fiber = yield* Effect.fork(Stream.runDrain(stream(server)))
      const { abandoned } = yield* server.exchange(0)
      yield* Fiber.interrupt(fiber)
      yield* abandoned
    }))

  it.scoped("42: closes the connection when the consumer stops", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response).write(sse(textChunk("a"), textChunk("b"), textChunk("c")))
      })
      const taken = yield* Stream.runCollect(Stream.take(stream(server), 2))
      assert.deepStrictEqual(texts(Chunk.toArray(taken)), ["a", "b"])
      yield* (yield* server.exchange(0)).abandoned
    }))

  it.scoped("closes the connection when the consumer fails, and when the scope of an opened stream closes", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response).write(sse(textChunk("a")))
      })
      const failure = yield* Effect.flip(Stream.runForEach(stream(server), () => Effect.fail("enough")))
      assert.strictEqual(failure, "enough")
      yield* (yield* server.exchange(0)).abandoned
      const scope = yield* Scope.make()
      yield* chat.withResponse(request).pipe(Scope.extend(scope), Effect.provide(overFetch(server)))
      yield* Scope.close(scope, Exit.void)
      yield* (yield* server.exchange(1)).abandoned
    }))

  it.scoped("closes the connection when an event fails the stream", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response).write(sse(textChunk("a"), "not json"))
      })
      const { error, events } = yield* outcome(stream(server))
      assert.deepStrictEqual([texts(events), error?._tag], [["a"], "ResponseValidationError"])
      yield* (yield* server.exchange(0)).abandoned
    }))

  it.scoped("reads each body to its end, so that its connection serves the next", () =>
    Effect.gen(function*() {
      const sockets = new Set<Net.Socket | null>()
      const server = yield* serve(({ response }) => {
        sockets.add(response.socket)
        head(response).write(sse(textChunk("a"), finishChunk) + done)
        // The body ends some turns of the event loop after the answer
        const later = (turns: number): unknown => turns === 0 ? response.end() : setImmediate(later, turns - 1)
        later(20)
      })
      const layer = overFetch(server)
      const counts = yield* Effect.provide(
        Effect.forEach(Array.from({ length: 50 }), () => Stream.runCount(chat(request))),
        layer
      )
      assert.deepStrictEqual([new Set(counts), server.exchanges.length], [new Set([2]), 50])
      // A bare fetch that reads every body to its end has a second connection too: it asks before the first is free
      assert.isAtMost(sockets.size, 2)
    }))

  it.scoped("43: reads no faster than its consumer", () =>
    Effect.gen(function*() {
      const stuck = yield* Deferred.make<number>()
      const events = 4000
      const event = sse(textChunk("x".repeat(16_384)))
      const server = yield* serve(({ response }) => {
        head(response)
        let sent = 0
        let drained = 0
        const push = (): void => {
          while (sent < events) {
            sent++
            if (!response.write(event)) {
              watch(drained, 500)
              return
            }
          }
          response.end(sse(finishChunk) + done)
        }
        // Full, and not drained for many turns of the event loop: the reader has stopped
        const watch = (since: number, turns: number): void => {
          if (drained !== since) return
          if (turns === 0) Deferred.unsafeDone(stuck, Exit.succeed(sent))
          else setImmediate(watch, since, turns - 1)
        }
        response.on("drain", () => {
          drained++
          push()
        })
        push()
      })
      let received = 0
      let pushed = 0
      yield* Stream.runForEach(stream(server), () =>
        Effect.gen(function*() {
          if (received++ === 0) pushed = yield* Deferred.await(stuck)
        }))
      assert.isBelow(pushed * event.length, 16 * 1024 * 1024)
      assert.strictEqual(received, events + 1)
    }))

  it.scoped("45, 46: fails if the body ends early or the connection breaks, with the partial response", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response)
        if (server.exchanges.length === 1) response.end(sse(textChunk("a")) + "data: {\"id\"")
        else response.write(sse(textChunk("a"), textChunk("b")), () => response.socket?.resetAndDestroy())
      })
      const truncated = yield* outcome(stream(server))
      assert.deepStrictEqual(texts(truncated.events), ["a"])
      assert(truncated.error?._tag === "StreamTruncatedError")
      assert.deepStrictEqual([truncated.error.partial?.text, truncated.error.generationId], ["a", "gen-header"])
      const reset = yield* outcome(stream(server))
      assert(reset.error?._tag === "ConnectionError")
      assert.strictEqual(reset.error.phase, "body")
      assert.strictEqual(reset.error.partial?.text ?? "", texts(reset.events).join(""))
    }))

  it.scoped("retries if the first event is an error, and never after another event", () =>
    Effect.gen(function*() {
      const overloaded = { error: { code: 502, message: "Upstream error" } }
      const server = yield* serve((exchange) => {
        const { response } = exchange
        if (server.exchanges.length < 3) head(response).end(": hi\n\n" + sse(overloaded))
        else if (server.exchanges.length === 3) answer(exchange)
        else head(response).end(sse(textChunk("a"), overloaded))
      })
      const layer = overFetch(server, { retry: Schedule.recurs(2) })
      const { data, response } = yield* Effect.provide(chat.withResponse(request), layer)
      assert.strictEqual(response.attempts, 3)
      assert.deepStrictEqual(texts((yield* outcome(data)).events), ["a", "b", ""])
      const { error, events } = yield* outcome(Stream.provideLayer(chat(request), layer))
      assert.deepStrictEqual([texts(events), error?._tag, server.exchanges.length], [
        ["a"],
        "BadGatewayResponseError",
        4
      ])
    }))

  it.scoped("fails with the class of the status before the stream starts", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        response.writeHead(429, { "content-type": "application/json", "retry-after": "3" })
        response.end(JSON.stringify({ error: { code: 429, message: "Slow down" } }))
      })
      const { error, events } = yield* outcome(stream(server))
      assert.deepStrictEqual([events, error?._tag], [[], "TooManyRequestsResponseError"])
    }))

  it.scoped("57: finds the error in a response with status 200 that is not a stream", () =>
    Effect.gen(function*() {
      const bodies = [
        JSON.stringify({ error: { code: 502, message: "Provider returned error", metadata: { raw: "GPU on fire" } } }),
        JSON.stringify({ id: "gen-2", object: "chat.completion", choices: [{ index: 0, finish_reason: "stop" }] }),
        JSON.stringify(textChunk("a")),
        "<html>Sign in to the guest network</html>"
      ]
      const server = yield* serve(({ response }) => {
        const body = bodies[server.exchanges.length - 1] ?? ""
        response.writeHead(200, { "content-type": body.startsWith("<") ? "text/html" : "application/json" })
        response.end(`\n   ${body}`)
      })
      const errors = yield* Effect.forEach(bodies, () => Effect.map(outcome(stream(server)), ({ error }) => error))
      assert.deepStrictEqual(errors.map((error) => error?._tag), [
        "BadGatewayResponseError",
        "ResponseValidationError",
        "ResponseValidationError",
        "ResponseValidationError"
      ])
      assert.include(errors[0]?.message, "GPU on fire")
      assert.include(errors[2]?.message, "stream of events")
    }))

  it.scoped("takes its limit from the options", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response).end(sse(textChunk("a"), textChunk("b".repeat(2000)), finishChunk) + done)
      })
      const limited = Stream.provideLayer(chat(request), overFetch(server, { maxEventSize: 1000 }))
      const { error, events } = yield* outcome(limited)
      assert.deepStrictEqual([texts(events), error?._tag], [["a"], "StreamEventTooLargeError"])
    }))

  it.scoped("fails a stalled stream after two minutes by default", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response).write(sse(textChunk("a")))
      })
      const fiber = yield* Effect.fork(outcome(stream(server)))
      yield* server.exchange(0)
      // The bytes arrive in real time: the clock moves on until the wait for the next ones has begun and run out
      yield* TestClock.adjust("1 minute").pipe(
        Effect.repeat({ until: () => Effect.map(poll(fiber), Option.isSome) })
      )
      const { error, events } = yield* Fiber.join(fiber)
      assert.deepStrictEqual([texts(events), error?._tag], [["a"], "StreamStalledError"])
      yield* (yield* server.exchange(0)).abandoned
    }))

  it.scoped("has a span that lasts as long as the stream, with its usage", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => {
        head(response).end(sse(textChunk("a"), { ...finishChunk, usage }) + done)
      })
      const spans: Array<Tracer.Span> = []
      const tracer = yield* Effect.tracer
      const recording = Tracer.make({
        context: tracer.context,
        span: (...of) => {
          const span = tracer.span(...of)
          spans.push(span)
          return span
        }
      })
      yield* Stream.runForEach(stream(server), () =>
        Effect.sync(() => assert.strictEqual(spans[0]?.status._tag, "Started"))).pipe(Effect.withTracer(recording))
      const span = spans[0]
      assert.deepStrictEqual([spans.length, span?.name, span?.status._tag], [1, "chat test/model", "Ended"])
      assert.strictEqual(span?.attributes.get("gen_ai.usage.input_tokens"), 7)
      assert.strictEqual(span?.attributes.get("gen_ai.response.id"), "gen-1")
      assert.strictEqual(span?.attributes.get("gen_ai.response.time_to_first_chunk"), 0)
    }))
})
