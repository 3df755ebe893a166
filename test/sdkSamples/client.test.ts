/** A client, its key, the keys of an account, the login of a user, and other endpoints. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Agent from "../../src/agent/Agent.js"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import type { ApiKey } from "../../src/schema/ApiKeys.js"
import * as Analytics from "../../src/services/Analytics.js"
import * as ApiKeys from "../../src/services/ApiKeys.js"
import * as Chat from "../../src/services/Chat.js"
import * as Completions from "../../src/services/Completions.js"
import * as Credits from "../../src/services/Credits.js"
import * as Models from "../../src/services/Models.js"
import * as OAuth from "../../src/services/OAuth.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { variables } from "../support/effect/variables.js"

const key: ApiKey = {
  byok_usage: 0,
  byok_usage_daily: 0,
  byok_usage_monthly: 0,
  byok_usage_weekly: 0,
  created_at: "2026-01-19T00:00:00Z",
  disabled: false,
  hash: "f01d52606dc8f0a8",
  include_byok_in_limit: false,
  label: "sk-or-v1-f01...",
  name: "Production API Key",
  usage: 0,
  usage_daily: 0,
  usage_monthly: 0,
  usage_weekly: 0,
  workspace_id: "5f0c"
}

describe("authentication", () => {
  it.effect("the key of the environment is in all requests", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ model: "openai/gpt-5-nano", input: "Hello!" })
      assert.strictEqual(yield* result.text, "Hi!")
      const [request] = yield* TestModel.requests
      assert.isTrue(request?.hasKey)
    }).pipe(
      Effect.scoped,
      Effect.provide(OpenRouterClient.layer()),
      Effect.provide(Layer.merge(
        TestModel.layer(["Hi!"]),
        variables({ OPENROUTER_API_KEY: "sk-or-v1-your-key-here" })
      ))
    ))

  it.effect("information about the current key", () =>
    Effect.gen(function*() {
      const { data } = yield* ApiKeys.getCurrentKeyMetadata()
      assert.deepStrictEqual([data.label, data.usage], ["sk-or-v1-f01...", 0.5])
    }).pipe(Effect.provide(MockHttpClient.layerClient([
      MockHttpClient.on(ApiKeys.getCurrentKeyMetadata, () => ({ data: { label: key.label, usage: 0.5 } }))
    ]))))

  it.effect("the keys of an account: list, create, get, update, delete", () =>
    Effect.gen(function*() {
      const keys = yield* ApiKeys.list()
      assert.deepStrictEqual(keys.data.map(({ hash }) => hash), [key.hash])
      const created = yield* ApiKeys.create({ name: "Production API Key" })
      assert.deepStrictEqual([created.data.name, created.key], ["Production API Key", "sk-or-v1-new"])
      assert.strictEqual((yield* ApiKeys.get({ hash: key.hash })).data.name, "Production API Key")
      assert.strictEqual((yield* ApiKeys.update({ hash: key.hash, name: "Updated" })).data.name, "Updated")
      assert.isTrue((yield* ApiKeys.delete({ hash: key.hash })).deleted)
      assert.deepStrictEqual(
        (yield* MockHttpClient.requests).map(({ method, path }) => `${method} ${path}`),
        ["GET /keys", "POST /keys", ...["GET", "PATCH", "DELETE"].map((method) => `${method} /keys/${key.hash}`)]
      )
    }).pipe(Effect.provide(MockHttpClient.layerClient([
      MockHttpClient.on(ApiKeys.list, () => ({ data: [key] })),
      MockHttpClient.on(ApiKeys.create, ({ name }) => ({ data: { ...key, name }, key: "sk-or-v1-new" })),
      MockHttpClient.on(ApiKeys.get, () => ({ data: key })),
      MockHttpClient.on(ApiKeys.update, ({ name = key.name }) => ({ data: { ...key, name } })),
      MockHttpClient.on(ApiKeys.delete, () => ({ deleted: true as const }))
    ]))))
})

describe("OAuth with PKCE", () => {
  /** The app of the guide: a login that waits in the session of a user, and then the key of the user. */
  const makeApp = () => {
    const session = new Map<string, OAuth.PendingLogin>()
    const keys = new Map<string, Redacted.Redacted>()
    return {
      keys,
      start: (user: string) =>
        Effect.map(OAuth.start({ callbackUrl: "https://myapp.com/auth/callback" }), (login) => {
          session.set(user, login)
          return { redirect: login.url }
        }),
      callback: (user: string, url: string) =>
        Effect.gen(function*() {
          const login = session.get(user)
          if (login === undefined) return { status: 400, body: "No login has begun" }
          const { key } = yield* OAuth.complete(login, url)
          keys.set(user, key)
          return { redirect: "/dashboard?auth=success" }
        }).pipe(
          Effect.catchTag(
            "LoginCodeMissingError",
            () => Effect.succeed({ status: 400, body: "Authorization code missing" })
          )
        ),
      chat: (user: string, message: string) =>
        Effect.gen(function*() {
          const result = yield* Agent.callModel({ model: "openai/gpt-5-nano", input: message })
          return { response: yield* result.text }
        }).pipe(
          Effect.scoped,
          OpenRouterClient.withOptions({ apiKey: keys.get(user) ?? Redacted.make("none") })
        )
    }
  }

  it.effect("the user allows the app, comes back with a code, and the app uses the key of the user", () =>
    Effect.gen(function*() {
      const app = makeApp()
      const { redirect } = yield* app.start("ada")
      const page = new URL(redirect)
      assert.strictEqual(page.origin + page.pathname, "https://openrouter.ai/auth")
      const back = new URL(page.searchParams.get("callback_url") ?? "")
      assert.strictEqual(back.origin + back.pathname, "https://myapp.com/auth/callback")
      assert.deepStrictEqual(yield* app.callback("ada", back.href), { status: 400, body: "Authorization code missing" })
      back.searchParams.set("code", "code-of-ada")
      assert.deepStrictEqual(yield* app.callback("ada", back.href), { redirect: "/dashboard?auth=success" })
      assert.strictEqual(Redacted.value(app.keys.get("ada") ?? assert.fail("no key")), "sk-or-v1-of-ada")
      assert.deepStrictEqual(yield* app.chat("ada", "Hello!"), { response: "Hi, Ada!" })
    }).pipe(Effect.provide(TestModel.layer(["Hi, Ada!"], {
      handlers: [
        MockHttpClient.on(
          OAuth.exchangeAuthCodeForAPIKey,
          ({ code }) => code === "code-of-ada" ? { key: "sk-or-v1-of-ada", user_id: "ada" } : assert.fail(code)
        )
      ]
    }))))
})

