import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Messages from "../../src/services/Messages.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"

const request = { model: "openai/gpt-5-nano", max_tokens: 100, messages: [{ role: "user" as const, content: "Who?" }] }

const scripted = Script.turn([Script.reasoning(["H", "m"]), Script.text(["A", "b"])])

describe("text and accumulate", () => {
  it.effect("return the same text for a whole response and for a stream", () =>
    Effect.gen(function*() {
      assert.strictEqual(Messages.text(yield* Messages.send(request)), "Ab")
      assert.strictEqual(Messages.text(yield* Messages.accumulate(Messages.stream(request))), "Ab")
    }).pipe(Effect.provide(TestModel.layer([scripted, scripted]))))

  it.effect("fail with the partial response when the stream is truncated", () =>
    Effect.gen(function*() {
      const events = yield* Stream.runCollect(
        Stream.catchTag(Messages.stream(request), "StreamTruncatedError", () => Stream.empty)
      )
      const error = yield* Effect.flip(Messages.accumulate(Stream.fromChunk(events)))
      assert.deepStrictEqual([error._tag, error.partial?.text], ["StreamTruncatedError", "Ab"])
    }).pipe(Effect.provide(TestModel.layer([[Script.text(["A", "b"]), Script.truncate]]))))
})

describe("textDeltas and reasoningDeltas", () => {
  it.effect("emit the text and the reasoning of a stream in the pieces in which they arrive", () =>
    Effect.gen(function*() {
      const text = yield* Stream.runCollect(Messages.textDeltas(Messages.stream(request)))
      assert.deepStrictEqual(Chunk.toReadonlyArray(text), ["A", "b"])
      const reasoning = yield* Stream.runCollect(Messages.reasoningDeltas(Messages.stream(request)))
      assert.deepStrictEqual(Chunk.toReadonlyArray(reasoning), ["H", "m"])
    }).pipe(Effect.provide(TestModel.layer([scripted, scripted]))))
})
