import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { ConnectionError } from "../../src/http/OpenRouterError.js"
import * as ChatProtocol from "../../src/response/chatProtocol.js"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { StreamEvents } from "../../src/schema/ResponsesEvents.js"
import * as EventStream from "../../src/stream/EventStream.js"
import {
  chunk,
  decodeChat,
  done,
  encode,
  finishChunk,
  outcome,
  reads,
  sse,
  textChunk,
  texts,
  usage
} from "../support/events.js"

const rateLimited = { error: { code: 429, message: "Slow down" } }

describe("EventStream.decode", () => {
  it.effect("emits one chunk for each network read that completes events", () =>
    Effect.gen(function*() {
      const wire = reads(
        ": hi\n\n",
        sse(textChunk("a"), textChunk("b")) + "data: {",
        JSON.stringify(textChunk("c")).slice(1),
        "\n\n" + sse(finishChunk) + done
      )
      const chunks = yield* Stream.runCollect(Stream.chunks(decodeChat()(wire)))
      assert.deepStrictEqual(Chunk.toArray(chunks).map((events) => texts(Chunk.toArray(events))), [["a", "b"], [
        "c",
        ""
      ]])
    }))

  it.effect("emits events with the fields that no schema knows", () =>
    Effect.gen(function*() {
      const event = chunk({ content: "a", tomorrow: [1] }, "stop", { novelty: { deep: true } })
      const { events } = yield* outcome(decodeChat()(reads(sse(event) + done)))
      assert.deepStrictEqual(events, [event])
    }))

  it.effect("ends at [DONE] under any event name, and ignores the rest", () =>
    Effect.gen(function*() {
      const wire = reads(
        sse(textChunk("a"), finishChunk),
        "event: data\ndata: [DONE]\n\n" + sse(textChunk("b"), rateLimited),
        sse(textChunk("c"))
      )
      const { error, events } = yield* outcome(decodeChat()(wire))
      assert.deepStrictEqual([texts(events), error], [["a", ""], undefined])
    }))

  it.effect("47: fails with the class of an error event, after the events before it", () =>
    Effect.gen(function*() {
      const { error, events } = yield* outcome(decodeChat()(reads(sse(textChunk("a"), textChunk("b"), rateLimited))))
      assert.deepStrictEqual(texts(events), ["a", "b"])
      assert.strictEqual(error?._tag, "TooManyRequestsResponseError")
      assert(error?._tag === "TooManyRequestsResponseError")
      assert.strictEqual(error.status, 429)
      assert.include(error.message, "Slow down")
      assert.strictEqual(error.partial?.text, "ab")
      assert.strictEqual(error.generationId, "gen-1")
    }))

  it.effect("reads on after an error for its usage alone, and adds no text to its partial response", () =>
    Effect.gen(function*() {
      const failed = chunk({ content: "" }, "stop", { error: { code: 502, message: "Malformed function call" } })
      const { error, events } = yield* outcome(
        decodeChat()(
          reads(sse(textChunk("a"), failed), sse(chunk({ content: "" }, null, { usage }), textChunk("b")), done)
        )
      )
      assert.deepStrictEqual(texts(events), ["a"])
      assert(error?._tag === "BadGatewayResponseError")
      assert.include({ ...error.partial }, {
        text: "a",
        finishReason: "stop",
        inputTokens: 7,
        outputTokens: 3,
        cost: 0.5
      })
    }))

  it.effect("reads the usage of the event with the error", () =>
    Effect.gen(function*() {
      const failed = chunk({ content: "" }, null, { error: { code: 400, message: "Token limit reached" }, usage })
      const { error } = yield* outcome(decodeChat()(reads(sse(chunk({ content: "a" }, "length"), failed) + done)))
      assert(error?._tag === "BadRequestResponseError")
      assert.include({ ...error.partial }, { text: "a", finishReason: "length", cost: 0.5 })
    }))

  it.effect("47: finds the error of a choice, and a finish_reason that means an error", () =>
    Effect.gen(function*() {
      const inChoice = chunk({}, "tool_calls")
      const broken = {
        ...inChoice,
        choices: [{ ...inChoice.choices[0], error: { code: 504, message: "Upstream idle" } }]
      }
      const first = yield* outcome(decodeChat()(reads(sse(textChunk("a"), broken))))
      assert.strictEqual(first.error?._tag, "GatewayTimeoutResponseError")
      const stopped = {
        ...chunk({}),
        choices: [{ index: 0, delta: {}, finish_reason: "error", native_finish_reason: "SAFETY" }]
      }
      const second = yield* outcome(decodeChat()(reads(sse(textChunk("a"), stopped) + done)))
      assert(second.error?._tag === "BadGatewayResponseError")
      assert.include(second.error.message, "SAFETY")
      assert.strictEqual(second.error.partial?.text, "a")
    }))

  it.effect("reads an error that is not an object, and one without an envelope, with code and message", () =>
    Effect.gen(function*() {
      for (
        const payload of [{ error: "oops", code: 502 }, { error: true, message: "oops", code: 502 }, {
          code: 502,
          message: "oops"
        }]
      ) {
        const { error, events } = yield* outcome(decodeChat()(reads(sse(textChunk("a"), payload))))
        assert.deepStrictEqual(texts(events), ["a"])
        assert(error?._tag === "BadGatewayResponseError")
        assert.match(error.message, /^oops\. /)
        assert.strictEqual(error.partial?.text, "a")
      }
    }))

  it.effect("reads an empty response as a failure of its provider", () =>
    Effect.gen(function*() {
      const used = chunk({ content: "" }, null, { usage })
      for (const wire of [done, sse(chunk({ content: "" })) + done, sse(chunk({}), used) + done]) {
        const { error } = yield* outcome(decodeChat()(reads(": OPENROUTER PROCESSING\n\n", wire)))
        assert(error?._tag === "BadGatewayResponseError")
        assert.match(error.message, /^The response is empty/)
        assert.strictEqual(error.partial?.cost, wire.includes("usage") ? 0.5 : undefined)
      }
      const image = { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } }
      const drawn = chunk({ content: "", images: [image] })
      for (const wire of [sse(finishChunk), sse(textChunk("a"), used), sse(drawn, used)]) {
        assert.isUndefined((yield* outcome(decodeChat()(reads(wire + done)))).error)
      }
    }))

  it.effect("has OpenRouterDefaultError for a status that is not documented", () =>
    Effect.gen(function*() {
      const { error } = yield* outcome(decodeChat({ documented: [400] })(reads(sse(rateLimited))))
      assert(error?._tag === "OpenRouterDefaultError")
      assert.deepStrictEqual([error.status, error.partial], [429, undefined])
    }))

  it.effect("fails on data that is not JSON, with its text", () =>
    Effect.gen(function*() {
      const { error, events } = yield* outcome(decodeChat()(reads(sse(textChunk("a"), "<html>oops", textChunk("b")))))
      assert.deepStrictEqual(texts(events), ["a"])
      assert(error?._tag === "ResponseValidationError")
      assert.deepStrictEqual([error.received, error.partial?.text, error.generationId], ["<html>oops", "a", "gen-1"])
      assert.include(error.message, "chat")
    }))

  it.effect("49: fails on a known event of the wrong shape, with the path", () =>
    Effect.gen(function*() {
      const wrong = { ...textChunk("b"), choices: [{ index: 0, delta: { content: 5 }, finish_reason: null }], usage }
      const { error, events } = yield* outcome(
        decodeChat({ name: "chat.stream" })(reads(sse(textChunk("a"), wrong, textChunk("c"))))
      )
      assert.deepStrictEqual(texts(events), ["a"])
      assert(error?._tag === "ResponseValidationError")
      assert.include(error.issues.map((issue) => issue.path), "choices.0.delta.content")
      assert.match(error.message, /^chat\.stream: .*choices\.0\.delta\.content: Expected string/)
      assert.notInclude(error.message, "actual")
      assert.strictEqual(error.received, JSON.stringify(wrong))
      assert.include({ ...error.partial }, { text: "a", cost: 0.5 })
    }))

  it.effect("has the generation id of a body that is not a stream, from its header or its text", () =>
    Effect.gen(function*() {
      const wire = reads("{\"id\":\"gen-9\",", "\"made\":1}")
      const { error } = yield* outcome(decodeChat()(wire))
      assert(error?._tag === "ResponseValidationError")
      assert.deepStrictEqual([error.generationId, error.received], ["gen-9", "{\"id\":\"gen-9\",\"made\":1}"])
      const named = yield* outcome(decodeChat({ generationId: "gen-header" })(wire))
      assert.strictEqual(named.error?._tag === "ResponseValidationError" && named.error.generationId, "gen-header")
    }))

  it.effect("removes keys anywhere in an event of the wrong shape", () =>
    Effect.gen(function*() {
      const schema = Schema.Struct({ counts: Schema.Record({ key: Schema.String, value: Schema.Number }) })
      const { accumulator } = ChatProtocol.protocol
      const protocol = { name: "counts", errorOf: () => undefined, accumulator }
      const scrub = (text: string) => text.replaceAll("sk-secret", "<redacted>")
      const decode = EventStream.decode(protocol, schema, { documented: [], scrub })
      const { error } = yield* outcome(decode(reads(sse({ counts: { "sk-secret": "sk-secret" } }))))
      assert(error?._tag === "ResponseValidationError")
      assert.deepStrictEqual(error.issues.map(({ path }) => path), ["counts.<redacted>"])
      assert.notInclude(JSON.stringify([error, error.message]), "sk-secret")
    }))

  it.effect("48: emits events of unknown types", () =>
    Effect.gen(function*() {
      const unknown = { type: "response.telepathy.delta", delta: 7, sequence_number: 0 }
      const decode = EventStream.decode(ResponsesProtocol.protocol, StreamEvents, { documented: [] })
      const { error, events } = yield* outcome(decode(reads(sse(unknown) + done)))
      assert.deepStrictEqual([events, error?._tag], [[unknown], "StreamTruncatedError"])
    }))

  it.effect("ends without an error after a terminal event without [DONE], even without its blank line", () =>
    Effect.gen(function*() {
      const last = `data: ${JSON.stringify(finishChunk)}\n`
      const { error, events } = yield* outcome(decodeChat()(reads(sse(textChunk("a")), last)))
      assert.deepStrictEqual([texts(events), error], [["a", ""], undefined])
    }))

  it.effect("accepts a last event without a line end if it is complete", () =>
    Effect.gen(function*() {
      const wire = sse(textChunk("a")) + `data: ${JSON.stringify(finishChunk)}`
      for (
        const last of [
          wire,
          sse(textChunk("a"), finishChunk, "  [DONE] ", "what?"),
          sse(textChunk("a"), finishChunk) + "data: [DONE]",
          sse(textChunk("a"), finishChunk) + "data: [DO"
        ]
      ) {
        const { error, events } = yield* outcome(decodeChat()(reads(last)))
        assert.deepStrictEqual([texts(events), error], [["a", ""], undefined])
      }
      const failed = yield* outcome(decodeChat()(reads(sse(textChunk("a")) + `data: ${JSON.stringify(rateLimited)}`)))
      assert.strictEqual(failed.error?._tag, "TooManyRequestsResponseError")
      for (let length = 1; length < JSON.stringify(finishChunk).length; length++) {
        const { error, events } = yield* outcome(decodeChat()(reads(wire.slice(0, -length))))
        assert.deepStrictEqual([texts(events), error?._tag], [["a"], "StreamTruncatedError"])
      }
    }))

  it.effect("45: fails if the body ends earlier", () =>
    Effect.gen(function*() {
      const { error, events } = yield* outcome(decodeChat()(reads(sse(textChunk("a")) + "data: {\"id\":")))
      assert.deepStrictEqual(texts(events), ["a"])
      assert(error?._tag === "StreamTruncatedError")
      assert.deepStrictEqual([error.partial?.text, error.generationId], ["a", "gen-1"])
      const nothing = yield* outcome(decodeChat({ generationId: "gen-header" })(reads(": OPENROUTER PROCESSING\n\n")))
      assert(nothing.error?._tag === "StreamTruncatedError")
      assert.deepStrictEqual([nothing.error.partial, nothing.error.generationId], [undefined, "gen-header"])
    }))

  it.effect("fails with the error of its source, and the partial response", () =>
    Effect.gen(function*() {
      const reset = new ConnectionError({ phase: "body", code: "ECONNRESET", message: "reset" })
      const { error, events } = yield* outcome(
        decodeChat()(Stream.concat(reads(sse(textChunk("a"), textChunk(""))), Stream.fail(reset)))
      )
      assert.deepStrictEqual(texts(events), ["a", ""])
      assert(error?._tag === "ConnectionError")
      assert.deepStrictEqual([error.code, error.phase, error.message, error.partial?.text], [
        "ECONNRESET",
        "body",
        "reset",
        "a"
      ])
    }))

  it.effect("fails at an event that is too large, after the events before it", () =>
    Effect.gen(function*() {
      const { error, events } = yield* outcome(
        decodeChat({ maxEventSize: 400 })(reads(sse(textChunk("a"), textChunk("b".repeat(400)), finishChunk) + done))
      )
      assert.deepStrictEqual(texts(events), ["a"])
      assert(error?._tag === "StreamEventTooLargeError")
      assert.deepStrictEqual([error.maxEventSize, error.partial?.text], [400, "a"])
    }))

  it.effect("removes secrets from errors", () =>
    Effect.gen(function*() {
      const scrub = (text: string) => text.replaceAll("sk-secret", "<redacted>")
      const wires = [
        sse({ error: { code: 502, message: "bad key sk-secret", metadata: { raw: "sk-secret" } } }),
        sse("sk-secret"),
        sse({ ...textChunk("a"), object: "sk-secret", choices: "sk-secret" })
      ]
      for (const wire of wires) {
        const { error } = yield* outcome(decodeChat({ scrub })(reads(wire)))
        assert.include(JSON.stringify(error), "<redacted>")
        assert.notInclude(JSON.stringify({ ...error, partial: undefined }), "sk-secret")
      }
    }))

  it.effect("can be run more than once", () =>
    Effect.gen(function*() {
      const stream = decodeChat()(reads(sse(textChunk("a"), finishChunk) + done))
      const first = yield* outcome(stream)
      assert.deepStrictEqual(yield* outcome(stream), first)
    }))

  it.effect("does not pull more from its source than its consumer pulls", () =>
    Effect.gen(function*() {
      let pulled = 0
      let closed = false
      const source = Stream.fromIterable(Array.from({ length: 100 }, (_, i) => encode(sse(textChunk(String(i)))))).pipe(
        Stream.rechunk(1),
        Stream.tap(() => Effect.sync(() => pulled++)),
        Stream.ensuring(Effect.sync(() => {
          closed = true
        }))
      )
      const taken = yield* Stream.runCollect(Stream.take(decodeChat()(source), 2))
      assert.deepStrictEqual(texts(Chunk.toArray(taken)), ["0", "1"])
      assert.deepStrictEqual([pulled, closed], [2, true])
    }))

  it.effect.prop(
    "gives the same events and the same failure for any split of the bytes",
    [
      FastCheck.array(
        FastCheck.oneof(
          FastCheck.string({ unit: "grapheme", maxLength: 8 }).map((text) => sse(textChunk(text))),
          FastCheck.constantFrom(
            ": comment\n\n",
            done,
            sse(finishChunk),
            sse(rateLimited),
            sse("nonsense"),
            sse({ id: 1 })
          )
        ),
        { maxLength: 8 }
      ),
      FastCheck.array(FastCheck.nat(), { maxLength: 20 })
    ],
    ([parts, cuts]) =>
      Effect.gen(function*() {
        const bytes = encode(parts.join(""))
        const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
        const split = Stream.fromChunks(...at.slice(1).map((to, i) => Chunk.of(bytes.slice(at[i], to))))
        const whole = yield* outcome(decodeChat()(Stream.make(bytes)))
        const pieces = yield* outcome(decodeChat()(split))
        assert.deepStrictEqual(pieces.events, whole.events)
        assert.deepStrictEqual({ ...pieces.error }, { ...whole.error })
        assert.strictEqual(pieces.error?.message, whole.error?.message)
      })
  )
})

describe("EventStream.deltas", () => {
  it.effect("emits the texts that are not empty", () =>
    Effect.gen(function*() {
      const pieces = EventStream.deltas((event: { readonly text: string }) => event.text)
      const kept = yield* Stream.runCollect(pieces(Stream.make({ text: "a" }, { text: "" }, { text: "b" })))
      assert.deepStrictEqual(Chunk.toArray(kept), ["a", "b"])
    }))
})
