/** The client over `fetch`, against a server that misbehaves as servers do. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { ServerResponse } from "node:http"
import { gzipSync } from "node:zlib"
import { type OpenRouterClient, withOptions } from "../../src/http/OpenRouterClient.js"
import { errorClassByStatus } from "../../src/http/OpenRouterError.js"
import { type Exchange, overFetch, serve } from "./support/loopback.js"
import * as Rows from "./support/rows.js"

type Call<A, E> = Effect.Effect<A, E, OpenRouterClient>

const given = <A, E>(handler: (response: ServerResponse, exchange: Exchange) => void, call: Call<A, E>) =>
  Effect.scoped(Effect.gen(function*() {
    const server = yield* serve((exchange) => handler(exchange.response, exchange))
    return yield* Effect.provide(call, overFetch(server))
  }))

const failure = <A, E>(handler: (response: ServerResponse, exchange: Exchange) => void, call: Call<A, E>) =>
  Effect.flip(given(handler, call))

const read = Rows.read({ id: "1" })

const json =
  (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}) => (response: ServerResponse) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body))
  }

const page =
  "<!DOCTYPE html><html><head><title>502</title><style>h1{}</style></head><body><h1>Bad gateway</h1></body></html>"

describe("a request", () => {
  it.scopedLive("arrives with its method, path, headers and body", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => json({ id: "1" })(response))
      yield* Effect.gen(function*() {
        yield* Rows.read({ id: "a/b ü", page: 2, filter: "x&y=z" })
        yield* Rows.replace({ id: "7", size: 3 })
        yield* Rows.upload({ file: new File(["content"], "notes.txt", { type: "text/plain" }), purpose: "test" })
        yield* Rows.remove({ id: "7" })
      }).pipe(Effect.provide(overFetch(server, { appTitle: "Café", headers: { "x-note": "hi" } })))
      const [first, second, third, fourth] = server.exchanges
      assert.strictEqual(first?.method, "GET")
      assert.strictEqual(first?.url, "/api/v1/things/a%2Fb%20%C3%BC?page=2&filter=x%26y%3Dz")
      assert.strictEqual(first?.headers.authorization, "Bearer sk-or-v1-0123456789abcdef")
      assert.strictEqual(first?.headers["x-openrouter-title"], "Café")
      assert.strictEqual(first?.headers["x-note"], "hi")
      assert.strictEqual(first?.body, "")
      assert.strictEqual(second?.method, "PUT")
      assert.strictEqual(second?.url, "/api/v1/things/7")
      assert.strictEqual(second?.headers["content-type"], "application/json")
      assert.strictEqual(second?.body, "{\"size\":3}")
      assert.match(third?.headers["content-type"] ?? "", /^multipart\/form-data; boundary=/)
      assert.include(
        third?.body,
        "name=\"file\"; filename=\"notes.txt\"\r\nContent-Type: text/plain\r\n\r\ncontent\r\n"
      )
      assert.include(third?.body, "name=\"purpose\"\r\n\r\ntest\r\n")
      assert.strictEqual(fourth?.method, "DELETE")
      for (const { headers } of server.exchanges) {
        assert.notProperty(headers, "traceparent")
        assert.notProperty(headers, "b3")
        assert.notProperty(headers, "cookie")
      }
    }))

  it.scopedLive("reuses an earlier connection", () =>
    Effect.gen(function*() {
      const ports = new Set<number | undefined>()
      const server = yield* serve(({ response, url }) => {
        ports.add(response.req.socket.remotePort)
        if (url.endsWith("bad")) json({ error: { code: 400, message: "No." } }, 400)(response)
        else json({ id: "1" })(response)
      })
      yield* Effect.gen(function*() {
        yield* Rows.read({ id: "1" })
        yield* Rows.remove({ id: "1" })
        yield* Effect.ignore(Rows.read({ id: "bad" }))
        yield* Stream.runDrain(Rows.content({ id: "1" }))
      }).pipe(Effect.repeat({ times: 4 }), Effect.provide(overFetch(server)))
      assert.lengthOf(server.exchanges, 20)
      // A bare `fetch` loop alternates between two
      assert.isAtMost(ports.size, 2)
    }))
})

describe("every documented status", () => {
  for (const status of Rows.statuses) {
    it.live(`54, 58: ${status} is ${errorClassByStatus[status].name}, with a body, without one and with a page`, () =>
      Effect.gen(function*() {
        const full = yield* failure(
          json({ error: { code: status, message: "Because." }, user_id: "user_2abc" }, status, {
            "retry-after": "7",
            "x-generation-id": "gen-3"
          }),
          read
        )
        assert.strictEqual(full._tag, errorClassByStatus[status].name)
        assert.match(full.message, /^Because\./)
        assert.propertyVal(full, "status", status)
        assert.propertyVal(full, "generationId", "gen-3")
        assert.deepStrictEqual("retryAfter" in full && full.retryAfter, Duration.seconds(7))
        assert.notInclude(JSON.stringify(full), "user_2abc")

        const empty = yield* failure((response) => response.writeHead(status).end(), read)
        assert.strictEqual(empty._tag, full._tag)
        assert.include(empty.message, String(status))

        const html = yield* failure(
          (response) => response.writeHead(status, { "content-type": "text/html" }).end(page),
          read
        )
        assert.strictEqual(html._tag, full._tag)
        assert.match(html.message, /^502 Bad gateway\. [A-Z]/)

        const undocumented = yield* failure(
          json({ error: { code: status, message: "Because." } }, status),
          Rows.status()
        )
        assert.strictEqual(undocumented._tag, "OpenRouterDefaultError")
        assert.propertyVal(undocumented, "status", status)
      }))
  }
})

describe("a body", () => {
  const error = JSON.stringify({ error: { code: 429, message: "Slow down" } })
  const good = JSON.stringify({ id: "1" })

  it.live("may be compressed", () =>
    Effect.gen(function*() {
      const gzip = (text: string, status: number) => (response: ServerResponse) => {
        response.writeHead(status, { "content-type": "application/json", "content-encoding": "gzip" }).end(
          gzipSync(text)
        )
      }
      assert.deepStrictEqual(yield* given(gzip(good, 200), read), { id: "1" })
      assert.match((yield* failure(gzip(error, 429), read)).message, /^Slow down/)
    }))

  it.live("may have another content type", () =>
    Effect.gen(function*() {
      const labelled = (type: string, text: string, status: number) => (response: ServerResponse) => {
        response.writeHead(status, { "content-type": type }).end(text)
      }
      assert.deepStrictEqual(yield* given(labelled("text/plain", good, 200), read), { id: "1" })
      assert.match((yield* failure(labelled("text/html", error, 429), read)).message, /^Slow down/)
      assert.match((yield* failure(labelled("application/json", page, 429), read)).message, /^502 Bad gateway/)
    }))

  it.live("may arrive in pieces that split characters, after blanks that keep the connection alive", () =>
    Effect.gen(function*() {
      const bytes = Buffer.from("\n    \n\n    \n{\"id\":\"ü🙂\"}")
      const dripping = (response: ServerResponse) => {
        response.writeHead(200)
        const drip = (at: number): void => {
          if (at === bytes.length) response.end()
          else response.write(bytes.subarray(at, at + 1), () => setImmediate(drip, at + 1))
        }
        drip(0)
      }
      assert.deepStrictEqual(yield* given(dripping, read), { id: "ü🙂" })
    }))

  it.live("may have bytes that are not text", () =>
    Effect.gen(function*() {
      const noise = (status: number) => (response: ServerResponse) => {
        response.writeHead(status).end(Buffer.from([0x7b, 0xff, 0xfe, 0xc3, 0x28]))
      }
      assert.strictEqual((yield* failure(noise(200), read))._tag, "ResponseValidationError")
      assert.strictEqual((yield* failure(noise(500), read))._tag, "InternalServerResponseError")
    }))

  it.live("may be an error that repeats a large request", () =>
    Effect.gen(function*() {
      const metadata = { provider_name: "Acme", flagged_input: "x".repeat(3 * 1024 * 1024) }
      const failed = yield* failure(json({ error: { metadata, message: "Flagged", code: 403 } }, 403), read)
      assert.strictEqual(failed._tag, "ForbiddenResponseError")
      assert.match(failed.message, /^Flagged\. /)
      assert.propertyVal(failed, "provider", "Acme")
    }))

  const cut = (status: number, text: string) => (response: ServerResponse) => {
    response.writeHead(status, { "content-length": "1000" })
    response.write(text, () => response.destroy())
  }

  it.live("may be cut off", () =>
    Effect.gen(function*() {
      const answer = yield* failure(cut(200, "{\"id\":\"1"), read)
      if (answer._tag !== "ConnectionError") return assert.fail(String(answer))
      assert.strictEqual(answer.phase, "body")
      assert.strictEqual(answer.received, "{\"id\":\"1")
      const failed = yield* failure(cut(500, "{\"error\":{\"message\":\"The disk is f"), read)
      assert.strictEqual(failed._tag, "InternalServerResponseError")
      assert.include(failed.message, "The disk is f")
    }))

  it.live("may be cut off in the middle of bytes", () =>
    Effect.gen(function*() {
      const received: Array<string> = []
      const collect = Rows.content({ id: "1" }).pipe(
        Stream.decodeText(),
        Stream.runForEach((text) => Effect.sync(() => received.push(text)))
      )
      const error = yield* failure(cut(200, "half"), collect)
      assert.strictEqual(error._tag, "ConnectionError")
      assert.propertyVal(error, "phase", "body")
      assert.deepStrictEqual(received, ["half"])
    }))
})

describe("a connection", () => {
  it.live("may be refused", () =>
    Effect.gen(function*() {
      const origin = yield* Effect.scoped(Effect.map(serve(() => {}), (server) => server.origin))
      for (const baseUrl of [origin, origin.replace("127.0.0.1", "localhost")]) {
        const error = yield* failure(() => {}, withOptions(read, { baseUrl }))
        if (error._tag !== "ConnectionError") return assert.fail(String(error))
        assert.strictEqual(error.phase, "connect")
        assert.strictEqual(error.code, "ECONNREFUSED")
        assert.match(error.message, /^things\.read: OpenRouter could not be reached \(ECONNREFUSED/)
      }
    }))

  it.live("may break before the response", () =>
    Effect.gen(function*() {
      const error = yield* failure((response) => response.destroy(), read)
      if (error._tag !== "ConnectionError") return assert.fail(String(error))
      assert.strictEqual(error.phase, "response")
      assert.isString(error.code)
      assert.isUndefined(error.received)
    }))

  it.live("may speak another protocol", () =>
    Effect.gen(function*() {
      const error = yield* failure((response) => response.socket?.end("SSH-2.0-OpenSSH_9.6\r\n"), read)
      assert.strictEqual(error._tag, "ConnectionError")
      assert.propertyVal(error, "phase", "response")
    }))

  it.live("is used again by the call that follows", () =>
    Effect.gen(function*() {
      const ports = new Set<number | undefined>()
      const respond = json({ id: "1" })
      const oneAfterAnother = Effect.replicateEffect(read, 20)
      yield* given((response) => {
        ports.add(response.socket?.remotePort)
        respond(response)
      }, Effect.all([oneAfterAnother, oneAfterAnother], { concurrency: 2 }))
      assert.strictEqual(ports.size, 2)
    }))
})
