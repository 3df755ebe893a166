import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { createRequire } from "node:module"
import * as Net from "node:net"
import * as Zlib from "node:zlib"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { isUnsent } from "../../src/internal/unsent.js"
import * as NodeClient from "../../src/node/NodeClient.js"
import * as Chat from "../../src/services/Chat.js"
import { listen } from "../http/support/listen.js"
import { type Loopback, serve } from "../http/support/loopback.js"
import { environment, key } from "../http/support/memory.js"
import { proxy } from "./support/proxy.js"

const direct = (options: NodeClient.Options = {}) => NodeClient.make({ proxy: false, ...options })

/** The client in an environment of its own. */
const inEnvironment = (variables: Readonly<Record<string, string>>, options: NodeClient.Options = {}) =>
  Effect.provide(NodeClient.make(options), environment(variables))

const textOf = (client: HttpClient.HttpClient, url: string) => Effect.flatMap(client.get(url), ({ text }) => text)

const openRouter = (server: { readonly origin: string }, http: HttpClient.HttpClient) =>
  OpenRouterClient.layer({ apiKey: key, baseUrl: `${server.origin}/api/v1`, retry: false }).pipe(
    Layer.provide(Layer.succeed(HttpClient.HttpClient, http)),
    Layer.provide(environment())
  )

const question = { model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] } as const

const reply = JSON.stringify({
  id: "gen-1",
  object: "chat.completion",
  created: 1,
  model: "openai/gpt-5-nano",
  choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Hello" } }]
})

/** The clock of undici's time limits. */
const clock: { readonly tick: (milliseconds?: number) => void } = createRequire(import.meta.url)(
  "undici/lib/util/timers.js"
)

describe("time limits", () => {
  const afterHours = (http: HttpClient.HttpClient) =>
    Effect.gen(function*() {
      const server = yield* serve(() => {})
      const fiber = yield* Effect.fork(textOf(http, server.origin))
      const { response } = yield* server.exchange(0)
      clock.tick()
      clock.tick(5 * 60 * 60 * 1000)
      response.end("at last")
      return yield* Fiber.join(fiber)
    })

  it.scoped("are those of the library alone: a response may take hours to begin", () =>
    Effect.gen(function*() {
      const platform = Context.get(yield* Layer.build(NodeHttpClient.layerUndici), HttpClient.HttpClient)
      const error = yield* Effect.flip(afterHours(platform))
      assert.propertyVal(error.cause, "code", "UND_ERR_HEADERS_TIMEOUT")
      assert.strictEqual(yield* afterHours(yield* direct()), "at last")
    }))
})

describe("a compressed response", () => {
  const packed = (text: string) => (server: Loopback["exchanges"][number]) => {
    const encoding = String(server.headers["accept-encoding"]).includes("br") ? "br" : "gzip"
    server.response.writeHead(200, { "content-encoding": encoding, "set-cookie": "a=1" }).end(
      encoding === "br" ? Zlib.brotliCompressSync(text) : Zlib.gzipSync(text)
    )
  }

  it.scoped("is asked for, except where it is events, or where the program says no", () =>
    Effect.gen(function*() {
      const server = yield* serve(packed(reply))
      const client = yield* direct()
      assert.strictEqual(yield* textOf(client, server.origin), reply)
      assert.strictEqual(yield* textOf(yield* direct({ compression: false }), server.origin), reply)
      yield* Effect.provide(Effect.either(Stream.runDrain(Chat.stream(question))), openRouter(server, client))
      yield* Effect.flatMap(client.get(server.origin, { headers: { "accept-encoding": "gzip" } }), ({ text }) => text)
      assert.deepStrictEqual(server.exchanges.map(({ headers }) => headers["accept-encoding"]), [
        "gzip, deflate, br",
        undefined,
        undefined,
        "gzip"
      ])
    }))

  it.scoped("keeps its cookies", () =>
    Effect.gen(function*() {
      const server = yield* serve(packed(reply))
      const response = yield* (yield* direct()).get(server.origin)
      assert.isTrue("a" in response.cookies.cookies)
    }))

  it.scoped("is read by every call", () =>
    Effect.gen(function*() {
      const event = `data: ${reply.replace("message", "delta")}\n\ndata: [DONE]\n\n`
      const server = yield* serve((exchange) =>
        packed(exchange.headers.accept === "text/event-stream" ? event : reply)(exchange)
      )
      yield* Effect.gen(function*() {
        assert.strictEqual(Chat.text(yield* Chat.send(question)), "Hello")
        assert.strictEqual(Chat.text(yield* Chat.accumulate(Chat.stream(question))), "Hello")
      }).pipe(Effect.provide(openRouter(server, yield* direct())))
    }))

  it.scoped("that is cut short fails with what had arrived", () =>
    Effect.gen(function*() {
      const text = reply.replace("Hello", Array.from({ length: 2000 }, (_, n) => n * n).join(" "))
      const server = yield* serve(({ response }) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(Zlib.gzipSync(text).subarray(0, -2000))
      )
      const error = yield* Effect.flip(Effect.provide(Chat.send(question), openRouter(server, yield* direct())))
      assert.strictEqual(error._tag, "ConnectionError")
      assert.propertyVal(error, "phase", "body")
      assert.propertyVal(error, "code", "Z_BUF_ERROR")
      assert.include(JSON.stringify(error), "gen-1")
      assert.lengthOf(server.exchanges, 1)
    }))
})

