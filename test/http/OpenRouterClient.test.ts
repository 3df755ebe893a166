import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { texts } from "../../src/internal/effect/config.js"
import { environment, key, memory, over, respond } from "./support/memory.js"
import * as Rows from "./support/rows.js"

const thing = respond(200, { id: "1" })

type Options = OpenRouterClient.Options
type Variables = Readonly<Record<string, string>>

/** The headers of one call, made with these settings. */
const headersOf = (options: Options, variables: Variables = {}, call = Rows.read({ id: "1" })) =>
  Effect.gen(function*() {
    const wire = memory(thing)
    yield* Effect.provide(call, over(wire, options, variables))
    return wire.requests[0]?.headers ?? assert.fail("nothing was sent")
  })

const urlOf = (options: Options, variables: Variables = {}, call = Rows.read({ id: "1" })) =>
  Effect.gen(function*() {
    const wire = memory(thing)
    yield* Effect.provide(call, over(wire, options, variables))
    return wire.requests[0]?.url
  })

/** What building the client fails with. */
const misconfigured = (options: Options, variables: Variables = {}) =>
  Effect.flip(Layer.build(over(memory(thing), options, variables))).pipe(Effect.scoped, Effect.map(String))

const fromConfig = (options: OpenRouterClient.ConfigOptions, variables: Variables) => {
  const wire = memory(thing)
  const layer = OpenRouterClient.layerConfig(options).pipe(
    Layer.provide(Layer.succeed(HttpClient.HttpClient, wire.client)),
    Layer.provide(environment(variables))
  )
  return { wire, layer }
}

describe("the key", () => {
  it.effect("63: comes from the options, or from the environment", () =>
    Effect.gen(function*() {
      const variables = { OPENROUTER_API_KEY: "sk-or-env" }
      assert.strictEqual((yield* headersOf({ apiKey: undefined }, variables))["authorization"], "Bearer sk-or-env")
      assert.strictEqual(
        (yield* headersOf({ apiKey: Redacted.make("sk-or-own") }, variables))["authorization"],
        "Bearer sk-or-own"
      )
    }))

  it.effect("is sent without the blanks and line ends around it", () =>
    Effect.map(
      headersOf({ apiKey: Redacted.make(" sk-or-file\r\n") }),
      (headers) => assert.strictEqual(headers["authorization"], "Bearer sk-or-file")
    ))

  it.effect("is read at every request, and at every attempt", () =>
    Effect.gen(function*() {
      let reads = 0
      const apiKey = Effect.sync(() => Redacted.make(`sk-or-${++reads}`))
      const wire = memory(thing, respond(500), thing)
      yield* Effect.gen(function*() {
        yield* Rows.read({ id: "1" })
        yield* Rows.read({ id: "1" }).pipe(OpenRouterClient.withOptions({ retry: Schedule.recurs(1) }))
      }).pipe(Effect.provide(over(wire, { apiKey })))
      assert.deepStrictEqual(wire.requests.map(({ headers }) => headers["authorization"]), [
        "Bearer sk-or-1",
        "Bearer sk-or-2",
        "Bearer sk-or-3"
      ])
    }))

  it.effect("can be set for a call", () =>
    Effect.gen(function*() {
      for (const apiKey of [Redacted.make("sk-or-call"), Effect.succeed(Redacted.make("sk-or-call"))]) {
        const call = OpenRouterClient.withOptions(Rows.read({ id: "1" }), { apiKey })
        assert.strictEqual((yield* headersOf({}, {}, call))["authorization"], "Bearer sk-or-call")
      }
    }))

  it.effect("is never sent to an endpoint that must not receive it", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      yield* Effect.provide(Rows.status(), over(wire))
      assert.notProperty(wire.requests[0]?.headers, "authorization")
    }))

  it.effect("is not required if the endpoint requires none", () =>
    Effect.map(headersOf({ apiKey: undefined }), (headers) => assert.notProperty(headers, "authorization")))

  it.effect("fails the call that requires a key if none is set, and explains how to get one", () =>
    Effect.gen(function*() {
      const none: ReadonlyArray<readonly [Options, Variables]> = [
        [{ apiKey: undefined }, {}],
        [{ apiKey: undefined }, { OPENROUTER_API_KEY: "" }],
        [{ apiKey: Redacted.make("") }, {}],
        [{ apiKey: Redacted.make(" \n") }, {}],
        [{ apiKey: Effect.succeed(Redacted.make("")) }, {}]
      ]
      for (const [options, variables] of none) {
        const wire = memory(thing)
        const error = yield* Effect.flip(Effect.provide(Rows.create({}), over(wire, options, variables)))
        assert.isTrue(error._tag === "ConfigError", String(error))
        assert.include(String(error), "https://openrouter.ai/settings/keys")
        assert.include(String(error), "OPENROUTER_API_KEY")
        assert.lengthOf(wire.requests, 0)
        const keyless = yield* Effect.exit(Effect.provide(Rows.read({ id: "1" }), over(wire, options, variables)))
        assert.isTrue(Exit.isSuccess(keyless))
        assert.notProperty(wire.requests[0]?.headers, "authorization")
      }
    }))

  it.effect("is not sent, quoted or retried if it cannot be valid", () =>
    Effect.gen(function*() {
      for (const bad of ["sk-or-v1-12345678\nX-Evil: 1", "sk-or-v1-12345678…", "sk-or-v1-12345678\0"]) {
        const wire = memory(thing)
        const exit = yield* Effect.exit(Effect.provide(Rows.create({}), over(wire, { apiKey: Redacted.make(bad) })))
        const said = Exit.isFailure(exit) ? JSON.stringify(exit) + Cause.pretty(exit.cause) : "success"
        assert.include(said, "InvalidRequestError")
        assert.include(said, "authorization")
        assert.notInclude(said, "12345678")
        assert.lengthOf(wire.requests, 0)
      }
    }))
})

