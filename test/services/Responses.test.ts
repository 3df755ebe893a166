import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Responses from "../../src/services/Responses.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { ada, Person } from "./support/person.js"

const model = "openai/gpt-5-nano"
const request = { model, input: "Who?" }

const scripted = Script.turn([Script.reasoning(["H", "m"]), Script.text(["A", "b"])])

describe("text and accumulate", () => {
  it.effect("return the same text for a whole response and for a stream", () =>
    Effect.gen(function*() {
      assert.strictEqual(Responses.text(yield* Responses.send(request)), "Ab")
      assert.strictEqual(Responses.text(yield* Responses.accumulate(Responses.stream(request))), "Ab")
    }).pipe(Effect.provide(TestModel.layer([scripted, scripted]))))

  it.effect("fail with the partial response when the stream is truncated", () =>
    Effect.gen(function*() {
      const events = yield* Stream.runCollect(
        Stream.catchTag(Responses.stream(request), "StreamTruncatedError", () => Stream.empty)
      )
      const error = yield* Effect.flip(Responses.accumulate(Stream.fromChunk(events)))
      assert.deepStrictEqual([error._tag, error.partial?.text], ["StreamTruncatedError", "Ab"])
    }).pipe(Effect.provide(TestModel.layer([[Script.text(["A", "b"]), Script.truncate]]))))
})

describe("textDeltas and reasoningDeltas", () => {
  it.effect("emit the text and the reasoning of a stream in the pieces in which they arrive", () =>
    Effect.gen(function*() {
      const text = yield* Stream.runCollect(Responses.textDeltas(Responses.stream(request)))
      assert.deepStrictEqual(Chunk.toReadonlyArray(text), ["A", "b"])
      const reasoning = yield* Stream.runCollect(Responses.reasoningDeltas(Responses.stream(request)))
      assert.deepStrictEqual(Chunk.toReadonlyArray(reasoning), ["H", "m"])
    }).pipe(Effect.provide(TestModel.layer([scripted, scripted]))))
})

describe("object", () => {
  it.effect("sends the schema beside the other options of the text", () =>
    Effect.gen(function*() {
      yield* Responses.object({
        model,
        input: "Who?",
        schema: Person,
        name: "person",
        strict: false,
        text: { verbosity: "low" },
        provider: { order: ["Azure"], require_parameters: false }
      })
      const [request] = yield* TestModel.requests
      assert.deepStrictEqual(request?.json["provider"], { order: ["Azure"], require_parameters: false })
      const { format, ...text } = Object(request?.json["text"])
      assert.deepStrictEqual(text, { verbosity: "low" })
      assert.deepStrictEqual([format.type, format.name, format.strict], ["json_schema", "person", false])
      assert.deepStrictEqual(format.schema.required, ["name", "children"])
    }).pipe(Effect.provide(TestModel.layer([JSON.stringify(ada)]))))
})
