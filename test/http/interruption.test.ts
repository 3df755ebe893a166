/** Whoever stops listening hangs up: the server sees the connection close. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { ServerResponse } from "node:http"
import { execute } from "../../src/http/internal/execute.js"
import { withCallSpan } from "../../src/http/internal/telemetry.js"
import { withOptions } from "../../src/http/OpenRouterClient.js"
import { BadGatewayResponseError } from "../../src/http/OpenRouterError.js"
import { interruptFork } from "../../src/internal/effect/fibers.js"
import { interruptedExit } from "../support/effect/fibers.js"
import { overFetch, serve } from "./support/loopback.js"
import * as Rows from "./support/rows.js"

const read = Rows.read({ id: "1" })

/** Sends a beginning and then nothing more. */
const begin = (status: number) => ({ response }: { readonly response: ServerResponse }) => {
  response.writeHead(status, { "content-type": "application/json" })
  response.write("{\"id\":")
}

const nothing = () => {}

/** Bytes for as long as the connection takes them, up to `total`; counts them, and how often it took more. */
const flood = (total: number, status = 200) => {
  const block = Buffer.alloc(64 * 1024, 7)
  const sent = { bytes: 0, drains: 0 }
  const handler = ({ response }: { readonly response: ServerResponse }) => {
    response.writeHead(status, { "content-type": "application/octet-stream" })
    const pour = () => {
      while (sent.bytes < total) {
        sent.bytes += block.length
        if (!response.write(block)) return
      }
      response.end()
    }
    response.on("drain", () => {
      sent.drains++
      pour()
    })
    pour()
  }
  return { handler, sent }
}

const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** Lets the event loop turn, in which both ends of the connection live, until many turns made no room for more. */
const atRest = (sent: { readonly drains: number }) =>
  Effect.gen(function*() {
    let drains = -1
    for (let quiet = 0; quiet < 200; quiet++) {
      if (drains !== sent.drains) quiet = 0
      drains = sent.drains
      yield* turn
    }
  })

describe("an interrupted request", () => {
  it.scopedLive("closes the connection before the headers", () =>
    Effect.gen(function*() {
      const server = yield* serve(nothing)
      const fiber = yield* Effect.fork(Effect.provide(read, overFetch(server)))
      const { abandoned } = yield* server.exchange(0)
      assert.isTrue(Exit.isInterrupted(yield* interruptedExit(fiber)))
      yield* abandoned
      assert.lengthOf(server.exchanges, 1)
    }))

  for (const status of [200, 500]) {
    it.scopedLive(`closes the connection in the middle of the body of a ${status}`, () =>
      Effect.gen(function*() {
        const server = yield* serve(begin(status))
        const fiber = yield* Effect.fork(Effect.provide(read, overFetch(server)))
        const { abandoned } = yield* server.exchange(0)
        assert.isTrue(Exit.isInterrupted(yield* interruptedExit(fiber)))
        yield* abandoned
      }))
  }

  it.scopedLive("closes the connection at the timeout, before the headers and in the body", () =>
    Effect.gen(function*() {
      for (const handler of [nothing, begin(200), begin(500)]) {
        const server = yield* serve(handler)
        const call = read.pipe(withOptions({ timeout: "100 millis" }), Effect.provide(overFetch(server)))
        assert.strictEqual((yield* Effect.flip(call))._tag, "RequestTimeoutError")
        yield* Effect.flatMap(server.exchange(0), ({ abandoned }) => abandoned)
      }
    }))

  it.scopedLive("closes the connection if the body of an error does not end", () =>
    Effect.gen(function*() {
      const server = yield* serve(flood(1024 * 1024 * 1024, 500).handler)
      const error = yield* Effect.flip(Effect.provide(read, overFetch(server)))
      assert.strictEqual(error._tag, "InternalServerResponseError")
      yield* Effect.flatMap(server.exchange(0), ({ abandoned }) => abandoned)
    }))

  it.scopedLive("closes the connection when it loses a race", () =>
    Effect.gen(function*() {
      const slow = yield* serve(nothing)
      const fast = yield* serve(({ response }) => response.end("{\"id\":\"fast\"}"))
      const quick = Effect.zipRight(slow.exchange(0), Effect.provide(read, overFetch(fast)))
      const found = yield* Effect.race(Effect.provide(read, overFetch(slow)), quick)
      assert.strictEqual(found.id, "fast")
      yield* Effect.flatMap(slow.exchange(0), ({ abandoned }) => abandoned)
    }))
})

describe("in an uninterruptible region, such as a finalizer,", () => {
  it.scopedLive("the timeout of a call still applies, and closes the connection", () =>
    Effect.gen(function*() {
      for (const handler of [nothing, begin(200), begin(500)]) {
        const server = yield* serve(handler)
        const call = read.pipe(withOptions({ timeout: "100 millis" }), Effect.provide(overFetch(server)))
        assert.strictEqual((yield* Effect.flip(Effect.uninterruptible(call)))._tag, "RequestTimeoutError")
        yield* Effect.flatMap(server.exchange(0), ({ abandoned }) => abandoned)
      }
    }))

  it.scopedLive("an interruption does not end the call", () =>
    Effect.gen(function*() {
      const server = yield* serve(nothing)
      let found: string | undefined
      const call = Effect.map(read, ({ id }) => found = id)
      const fiber = yield* Effect.fork(Effect.uninterruptible(Effect.provide(call, overFetch(server))))
      const { response } = yield* server.exchange(0)
      yield* interruptFork(fiber)
      yield* Effect.yieldNow()
      response.end("{\"id\":\"whole\"}")
      yield* Fiber.await(fiber)
      assert.strictEqual(found, "whole")
    }))
})

