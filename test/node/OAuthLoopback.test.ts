import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as TestClock from "effect/TestClock"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { ForbiddenResponseError } from "../../src/http/OpenRouterError.js"
import * as OAuthLoopback from "../../src/node/OAuthLoopback.js"
import * as OAuth from "../../src/services/OAuth.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import * as ScriptedServer from "../../src/testing/server/ScriptedServer.js"
import { isOver } from "../support/effect/fibers.js"

const key = "sk-or-v1-0e6f44a47a05f1dad2ad7e88c4c1d6b7"

const exchange = MockHttpClient.on(OAuth.exchangeAuthCodeForAPIKey, ({ code }) =>
  code === "the-code"
    ? { key, user_id: "user_1" }
    : Effect.fail(new ForbiddenResponseError({ status: 403, message: "Invalid code or code_verifier" })))

const OpenRouter = ScriptedServer.layerClient({ handlers: [exchange] }).pipe(Layer.provide(FetchHttpClient.layer))

const callbackOf = (loginUrl: string) => new URL(new URL(loginUrl).searchParams.get("callback_url") ?? "")

const visit = (url: string | URL, init?: RequestInit) =>
  Effect.promise(async () => {
    const response = await fetch(url, init)
    return { status: response.status, headers: response.headers, text: await response.text() }
  })

/** A GET request with any headers; `fetch` sets some of them itself. */
const visitAs = (url: URL, query: string, headers: Readonly<Record<string, string>>) =>
  Effect.async<{ readonly status: number | undefined; readonly text: string }>((resume) => {
    const request = Http.request({ host: "127.0.0.1", port: url.port, path: url.pathname + query, headers })
    request.on("response", (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (piece) => text += piece)
      response.on("end", () => resume(Effect.succeed({ status: response.statusCode, text })))
    })
    request.end()
  })

/** A browser whose user allows the login at once. */
const allow = (loginUrl: string) => visit(`${callbackOf(loginUrl)}&code=the-code`)

const refusesConnections = (url: string | URL) =>
  Effect.tryPromise(() => fetch(url)).pipe(
    Effect.flip,
    Effect.map(({ cause }) => assert.include(JSON.stringify(cause instanceof Error && cause.cause), "ECONNREFUSED"))
  )

describe("login", () => {
  it.live("receives the callback of the browser, exchanges the code and closes the server", () =>
    Effect.gen(function*() {
      let shown = ""
      const credentials = yield* OAuthLoopback.login({
        keyLabel: "My tool",
        open: (url) => {
          shown = url
          return allow(url)
        }
      })
      assert.strictEqual(Redacted.value(credentials.key), key)
      assert.strictEqual(credentials.userId, "user_1")

      const query = new URL(shown).searchParams
      assert.strictEqual(query.get("key_label"), "My tool")
      assert.match(callbackOf(shown).href, /^http:\/\/127\.0\.0\.1:\d+\/callback\?state=[\w-]{22}$/)
      yield* refusesConnections(callbackOf(shown))

      const { requests } = yield* ScriptedServer.ScriptedServer
      const [request] = yield* requests
      assert.isFalse(request?.hasKey)
      assert.strictEqual(request?.json["code"], "the-code")
      const verifier = String(request?.json["code_verifier"])
      assert.strictEqual(query.get("code_challenge"), yield* OAuth.codeChallenge(Redacted.make(verifier)))
    }).pipe(Effect.provide(OpenRouter)))

  it.live("fails when the user declines, and requests no key", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(OAuthLoopback.login({
        open: (url) => visit(`${callbackOf(url)}&error=access_denied`)
      }))
      assert.isTrue(error._tag === "LoginRejectedError" && error.error === "access_denied")
      const { requests } = yield* ScriptedServer.ScriptedServer
      assert.deepStrictEqual(yield* requests, [])
    }).pipe(Effect.provide(OpenRouter)))

  it.live("fails with the errors of the exchange and of open", () =>
    Effect.gen(function*() {
      const wrong = yield* Effect.flip(OAuthLoopback.login({
        open: (url) => visit(`${callbackOf(url)}&code=another`)
      }))
      assert.strictEqual(wrong._tag, "ForbiddenResponseError")
      let shown = ""
      const closed = yield* Effect.flip(OAuthLoopback.login({
        open: (url) => {
          shown = url
          return Effect.fail("no browser" as const)
        }
      }))
      assert.strictEqual(closed, "no browser")
      yield* refusesConnections(callbackOf(shown))
    }).pipe(Effect.provide(OpenRouter)))

  it.live("closes the server when it is interrupted", () =>
    Effect.gen(function*() {
      const shown = yield* Deferred.make<string>()
      const fiber = yield* Effect.fork(OAuthLoopback.login({ open: (url) => Deferred.succeed(shown, url) }))
      const callback = callbackOf(yield* Deferred.await(shown))
      assert.strictEqual((yield* visit(new URL("/", callback))).status, 404)
      yield* Fiber.interrupt(fiber)
      yield* refusesConnections(callback)
    }).pipe(Effect.provide(OpenRouter)))
})