describe("a proxy", () => {
  it.scoped("is found in the environment, in capitals or not, with or without its protocol", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => response.end("there"))
      const target = server.origin.slice("http://".length)
      const { address, asked } = yield* proxy()
      for (const variable of ["HTTP_PROXY", "http_proxy"]) {
        for (const url of [address, `http://${address}`, ` http://user:p%40ss@${address}/ `]) {
          assert.strictEqual(yield* textOf(yield* inEnvironment({ [variable]: url }), server.origin), "there")
        }
      }
      assert.deepStrictEqual(asked.map((request) => request.target), Array.from({ length: 6 }, () => target))
      assert.strictEqual(asked[2]?.authorization, `Basic ${Buffer.from("user:p@ss").toString("base64")}`)
    }))

  it.scoped("is that of the options, where they have one", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => response.end("there"))
      const { address, asked } = yield* proxy()
      const variables = { HTTP_PROXY: "http://127.0.0.1:1", NO_PROXY: "*" }
      const client = yield* inEnvironment(variables, { proxy: { http: address } })
      assert.strictEqual(yield* textOf(client, server.origin), "there")
      assert.lengthOf(asked, 1)
    }))

  it.scoped("is passed by for the hosts that need none", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => response.end("there"))
      const { port } = new URL(server.origin)
      const { address, asked } = yield* proxy()
      for (const no of ["127.0.0.1", "*", "example.com, 127.0.0.1", `127.0.0.1:${port}`]) {
        const client = yield* inEnvironment({ HTTP_PROXY: address, no_proxy: no })
        assert.strictEqual(yield* textOf(client, server.origin), "there")
      }
      assert.strictEqual(
        yield* textOf(yield* inEnvironment({ HTTP_PROXY: address }, { proxy: false }), server.origin),
        "there"
      )
      assert.lengthOf(asked, 0)
      yield* textOf(yield* inEnvironment({ HTTP_PROXY: address, NO_PROXY: "example.com" }), server.origin)
      assert.lengthOf(asked, 1)
    }))

  const secret = "hunter2-and-more"

  it.scoped("that refuses fails before anything is sent, without its password", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => response.end("there"))
      const { address } = yield* proxy(407)
      const http = yield* inEnvironment({ HTTP_PROXY: `http://user:${secret}@${address}` })
      const failure = yield* Effect.flip(http.get(server.origin))
      assert.isTrue(isUnsent(failure.cause))
      const error = yield* Effect.flip(Effect.provide(Chat.send(question), openRouter(server, http)))
      assert.propertyVal(error, "phase", "connect")
      assert.include(error.message, "407")
      assert.notInclude(`${error.message}${JSON.stringify(error)}`, secret)
      assert.lengthOf(server.exchanges, 0)
    }))

  it.scoped("that cannot be one fails the layer, without its password", () =>
    Effect.gen(function*() {
      const wrong = [
        `http://user:${secret}@`,
        `http://user:${secret}%@proxy:80`,
        `ftp://user:${secret}@proxy:80`,
        `http://user:${secret}@proxy:eighty`
      ]
      for (const url of wrong) {
        for (const variable of ["HTTP_PROXY", "HTTPS_PROXY", "https_proxy"]) {
          const error = yield* Effect.flip(inEnvironment({ [variable]: url }))
          assert.include(String(error), variable.toUpperCase())
          assert.notInclude(`${String(error)}${JSON.stringify(error)}`, secret)
        }
        assert.notInclude(String(yield* Effect.flip(NodeClient.make({ proxy: { https: url } }))), secret)
      }
    }))
})

describe("connections", () => {
  it.scoped("serve the next request, unless the program wants new ones or the server is about to close them", () =>
    Effect.gen(function*() {
      let hint = ""
      const ports = new Set<number | undefined>()
      const server = yield* serve(({ response }) => {
        ports.add(response.socket?.remotePort)
        response.writeHead(200, hint === "" ? {} : { connection: "keep-alive", "keep-alive": hint }).end("ok")
      })
      const used = (client: HttpClient.HttpClient) =>
        Effect.gen(function*() {
          ports.clear()
          for (let n = 0; n < 6; n++) yield* textOf(client, server.origin)
          return ports.size
        })
      // A connection is free a moment after the end of its response, so that a second one may be made
      assert.isAtMost(yield* used(yield* direct({ keepAliveTimeout: "1 minute" })), 2)
      assert.strictEqual(yield* used(yield* direct({ keepAliveTimeout: 0 })), 6)
      hint = "timeout=2"
      assert.strictEqual(yield* used(yield* direct({ keepAliveTimeout: "1 minute" })), 6)
    }))

  it.effect("close with the layer", () =>
    Effect.gen(function*() {
      const closed = yield* Deferred.make<void>()
      const server = yield* serve(({ response }) => {
        response.socket?.on("close", () => Deferred.unsafeDone(closed, Exit.void))
        response.end("ok")
      })
      const scope = yield* Scope.make()
      const client = yield* Scope.extend(direct({ keepAliveTimeout: Infinity, connectTimeout: Infinity }), scope)
      assert.strictEqual(yield* textOf(client, server.origin), "ok")
      yield* Scope.close(scope, Exit.void)
      yield* Deferred.await(closed)
    }).pipe(Effect.scoped))

  it.scoped("that cannot be made are told from those that break later", () =>
    Effect.gen(function*() {
      const client = yield* direct()
      const refused = yield* Effect.scoped(listen(Net.createServer(), () => {}))
      assert.isTrue(isUnsent((yield* Effect.flip(client.get(`http://127.0.0.1:${refused}`))).cause))
      // It is reached, but cannot speak TLS
      const plain = yield* listen(Net.createServer((socket) => socket.on("error", () => {}).destroy()), () => {})
      assert.isTrue(isUnsent((yield* Effect.flip(client.get(`https://127.0.0.1:${plain}`))).cause))
      const resets = yield* serve(({ response }) => response.socket?.resetAndDestroy())
      assert.isFalse(isUnsent((yield* Effect.flip(client.get(resets.origin))).cause))
    }))
})