describe("other endpoints", () => {
  it.effect("models, chat, completions, activity and credits", () =>
    Effect.gen(function*() {
      const models = yield* Models.list()
      assert.deepStrictEqual(models.data, [])
      const completion = yield* Chat.send({
        model: "openai/gpt-5-nano",
        messages: [{ role: "user", content: "Hello!" }]
      })
      assert.strictEqual(Chat.text(completion), "Hi!")
      const legacy = yield* Completions.generate({ model: "openai/gpt-5-nano", prompt: "Once upon a time" })
      assert.strictEqual(Completions.text(legacy), " there was a king.")
      assert.deepStrictEqual((yield* Analytics.getUserActivity()).data, [])
      assert.deepStrictEqual((yield* Credits.getCredits()).data, { total_credits: 10, total_usage: 2.5 })
    }).pipe(Effect.provide(TestModel.layer(["Hi!"], {
      handlers: [
        MockHttpClient.on(Models.list, () => ({ data: [] })),
        MockHttpClient.on(Completions.generate, ({ model = "" }) => ({
          id: "gen-1",
          object: "text_completion" as const,
          created: 1,
          model,
          choices: [{ index: 0, text: " there was a king.", finish_reason: "stop", logprobs: null }]
        })),
        MockHttpClient.on(Analytics.getUserActivity, () => ({ data: [] })),
        MockHttpClient.on(Credits.getCredits, () => ({ data: { total_credits: 10, total_usage: 2.5 } }))
      ]
    }))))
})
