/** What spans have beside messages: reasons, kinds, ends; and the variable that decides about messages. */
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as Chat from "../../src/services/Chat.js"
import * as Embeddings from "../../src/services/Embeddings.js"
import * as Responses from "../../src/services/Responses.js"
import { tracer } from "../support/effect/tracing.js"
import { variables } from "../support/effect/variables.js"
import { done, sse, textChunk } from "../support/events.js"
import { settled } from "../support/settled.js"
import { memory, over, respond, type Responder } from "./support/memory.js"
import { chatReply, conversation, model, noContent, responsesOf, responsesReply, spanOf } from "./support/spanOf.js"

describe("finish reasons", () => {
  it.effect("of responses are those of chat", () =>
    Effect.gen(function*() {
      const message = {
        type: "message",
        id: "m",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text: "A", annotations: [] }]
      }
      const reasons = [
        [{}, [message], "stop"],
        [{}, responsesReply.output, "tool_calls"],
        [{ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }, [message], "length"],
        [{ status: "incomplete", incomplete_details: { reason: "content_filter" } }, [message], "content_filter"]
      ] as const
      for (const [fields, output, expected] of reasons) {
        const { span } = yield* responsesOf(fields, output)
        assert.deepStrictEqual(span.attributes.get("gen_ai.response.finish_reasons"), [expected])
      }
    }))

  it.effect("of responses that broke off are none", () =>
    Effect.gen(function*() {
      const created = {
        type: "response.created",
        sequence_number: 0,
        response: { ...responsesReply, status: "in_progress" }
      }
      const { span } = yield* spanOf(
        Stream.runDrain(Responses.stream({ model, input: "Hi" })),
        undefined,
        respond(200, sse(created), { "content-type": "text/event-stream" })
      )
      assert.strictEqual(span.attributes.get("error.type"), "StreamTruncatedError")
      assert.notProperty(Object.fromEntries(span.attributes), "gen_ai.response.finish_reasons")
    }))
})

describe("OpenInference", () => {
  it.effect("has kinds without content, and values with it", () =>
    Effect.gen(function*() {
      const kinds = yield* spanOf(conversation, { openInference: true }, respond(200, chatReply))
      assert.strictEqual(kinds.at("openinference.span.kind"), "LLM")
      assert.notProperty(Object.fromEntries(kinds.span.attributes), "input.value")
      noContent(kinds.span)
      const { at } = yield* spanOf(conversation, { openInference: true, content: "span" }, respond(200, chatReply))
      assert.deepStrictEqual(at("input.value"), at("gen_ai.input.messages"))
      assert.deepStrictEqual(at("output.value"), at("gen_ai.output.messages"))
      const embeddings = yield* spanOf(Embeddings.generate({ model, input: "a" }), { openInference: true })
      assert.strictEqual(embeddings.at("openinference.span.kind"), "EMBEDDING")
    }))
})

describe("an interrupted stream", () => {
  it.effect("has a span that ended, with what had arrived", () =>
    Effect.gen(function*() {
      const { spans, tracer: recording } = tracer()
      const stalling: Responder = () =>
        Effect.sync(() =>
          new Response(
            new ReadableStream({
              start: (controller) => controller.enqueue(new TextEncoder().encode(sse(textChunk("Half"))))
            }),
            { headers: { "content-type": "text/event-stream" } }
          )
        )
      const client = over(memory(stalling), { telemetry: { content: "span" } })
      const fiber = yield* Effect.fork(
        Stream.runDrain(Chat.stream({ model, messages: [{ role: "user", content: "Hi" }] })).pipe(
          Effect.provide(client),
          Effect.withTracer(recording)
        )
      )
      yield* TestClock.adjust("1 second")
      yield* settled
      yield* Fiber.interrupt(fiber)
      const span = spans[0] ?? assert.fail("no span")
      const status = span.status()
      assert.strictEqual(status._tag, "Ended")
      assert.include(String(span.attributes.get("gen_ai.output.messages")), "Half")
      assert.isTrue(span.attributes.get("openrouter.response.complete") === false)
      assert.isUndefined(span.attributes.get("error.type"))
    }))

  it.effect("is told from one that was read to its end", () =>
    Effect.gen(function*() {
      const wire = sse(textChunk("a"), {
        ...chatReply,
        object: "chat.completion.chunk",
        choices: [{ index: 0, delta: {}, finish_reason: "stop" }]
      }) + done
      const sent = respond(200, wire, { "content-type": "text/event-stream" })
      const chat = Chat.stream({ model, messages: [{ role: "user", content: "Hi" }] })
      const whole = yield* spanOf(Stream.runDrain(chat), undefined, sent)
      assert.notProperty(Object.fromEntries(whole.span.attributes), "openrouter.response.complete")
    }))
})

describe("the environment variable", () => {
  it.effect("decides only where it is asked for", () =>
    Effect.gen(function*() {
      const read = (value: string) =>
        Effect.provide(
          OpenRouterClient.telemetryContent,
          variables({ OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: value })
        )
      assert.strictEqual(yield* read("SPAN_ONLY"), "span")
      assert.strictEqual(yield* read("event_only"), "event")
      assert.strictEqual(yield* read("SPAN_AND_EVENT"), "both")
      assert.strictEqual(yield* read("NO_CONTENT"), "none")
      assert.strictEqual(yield* read("true"), "none")
    }))

  it.effect("reaches the client through `layerConfig`", () =>
    Effect.gen(function*() {
      const client = OpenRouterClient.layerConfig({
        telemetry: { content: OpenRouterClient.telemetryContent, limit: 3 }
      }).pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, memory(respond(200, chatReply)).client)),
        Layer.provide(
          variables({
            OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: "SPAN_ONLY",
            OPENROUTER_API_KEY: "sk-or-123"
          })
        )
      )
      const { options } = yield* Effect.provide(OpenRouterClient.OpenRouterClient, client)
      assert.deepStrictEqual(options.telemetry, { content: "span", limit: 3 })
    }))
})
