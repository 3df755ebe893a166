/** Streams as server-sent events, over loopback and with the parser of this library. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { createServer } from "node:http"
import { makeParser } from "../../src/response/sse.js"
import * as Sse from "../../src/ui/Sse.js"

/** What a server answers with this stream. */
const ask = <A>(stream: Stream.Stream<A, string>, options: Sse.Options<A, string> = {}) =>
  Effect.gen(function*() {
    const server = createServer()
    const app = Effect.catchAll(
      Sse.response(stream, options),
      (error) => Effect.succeed(HttpServerResponse.text(error, { status: 418 }))
    )
    yield* Layer.build(
      HttpServer.serve(app).pipe(
        Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" }))
      )
    )
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    return yield* Effect.promise(() => fetch(`http://127.0.0.1:${port}/`))
  })

const eventsOf = (text: string) => makeParser().push(new TextEncoder().encode(text))

describe("server-sent events", () => {
  it.scopedLive("carry any element, with its name and id", () =>
    Effect.gen(function*() {
      const elements = ["one", "two\nlines", "\r\n\u2028", ""]
      const response = yield* ask(Stream.fromIterable(elements), {
        encode: (text) => text,
        event: (text) => text === "one" ? undefined : "named\nevil: 1",
        id: (text) => `${elements.indexOf(text)}`
      })
      assert.strictEqual(response.headers.get("content-type"), "text/event-stream")
      assert.strictEqual(response.headers.get("cache-control"), "no-cache")
      const events = eventsOf(yield* Effect.promise(() => response.text()))
      assert.deepStrictEqual(events.map(({ data }) => data), ["one", "two\nlines", "\n\u2028", ""])
      assert.deepStrictEqual(events.map(({ event }) => event), ["message", ...Array(3).fill("named evil: 1")])
      assert.deepStrictEqual(events.map(({ lastEventId }) => lastEventId), ["0", "1", "2", "3"])
    }))

  it.scopedLive("tell of a failure before the first element by a status, and of a later one by an element", () =>
    Effect.gen(function*() {
      const early = yield* ask(Stream.fail("early"))
      assert.strictEqual(early.status, 418)
      const silent = yield* ask(Stream.concat(Stream.succeed("not yet"), Stream.fail("early")), {
        begins: (text) => text !== "not yet"
      })
      assert.strictEqual(silent.status, 418)
      const late = yield* ask(Stream.concat(Stream.succeed("first"), Stream.fail("late")), {
        onFailure: (error) => error
      })
      assert.strictEqual(late.status, 200)
      assert.deepStrictEqual(
        eventsOf(yield* Effect.promise(() => late.text())).map(({ data }) => data),
        ["\"first\"", "\"late\""]
      )
    }))

  it.scopedLive("begin though no element has come, and keep the connection open", () =>
    Effect.gen(function*() {
      const go = yield* Deferred.make<void>()
      const response = yield* ask(Stream.fromEffect(Effect.as(Deferred.await(go), "at last")), {
        answerWithin: "10 millis",
        keepAlive: "10 millis"
      })
      const reader = response.body?.getReader()
      const first = yield* Effect.promise(async () => new TextDecoder().decode((await reader?.read())?.value))
      assert.match(first, /^(: keep-alive\n\n)+$/)
      yield* Deferred.succeed(go, undefined)
      const rest = yield* Effect.promise(async () => {
        let text = ""
        for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) {
          text += new TextDecoder().decode(read.value)
        }
        return text
      })
      assert.include(rest, "data: \"at last\"\n\n")
    }))

  it.scopedLive("interrupt the stream when the browser leaves", () =>
    Effect.gen(function*() {
      const left = yield* Deferred.make<void>()
      const response = yield* ask(
        Stream.ensuring(Stream.concat(Stream.succeed("first"), Stream.never), Deferred.succeed(left, undefined))
      )
      yield* Effect.promise(() => response.body?.cancel() ?? Promise.resolve())
      yield* Deferred.await(left)
    }))
})
