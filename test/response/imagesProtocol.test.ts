import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ImagesProtocol from "../../src/response/imagesProtocol.js"
import { issues } from "../../src/schema/guard.js"
import { ImageGenerationResponse, ImageStreamEvent } from "../../src/schema/Images.js"
import * as Images from "../../src/services/Images.js"
import * as EventStream from "../../src/stream/EventStream.js"
import { addUp, done, outcome, reads, sse } from "../support/events.js"

const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, cost: 0.5 }

const preview = (b64_json: string) => ({ type: "image_generation.partial_image", partial_image_index: 0, b64_json })
const completed = (b64_json: string, fields: object = {}) => ({
  type: "image_generation.completed",
  b64_json,
  created: 1700000000,
  ...fields
})
const textChunk = (phase: string, text: string) => ({ type: "image_generation.text_chunk", phase, text })

const all = (...events: ReadonlyArray<unknown>) => addUp(ImagesProtocol.protocol, events)

const decode = EventStream.decode(ImagesProtocol.protocol, ImageStreamEvent, { documented: Images.stream.errors })

describe("ImagesProtocol", () => {
  it("adds events up to the finished images", () => {
    const { partial, result } = all(
      preview("AA"),
      preview("AAA"),
      completed("AAAA", { media_type: "image/png" }),
      completed("BBBB", { usage })
    )
    assert.deepStrictEqual<unknown>(result, {
      created: 1700000000,
      data: [{ b64_json: "AAAA", media_type: "image/png" }, { b64_json: "BBBB" }],
      usage
    })
    assert.deepStrictEqual(issues(ImageGenerationResponse, result), [])
    assert.include({ ...partial }, { inputTokens: 7, outputTokens: 3, cost: 0.5 })
  })

  it("has the last preview and the text in its partial response, and no result, before an image is finished", () => {
    const { partial, result } = all(
      textChunk("reasoning", "Hm"),
      textChunk("content", "A "),
      textChunk("draft", "not this"),
      textChunk("content", "cat"),
      preview("AA"),
      preview("AAA")
    )
    assert.isUndefined(result)
    assert.deepStrictEqual([partial.text, partial.reasoning, partial.result], [
      "A cat",
      "Hm",
      { data: [{ b64_json: "AAA" }] }
    ])
  })

  it.effect("finds an error, and is complete at the finished image", () =>
    Effect.gen(function*() {
      const error = { type: "error", error: { message: "No luck", code: "server_error" } }
      const failed = yield* outcome(decode(reads(sse(preview("AA"), error) + done)))
      assert.deepStrictEqual([failed.events.length, failed.error?._tag], [1, "InternalServerResponseError"])
      assert.isUndefined((yield* outcome(decode(reads(sse(completed("AAAA")))))).error)
      for (const last of ["", done]) {
        const { error } = yield* outcome(decode(reads(sse(preview("AA")) + last)))
        assert(error?._tag === "StreamTruncatedError")
        assert.deepStrictEqual(error.partial?.result, { data: [{ b64_json: "AA" }] })
      }
    }))

  it.effect("finds an error in an event of any type", () =>
    Effect.gen(function*() {
      const event = { type: "image_generation.failed", error: { message: "No luck", code: 502 } }
      const { error, events } = yield* outcome(decode(reads(sse(preview("AA"), event) + done)))
      assert.deepStrictEqual([events.length, error?._tag], [1, "BadGatewayResponseError"])
    }))

  it.effect("finds an error without an envelope, or as text", () =>
    Effect.gen(function*() {
      const flat = yield* outcome(
        decode(reads(sse({ type: "error", message: "No luck", code: "server_error" }) + done))
      )
      assert.deepStrictEqual([flat.error?._tag, flat.error?.message.slice(0, 7)], [
        "InternalServerResponseError",
        "No luck"
      ])
      for (const event of [{ type: "error", error: "No luck" }, { error: "No luck" }]) {
        const { error } = yield* outcome(decode(reads(sse(preview("AA"), event) + done)))
        assert.deepStrictEqual([error?._tag, error?.message], ["OpenRouterDefaultError", "No luck"])
      }
    }))

  it.effect("accumulates", () =>
    Effect.gen(function*() {
      const { events } = yield* outcome(decode(reads(sse(preview("AA"), completed("AAAA")) + done)))
      const result = yield* Images.accumulate(Stream.fromIterable(events))
      assert.deepStrictEqual(result, { created: 1700000000, data: [{ b64_json: "AAAA" }] })
      const error = yield* Effect.flip(Images.accumulate(Stream.fromIterable(events.slice(0, 1))))
      assert.strictEqual(error._tag, "StreamTruncatedError")
    }))
})
