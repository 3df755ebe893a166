/** Neither keys nor prompts are in an error, log, span or metric, whatever a server does with them. */
import { HttpClient } from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { inspect } from "node:util"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as Chat from "../../src/services/Chat.js"
import * as Byok from "../../src/services/endpoints/Byok.js"
import * as OAuth from "../../src/services/endpoints/OAuth.js"
import { expose } from "./support/exposure.js"
import { broken, cutOff, environment, memory, over, respond, type Responder } from "./support/memory.js"
import * as Rows from "./support/rows.js"

const mark = "MARKED4711"

/** Keys of OpenRouter's form, of other forms, and one that JSON writes in another way. */
const keys = [`sk-or-v1-${mark}`, `${mark}+other/form==`, `${mark}"\\/x`]

const prompt = "PRIVATE-PROMPT"

const chat = Rows.chat({ model: "acme/small", messages: [{ role: "user", content: prompt }] })

/** What a server answers that repeats the key wherever a body or a header has room. */
const echoes = (key: string): ReadonlyArray<readonly [string, Responder]> => {
  const said = `You sent "Authorization: Bearer ${key}".`
  const error = {
    code: key,
    message: said,
    error_type: said,
    type: said,
    metadata: {
      provider_name: said,
      error_type: said,
      raw: JSON.stringify({ error: { message: said }, headers: { authorization: `Bearer ${key}` } }),
      headers: { authorization: `Bearer ${key}`, [key]: said },
      patterns: [said, { [key]: key }]
    },
    availability: { code: said, fallback_models: [said], docs_url: `https://x/?key=${key}` }
  }
  const opaque = { ...error, message: "Provider returned error" }
  const headers = {
    "x-generation-id": latin(said),
    "x-provider-name": latin(said),
    "retry-after": "0",
    "x-echo": latin(said)
  }
  const message = {
    role: "assistant",
    content: said,
    reasoning: said,
    tool_calls: [{ id: said, function: { name: said } }]
  }
  const partial = { id: said, model: said, choices: [{ message, error }], usage: { cost: 1 } }
  return [
    ...[...Rows.statuses, 418, 520].map((status) => [`a ${status}`, respond(status, { error }, headers)] as const),
    ["an opaque error", respond(502, { error: opaque }, headers)],
    ["no envelope", respond(500, error, headers)],
    ["a string", respond(500, JSON.stringify(said), headers)],
    ["a page", respond(500, `<html><body>${said}</body></html>`, headers)],
    ["a page that breaks off", cutOff(500, `<html><body>${said}`, headers)],
    ["an error behind a 200", respond(200, { error }, headers)],
    ["an error in a choice", respond(200, partial, headers)],
    [
      "a failed response",
      respond(200, { object: "response", status: "failed", error, error_type: said, output: [] }, headers)
    ],
    [
      "an unfit answer",
      respond(200, { ...partial, choices: [{ message: { content: 7, said, [key]: key } }] }, headers)
    ],
    ["an answer that is no JSON", respond(200, said, headers)],
    ["an answer that breaks off", cutOff(200, `{"id":"${said}`, headers)],
    ["a connection that breaks", broken("ECONNRESET", said)],
    ["a connection that breaks with a strange code", broken(key, said)]
  ]
}

/** Where a text shows something that it must not. */
const leak = (shown: string, secret: string): string | undefined => {
  const at = shown.indexOf(secret)
  return at < 0 ? undefined : shown.slice(Math.max(0, at - 150), at + 80)
}

const latin = (text: string) => text.replace(/[^ -~]/g, "?")

