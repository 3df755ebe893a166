/** Endpoints that are not below the base URL, and bodies that are forms without files. */
import { assert, describe, it } from "@effect/vitest"
import { Decisions, OAuth, Observability, Responses, Vault } from "effect-openrouter"
import { MockHttpClient } from "effect-openrouter/testing"
import * as Effect from "effect/Effect"
import type * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { memory, over, respond } from "./support/memory.js"

const question = {
  model: "typesafe/jev",
  state: "It rains.",
  questions: { wet: { type: "noul", instructions: "Is the street wet?" } }
} as const

const decided = { answers: { wet: { type: "noul", noul: 0.9 } }, model: "typesafe/jev" } as const

const exchange = {
  grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
  federation_policy_id: "policy 1",
  subject_token: "header.payload+/=.signature",
  subject_token_type: "urn:ietf:params:oauth:token-type:jwt"
} as const

const token = { access_token: "short-lived", expires_in: 600, token_type: "Bearer" }

describe("an endpoint with its own base path", () => {
  it.effect("is requested beside the base URL", () =>
    Effect.gen(function*() {
      const bases = {
        "https://openrouter.ai/api/v1": "https://openrouter.ai/api/alpha/decisions",
        "https://eu.openrouter.ai/api/v1/": "https://eu.openrouter.ai/api/alpha/decisions",
        "https://proxy.example/openrouter/v1": "https://proxy.example/openrouter/alpha/decisions",
        "http://127.0.0.1:8080": "http://127.0.0.1:8080/alpha/decisions"
      }
      for (const [baseUrl, expected] of Object.entries(bases)) {
        const wire = memory(respond(200, decided))
        yield* Effect.provide(Decisions.create(question), over(wire, { baseUrl }))
        assert.deepStrictEqual(wire.requests.map(({ url }) => url), [expected])
      }
    }))

  it.effect("is served by the test kit, which shows its whole path", () => {
    const handlers = [MockHttpClient.on(Decisions.create, ({ questions }) => {
      assert.deepStrictEqual(questions, question.questions)
      return decided
    })]
    const pathsOf = (options: OpenRouterClient.Options) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* Decisions.create(question), decided)
        const [request] = yield* MockHttpClient.requests
        assert.strictEqual(request?.path, "/api/alpha/decisions")
      }).pipe(Effect.provide(MockHttpClient.layerClient(handlers, options)))
    return Effect.zipRight(pathsOf({}), pathsOf({ baseUrl: "http://127.0.0.1:8080/v1" }))
  })
})

describe("a form without files", () => {
  it.effect("is URL-encoded, and sent without a key if the endpoint requires none", () =>
    Effect.gen(function*() {
      const wire = memory(respond(200, token))
      yield* Effect.provide(OAuth.createOauthToken({ ...exchange, scope: undefined }), over(wire))
      const [request] = wire.requests
      assert.strictEqual(request?.headers["content-type"], "application/x-www-form-urlencoded")
      assert.strictEqual(
        request?.body,
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&federation_policy_id=policy+1" +
          "&subject_token=header.payload%2B%2F%3D.signature" +
          "&subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt"
      )
      assert.notProperty(request?.headers, "authorization")
    }))

  it.effect("is read by the test kit", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* OAuth.createOauthToken(exchange), token)
      const [request] = yield* MockHttpClient.requests
      assert.deepStrictEqual(request?.body, exchange)
    }).pipe(
      Effect.provide(
        MockHttpClient.layerClient([MockHttpClient.on(OAuth.createOauthToken, (params) => {
          assert.deepStrictEqual<unknown>({ ...params }, exchange)
          return token
        })])
      )
    ))
})

describe("secrets in a body", () => {
  const echo = (text: string) => memory(respond(400, { error: { code: 400, message: `You sent ${text}.` } }))

  it.effect("are not in an error, whatever the server repeats", () =>
    Effect.gen(function*() {
      const refusedToken = yield* OAuth.createOauthToken(exchange).pipe(
        Effect.flip,
        Effect.provide(over(echo(exchange.subject_token), { retry: false }))
      )
      assert.include(refusedToken.message, "You sent <redacted>.")
      const secret = { name: "GITHUB", value: "ghp_1234567890", hosts: ["api.github.com"] }
      const refusedSecret = yield* Vault.storeVaultSecret(secret).pipe(
        Effect.flip,
        Effect.provide(over(echo(JSON.stringify(secret.value)), { retry: false }))
      )
      assert.include(refusedSecret.message, "You sent \"<redacted>\".")
    }))

  const refused = <A, E>(
    call: Effect.Effect<A, E, OpenRouterClient.OpenRouterClient>,
    echoed: ReadonlyArray<string>
  ): Effect.Effect<string, A> =>
    Effect.map(
      Effect.flip(Effect.provide(call, over(echo(echoed.join(" and ")), { retry: false }))),
      (error) => String(error)
    )

  it.effect("are not in an error if they are nested, under any field name", () =>
    Effect.gen(function*() {
      const secrets = {
        apiKey: "dd-0123456789",
        password: "correct horse battery",
        secretAccessKey: "wJalrXUtnFEMI/K7MDENG",
        sessionToken: "FwoGZXIvYXdzE",
        dsn: "https://abcdef@sentry.example/1",
        nested: [{ clientSecret: "s3cr3t-deep-down" }]
      }
      const headers = { "x-honeycomb-team": "hc-0123456789", "authorization": "Basic dXNlcjpwYXNz" }
      const plain = { host: "clickhouse.example", username: "reporting", accessKeyId: "AKIAIOSFODNN7" }
      const message = yield* refused(
        Observability.create({ name: "n", type: "datadog", config: { ...secrets, ...plain, headers } }),
        [...Object.values(plain), ...Object.values(headers), "dXNlcjpwYXNz", "s3cr3t-deep-down"].concat(
          Object.values(secrets).filter((value) => typeof value === "string")
        )
      )
      assert.match(message, /You sent clickhouse\.example and reporting and AKIAIOSFODNN7 and <redacted> and /)
      for (const secret of ["hc-0123", "dXNlcjpwYXNz", "s3cr3t", "dd-0123", "horse", "wJalr", "FwoGZ", "abcdef@"]) {
        assert.notInclude(message, secret)
      }
    }))

  it.effect("are not in an error if a tool of a prompt has them; the prompt is not changed", () =>
    Effect.gen(function*() {
      const tool = {
        type: "mcp",
        server_label: "crm",
        server_url: "https://crm.example/mcp",
        authorization: "crm-0123456789",
        headers: { "x-tenant": "tenant-0123456789" }
      } as const
      const message = yield* refused(
        Responses.send({ model: "acme/small", input: "My secretary's key word", tools: [tool] }),
        ["crm-0123456789", "tenant-0123456789", "https://crm.example/mcp", "My secretary's key word"]
      )
      assert.include(
        message,
        "You sent <redacted> and <redacted> and https://crm.example/mcp and My secretary's key word."
      )
    }))
})
