/** How far a request came, as Node's own `fetch` reports it. */
import { Agent } from "@effect/platform-node/Undici"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Chat } from "effect-openrouter"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Net from "node:net"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import { listen } from "../support/listen.js"
import { environment, key } from "../support/memory.js"
import * as Rows from "../support/rows.js"

/** A server that knows no HTTP; `received` has the requests that arrived whole. */
const serve = (answer: (socket: Net.Socket, request: string | undefined) => void) =>
  Effect.gen(function*() {
    const received: Array<string> = []
    const sockets = new Set<Net.Socket>()
    const server = Net.createServer((socket) => {
      sockets.add(socket)
      socket.on("error", () => {})
      answer(socket, undefined)
      let text = ""
      socket.on("data", (bytes: Buffer) => {
        text += bytes.toString("latin1")
        if (!text.endsWith("}")) return
        received.push(text)
        answer(socket, text)
      })
    })
    const port = yield* listen(server, () => sockets.forEach((socket) => socket.destroy()))
    return { port, received }
  })

const retry = { retry: false } as const

const over = (baseUrl: string, fetch: typeof globalThis.fetch = globalThis.fetch) =>
  OpenRouterClient.layer({ apiKey: key, baseUrl, ...retry }).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetch)),
    Layer.provide(environment())
  )

const failure = (baseUrl: string, fetch?: typeof globalThis.fetch) =>
  Effect.map(Effect.flip(Effect.provide(Rows.chat(Rows.hello), over(baseUrl, fetch))), (error) => ({
    error,
    phase: error._tag === "ConnectionError" ? error.phase : error._tag
  }))

describe("the phase of a broken connection", () => {
  it.scopedLive("is connect where nothing was sent", () =>
    Effect.gen(function*() {
      const { port } = yield* Effect.scoped(serve(() => {}))
      assert.strictEqual((yield* failure(`http://127.0.0.1:${port}`)).phase, "connect")
      assert.strictEqual((yield* failure(`http://localhost:${port}`)).phase, "connect")
      assert.strictEqual((yield* failure(`https://${"x".repeat(64)}.invalid`)).phase, "connect")
      const plain = yield* serve((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"))
      assert.strictEqual((yield* failure(`https://127.0.0.1:${plain.port}`)).phase, "connect")
      assert.lengthOf(plain.received, 0)
    }))

  it.scopedLive("is response where the request was sent", () =>
    Effect.gen(function*() {
      const endings: Readonly<Record<string, (socket: Net.Socket) => unknown>> = {
        reset: (socket) => socket.resetAndDestroy(),
        close: (socket) => socket.end(),
        "another protocol": (socket) => socket.end("SSH-2.0-OpenSSH_9.6\r\n"),
        "half of the headers": (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-"),
        "a bad length": (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{}")
      }
      for (const [name, end] of Object.entries(endings)) {
        const server = yield* serve((socket, request) => request === undefined ? undefined : end(socket))
        const { error, phase } = yield* failure(`http://127.0.0.1:${server.port}`)
        assert.strictEqual(phase, "response", name)
        assert.match(error.message, /^chat\.send: the request was sent, .* may have been charged/, name)
        assert.lengthOf(server.received, 1)
      }
    }))

  it.effect("is response where the runtime tells no reason, as in browsers", () =>
    Effect.gen(function*() {
      const { error, phase } = yield* failure(
        "https://openrouter.ai",
        () => Promise.reject(new TypeError("Failed to fetch"))
      )
      assert.strictEqual(phase, "response")
      assert.include(error.message, "(Failed to fetch)")
    }))
})

describe("a limit of fetch's own", () => {
  /** `fetch` as it is, but for the length of its limits. */
  const impatient = (limits: Agent.Options) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => new Agent(limits)),
        (agent) => Effect.promise(() => agent.destroy())
      ),
      // The types of two versions of undici meet here: that of Node's types, and that of the platform
      (dispatcher): typeof globalThis.fetch => (input, init) =>
        globalThis.fetch(input, { ...init, dispatcher } as RequestInit)
    )

  it.scopedLive("on the headers is a timeout, with the time that passed", () =>
    Effect.gen(function*() {
      const server = yield* serve(() => {})
      const fetch = yield* impatient({ headersTimeout: 100 })
      const { error } = yield* failure(`http://127.0.0.1:${server.port}`, fetch)
      if (error._tag !== "RequestTimeoutError") return assert.fail(String(error))
      assert.isAtLeast(Duration.toMillis(error.timeout), 50)
      assert.isBelow(Duration.toMillis(error.timeout), 20_000)
      assert.include(error.message, "effect-openrouter/node")
      assert.include(error.message, "may have been charged")
      assert.lengthOf(server.received, 1)
    }))

  it.scopedLive("on the body is a timeout with what had arrived; of a stream, a stall", () =>
    Effect.gen(function*() {
      const fetch = yield* impatient({ bodyTimeout: 100 })
      const begin = (type: string, text: string) =>
        serve((socket, request) => {
          if (request !== undefined) {
            socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: 10000\r\n\r\n${text}`)
          }
        })
      const json = yield* begin("application/json", "{\"id\":\"gen-1\",\"choices\":[{\"message\":{\"content\":\"Hi")
      const { error } = yield* failure(`http://127.0.0.1:${json.port}`, fetch)
      if (error._tag !== "RequestTimeoutError") return assert.fail(String(error))
      assert.deepStrictEqual([error.partial?.text, error.generationId], ["Hi", "gen-1"])

      const chunk = {
        id: "gen-2",
        object: "chat.completion.chunk",
        created: 1,
        model: "m",
        choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: null }]
      }
      const events = yield* begin("text/event-stream", `data: ${JSON.stringify(chunk)}\n\n`)
      const stalled = yield* Effect.flip(
        Effect.provide(
          Stream.runDrain(Chat.stream({ model: "m", messages: [{ role: "user", content: "Hi" }] })),
          over(`http://127.0.0.1:${events.port}`, fetch)
        )
      )
      if (stalled._tag !== "StreamStalledError") return assert.fail(String(stalled))
      assert.strictEqual(stalled.partial?.text, "Hi")
      assert.include(stalled.message, "effect-openrouter/node")
    }))
})
