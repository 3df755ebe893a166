/** Which failure is retried for which kind of endpoint. */
import { assert, describe, it } from "@effect/vitest"
import { Embeddings, Images, type OpenRouterClient, Rerank, Responses, Stt, Tts, Videos } from "effect-openrouter"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { Options } from "../../src/http/OpenRouterClient.js"
import { broken, cutOff, memory, over, respond, type Responder } from "./support/memory.js"
import * as Rows from "./support/rows.js"

type Call = Effect.Effect<unknown, unknown, OpenRouterClient.OpenRouterClient>

/** The kinds of endpoints, by their rule. */
const kinds: Readonly<Record<"paid" | "repeatable" | "write", Readonly<Record<string, Call>>>> = {
  paid: {
    chat: Rows.chat(Rows.hello),
    embeddings: Embeddings.generate({ model: "m", input: "text" }),
    images: Images.generate({ model: "m", prompt: "p" }),
    imagesStream: Stream.runDrain(Images.stream({ model: "m", prompt: "p" })),
    responsesStream: Stream.runDrain(Responses.stream({ model: "m", input: "p" })),
    speech: Stream.runDrain(Tts.createSpeech({ model: "m", input: "text", voice: "v" })),
    transcription: Stt.createTranscription({ model: "m", input_audio: { data: "aGk=", format: "mp3" } }),
    rerank: Rerank.rerank({ model: "m", query: "q", documents: ["d"] })
  },
  repeatable: {
    get: Rows.read({ id: "1" }),
    put: Rows.replace({ id: "1", size: 1 }),
    delete: Rows.remove({ id: "1" })
  },
  write: {
    post: Rows.create({}),
    video: Videos.generate({ model: "m", prompt: "p" })
  }
}

const failed = (status: number, more: object = {}, headers: Readonly<Record<string, string>> = {}) =>
  respond(status, { error: { code: status, message: "No.", ...more } }, {
    "content-type": "application/json",
    ...headers
  })

const inBody = (body: object) => respond(200, body, { "content-type": "application/json" })

const upstream = { code: 502, message: "Upstream died" }

interface Failure {
  readonly responder: Responder
  readonly retried: ReadonlyArray<keyof typeof kinds>
  /** Also retried for paid calls with the option `retryPaid`. */
  readonly whenPaid?: boolean
}

const all = ["paid", "repeatable", "write"] as const
const none = [] as const
const reads = ["repeatable"] as const

const availability = (retryable: boolean) => ({ availability: { code: "x", retryable } })

const usage = { prompt_tokens: 10, completion_tokens: 3000, total_tokens: 3010, cost: 0.5 }