describe("the base URL", () => {
  it.effect("63: comes from the options, from the environment, or is OpenRouter's", () =>
    Effect.gen(function*() {
      const variables = { OPENROUTER_BASE_URL: "https://env.example/v1" }
      assert.strictEqual(yield* urlOf({}), "https://openrouter.ai/api/v1/things/1")
      assert.strictEqual(yield* urlOf({}, { OPENROUTER_BASE_URL: "" }), "https://openrouter.ai/api/v1/things/1")
      assert.strictEqual(yield* urlOf({}, variables), "https://env.example/v1/things/1")
      assert.strictEqual(yield* urlOf({ baseUrl: "https://own.example" }, variables), "https://own.example/things/1")
    }))

  it.effect("may end with slashes and have blanks around it", () =>
    Effect.gen(function*() {
      for (const baseUrl of ["https://a.example/v1/", "https://a.example/v1//", " https://a.example/v1 "]) {
        assert.strictEqual(yield* urlOf({ baseUrl }), "https://a.example/v1/things/1")
      }
    }))

  it.effect("may be plain HTTP on this machine", () =>
    Effect.gen(function*() {
      for (const host of ["localhost", "localhost:8080", "127.0.0.1:3000", "127.1.2.3", "[::1]:80", "api.localhost"]) {
        const baseUrl = `http://${host}/v1`
        assert.strictEqual(yield* urlOf({ baseUrl }), new URL(`${baseUrl}/things/1`).href)
      }
    }))

  it.effect("may be plain HTTP elsewhere only if the client allows it, then also for a single call", () =>
    Effect.gen(function*() {
      const baseUrl = "http://gateway.internal:8080/v1"
      assert.strictEqual(yield* urlOf({ baseUrl, allowInsecureHttp: true }), `${baseUrl}/things/1`)
      assert.include(yield* misconfigured({ baseUrl, allowInsecureHttp: false }), "allowInsecureHttp")
      for (const url of ["ftp://gateway.internal", "http://user:secret@gateway.internal", `${baseUrl}?key=1`]) {
        assert.include(yield* misconfigured({ baseUrl: url, allowInsecureHttp: true }), "OPENROUTER_BASE_URL")
      }
      const wire = memory(thing)
      const call = OpenRouterClient.withOptions(Rows.read({ id: "1" }), { baseUrl })
      yield* Effect.provide(call, over(wire, { allowInsecureHttp: true }))
      assert.strictEqual(wire.requests[0]?.url, `${baseUrl}/things/1`)
      const refused = yield* Effect.flip(Effect.provide(call, over(wire)))
      assert.strictEqual(refused._tag, "InvalidRequestError")
      assert.lengthOf(wire.requests, 1)
    }))

  const bad = [
    "",
    "openrouter.ai/api/v1",
    "/api/v1",
    "http://openrouter.ai/api/v1",
    "http://127.0.0.1.evil.example/v1",
    "http://localhost.evil.example/v1",
    "http://notlocalhost/v1",
    "http://10.0.0.1/v1",
    "ftp://openrouter.ai/api/v1",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://user:secret@openrouter.ai/api/v1",
    "https://openrouter.ai/api/v1?key=secret",
    "https://openrouter.ai/api/v1#secret"
  ]

  it.effect("fails the client if it is not absolute, not encrypted, or has a query or credentials", () =>
    Effect.gen(function*() {
      for (const baseUrl of bad) {
        const message = yield* misconfigured({ baseUrl })
        assert.include(message, "OPENROUTER_BASE_URL", baseUrl)
        assert.notInclude(message, "secret")
      }
      assert.include(yield* misconfigured({}, { OPENROUTER_BASE_URL: "http://openrouter.ai" }), "https")
    }))

  it.effect("has the same rules for a single call, because its key must be encrypted too", () =>
    Effect.gen(function*() {
      for (const baseUrl of bad) {
        const wire = memory(thing)
        const call = Rows.status().pipe(OpenRouterClient.withOptions({ baseUrl }))
        const error = yield* Effect.flip(Effect.provide(call, over(wire)))
        assert.strictEqual(error._tag, "InvalidRequestError", baseUrl)
        assert.propertyVal(error, "parameter", "baseUrl")
        assert.notInclude(error.message, "secret")
        assert.lengthOf(wire.requests, 0)
      }
      const call = OpenRouterClient.withOptions(Rows.read({ id: "1" }), { baseUrl: "https://call.example/v1/" })
      assert.strictEqual(yield* urlOf({}, {}, call), "https://call.example/v1/things/1")
    }))

  it.effect("may end with an empty query or fragment", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* urlOf({ baseUrl: "https://a.example/v1?" }), "https://a.example/v1/things/1")
      assert.strictEqual(yield* urlOf({ baseUrl: "https://a.example/v1/#" }), "https://a.example/v1/things/1")
    }))
})

