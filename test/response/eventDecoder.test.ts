import { assert, describe, it } from "@effect/vitest"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import * as CompletionsProtocol from "../../src/response/completionsProtocol.js"
import { EventDecoder } from "../../src/response/eventDecoder.js"
import * as ImagesProtocol from "../../src/response/imagesProtocol.js"
import * as InternsProtocol from "../../src/response/internsProtocol.js"
import * as MessagesProtocol from "../../src/response/messagesProtocol.js"
import type { Protocol } from "../../src/response/protocol.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { sse } from "../support/events.js"

const protocols: ReadonlyArray<Protocol<unknown, unknown>> = [
  ChatProtocol.protocol,
  CompletionsProtocol.protocol,
  ImagesProtocol.protocol,
  InternsProtocol.protocol,
  MessagesProtocol.protocol,
  ResponsesProtocol.protocol
]

const error = { code: 502, message: "The provider died" }
const usage = { input_tokens: 7, output_tokens: 3, cost: 0.5 }

const bodies: { readonly [title: string]: string } = {
  "an event": sse({ error, usage }),
  "an event with a type": sse({ type: "error", error, usage }),
  "an event with the usage in the error": sse({ type: "error", error: { ...error, usage } }),
  "an event with the usage in the metadata": sse({ type: "error", error: { ...error, metadata: { usage } } }),
  "a later event": sse({ type: "error", error }, { usage }),
  "JSON in place of events": JSON.stringify({ error, usage })
}

const isNumber = (u: unknown): u is number => typeof u === "number"

describe("EventDecoder", () => {
  for (const protocol of protocols) {
    for (const [title, body] of Object.entries(bodies)) {
      it(`${protocol.name}: keeps the usage of an error that is ${title}`, () => {
        const decoder = new EventDecoder(protocol)
        assert.deepStrictEqual(decoder.push([new TextEncoder().encode(body)]), [])
        decoder.end()
        assert.strictEqual(decoder.flaw?.kind, "error")
        assert.include(decoder.partial(), { inputTokens: 7, outputTokens: 3, cost: 0.5 })
      })
    }
  }

  it("checks a good event once, and an event that needs to be fitted twice", () => {
    const checked: Array<unknown> = []
    const check = (event: unknown): event is unknown => {
      checked.push(event)
      return !isNumber(event)
    }
    const protocol = { ...ChatProtocol.protocol, fit: (event: unknown) => isNumber(event) ? { fitted: event } : event }
    const decoder = new EventDecoder(protocol, { check })
    const good = [{ id: "1" }, { id: "2" }]
    const events = decoder.push([new TextEncoder().encode(sse(...good, 3))])
    assert.deepStrictEqual(events, [...good, { fitted: 3 }])
    assert.deepStrictEqual(checked, [...good, 3, { fitted: 3 }])
  })
})
