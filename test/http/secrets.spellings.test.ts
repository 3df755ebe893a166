/** No spelling of a key gets into an error, log or span, wherever a server writes it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { layersOf } from "../../src/http/internal/spellings.js"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { chat as chatStream, textChunk } from "../support/events.js"
import { expose } from "./support/exposure.js"
import { cutOff, memory, over, respond, type Responder } from "./support/memory.js"
import * as Rows from "./support/rows.js"
import { plainKey, spelled } from "./support/spelled.js"

const chat = Rows.chat(Rows.hello)

const events = { "content-type": "text/event-stream" }

const error = (fields: string): string => `{"error":{"code":502,"message":"Provider returned error",${fields}}}`

/** Where a server may write the key: in text that is JSON as it stands, because `said` is escaped for it already. */
const places: Readonly<Record<string, (said: string) => readonly [Responder, "whole" | "stream"]>> = {
  "the message": (said) => [respond(401, `{"error":{"code":401,"message":"Unknown key ${said}"}}`), "whole"],
  "the raw text": (said) => [respond(502, error(`"metadata":{"raw":"upstream got ${said}"}`)), "whole"],
  "JSON in the raw text": (said) => [
    respond(502, error(`"metadata":{"raw":${JSON.stringify(`{"error":{"message":"got ${said}"}}`)}}`)),
    "whole"
  ],
  "the raw value": (said) => [respond(502, error(`"metadata":{"raw":{"detail":["${said}"]}}`)), "whole"],
  "a key of the metadata": (said) => [respond(502, error(`"metadata":{"x":{"${said}":1}}`)), "whole"],
  "the name of the provider": (said) => [respond(502, error(`"metadata":{"provider_name":"${said}"}`)), "whole"],
  "a text that is not JSON": (said) => [respond(502, `<p>Unknown key ${said}</p>`), "whole"],
  "an error behind a 200": (said) => [respond(200, error(`"metadata":{"raw":"${said}"}`)), "whole"],
  "a 200 of another shape": (said) => [respond(200, `{"id":7,"said":"${said}"}`), "whole"],
  "a body that breaks off": (said) => [cutOff(200, `{"id":"gen-1","said":"${said}`), "whole"],
  "an event with an error": (said) => [
    respond(200, `data: ${error(`"metadata":{"raw":"${said}"}`)}\n\n`, events),
    "stream"
  ],
  "an event of another shape": (said) => [
    respond(200, `data: {"id":7,"choices":[{"delta":{"content":"${said}"}}]}\n\n`, events),
    "stream"
  ],
  "an event before the stream breaks off": (said) => [
    respond(200, `data: {"choices":[{"index":0,"delta":{"content":"You sent ${said}"}}]}\n\n`, events),
    "stream"
  ]
}

const everySpelling = (text: string): string => Array.from(layersOf(text), (layer) => layer.text).join("\n")

const run = (responder: Responder, kind: "whole" | "stream", apiKey: string): Effect.Effect<string> => {
  const client = over(memory(responder), { apiKey: Redacted.make(apiKey), retry: false })
  return kind === "whole"
    ? expose(Effect.provide(chat, client))
    : expose(Effect.provide(Stream.runDrain(chatStream({ model: "m" })), client))
}

describe("a key in any spelling", () => {
  for (const [place, responder] of Object.entries(places)) {
    it.effect.prop(
      `does not leak from ${place}`,
      [plainKey.chain((key) => FastCheck.tuple(FastCheck.constant(key), spelled(key)))],
      ([[key, spelling]]) =>
        Effect.gen(function*() {
          const shown = yield* run(...responder(spelling), key)
          assert.include(shown, "Error")
          assert.notInclude(everySpelling(shown), key)
        }),
      { fastCheck: { numRuns: 15 } }
    )
  }

  it.effect("does not leak if it arrives in pieces", () =>
    Effect.gen(function*() {
      const key = "MARKED+of+another/form=="
      const wire = Array.from(key, (character) => `data: ${JSON.stringify(textChunk(character))}\n\n`).join("")
      assert.notInclude(yield* run(respond(200, wire, events), "stream", key), "MARKED+of")
    }))

  it.effect("does not leak from a cookie or from basic authorization", () =>
    Effect.gen(function*() {
      const headers = { cookie: "theme=dark; session=MARKED-cookie", authorization: `Basic ${btoa("me:MARKED-pass")}` }
      const said = "Unknown session MARKED-cookie, user me:MARKED-pass, password MARKED-pass"
      for (const status of [200, 401]) {
        const echo = respond(status, { error: { code: 401, message: said } })
        const call = Effect.provide(Rows.status(), over(memory(echo), { retry: false }))
        assert.notInclude(yield* expose(OpenRouterClient.withOptions(call, { headers })), "MARKED")
      }
    }))
})