describe("attribution", () => {
  const variables = {
    OPENROUTER_HTTP_REFERER: "https://env.example",
    OPENROUTER_APP_TITLE: "Env",
    OPENROUTER_APP_CATEGORIES: "cli-agent, chat"
  }

  it.effect("is sent in the headers of OpenRouter", () =>
    Effect.gen(function*() {
      const headers = yield* headersOf({
        httpReferer: "https://own.example",
        appTitle: "Own",
        appCategories: ["cli-agent", "chat"]
      }, variables)
      assert.strictEqual(headers["http-referer"], "https://own.example")
      assert.strictEqual(headers["x-openrouter-title"], "Own")
      assert.strictEqual(headers["x-openrouter-categories"], "cli-agent,chat")
    }))

  it.effect("63: comes from the environment if the options do not set it", () =>
    Effect.gen(function*() {
      const headers = yield* headersOf({}, variables)
      assert.strictEqual(headers["http-referer"], "https://env.example")
      assert.strictEqual(headers["x-openrouter-title"], "Env")
      assert.strictEqual(headers["x-openrouter-categories"], "cli-agent,chat")
    }))

  it.effect("is not sent if it is not set, or empty", () =>
    Effect.gen(function*() {
      const blank = { OPENROUTER_HTTP_REFERER: "", OPENROUTER_APP_TITLE: " ", OPENROUTER_APP_CATEGORIES: "" }
      for (const headers of [yield* headersOf({}), yield* headersOf({}, blank)]) {
        for (const name of ["http-referer", "x-openrouter-title", "x-openrouter-categories", "x-openrouter-metadata"]) {
          assert.notProperty(headers, name)
        }
      }
    }))

  it.effect("fails the client if it is not valid in a header", () =>
    Effect.gen(function*() {
      assert.include(yield* misconfigured({ appTitle: "A\nB" }), "appTitle")
      assert.include(yield* misconfigured({ httpReferer: "https://x/\r\n" }), "httpReferer")
      assert.include(yield* misconfigured({ appCategories: ["a", "b\n"] }), "appCategories")
      assert.include(yield* misconfigured({ headers: { "x-note": "☃" } }), "x-note")
      assert.include(yield* misconfigured({ headers: { "x note": "" } }), "headers")
      assert.include(yield* misconfigured({}, { OPENROUTER_APP_TITLE: "☃" }), "appTitle")
    }))
})

