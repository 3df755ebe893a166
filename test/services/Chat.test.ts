import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as Chat from "../../src/services/Chat.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { finishChunk, textChunk } from "../support/events.js"
import { ada, Person } from "./support/person.js"

const model = "openai/gpt-5-nano"
const messages = [{ role: "user", content: "Who?" }] as const
const request = { model, messages }

const scripted = Script.turn([Script.reasoning(["H", "m"]), Script.text(["A", "b"])])

describe("text and accumulate", () => {
  it.effect("return the same text for a whole response and for a stream", () =>
    Effect.gen(function*() {
      assert.strictEqual(Chat.text(yield* Chat.send(request)), "Ab")
      assert.strictEqual(Chat.text(yield* Chat.accumulate(Chat.stream(request))), "Ab")
    }).pipe(Effect.provide(TestModel.layer([scripted, scripted]))))

  it.effect("accumulates a stream, and fails with the partial response when the stream is truncated", () =>
    Effect.gen(function*() {
      const result = yield* Chat.accumulate(Stream.make(textChunk("a"), textChunk("b"), finishChunk))
      assert.strictEqual(Chat.text(result), "ab")
      const error = yield* Effect.flip(Chat.accumulate(Stream.make(textChunk("a"), textChunk("b"))))
      assert.deepStrictEqual([error._tag, error.partial?.text, error.generationId], [
        "StreamTruncatedError",
        "ab",
        "gen-1"
      ])
      assert.strictEqual(yield* Effect.flip(Chat.accumulate(Stream.fail("broken"))), "broken")
    }))
})

describe("a field that is newer than the types", () => {
  const newer = OpenRouterClient.withOptions({ extraBody: { thinking_style: "calm" } })

  it.effect("is sent with a whole response and with a stream, and leaves stream as it is", () =>
    Effect.gen(function*() {
      yield* newer(Chat.send(request))
      yield* Stream.runDrain(newer(Chat.stream(request)))
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(requests.map(({ json }) => [json["thinking_style"], json["model"], json["stream"]]), [
        ["calm", model, undefined],
        ["calm", model, true]
      ])
      const error = yield* Effect.flip(
        Chat.send(request).pipe(OpenRouterClient.withOptions({ extraBody: { stream: true } }))
      )
      assert.deepInclude(error, { _tag: "InvalidRequestError", parameter: "stream" })
    }).pipe(Effect.provide(TestModel.layer([scripted, scripted]))))
})

describe("textDeltas and reasoningDeltas", () => {
  it.effect("emit the text and the reasoning of a stream in the pieces in which they arrive", () =>
    Effect.gen(function*() {
      const text = yield* Stream.runCollect(Chat.textDeltas(Chat.stream(request)))
      assert.deepStrictEqual(Chunk.toReadonlyArray(text), ["A", "b"])
      const reasoning = yield* Stream.runCollect(Chat.reasoningDeltas(Chat.stream(request)))
      assert.deepStrictEqual(Chunk.toReadonlyArray(reasoning), ["H", "m"])
    }).pipe(Effect.provide(TestModel.layer([scripted, scripted]))))
})

describe("object", () => {
  it.effect("sends the schema and requires providers that support it", () =>
    Effect.gen(function*() {
      yield* Chat.object({ model, messages, schema: Person, temperature: 0, description: "Who it was" })
      const [request] = yield* TestModel.requests
      assert.deepStrictEqual(request?.json, {
        model,
        messages,
        temperature: 0,
        provider: { require_parameters: true },
        response_format: {
          type: "json_schema",
          json_schema: {
            name: "A_person",
            description: "Who it was",
            strict: true,
            schema: {
              type: "object",
              properties: {
                name: { type: "string" },
                born: {
                  anyOf: [{ type: "string", format: "date-time" }, { type: "null" }],
                  description: "an ISO 8601 date and time"
                },
                children: { type: "array", items: { type: "string" } }
              },
              required: ["name", "born", "children"],
              additionalProperties: false
            }
          }
        }
      })
    }).pipe(Effect.provide(TestModel.layer([JSON.stringify(ada)]))))
})
