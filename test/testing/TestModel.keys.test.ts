/** Which requests need a key where the test requires one: over all operations, in the process and behind a socket. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import { assert, describe, it } from "@effect/vitest"
import * as Library from "effect-openrouter"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { baseUrlOfRow } from "../../src/http/row.js"
import * as Models from "../../src/services/Models.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import * as Script from "../../src/testing/Script.js"
import * as ScriptedServer from "../../src/testing/server/ScriptedServer.js"
import * as TestModel from "../../src/testing/TestModel.js"

const isRow = (u: unknown): u is MockHttpClient.Mockable =>
  typeof u === "function" && "operationId" in u && "path" in u && "auth" in u

const rows = Object.values(Library).flatMap((module) => Object.values<unknown>(module)).filter(isRow)

const handlers = rows.map((row) => MockHttpClient.on<MockHttpClient.Mockable>(row, () => Script.reply({})))

const requireKey = Redacted.make("right")

/** The status of a request with the path of the operation, past the client of ours. */
const statusOf = (row: MockHttpClient.Mockable, baseUrl: string, key?: string) =>
  HttpClientRequest.make(row.method)(baseUrlOfRow(row, baseUrl) + row.path.replaceAll(/\{\w+\}/g, "x"), {
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` }
  }).pipe(
    HttpClient.execute,
    Effect.map(({ status }) => status)
  )

const checkAll = (baseUrl: string) =>
  Effect.gen(function*() {
    assert.isTrue(rows.some(({ auth }) => auth === "none") && rows.some(({ auth }) => auth === "optional"))
    for (const row of rows) {
      const refused = row.auth === "required" ? 401 : 200
      assert.strictEqual(yield* statusOf(row, baseUrl), refused, `${row.name} without a key`)
      assert.strictEqual(yield* statusOf(row, baseUrl, "wrong"), refused, `${row.name} with a wrong key`)
      assert.strictEqual(yield* statusOf(row, baseUrl, "right"), 200, `${row.name} with the key`)
    }
  })

describe("a required key", () => {
  it.effect("is required by the operations that need one at OpenRouter, in the process", () =>
    Effect.provide(checkAll("https://openrouter.ai/api/v1"), TestModel.layer([], { handlers, requireKey })))

  it.scopedLive("is required by the operations that need one at OpenRouter, behind a socket", () =>
    Effect.flatMap(ScriptedServer.make({ handlers, requireKey }), ({ url }) => checkAll(url)).pipe(
      Effect.provide(FetchHttpClient.layer)
    ))

  it.effect("is not required by a client without one that calls a public endpoint", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Models.count()).data.count, 4)
      const [request] = yield* TestModel.requests
      assert.isFalse(request?.hasKey)
    }).pipe(
      OpenRouterClient.withOptions({ apiKey: Redacted.make("") }),
      Effect.provide(TestModel.layer([], {
        requireKey: true,
        handlers: [MockHttpClient.on(Models.count, () => ({ data: { count: 4 } }))]
      }))
    ))

  it.effect("is required by a route, unless the route says otherwise", () =>
    Effect.gen(function*() {
      const get = (path: string) => Effect.map(HttpClient.get(`https://openrouter.ai/api/v1${path}`), (r) => r.status)
      assert.deepStrictEqual(yield* Effect.all([get("/closed"), get("/open")]), [401, 200])
    }).pipe(Effect.provide(TestModel.layer([], {
      requireKey: true,
      handlers: [
        MockHttpClient.route("GET", "/closed", () => ({})),
        MockHttpClient.route("GET", "/open", () => ({}), { auth: "optional" })
      ]
    }))))

  it.scopedLive("is not required for the models of the demo", () =>
    Effect.gen(function*() {
      const { url } = yield* ScriptedServer.make({ ...ScriptedServer.demo, requireKey: true })
      const status = (path: string) => Effect.promise(() => fetch(url + path).then(({ status }) => status))
      assert.deepStrictEqual(yield* Effect.all(["/models", "/models/count", "/key"].map(status)), [200, 200, 401])
    }))
})