describe("a key", () => {
  for (const key of keys) {
    it.effect(`59: of the form ${key.replace(mark, "…")} does not leak if the server repeats it`, () =>
      Effect.gen(function*() {
        for (const [name, echo] of echoes(key)) {
          const wire = memory(echo)
          const layer = over(wire, { apiKey: Redacted.make(key), retry: false, tracePropagation: true })
          const shown = yield* expose(Effect.provide(chat, layer))
          assert.include(wire.requests[0]?.headers["authorization"], mark)
          assert.isUndefined(leak(shown, mark), name)
          assert.include(shown, "Error", name)
          assert.include(shown, "OpenRouter attempt", name)
        }
      }))
  }

  it.effect("does not leak if it was set for the call, or with blanks around it", () =>
    Effect.gen(function*() {
      const echo = respond(500, `You sent ${keys[1]}.`)
      const padded = Redacted.make(` ${keys[1]}\n`)
      for (const apiKey of [padded, Effect.succeed(padded)]) {
        const call = OpenRouterClient.withOptions(chat, { apiKey })
        assert.isUndefined(leak(yield* expose(Effect.provide(call, over(memory(echo), { retry: false }))), mark))
      }
    }))

  it.effect("does not leak if the caller sends it in another header", () =>
    Effect.gen(function*() {
      const headers = { "Authorization": `Basic ${mark}==`, "X-Api-Key": `${mark}-a`, "cf-access-token": `${mark}-b` }
      const echo = respond(500, `You sent Basic ${mark}==, ${mark}== alone, ${mark}-a and ${mark}-b.`)
      for (const tracePropagation of [false, true]) {
        const call = Effect.provide(
          Rows.read({ id: "1" }),
          over(memory(echo), { headers, apiKey: undefined, retry: false, tracePropagation })
        )
        assert.isUndefined(leak(yield* expose(call), mark))
      }
    }))

  it.effect("is in no span and no metric if a good response repeats it as its id and its model", () =>
    Effect.gen(function*() {
      for (const key of keys) {
        const names = { id: `gen-${key}`, model: `acme/${key}` }
        const choice = { index: 0, finish_reason: key, message: { role: "assistant", content: "Hi" } }
        const body = respond(200, { ...names, choices: [choice], usage: { prompt_tokens: 1 } })
        const events = respond(200, `data: ${JSON.stringify({ ...names, choices: [{ ...choice, delta: {} }] })}\n\n`, {
          "content-type": "text/event-stream"
        })
        const messages = [{ role: "user", content: "Hi" }] as const
        const calls = [
          Effect.provide(
            Chat.send({ model: "acme/small", messages }),
            over(memory(body), { apiKey: Redacted.make(key) })
          ),
          Effect.provide(
            Stream.runDrain(Chat.stream({ model: "acme/small", messages })),
            over(memory(events), { apiKey: Redacted.make(key) })
          )
        ]
        for (const call of calls) {
          const shown = yield* expose(Effect.asVoid(call))
          assert.include(shown, "gen-<redacted>")
          assert.isUndefined(leak(shown, mark))
        }
      }
    }))

  it.effect("does not leak from a response with a new key", () =>
    Effect.gen(function*() {
      const created = [
        { key: `sk-or-v1-${mark}`, data: { hash: 7 } },
        { id: 7, nested: [{ text: `Your key: sk-or-v1-${mark}.` }] },
        { error: { code: 500, message: `Created sk-or-v1-${mark} but failed` } }
      ]
      for (const body of created) {
        assert.isUndefined(leak(yield* expose(Effect.provide(Rows.create({}), over(memory(respond(200, body))))), mark))
      }
      const broken = cutOff(200, `{"key":"sk-or-v1-${mark}`)
      assert.isUndefined(leak(yield* expose(Effect.provide(Rows.create({}), over(memory(broken)))), mark))
    }))

  it.effect("does not leak if it is sent in the body", () =>
    Effect.gen(function*() {
      const secret = `${mark}-of-the-body`
      const calls: ReadonlyArray<Effect.Effect<unknown, unknown, OpenRouterClient.OpenRouterClient>> = [
        OAuth.exchangeAuthCodeForAPIKey({ code: secret, code_verifier: secret, code_challenge_method: "S256" }),
        Byok.create({ provider: "openai", key: secret })
      ]
      const said = `You sent ${secret}.`
      const answers = [
        respond(400, { error: { code: 400, message: said, metadata: { raw: JSON.stringify({ input: secret }) } } }),
        respond(200, { said }),
        respond(200, said),
        cutOff(200, `{"said":"${said}`)
      ]
      for (const call of calls) {
        for (const echo of answers) {
          const shown = yield* expose(Effect.provide(call, over(memory(echo), { retry: false })))
          assert.isUndefined(leak(shown, mark))
          assert.include(shown, "Error")
        }
      }
    }))

  it.effect("does not leak from a stream of bytes that fails", () =>
    Effect.gen(function*() {
      for (const [name, echo] of echoes(keys[0] ?? "")) {
        const options = { apiKey: Redacted.make(keys[0] ?? ""), retry: false } as const
        const drained = Stream.runDrain(Rows.content({ id: "1" })).pipe(Effect.provide(over(memory(echo), options)))
        assert.isUndefined(leak(yield* expose(drained), mark), name)
      }
    }))

  it.effect("does not leak if it cannot be sent, or the request times out", () =>
    Effect.gen(function*() {
      const apiKey = Redacted.make(`sk-or-v1-${mark}\nX-Evil: yes`)
      assert.isUndefined(leak(yield* expose(Effect.provide(chat, over(memory(respond(200)), { apiKey }))), mark))
      const never: Responder = () => Effect.never
      const slow = Effect.provide(chat, over(memory(never), { apiKey: Redacted.make(keys[0] ?? "") }))
      const fiber = yield* Effect.fork(expose(slow))
      yield* TestClock.adjust("1 hour")
      const shown = yield* Fiber.join(fiber)
      assert.include(shown, "RequestTimeoutError")
      assert.isUndefined(leak(shown, mark))
    }))

  it.effect("does not leak from an invalid configuration", () =>
    Effect.gen(function*() {
      const bad: ReadonlyArray<OpenRouterClient.Options> = [
        { baseUrl: `https://${mark}@openrouter.ai` },
        { baseUrl: `https://openrouter.ai?key=${mark}` },
        { headers: { authorization: `Bearer ${mark}\n` } },
        { headers: { [`${mark}\n`]: "x" } }
      ]
      for (const options of bad) {
        const shown = yield* expose(Effect.provide(chat, over(memory(respond(200)), options)))
        assert.include(shown, "Failure")
        assert.isUndefined(leak(shown, mark))
      }
      const url = { OPENROUTER_BASE_URL: `http://openrouter.ai/?key=${mark}` }
      assert.isUndefined(leak(yield* expose(Effect.provide(chat, over(memory(respond(200)), {}, url))), mark))
    }))

  it.effect("is not shown by the client or by the options of a call", () =>
    Effect.gen(function*() {
      const apiKey = Redacted.make(keys[0] ?? "")
      const client = yield* Effect.provide(OpenRouterClient.OpenRouterClient, over(memory(respond(200)), { apiKey }))
      const fromConfig = yield* OpenRouterClient.make().pipe(
        Effect.provide(over(memory(respond(200)))),
        Effect.provideService(HttpClient, memory(respond(200)).client),
        Effect.provide(environment({ OPENROUTER_API_KEY: keys[0] ?? "" }))
      )
      for (const service of [client, fromConfig]) {
        assert.notInclude(inspect(service, { depth: null, showHidden: true }), mark)
        assert.notInclude(JSON.stringify(service) + String(service), mark)
      }
    }))
})

