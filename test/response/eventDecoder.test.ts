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
})
