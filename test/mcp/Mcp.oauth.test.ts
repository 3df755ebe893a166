/** Logins at an MCP server over HTTP, with a real authorization server. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { inspect } from "node:util"
import * as Agent from "../../src/agent/Agent.js"
import * as Mcp from "../../src/mcp/Mcp.js"
import * as OAuthLoopback from "../../src/node/OAuthLoopback.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { everyFormatInto } from "../support/effect/logs.js"
import { storeFailure, storeOver } from "../support/effect/storage.js"
import { tracer } from "../support/effect/tracing.js"
import { browse, makeWorld } from "./support/authorization.js"

/** A login whose browser is `open`, and how often it was asked. */
const makeUser = (open: (page: string) => Effect.Effect<string, unknown> = browse) => {
  const pages: Array<string> = []
  const login = Effect.succeed<Mcp.Login>({
    redirectUrl: "http://127.0.0.1:9/callback",
    authorize: (page) => {
      pages.push(page)
      return open(page)
    }
  })
  return { login, pages }
}

const connect = (url: string, oauth: Mcp.OAuth) => Mcp.connect({ name: "s", transport: Mcp.http({ url, oauth }) })

/** The output of a call of `add`. */
const add = (tools: Mcp.Connection["tools"]) =>
  Effect.map(
    Agent.run({ model: "m", input: "go", tools }),
    ({ items }) => items.flatMap((item) => item.type === "function_call_output" ? [item.output] : [])[0]
  ).pipe(Effect.provide(TestModel.layer([Script.toolCall("s_add", { a: 1, b: 2 }), "done"], { allowUnused: true })))

const sum = "{\"sum\":3}"

describe("a login at an MCP server", { timeout: 30_000 }, () => {
  it.scopedLive("happens once: the next process uses what is stored", () =>
    Effect.gen(function*() {
      const { counts, url } = yield* makeWorld
      const texts = new Map<string, string>()
      const user = makeUser()
      const { tools } = yield* connect(url, { store: storeOver(texts), login: user.login })
      assert.strictEqual(yield* add(tools), sum)
      const page = new URL(user.pages[0] ?? "").searchParams
      assert.strictEqual(page.get("code_challenge_method"), "S256")
      assert.strictEqual(page.get("resource"), url)
      const next = yield* connect(url, { store: storeOver(texts) })
      assert.strictEqual(yield* add(next.tools), sum)
      assert.deepInclude(counts, { registered: 1, authorized: 1, exchanged: 1, refreshed: 0 })
    }))

  it.scopedLive("comes back through the loopback of Node", () =>
    Effect.gen(function*() {
      const { url } = yield* makeWorld
      const login = OAuthLoopback.redirect({
        open: (page) => Effect.flatMap(browse(page), (location) => Effect.promise(() => fetch(location)))
      })
      const { tools } = yield* connect(url, { store: storeOver(new Map()), login })
      assert.strictEqual(yield* add(tools), sum)
    }))

  it.scopedLive("is not needed for a token that expired, and the refreshed one is stored", () =>
    Effect.gen(function*() {
      const { access, counts, url } = yield* makeWorld
      const texts = new Map<string, string>()
      const user = makeUser()
      const { tools } = yield* connect(url, { store: storeOver(texts), login: user.login })
      for (const round of [1, 2]) {
        access.clear()
        assert.strictEqual(yield* add(tools), sum)
        assert.strictEqual(counts.refreshed, round)
      }
      const next = yield* connect(url, { store: storeOver(texts) })
      assert.strictEqual(yield* add(next.tools), sum)
      assert.deepInclude(counts, { authorized: 1, refreshed: 2 })
    }))

  it.scopedLive("is asked for again when the refresh token is dead, in the middle of a run, too", () =>
    Effect.gen(function*() {
      const { access, counts, refreshes, url } = yield* makeWorld
      const user = makeUser()
      const { tools } = yield* connect(url, { store: storeOver(new Map()), login: user.login })
      access.clear()
      refreshes.clear()
      assert.strictEqual(yield* add(tools), sum)
      assert.deepInclude(counts, { registered: 1, authorized: 2, exchanged: 2 })
    }))

  it.scopedLive("is asked for once by connections that need it at the same time", () =>
    Effect.gen(function*() {
      const { access, counts, refreshes, url } = yield* makeWorld
      const store = storeOver(new Map())
      const user = makeUser()
      const oauth = { store, login: user.login }
      const both = yield* Effect.all([connect(url, oauth), connect(url, oauth)], { concurrency: 2 })
      assert.strictEqual(user.pages.length, 1)
      access.clear()
      yield* Effect.forEach(both, ({ tools }) => add(tools), { concurrency: 2 })
      assert.strictEqual(counts.refreshed, 1)
      access.clear()
      refreshes.clear()
      const outputs = yield* Effect.forEach(both, ({ tools }) => add(tools), { concurrency: 2 })
      assert.deepStrictEqual(outputs, [sum, sum])
      assert.strictEqual(user.pages.length, 2)
    }))

  it.scopedLive("asks for more rights when the server wants them", () =>
    Effect.gen(function*() {
      const { options, url } = yield* makeWorld
      const user = makeUser()
      const { tools } = yield* connect(url, { store: storeOver(new Map()), login: user.login, scope: "read" })
      options.wantedScope = "write"
      assert.strictEqual(yield* add(tools), sum)
      assert.deepStrictEqual(user.pages.map((page) => new URL(page).searchParams.get("scope")), ["read", "read write"])
    }))

  it.scopedLive("is that of a program with its secret, if there is no user", () =>
    Effect.gen(function*() {
      const { access, counts, issuer, url } = yield* makeWorld
      const texts = new Map<string, string>()
      const client = { id: "program", secret: Redacted.make("program-secret"), issuer }
      const { tools } = yield* connect(url, { store: storeOver(texts), login: "client_credentials", client })
      access.clear()
      assert.strictEqual(yield* add(tools), sum)
      assert.deepInclude(counts, { registered: 0, authorized: 0, programs: 2 })
      assert.notInclude([...texts.values()].join(), "program-secret")
      const elsewhere = { ...client, issuer: "https://other.example.com" }
      const error = yield* Effect.flip(
        connect(url, { store: storeOver(new Map()), login: "client_credentials", client: elsewhere })
      )
      assert.strictEqual(error._tag, "McpLoginError")
      assert.strictEqual(counts.programs, 2)
    }))

  it.scopedLive("can be completed by another process", () =>
    Effect.gen(function*() {
      const { url } = yield* makeWorld
      const texts = new Map<string, string>()
      const store = storeOver(texts)
      const user = makeUser(() => Effect.fail("elsewhere"))
      yield* Effect.flip(connect(url, { store, login: user.login }))
      const callback = yield* browse(user.pages[0] ?? "")
      const forged = callback.replace(/state=[^&]*/, "state=forged")
      const options = { name: "s", url, oauth: { store: storeOver(texts) } }
      const error = yield* Effect.flip(Mcp.completeLogin(options, forged))
      assert.strictEqual(error.reason, "state")
      yield* Mcp.completeLogin(options, callback)
      const { tools } = yield* connect(url, options.oauth)
      assert.strictEqual(yield* add(tools), sum)
    }))
})

