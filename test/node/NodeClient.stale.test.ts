import type * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Net from "node:net"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { exponential } from "../../src/http/Retry.js"
import * as NodeClient from "../../src/node/NodeClient.js"
import * as Chat from "../../src/services/Chat.js"
import { listen } from "../http/support/listen.js"
import { environment, key } from "../http/support/memory.js"
import { deferred } from "../support/effect/fibers.js"

const reply = JSON.stringify({
  id: "gen-1",
  object: "chat.completion",
  created: 1,
  model: "openai/gpt-5-nano",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello" } }]
})

const response = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: keep-alive\r\n" +
  `content-length: ${reply.length}\r\n\r\n${reply}`

interface Server {
  readonly baseUrl: string
  /** How many whole requests each connection has brought. */
  readonly requests: ReadonlyArray<number>
}

/** `respond` is called with each whole request, and with how many there have been. */
const serve = (
  respond: (socket: Net.Socket, count: number) => void
): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.gen(function*() {
    const requests: Array<number> = []
    const sockets = new Set<Net.Socket>()
    const server = Net.createServer({ allowHalfOpen: false }, (socket) => {
      sockets.add(socket)
      const connection = requests.push(0) - 1
      let text = ""
      socket.on("error", () => {})
      socket.on("data", (data) => {
        text += data.toString("latin1")
        const [head = "", body] = text.split("\r\n\r\n")
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1])
        if (body === undefined || body.length < length) return
        text = ""
        requests[connection] = (requests[connection] ?? 0) + 1
        respond(socket, requests.reduce((sum, n) => sum + n, 0))
      })
    })
    const port = yield* listen(server, () => sockets.forEach((socket) => socket.destroy()))
    return { baseUrl: `http://127.0.0.1:${port}/api/v1`, requests }
  })

const ask = Chat.send({ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] })

const over = (server: Server, http: Layer.Layer<HttpClient.HttpClient, unknown>) =>
  OpenRouterClient.layer({
    apiKey: key,
    baseUrl: server.baseUrl,
    retry: exponential({ maxRetries: 2, initialDelay: 0 })
  }).pipe(Layer.provide(http), Layer.provide(environment()))

const http = NodeClient.layer({ proxy: false, keepAliveTimeout: "1 minute" })

describe("a kept connection", () => {
  it.effect("that the server has closed is not used: each request is sent once, and has its response", () =>
    Effect.gen(function*() {
      const closed = Array.from({ length: 5 }, () => deferred<void>())
      const server = yield* serve((socket, count) => {
        const done = closed[count - 1]
        // The end of the connection is under way once the server has nothing left to write
        if (done !== undefined) socket.on("finish", () => Deferred.unsafeDone(done, Exit.void))
        socket.end(response)
      })
      yield* Effect.gen(function*() {
        for (const done of closed) {
          assert.strictEqual(Chat.text(yield* ask), "Hello")
          yield* Deferred.await(done)
        }
      }).pipe(Effect.provide(over(server, http)))
      assert.deepStrictEqual(server.requests, [1, 1, 1, 1, 1])
    }).pipe(Effect.scoped))

  for (
    const [how, leave] of Object.entries({
      reset: (socket: Net.Socket): void => void socket.resetAndDestroy(),
      closed: (socket: Net.Socket): void => void socket.end()
    })
  ) {
    it.effect(`that is ${how} after the next request has arrived is not asked again: it may have been charged`, () =>
      Effect.gen(function*() {
        const server = yield* serve((socket, count) => count === 1 ? void socket.write(response) : leave(socket))
        const error = yield* Effect.zipRight(ask, Effect.flip(ask)).pipe(Effect.provide(over(server, http)))
        assert.strictEqual(error._tag === "ConnectionError" && error.phase, "response")
        assert.strictEqual(server.requests.reduce((sum, n) => sum + n, 0), 2)
      }).pipe(Effect.scoped))
  }
})