describe("a stream of bytes", () => {
  const big = 256 * 1024 * 1024

  it.scopedLive("closes the connection when its consumer stops", () =>
    Effect.gen(function*() {
      const server = yield* serve(flood(big).handler)
      const first = yield* Rows.content({ id: "1" }).pipe(
        Stream.take(1),
        Stream.runCollect,
        Effect.provide(overFetch(server))
      )
      assert.lengthOf(Array.from(first), 1)
      yield* Effect.flatMap(server.exchange(0), ({ abandoned }) => abandoned)
    }))

  it.scopedLive("closes the connection when its consumer fails or is interrupted", () =>
    Effect.gen(function*() {
      const server = yield* serve(flood(big).handler)
      const seen = yield* Deferred.make<void>()
      const failing = Stream.runForEach(Rows.content({ id: "1" }), () => Effect.fail("enough"))
      assert.strictEqual(yield* Effect.flip(Effect.provide(failing, overFetch(server))), "enough")
      yield* Effect.flatMap(server.exchange(0), ({ abandoned }) => abandoned)
      const holding = Stream.runForEach(
        Rows.content({ id: "2" }),
        () => Effect.zipRight(Deferred.succeed(seen, undefined), Effect.never)
      )
      const fiber = yield* Effect.fork(Effect.provide(holding, overFetch(server)))
      yield* Deferred.await(seen)
      yield* Fiber.interrupt(fiber)
      yield* Effect.flatMap(server.exchange(1), ({ abandoned }) => abandoned)
    }))

  it.scopedLive("closes the connection when its scope closes, read or not", () =>
    Effect.gen(function*() {
      const server = yield* serve(flood(big).handler)
      yield* Effect.scoped(Rows.content.withResponse({ id: "1" })).pipe(Effect.provide(overFetch(server)))
      yield* Effect.flatMap(server.exchange(0), ({ abandoned }) => abandoned)
    }))

  it.scopedLive("closes the connection when it is interrupted before the headers", () =>
    Effect.gen(function*() {
      const server = yield* serve(nothing)
      const fiber = yield* Effect.fork(Effect.provide(Stream.runDrain(Rows.content({ id: "1" })), overFetch(server)))
      const { abandoned } = yield* server.exchange(0)
      yield* Fiber.interrupt(fiber)
      yield* abandoned
    }))

  it.scopedLive("is read no faster than its consumer", () =>
    Effect.gen(function*() {
      const { handler, sent } = flood(big)
      const server = yield* serve(handler)
      const taken = yield* Deferred.make<number>()
      const holding = Effect.zipRight(atRest(sent), Effect.suspend(() => Deferred.succeed(taken, sent.bytes)))
      const slow = Stream.runForEach(Rows.content({ id: "1" }), () => Effect.zipRight(holding, Effect.never))
      const fiber = yield* Effect.fork(Effect.provide(slow, overFetch(server)))
      const bytes = yield* Deferred.await(taken)
      yield* Fiber.interrupt(fiber)
      assert.isBelow(bytes, big / 8)
    }))

  it.scopedLive("arrives complete and in order if its consumer reads to the end", () =>
    Effect.gen(function*() {
      const size = 8 * 1024 * 1024
      const server = yield* serve(({ response }) =>
        response.end(Buffer.from(Uint32Array.from({ length: size / 4 }, (_, n) => n).buffer))
      )
      const bytes = yield* Rows.content({ id: "1" }).pipe(
        Stream.runFold(new Array<Uint8Array>(), (all, next) => [...all, next]),
        Effect.provide(overFetch(server))
      )
      const found = new Uint32Array(new Uint8Array(Buffer.concat(bytes)).buffer)
      assert.lengthOf(found, size / 4)
      assert.isTrue(found.every((value, n) => value === n))
    }))
})

describe("an attempt that fails after its headers", () => {
  it.scopedLive("closes its connection before the next attempt", () =>
    Effect.gen(function*() {
      const server = yield* serve(begin(200))
      const scope = yield* Scope.make()
      const failing = withCallSpan(Rows.chat, Rows.hello, (call) =>
        execute(call, () =>
          Effect.fail(new BadGatewayResponseError({ status: 502, message: "No." })), { scope }))
      yield* failing.pipe(
        withOptions({ retry: Schedule.recurs(1) }),
        Effect.provide(overFetch(server)),
        Effect.flip
      )
      for (const index of [0, 1]) {
        yield* Effect.flatMap(server.exchange(index), ({ abandoned }) =>
          abandoned)
      }
      yield* Scope.close(scope, Exit.void)
    }))

  it.scopedLive("keeps its connection as long as its scope if it succeeds", () =>
    Effect.gen(function*() {
      const server = yield* serve(begin(200))
      const scope = yield* Scope.make()
      yield* withCallSpan(Rows.chat, Rows.hello, (call) => execute(call, Effect.succeed, { scope })).pipe(
        Effect.provide(overFetch(server))
      )
      const { abandoned, response } = yield* server.exchange(0)
      assert.isFalse(response.destroyed)
      yield* Scope.close(scope, Exit.void)
      yield* abandoned
    }))
})