describe("listen", () => {
  it.scopedLive("rejects requests that are not the callback, and keeps waiting", () =>
    Effect.gen(function*() {
      const { callback, login } = yield* OAuthLoopback.listen()
      const url = callbackOf(login.url)
      const status = (path: string, init?: RequestInit) =>
        Effect.map(visit(url.origin + path, init), (response) => response.status)
      assert.strictEqual(yield* status("/favicon.ico"), 404)
      assert.strictEqual(yield* status("/"), 404)
      assert.strictEqual(yield* status(`//callback${url.search}&code=evil`), 404)
      assert.strictEqual(yield* status(`/callback/${url.search}&code=evil`), 404)
      assert.strictEqual(yield* status("/callback?code=evil"), 400)
      assert.strictEqual(yield* status("/callback?code=evil&state=guess"), 400)
      assert.strictEqual(yield* status("/callback?error=evil&state=guess"), 400)
      assert.strictEqual(yield* status(`/callback${url.search}`), 400)
      assert.strictEqual(yield* status(`/callback${url.search}&code=evil`, { method: "POST" }), 405)
      assert.strictEqual(yield* status(`/callback${url.search}&code=good`), 200)
      assert.strictEqual(yield* status(`/callback${url.search}&code=later`), 410)
      assert.strictEqual(yield* callback, `${url.href}&code=good`)
      assert.strictEqual(yield* callback, `${url.href}&code=good`)
    }))

  it.scopedLive("ends by no request of a foreign page, and shows no text of one", () =>
    Effect.gen(function*() {
      const { callback, login } = yield* OAuthLoopback.listen()
      const url = callbackOf(login.url)
      const page = `error=x&error_description=${encodeURIComponent("\u001b[2J\u202eRun this")}`
      const image = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" }
      const rebound = { host: `evil.example:${url.port}` }
      const foreign: ReadonlyArray<
        readonly [query: string, headers: Readonly<Record<string, string>>, status: number]
      > = [
        [`?${page}`, {}, 400],
        [`?${page}&state=`, {}, 400],
        [`?${page}`, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, 400],
        [`?${page}`, image, 403],
        [`${url.search}&${page}`, image, 403],
        [`${url.search}&code=evil`, { ...image, "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" }, 403],
        [`?${page}`, rebound, 421],
        [`${url.search}&code=evil`, rebound, 421],
        [`${url.search}&code=evil`, { host: "127.0.0.1" }, 421],
        [`${url.search}&code=evil`, { host: `127.0.0.1.evil.example:${url.port}` }, 421]
      ]
      for (const [query, headers, status] of foreign) {
        const response = yield* visitAs(url, query, headers)
        assert.strictEqual(response.status, status, query)
        assert.notInclude(response.text, "Run this")
      }
      // The browser that comes back from OpenRouter is on a page of another site, too
      const own = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }
      assert.strictEqual((yield* visitAs(url, `${url.search}&code=good`, own)).status, 200)
      assert.strictEqual(yield* callback, `${url.href}&code=good`)
    }))

  it.scopedLive("responds with a page that repeats no parameter and sends no referrer", () =>
    Effect.gen(function*() {
      const { login } = yield* OAuthLoopback.listen()
      const page = yield* visit(`${callbackOf(login.url)}&code=%3Cscript%3Ealert(1)%3C/script%3E`)
      assert.strictEqual(page.headers.get("content-type"), "text/html; charset=utf-8")
      assert.strictEqual(page.headers.get("referrer-policy"), "no-referrer")
      assert.strictEqual(page.headers.get("cache-control"), "no-store")
      assert.include(page.headers.get("content-security-policy"), "default-src 'none'")
      assert.include(page.text, "You can close this page")
      assert.notInclude(page.text, "alert")
      assert.notInclude(page.text, login.state ?? "")
    }))

  it.scoped("waits until the given timeout", () =>
    Effect.gen(function*() {
      const { callback, login } = yield* OAuthLoopback.listen({ timeout: "90 seconds" })
      const fiber = yield* Effect.fork(Effect.flip(callback))
      yield* visit(new URL("/callback?code=evil&state=guess", callbackOf(login.url)))
      yield* TestClock.adjust("89 seconds")
      assert.isFalse(isOver(fiber))
      yield* TestClock.adjust("1 seconds")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag, "LoginTimeoutError")
      assert.include(error.message, "1m 30s")
      assert.include(error.message, "rejected because their state differs: 1.")
    }))

  it.scoped("ends at its timeout in an uninterruptible region, such as a finalizer", () =>
    Effect.gen(function*() {
      const { callback } = yield* OAuthLoopback.listen({ timeout: "90 seconds" })
      const fiber = yield* Effect.forkDaemon(Effect.uninterruptible(Effect.flip(callback)))
      yield* TestClock.adjust("2 minutes")
      assert.isTrue(isOver(fiber))
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "LoginTimeoutError")
    }))

  it.scopedLive("uses the given port, path and state", () =>
    Effect.gen(function*() {
      const port = yield* freePort
      const { callback, login } = yield* OAuthLoopback.listen({ port, path: "/auth/done", state: "mine" })
      const url = callbackOf(login.url)
      assert.strictEqual(url.href, `http://127.0.0.1:${port}/auth/done?state=mine`)
      yield* visit(`${url}&code=x`)
      assert.strictEqual(yield* callback, `${url}&code=x`)
      const error = yield* Effect.flip(OAuthLoopback.listen({ port }))
      assert.isTrue(error._tag === "LoginPortError" && error.port === port && error.code === "EADDRINUSE")
      assert.include(error.message, `port ${port} of 127.0.0.1`)
    }))

  it.scopedLive("rejects a malformed path", () =>
    Effect.gen(function*() {
      for (const path of ["", "callback", "//example.com/", "/a?b=c", "/a#b"]) {
        const error = yield* Effect.flip(OAuthLoopback.listen({ path }))
        assert.isTrue(error._tag === "InvalidRequestError" && error.parameter === "path", path)
      }
      assert.strictEqual(callbackOf((yield* OAuthLoopback.listen({ path: "/" })).login.url).pathname, "/")
    }))

  it.live("closes connections that are still open", () =>
    Effect.gen(function*() {
      const closed = yield* Effect.scoped(Effect.gen(function*() {
        const { login } = yield* OAuthLoopback.listen()
        const { port } = callbackOf(login.url)
        const request = Http.request({ host: "127.0.0.1", port, path: "/callback", method: "POST" })
        const closed = yield* Deferred.make<void>()
        request.on("error", () => Deferred.unsafeDone(closed, Effect.void))
        request.on("close", () => Deferred.unsafeDone(closed, Effect.void))
        yield* Effect.async<void>((resume) => {
          request.on("socket", (socket) => socket.once("connect", () => resume(Effect.void)))
        })
        return closed
      }))
      yield* Deferred.await(closed)
    }))
})

const freePort = Effect.async<number>((resume) => {
  const server = Http.createServer().listen(0, "127.0.0.1", () => {
    // listening on a port, the address is never a pipe's name
    const { port } = server.address() as AddressInfo
    server.close(() => resume(Effect.succeed(port)))
  })
})