const failures: Readonly<Record<string, Failure>> = {
  "a host that is not found": { responder: broken("ENOTFOUND"), retried: all },
  "a connection that is refused": { responder: broken("ECONNREFUSED"), retried: all },
  "a name server that does not respond": { responder: broken("EAI_AGAIN"), retried: all },
  "no route": { responder: broken("EHOSTUNREACH"), retried: all },
  "a connection that takes too long": { responder: broken("UND_ERR_CONNECT_TIMEOUT"), retried: all },
  "an invalid certificate": { responder: broken("CERT_HAS_EXPIRED"), retried: all },
  "a reset": { responder: broken("ECONNRESET"), retried: reads, whenPaid: true },
  "a closed socket": { responder: broken("UND_ERR_SOCKET"), retried: reads, whenPaid: true },
  "a broken pipe": { responder: broken("EPIPE"), retried: reads, whenPaid: true },
  "a timeout of the socket": { responder: broken("ETIMEDOUT"), retried: reads, whenPaid: true },
  "headers that fetch did not wait for": {
    responder: broken("UND_ERR_HEADERS_TIMEOUT"),
    retried: reads,
    whenPaid: true
  },
  "a failure without a code": { responder: broken("", "Failed to fetch"), retried: reads, whenPaid: true },
  "a body that breaks off": {
    responder: cutOff(200, "{\"id\":", { "content-type": "application/json" }),
    retried: reads,
    whenPaid: true
  },
  "429": { responder: failed(429), retried: all },
  "503": { responder: failed(503), retried: all },
  "529": { responder: failed(529), retried: ["paid", "repeatable"] },
  "500": { responder: failed(500), retried: ["paid", "repeatable"] },
  "502": { responder: failed(502), retried: ["paid", "repeatable"] },
  "408": { responder: failed(408), retried: reads, whenPaid: true },
  "504": { responder: failed(504), retried: reads, whenPaid: true },
  "524": { responder: failed(524), retried: reads, whenPaid: true },
  "400": { responder: failed(400), retried: none },
  "404": { responder: failed(404), retried: none },
  "404 that may pass": { responder: failed(404, availability(true)), retried: ["paid", "repeatable"] },
  "504 that may pass": { responder: failed(504, availability(true)), retried: reads, whenPaid: true },
  "503 that will not pass": { responder: failed(503, availability(false)), retried: none },
  "502 in a good status": { responder: inBody({ error: upstream }), retried: ["paid", "repeatable"] },
  "504 in a good status": { responder: inBody({ error: { ...upstream, code: 504 } }), retried: reads, whenPaid: true },
  "502 in a good status, with a cost": {
    responder: inBody({ error: upstream, usage }),
    retried: reads,
    whenPaid: true
  },
  "502 with a cost in the error": {
    responder: respond(502, { error: { ...upstream, usage } }),
    retried: reads,
    whenPaid: true
  },
  "502 with a cost in the metadata": {
    responder: respond(502, { error: { ...upstream, metadata: { usage } } }),
    retried: reads,
    whenPaid: true
  },
  "502 with a cost": { responder: respond(502, { error: upstream, usage }), retried: reads, whenPaid: true },
  "a response that is not JSON": { responder: respond(200, "<html>", { "content-type": "text/html" }), retried: none }
}

/** How many requests a call sends that always fails alike. */
const requestsOf = (responder: Responder, call: Call, options: Options = {}) =>
  Effect.gen(function*() {
    const wire = memory(responder)
    yield* Effect.exit(Effect.provide(call, over(wire, { retry: Schedule.recurs(2), ...options })))
    return wire.requests.length
  })

describe("a retry", () => {
  for (const [name, { responder, retried, whenPaid = false }] of Object.entries(failures)) {
    it.effect(`after ${name}: ${retried.length === 0 ? "never" : retried.join(", ")}`, () =>
      Effect.gen(function*() {
        for (const kind of all) {
          for (const [call, effect] of Object.entries(kinds[kind])) {
            const isRetried = retried.includes(kind)
            assert.strictEqual(yield* requestsOf(responder, effect), isRetried ? 3 : 1, call)
            assert.strictEqual(
              yield* requestsOf(responder, effect, { retryPaid: true }),
              isRetried || (kind === "paid" && whenPaid) ? 3 : 1,
              `${call}, with retryPaid`
            )
          }
        }
      }))
  }

  it.effect("is never made of what reports a cost, whatever the status", () =>
    Effect.gen(function*() {
      for (const status of [429, 500, 502, 503, 529]) {
        const responder = respond(status, { error: { code: status, message: "No." }, usage: { cost: 0.5 } })
        assert.strictEqual(yield* requestsOf(responder, Rows.chat(Rows.hello)), 1, String(status))
      }
    }))

  it.effect("is told by the message where it was not made", () =>
    Effect.gen(function*() {
      const message = (call: Effect.Effect<unknown, { readonly message: string }, OpenRouterClient.OpenRouterClient>) =>
        Effect.map(
          Effect.flip(Effect.provide(call, over(memory(broken("ECONNRESET", "read ECONNRESET"))))),
          (error) => error.message
        )
      assert.strictEqual(
        yield* message(Rows.chat(Rows.hello)),
        "chat.send: the request was sent, but the connection broke before a response came (ECONNRESET: read " +
          "ECONNRESET). The request may have been charged: look for it at https://openrouter.ai/activity. The option " +
          "`retryPaid` retries such requests, and each retry may be charged again."
      )
      assert.include(yield* message(Rows.create({})), "may have been carried out: check that")
    }))
})
