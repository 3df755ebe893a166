import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { createHash } from "node:crypto"
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { clientOf, clients, serveBytes } from "./support/bytes.js"
import * as Rows from "./support/rows.js"

class DiskError extends Data.TaggedError("DiskError")<{ readonly message: string }> {}

const chunk = new Uint8Array(64 * 1024).fill(7)

/** A source that knows how far it was read, and whether it has been let go. */
const source = (chunks: number) => {
  const state = { produced: 0, opened: 0, closed: 0 }
  const stream = Stream.unwrapScoped(Effect.as(
    Effect.acquireRelease(Effect.sync(() => state.opened++), () => Effect.sync(() => state.closed++)),
    Stream.rechunk(Stream.range(1, chunks), 1)
  )).pipe(
    Stream.map(() => {
      state.produced += chunk.byteLength
      return chunk
    })
  )
  return { state, stream }
}

const created = (response: ServerResponse) => response.end(JSON.stringify({ id: "file_1" }))

const collect =
  (then: (body: Buffer, request: IncomingMessage, response: ServerResponse) => void): RequestListener =>
  (request, response) => {
    const pieces: Array<Buffer> = []
    request.on("data", (piece: Buffer) => pieces.push(piece))
    request.on("end", () => then(Buffer.concat(pieces), request, response))
  }

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

for (const [name, http] of clients) {
  describe(`an upload over ${name}`, () => {
    it.scopedLive("61: arrives whole and in the order of its fields, from a stream, bytes and a blob", () =>
      Effect.gen(function*() {
        const received: Array<{ readonly length: string | undefined; readonly form: Promise<FormData> }> = []
        const url = yield* serveBytes(collect((body, request, response) => {
          const headers = { "content-type": request.headers["content-type"] ?? "" }
          received.push({
            length: request.headers["content-length"],
            form: new Response(new Uint8Array(body), { headers }).formData()
          })
          created(response)
        }))
        const whole = new Uint8Array(80 * chunk.length).fill(7)
        const contents = [source(80).stream, whole, new Blob([whole])]
        for (const content of contents) {
          const params = { file: { fileName: "a \"b\".bin", contentType: "video/mp4", content }, purpose: "user_data" }
          assert.strictEqual((yield* Effect.provide(Rows.upload(params), clientOf(url, http))).id, "file_1")
          const form = yield* Effect.promise(() => received.at(-1)?.form ?? Promise.reject())
          const file = form.get("file")
          assert.deepStrictEqual([...form.keys()], ["file", "purpose"])
          assert.strictEqual(form.get("purpose"), "user_data")
          if (!(file instanceof File)) return assert.fail("no file")
          assert.deepStrictEqual([file.name, file.type], ["a \"b\".bin", "video/mp4"])
          const bytes = new Uint8Array(yield* Effect.promise(() => file.arrayBuffer()))
          assert.strictEqual(digest(bytes), digest(whole))
        }
        assert.isDefined(received[1]?.length)
      }))

    it.scopedLive("fails with the reason if its source fails, and never ends as a complete body", () =>
      Effect.gen(function*() {
        const gone = yield* Deferred.make<string>()
        const url = yield* serveBytes((request) => {
          let end = ""
          request.on("data", (piece: Buffer) => {
            end = (end + piece.toString("latin1")).slice(-100)
          })
          request.on("error", () => undefined)
          request.on("close", () => Effect.runFork(Deferred.succeed(gone, end)))
        })
        const { state, stream } = source(4)
        const content = Stream.concat(
          stream,
          Stream.fail(new DiskError({ message: "no such sector, sk-or-v1-abcdefgh" }))
        )
        const upload = Effect.provide(
          Rows.upload({ file: { fileName: "a", content } }),
          clientOf(url, http, { retry: Schedule.recurs(3) })
        )
        const error = yield* Effect.flip(upload)
        assert.strictEqual(error._tag, "InvalidRequestError")
        if (error._tag !== "InvalidRequestError") return
        assert.strictEqual(error.parameter, "file")
        assert.include(error.message, "things.upload")
        assert.include(error.message, "DiskError: no such sector")
        assert.notInclude(error.message, "abcdefgh")
        assert.deepStrictEqual([state.opened, state.closed], [1, 1])
        assert.notInclude(yield* Deferred.await(gone), "----effect-openrouter")
      }))

    it.scopedLive("dies if its source dies", () =>
      Effect.gen(function*() {
        const url = yield* serveBytes((request) => void request.resume())
        const content = Stream.concat(source(4).stream, Stream.die("a bug"))
        const exit = yield* Effect.exit(
          Effect.provide(Rows.upload({ file: { fileName: "a", content } }), clientOf(url, http))
        )
        assert.strictEqual(Exit.isFailure(exit) ? Cause.squash(exit.cause) : exit, "a bug")
      }))

    // The client over node:http of @effect/platform-node stops listening when it cannot go on sending
    if (name !== "node:http") {
      it.scopedLive("receives an error response before its end, and releases its source", () =>
        Effect.gen(function*() {
          const url = yield* serveBytes((request, response) => {
            request.once("data", () => {
              request.pause()
              response.writeHead(413, { "content-type": "application/json" })
              response.end(JSON.stringify({ error: { code: 413, message: "Too large" } }))
            })
          })
          const { state, stream } = source(100_000)
          const error = yield* Effect.flip(
            Effect.provide(Rows.upload({ file: { fileName: "a", content: stream } }), clientOf(url, http))
          )
          assert.strictEqual(error._tag, "PayloadTooLargeResponseError")
          assert.strictEqual(state.closed, 1)
          assert.isBelow(state.produced, 32 * 1024 * 1024)
        }))
    }

    it.scopedLive("stops at an interruption, which waits until the source is closed", () =>
      Effect.gen(function*() {
        const arrived = yield* Deferred.make<void>()
        const gone = yield* Deferred.make<void>()
        const url = yield* serveBytes((request) => {
          request.once("data", () => Effect.runFork(Deferred.succeed(arrived, undefined)))
          request.on("close", () => Effect.runFork(Deferred.succeed(gone, undefined)))
        })
        const { state, stream } = source(2)
        const content = Stream.concat(stream, Stream.never)
        const upload = yield* Effect.fork(
          Effect.provide(Rows.upload({ file: { fileName: "a", content } }), clientOf(url, http))
        )
        yield* Deferred.await(arrived)
        assert.strictEqual(state.opened, 1)
        yield* Fiber.interrupt(upload)
        assert.strictEqual(state.closed, state.opened)
        yield* Deferred.await(gone)
      }))

    it.scopedLive("is read no faster than it is received: 32 MB with a bounded buffer", () =>
      Effect.gen(function*() {
        const { state, stream } = source(512)
        let received = 0
        let most = 0
        const url = yield* serveBytes((request, response) => {
          request.on("data", (piece: Buffer) => {
            received += piece.length
            most = Math.max(most, state.produced - received)
            request.pause()
            setImmediate(() => request.resume())
          })
          request.on("end", () => created(response))
        })
        yield* Effect.provide(Rows.upload({ file: { fileName: "a", content: stream } }), clientOf(url, http))
        assert.strictEqual(state.produced, 32 * 1024 * 1024)
        assert.isAbove(received, state.produced)
        assert.isBelow(most, 12 * 1024 * 1024)
      }))
  })
}

