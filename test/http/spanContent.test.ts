/** Text in the spans of calls: only if it is asked for, in the form of the GenAI conventions. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as Chat from "../../src/services/Chat.js"
import * as Embeddings from "../../src/services/Embeddings.js"
import * as Messages from "../../src/services/Messages.js"
import * as Responses from "../../src/services/Responses.js"
import { sse, textChunk } from "../support/events.js"
import { memory, over, respond } from "./support/memory.js"
import { chatReply, conversation, model, noContent, responsesReply, spanOf } from "./support/spanOf.js"

describe("the messages of a call", () => {
  it.effect("are in no span without the option, nor with `none`", () =>
    Effect.gen(function*() {
      for (const telemetry of [undefined, {}, { content: "none" as const }]) {
        const { span } = yield* spanOf(conversation, telemetry, respond(200, chatReply))
        noContent(span)
        assert.isFalse(
          [...span.attributes.keys()].some((name) => /messages|instructions|value|openinference/.test(name))
        )
      }
    }))

  it.effect("of chat have roles and parts", () =>
    Effect.gen(function*() {
      const { input, output, span } = yield* spanOf(conversation, { content: "span" }, respond(200, chatReply))
      assert.deepStrictEqual(input, [
        { role: "system", parts: [{ type: "text", content: "Be brief." }] },
        { role: "user", parts: [{ type: "text", content: "What is this?" }] },
        { role: "assistant", parts: [{ type: "tool_call", id: "call_1", name: "look", arguments: { at: "it" } }] },
        { role: "tool", parts: [{ type: "tool_call_response", id: "call_1", response: "A stone" }] }
      ])
      assert.deepStrictEqual(output, [{
        role: "assistant",
        parts: [{ type: "reasoning", content: "It is grey." }, { type: "text", content: "A stone." }],
        finish_reason: "stop"
      }])
      assert.deepStrictEqual(span.events, [])
    }))

  it.effect("of responses have one message for the items of a turn, and the instructions apart", () =>
    Effect.gen(function*() {
      const call = Responses.send({
        model,
        instructions: "Be brief.",
        input: [
          { role: "user", content: "What is this?" },
          { type: "function_call", id: "fc_0", call_id: "call_0", name: "look", arguments: "{}" },
          { type: "function_call_output", call_id: "call_0", output: "A stone" }
        ]
      })
      const { at, input, output } = yield* spanOf(call, { content: "span" }, respond(200, responsesReply))
      assert.deepStrictEqual(at("gen_ai.system_instructions"), [{ type: "text", content: "Be brief." }])
      assert.deepStrictEqual(input, [
        { role: "user", parts: [{ type: "text", content: "What is this?" }] },
        { role: "assistant", parts: [{ type: "tool_call", id: "call_0", name: "look", arguments: {} }] },
        { role: "tool", parts: [{ type: "tool_call_response", id: "call_0", response: "A stone" }] }
      ])
      assert.deepStrictEqual(output, [{
        role: "assistant",
        parts: [
          { type: "reasoning", content: "Look." },
          { type: "tool_call", id: "call_1", name: "look", arguments: { at: "it" } }
        ],
        finish_reason: "tool_call"
      }])
    }))

  it.effect("of the messages API have its blocks", () =>
    Effect.gen(function*() {
      const call = Messages.send({
        model,
        max_tokens: 100,
        system: "Be brief.",
        messages: [{
          role: "user",
          content: [
            { type: "text", text: "What is this?" },
            { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
            { type: "tool_result", tool_use_id: "toolu_1", content: "A stone" }
          ]
        }]
      })
      const { at, input } = yield* spanOf(call, { content: "span" })
      assert.deepStrictEqual(at("gen_ai.system_instructions"), [{ type: "text", content: "Be brief." }])
      assert.deepStrictEqual(input, [{
        role: "user",
        parts: [
          { type: "text", content: "What is this?" },
          { type: "blob", mime_type: "image/png", size: 3 },
          { type: "tool_call_response", id: "toolu_1", response: "A stone" }
        ]
      }])
    }))

  it.effect("of embeddings are the texts", () =>
    Effect.gen(function*() {
      const { input } = yield* spanOf(Embeddings.generate({ model, input: ["a", "b"] }), { content: "span" })
      assert.deepStrictEqual(input, [
        { role: "user", parts: [{ type: "text", content: "a" }] },
        { role: "user", parts: [{ type: "text", content: "b" }] }
      ])
    }))

  it.effect("have the type and the size of images and files, and addresses without their query", () =>
    Effect.gen(function*() {
      const call = Chat.send({
        model,
        messages: [{
          role: "user",
          content: [
            { type: "image_url", image_url: { url: `data:image/png;base64,${btoa("12345678")}` } },
            { type: "image_url", image_url: { url: "https://user:pw@example.com/a.png?sig=private" } },
            { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAAAA==" } },
            { type: "input_audio", input_audio: { data: "AAAA", format: "mp3" } }
          ]
        }]
      })
      const { input } = yield* spanOf(call, { content: "span" })
      assert.deepStrictEqual(input, [{
        role: "user",
        parts: [
          { type: "blob", mime_type: "image/png", size: 8 },
          { type: "uri", modality: "image", uri: "https://example.com/a.png" },
          { type: "blob", mime_type: "application/pdf", size: 4 },
          { type: "blob", mime_type: "audio/*", size: 3 }
        ]
      }])
    }))

  it.effect("are in an event with `event`, and in both places with `both`", () =>
    Effect.gen(function*() {
      const event = yield* spanOf(conversation, { content: "event" }, respond(200, chatReply))
      assert.notProperty(Object.fromEntries(event.span.attributes), "gen_ai.input.messages")
      assert.deepStrictEqual(event.span.events.map(({ name }) => name), ["gen_ai.client.inference.operation.details"])
      const both = yield* spanOf(conversation, { content: "both" }, respond(200, chatReply))
      assert.deepStrictEqual(both.span.events[0]?.attributes, {
        "gen_ai.input.messages": both.span.attributes.get("gen_ai.input.messages"),
        "gen_ai.output.messages": both.span.attributes.get("gen_ai.output.messages")
      })
      assert.deepStrictEqual(both.span.events[0]?.attributes, event.span.events[0]?.attributes)
    }))

  it.effect("are of the request alone where the call fails, and have what arrived of a stream", () =>
    Effect.gen(function*() {
      const refused = yield* spanOf(conversation, { content: "span" }, respond(402, { error: { message: "No" } }))
      assert.isArray(refused.input)
      assert.isUndefined(refused.output)
      const stream = Stream.runDrain(Chat.stream({ model, messages: [{ role: "user", content: "Hi" }] }))
      const wire = sse(textChunk("Half"))
      const cut = yield* spanOf(
        stream,
        { content: "span" },
        respond(200, wire, { "content-type": "text/event-stream" })
      )
      assert.deepInclude(cut.output, { role: "assistant", parts: [{ type: "text", content: "Half" }] })
      assert.strictEqual(cut.at("error.type"), "StreamTruncatedError")
    }))

  it.effect("can be asked for one call, which keeps the other options of the client", () =>
    Effect.gen(function*() {
      const one = OpenRouterClient.withOptions(conversation, { telemetry: { content: "span" } })
      const { input } = yield* spanOf(one, { redact: () => ({ role: "user", parts: [] }) })
      assert.deepStrictEqual(input, Array.from({ length: 4 }, () => ({ role: "user", parts: [] })))
      const none = OpenRouterClient.withOptions(conversation, { telemetry: { content: "none" } })
      const { span } = yield* spanOf(none, { content: "both" })
      noContent(span)
    }))

  it.effect("are not written for a span that is not sampled", () =>
    Effect.gen(function*() {
      let asked = 0
      const redact = (message: OpenRouterClient.TelemetryMessage) => {
        asked++
        return message
      }
      const options = { telemetry: { content: "span", redact } } as const
      yield* conversation.pipe(
        Effect.provide(over(memory(respond(200, chatReply)), options)),
        Effect.withTracerEnabled(false)
      )
      assert.strictEqual(asked, 0)
    }))
})

describe("what a span must not hold", () => {
  const key = "my-gateway-key-0123456789"
  const other = "sk-or-v1-0123456789abcdef0123456789abcdef"

  it.effect("is the key, though the prompt and the response repeat it", () =>
    Effect.gen(function*() {
      const call = Chat.send({ model, messages: [{ role: "user", content: `Is ${key} or ${other} valid?` }] })
      const body = {
        ...chatReply,
        choices: [{ ...chatReply.choices[0], message: { role: "assistant", content: key } }]
      }
      const { span } = yield* spanOf(call, { content: "both", openInference: true }, respond(200, body), {
        apiKey: Redacted.make(key)
      })
      const seen = JSON.stringify([[...span.attributes], span.events.map(({ attributes }) => attributes)])
      assert.include(seen, "<redacted>")
      assert.notInclude(seen, key)
      assert.notInclude(seen, other)
    }))

  it.effect("is what `redact` removes", () =>
    Effect.gen(function*() {
      const redact = (message: OpenRouterClient.TelemetryMessage) =>
        message.role === "system" ? undefined : {
          ...message,
          parts: message.parts.map((part) =>
            part.type === "text" ? { ...part, content: part.content.replaceAll("stone", "***") } : part
          )
        }
      const { input, output } = yield* spanOf(conversation, { content: "span", redact }, respond(200, chatReply))
      assert.isArray(input)
      assert.notInclude(JSON.stringify(input), "brief")
      assert.include(JSON.stringify(output), "A ***.")
    }))

  it.effect("is anything that `redact` throws for, which does not fail the call", () =>
    Effect.gen(function*() {
      const redact = () => {
        throw new Error("broken")
      }
      const { span } = yield* spanOf(conversation, { content: "both", redact }, respond(200, chatReply))
      noContent(span)
      assert.isUndefined(span.attributes.get("error.type"))
    }))

  it.effect("is the rest of a long text, which is cut between characters and says how long it was", () =>
    Effect.gen(function*() {
      const call = Chat.send({ model, messages: [{ role: "user", content: "abc😀defgh" }] })
      const { input } = yield* spanOf(call, { content: "span", limit: 4 })
      assert.deepStrictEqual(input, [
        { role: "user", parts: [{ type: "text", content: "abc… (10 characters in all)" }] }
      ])
    }))
})