describe("a login that fails", { timeout: 30_000 }, () => {
  const reasonOf = (url: string, oauth: Mcp.OAuth) =>
    Effect.map(Effect.flip(connect(url, oauth)), (error) => ({
      reason: error._tag === "McpLoginError" ? error.reason : error._tag,
      message: error.message
    }))

  it.scopedLive("says that nobody can log in, and what to do", () =>
    Effect.gen(function*() {
      const { url } = yield* makeWorld
      const { message, reason } = yield* reasonOf(url, { store: storeOver(new Map()) })
      assert.strictEqual(reason, "needed")
      assert.include(message, "Set `oauth.login`")
    }))

  it.scopedLive("refuses a redirect with another state, and does not use its code", () =>
    Effect.gen(function*() {
      const { counts, url } = yield* makeWorld
      const user = makeUser((page) =>
        Effect.map(browse(page), (location) => location.replace(/state=[^&]*/, "state=forged"))
      )
      const { reason } = yield* reasonOf(url, { store: storeOver(new Map()), login: user.login })
      assert.strictEqual(reason, "state")
      assert.strictEqual(counts.exchanged, 0)
    }))

  it.scopedLive("says that the user said no", () =>
    Effect.gen(function*() {
      const { options, url } = yield* makeWorld
      options.denies = true
      const { message, reason } = yield* reasonOf(url, { store: storeOver(new Map()), login: makeUser().login })
      assert.strictEqual(reason, "rejected")
      assert.include(message, "access_denied: The user said no")
    }))

  it.scopedLive("says that the store failed", () =>
    Effect.gen(function*() {
      const { url } = yield* makeWorld
      const whole = storeOver(new Map())
      const failure = Effect.fail(storeFailure("set", "the disk is full"))
      const { reason } = yield* reasonOf(url, { store: { ...whole, get: () => failure } })
      assert.strictEqual(reason, "store")
      const written = yield* reasonOf(url, { store: { ...whole, set: () => failure }, login: makeUser().login })
      assert.strictEqual(written.reason, "store")
    }))

  it.scopedLive("ends when its connection is interrupted", () =>
    Effect.gen(function*() {
      const { url } = yield* makeWorld
      const asked = yield* Deferred.make<void>()
      const user = makeUser(() => Effect.zipRight(Deferred.succeed(asked, undefined), Effect.never))
      const connected = yield* Effect.raceFirst(
        Effect.as(connect(url, { store: storeOver(new Map()), login: user.login }), "connected"),
        Effect.as(Deferred.await(asked), "interrupted")
      )
      assert.strictEqual(connected, "interrupted")
    }))

  it.scopedLive("shows no secret in errors, logs and spans", () =>
    Effect.gen(function*() {
      const { access, options, refreshes, secrets, url } = yield* makeWorld
      const lines: Array<string> = []
      const { spans, tracer: traced } = tracer()
      const show = (value: unknown) => lines.push(JSON.stringify(value), String(value))
      const user = makeUser()
      yield* Effect.gen(function*() {
        const store = storeOver(new Map())
        const { tools } = yield* connect(url, { store, login: user.login })
        // A careless authorization server refuses, and repeats what it received
        access.clear()
        options.tokenStatus = 500
        show(yield* add(tools))
        const exit = yield* Effect.exit(connect(url, { store }))
        show(exit)
        lines.push(exit._tag === "Failure" ? Cause.pretty(exit.cause) : "")
        options.tokenStatus = 400
        show(yield* Effect.exit(connect(url, { store, login: user.login })))
        options.tokenStatus = 0
        refreshes.clear()
        show(yield* Effect.exit(connect(url, { store })))
        yield* Effect.logError("failed", yield* Effect.exit(connect(url, { store })))
      }).pipe(Effect.withSpan("test"), Effect.withTracer(traced), Effect.provide(everyFormatInto(lines)))
      for (const { attributes, events, status } of spans) {
        lines.push(inspect([attributes, events, status()], { depth: 20 }))
      }
      assert.isAbove(secrets.length, 3)
      for (const secret of secrets) assert.isFalse(lines.some((line) => line.includes(secret)), secret)
    }))
})