describe("the prompt", () => {
  it.effect("is not in an error, log, span or metric", () =>
    Effect.gen(function*() {
      const refusal = respond(400, { error: { code: 400, message: "No." } })
      const answers = [
        refusal,
        respond(200, Rows.reply),
        respond(200, "<html>"),
        cutOff(200, "{"),
        broken("ECONNRESET")
      ]
      for (const first of answers) {
        for (const tracePropagation of [false, true]) {
          const wire = memory(first)
          const shown = yield* expose(Effect.provide(chat, over(wire, { tracePropagation, retry: false })))
          assert.include(String(wire.requests[0]?.body), prompt)
          assert.isUndefined(leak(shown, prompt))
        }
      }
      const unsendable = Rows.create({ name: [prompt, 10n] })
      assert.isUndefined(leak(yield* expose(Effect.provide(unsendable, over(memory(refusal)))), prompt))
      const form = Rows.upload({ file: prompt, purpose: { [prompt]: prompt } })
      assert.isUndefined(leak(yield* expose(Effect.provide(form, over(memory(refusal)))), prompt))
    }))
})

describe("a client whose key changes", () => {
  it.effect("shows the key of no call in the facts of its response", () =>
    Effect.gen(function*() {
      let sent = ""
      const echo: Responder = (request) => {
        sent = request.headers["authorization"] ?? ""
        return respond(200, { id: "1" }, { "x-generation-id": `gen ${sent}` })(request)
      }
      const keys = ["first-key-of-all", "another-key", "first-key-of-all", "the-third-key"].map((key) =>
        Redacted.make(key)
      )
      yield* Effect.forEach(keys, (apiKey) =>
        Effect.gen(function*() {
          const { response } = yield* OpenRouterClient.withOptions(Rows.read.withResponse({ id: "1" }), { apiKey })
          assert.strictEqual(sent, `Bearer ${Redacted.value(apiKey)}`)
          assert.strictEqual(response.generationId, "gen <redacted>")
        })).pipe(Effect.provide(over(memory(echo))))
    }))
})

describe("personal data", () => {
  it.effect("of the account is not in an error", () =>
    Effect.gen(function*() {
      const user = "user_2abcMARKED"
      const bodies: ReadonlyArray<unknown> = [
        { error: { code: 500, message: "No." }, user_id: user },
        { error: { code: 500 }, user_id: user },
        { error: { code: 500, message: "No.", metadata: { user_id: user, limit: 3 } } },
        {
          error: { code: 502, message: "Provider returned error", metadata: { raw: { user_id: user, message: "x" } } }
        },
        { error: { code: 500, message: "x", user_id: user, availability: { user_id: user } } },
        { id: "gen-1", user_id: user, choices: [{ message: { content: "Half" }, error: { code: 502, message: "x" } }] },
        { id: 7, user_id: user }
      ]
      for (const body of bodies) {
        for (const status of [200, 500]) {
          const shown = yield* expose(Effect.provide(chat, over(memory(respond(status, body)), { retry: false })))
          assert.isUndefined(leak(shown, user))
        }
      }
      const broken = cutOff(500, `{"error":{"code":500},"user_id":"${user}`)
      assert.isUndefined(leak(yield* expose(Effect.provide(chat, over(memory(broken), { retry: false }))), user))
    }))

  it.effect("in a response is not changed", () =>
    Effect.gen(function*() {
      const call = { id: "1", function: { name: "find", arguments: "{\"user_id\":\"user_42\"}" } }
      const body = { choices: [{ message: { tool_calls: [call] }, error: { code: 502, message: "x" } }] }
      const shown = yield* expose(Effect.provide(chat, over(memory(respond(200, body)), { retry: false })))
      assert.include(shown, "user_42")
    }))
})