describe("layerConfig", () => {
  it.effect("reads the variables that the caller names", () =>
    Effect.gen(function*() {
      const { layer, wire } = fromConfig({
        apiKey: Config.redacted("LLM_KEY"),
        baseUrl: Config.string("LLM_URL"),
        httpReferer: Config.string("SITE"),
        appTitle: Config.string("APP"),
        appCategories: texts("CATEGORIES"),
        routerMetadata: true
      }, {
        LLM_KEY: "sk-or-llm",
        LLM_URL: "https://llm.example",
        SITE: "https://site.example",
        APP: "App",
        CATEGORIES: "a,b",
        OPENROUTER_API_KEY: "sk-or-env",
        OPENROUTER_BASE_URL: "https://env.example"
      })
      yield* Effect.provide(Rows.create({}), layer)
      const [request] = wire.requests
      assert.strictEqual(request?.url, "https://llm.example/things")
      assert.strictEqual(request?.headers["authorization"], "Bearer sk-or-llm")
      assert.strictEqual(request?.headers["http-referer"], "https://site.example")
      assert.strictEqual(request?.headers["x-openrouter-title"], "App")
      assert.strictEqual(request?.headers["x-openrouter-categories"], "a,b")
      assert.strictEqual(request?.headers["x-openrouter-metadata"], "enabled")
    }))

  it.effect("reads the usual variables for the rest", () =>
    Effect.gen(function*() {
      const { layer, wire } = fromConfig({ appTitle: Config.succeed("App") }, {
        OPENROUTER_API_KEY: "sk-or-env",
        OPENROUTER_BASE_URL: "https://env.example"
      })
      yield* Effect.provide(Rows.create({}), layer)
      assert.strictEqual(wire.requests[0]?.url, "https://env.example/things")
      assert.strictEqual(wire.requests[0]?.headers["authorization"], "Bearer sk-or-env")
    }))

  it.effect("fails if the key is missing, with its variable and how to get a key", () =>
    Effect.gen(function*() {
      const either = Config.orElse(Config.redacted("LLM_KEY"), () => Config.redacted("OTHER_KEY"))
      for (const apiKey of [Config.redacted("LLM_KEY"), either]) {
        const { layer } = fromConfig({ apiKey }, {})
        const error = yield* Effect.flip(Effect.provide(Rows.create({}), layer))
        assert.isTrue(error._tag === "ConfigError")
        assert.include(String(error), "LLM_KEY")
        assert.include(String(error), "https://openrouter.ai/settings/keys")
      }
    }))
})

describe("transformClient", () => {
  it.effect("changes the client that sends requests", () =>
    Effect.gen(function*() {
      const headers = yield* headersOf({
        transformClient: HttpClient.mapRequest(HttpClientRequest.setHeader("x-proxy", "yes"))
      })
      assert.strictEqual(headers["x-proxy"], "yes")
      assert.strictEqual(headers["authorization"], `Bearer ${Redacted.value(key)}`)
    }))

  it.effect("may turn error statuses into failures, which are read like responses", () =>
    Effect.gen(function*() {
      const wire = memory(respond(404, { error: { code: 404, message: "No such thing" } }))
      const error = yield* Effect.flip(
        Effect.provide(Rows.read({ id: "1" }), over(wire, { transformClient: HttpClient.filterStatusOk }))
      )
      assert.strictEqual(error._tag, "NotFoundResponseError")
      assert.include(error.message, "No such thing")
    }))
})