describe("the memory of an upload", () => {
  setFlagsFromString("--expose-gc")
  const collectGarbage: () => void = runInNewContext("gc")
  const held = () => process.memoryUsage().arrayBuffers

  for (const [name, http] of clients) {
    it.scopedLive(`over ${name} is a fraction of its size`, () =>
      Effect.gen(function*() {
        const url = yield* serveBytes((request, response) => {
          request.on("end", () => created(response))
          request.resume()
        })
        collectGarbage()
        const before = held()
        let samples = 0
        let most = 0
        const content = Stream.range(1, 1024, 1).pipe(Stream.map((n) => {
          if (n % 32 === 0) {
            collectGarbage()
            samples++
            most = Math.max(most, held() - before)
          }
          return new Uint8Array(chunk)
        }))
        yield* Effect.provide(Rows.upload({ file: { fileName: "a", content } }), clientOf(url, http))
        assert.strictEqual(samples, 32)
        assert.isBelow(most, 24 * 1024 * 1024, "of 64 MB")
      }))
  }
})

describe("sending an upload again", () => {
  const busyOnce = () => {
    const bodies: Array<string> = []
    const handler = collect((body, _, response) => {
      bodies.push(digest(body))
      if (bodies.length === 1) {
        response.writeHead(503, { "content-type": "application/json" })
        response.end(JSON.stringify({ error: { code: 503, message: "Busy" } }))
      } else {
        created(response)
      }
    })
    return { bodies, handler }
  }
  const options = { retry: Schedule.recurs(2) }

  it.scopedLive("works for bytes and blobs", () =>
    Effect.gen(function*() {
      for (const content of [chunk, new Blob([chunk]), new Blob(Array.from({ length: 100 }, () => chunk))]) {
        const { bodies, handler } = busyOnce()
        const url = yield* serveBytes(handler)
        yield* Effect.provide(Rows.upload({ file: content }), clientOf(url, undefined, options))
        assert.strictEqual(bodies.length, 2)
        assert.strictEqual(bodies[0], bodies[1])
      }
    }))

  it.scopedLive("does not happen once a stream has been read", () =>
    Effect.gen(function*() {
      const { bodies, handler } = busyOnce()
      const url = yield* serveBytes(handler)
      const { state, stream } = source(3)
      const upload = Effect.provide(Rows.upload({ file: stream }), clientOf(url, undefined, options))
      assert.strictEqual((yield* Effect.flip(upload))._tag, "OpenRouterDefaultError")
      assert.deepStrictEqual([bodies.length, state.opened], [1, 1])
      assert.strictEqual((yield* upload).id, "file_1", "but the caller, who knows the stream, may")
      assert.deepStrictEqual([bodies.length, state.opened], [2, 2])
    }))
})

describe("a download", () => {
  const total = 32 * 1024 * 1024

  for (const [name, http] of clients) {
    it.scopedLive(`over ${name} is sent no faster than it is read`, () =>
      Effect.gen(function*() {
        let sent = 0
        const url = yield* serveBytes((_, response) => {
          const write = (): void => {
            while (sent < total) {
              sent += chunk.length
              if (!response.write(chunk)) return void response.once("drain", write)
            }
            response.end()
          }
          write()
        })
        let read = 0
        let most = 0
        yield* Rows.content({ id: "1" }).pipe(
          Stream.tap((bytes) =>
            Effect.sync(() => {
              most = Math.max(most, sent - read)
              read += bytes.byteLength
            })
          ),
          Stream.runForEach(() => Effect.yieldNow()),
          Effect.provide(clientOf(url, http))
        )
        assert.strictEqual(read, total)
        assert.isBelow(most, 12 * 1024 * 1024)
      }))
  }
})
