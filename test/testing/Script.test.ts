import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { cut, once } from "../../src/testing/internal/networkChunks.js"
import * as Script from "../../src/testing/Script.js"
import { payloads, render, respond } from "./scripts.js"

describe("parts", () => {
  it("streams a string word by word without a change", () => {
    assert.deepStrictEqual(Script.text("Hello there, you").deltas, ["Hello", " there,", " you"])
    assert.deepStrictEqual(Script.text(" a \n").deltas, [" a \n"])
    assert.deepStrictEqual(Script.text("").deltas, [])
    FastCheck.assert(
      FastCheck.property(FastCheck.fullUnicodeString(), (text) => Script.text(text).deltas.join("") === text)
    )
  })

  it("streams a list unchanged", () => assert.deepStrictEqual(Script.text(["a b", "", "c"]).deltas, ["a b", "", "c"]))

  it("divides arguments into the given number of fragments", () => {
    const call = Script.toolCall("f", { a: 1, b: "two" }, { fragments: 3 })
    assert.strictEqual(call.fragments.length, 3)
    assert.strictEqual(call.fragments.join(""), "{\"a\":1,\"b\":\"two\"}")
    assert.deepStrictEqual(Script.toolCall("f", { a: 1 }, { fragments: 1 }).fragments, ["{\"a\":1}"])
  })

  it("keeps arguments that are not JSON unchanged", () => {
    assert.deepStrictEqual(Script.toolCall("f", "{\"a\":").fragments, ["{\"a\":"])
    assert.deepStrictEqual(Script.toolCall("f", "").fragments, [""])
    assert.deepStrictEqual(Script.toolCall("f").fragments, ["{}"])
    assert.deepStrictEqual(Script.toolCall("f", {}, { fragments: ["{", "} ", " "] }).fragments, ["{", "} ", " "])
  })
})

describe("turns", () => {
  it("can be made data-first and data-last", () => {
    const turn = Script.turn("x")
    assert.deepStrictEqual(Script.delayed(turn, "2 seconds"), Script.delayed("2 seconds")(turn))
    assert.deepStrictEqual(Script.delayed(turn, "2 seconds").delay, Duration.seconds(2))
    assert.strictEqual(Script.chunked(turn, 3).chunks, 3)
  })

  it("can be distinguished from other values", () => {
    assert.isTrue(Script.isTurn(Script.error(500)))
    assert.isTrue(Script.isTurn(Script.unreachable))
    assert.isFalse(Script.isTurn({ _tag: "ModelResponse" }))
    assert.isFalse(Script.isTurn(undefined))
  })
})

describe("chunks", () => {
  const bytes = FastCheck.uint8Array({ minLength: 1, maxLength: 40 })
  const all = (chunks: ReadonlyArray<Uint8Array>) => chunks.flatMap((chunk) => Array.from(chunk))

  it("of one size have that size, except the last", () =>
    FastCheck.assert(FastCheck.property(bytes, FastCheck.integer({ min: 1, max: 50 }), (whole, size) => {
      const chunks = Array.from(
        cut(once(whole, "end"), size),
        (step) => step._tag === "Chunk" ? step.bytes : new Uint8Array()
      )
      assert.deepStrictEqual(all(chunks), Array.from(whole))
      assert.isTrue(chunks.slice(0, -1).every((chunk) => chunk.length === size))
    })))

  it("of given sizes have these sizes, and the rest is one chunk", () => {
    const chunks = Array.from(
      cut(once(new Uint8Array(10), "end"), [1, 4]),
      (step) => step._tag === "Chunk" ? step.bytes.length : -1
    )
    assert.deepStrictEqual(chunks, [1, 4, 5])
  })

  it.effect("are one for each event by default, and few with \"whole\"", () =>
    Effect.gen(function*() {
      const events = yield* render(Script.text(["a", "b"]), "chat", true)
      assert.strictEqual(events.chunks.length, 6) // comment, a, b, finish, usage, [DONE]
      const whole = yield* render(Script.turn(["a", Script.wait("1 second"), "b"], { chunks: "whole" }), "chat", true)
      assert.strictEqual(whole.chunks.length, 2)
      assert.strictEqual(whole.waits, 1)
      assert.strictEqual((yield* render(Script.turn(["a", "b"], { chunks: 7 }), "chat", true)).text, events.text)
    }))

  it.effect("are sent before a wait", () =>
    Effect.gen(function*() {
      const plan = yield* respond(Script.turn(["a", Script.wait(5), "b"], { chunks: 100_000 }), "chat", true)
      assert.deepStrictEqual(Array.from(plan.body, (step) => step._tag), ["Chunk", "Wait", "Chunk"])
    }))
})

describe("streams", () => {
  it.effect("end lines with the given line ending", () =>
    Effect.gen(function*() {
      const crlf = (yield* render(Script.turn("x", { lineEnd: "\r\n" }), "messages", true)).text
      assert.include(crlf, "event: message_start\r\ndata: {")
      assert.include(crlf, "}\r\n\r\nevent: content_block_start\r\n")
      assert.notMatch(crlf, /[^\r]\n/)
    }))

  it.effect("begin with the given number of comments", () =>
    Effect.gen(function*() {
      const comments = (text: string) => text.match(/^: OPENROUTER PROCESSING$/gm)?.length ?? 0
      assert.strictEqual(comments((yield* render("x", "responses", true)).text), 1)
      assert.strictEqual(comments((yield* render(Script.turn("x", { comments: 3 }), "responses", true)).text), 3)
      assert.strictEqual(comments((yield* render(Script.turn("x", { comments: 0 }), "responses", true)).text), 0)
    }))

  it.effect("delay each delta of the model, and no other event", () =>
    Effect.gen(function*() {
      const plan = yield* respond(Script.turn(Script.text(["a", "b", "c"]), { pace: "10 millis" }), "responses", true)
      const steps = Array.from(plan.body)
      assert.strictEqual(steps.filter((step) => step._tag === "Wait").length, 3)
    }))

  it.effect("contain custom events and bytes", () =>
    Effect.gen(function*() {
      const turn = Script.turn([Script.raw("\uFEFF"), Script.event({ type: "of.tomorrow" }), "x"], { comments: 0 })
      const body = yield* render(turn, "messages", true)
      assert.include(body.text, "\uFEFFevent: of.tomorrow\ndata: {\"type\":\"of.tomorrow\"}\n\n")
    }))

  it.effect("end with [DONE] unless the option is off", () =>
    Effect.gen(function*() {
      assert.isTrue((yield* render("x", "chat", true)).text.endsWith("data: [DONE]\n\n"))
      assert.isTrue((yield* render("x", "messages", true)).text.endsWith("event: data\ndata: [DONE]\n\n"))
      assert.notInclude((yield* render(Script.turn("x", { done: false }), "chat", true)).text, "[DONE]")
    }))

  it.effect("number the events of a response from 0, and repeat its whole items", () =>
    Effect.gen(function*() {
      const body = yield* render(Script.turn([Script.reasoning("hm"), "Hi", Script.toolCall("f")]), "responses", true)
      const events = payloads(body) as ReadonlyArray<{
        type: string
        sequence_number: number
        item?: unknown
        response?: { output: ReadonlyArray<unknown> }
      }>
      assert.deepStrictEqual(events.map((event) => event.sequence_number), events.map((_, i) => i))
      const done = events.filter((event) => event.type === "response.output_item.done").map((event) => event.item)
      assert.strictEqual(done.length, 3)
      assert.deepStrictEqual(events.at(-1)?.response?.output, done)
    }))
})

describe("endings", () => {
  const ending = (part: Script.Part, stream: boolean) => render(Script.turn(["Hello", part, "never"]), "chat", stream)

  it.effect("truncate, stall and reset at their position", () =>
    Effect.gen(function*() {
      for (const [part, how] of [[Script.truncate, "end"], [Script.stall, "stall"], [Script.reset, "reset"]] as const) {
        const body = yield* ending(part, true)
        assert.strictEqual(body.ending, how)
        assert.include(body.text, "Hello")
        assert.notInclude(body.text, "never")
        assert.notInclude(body.text, "\"stop\"")
      }
    }))

  it.effect("truncate a JSON body, or send no body", () =>
    Effect.gen(function*() {
      const cutOff = yield* ending(Script.truncate, false)
      assert.throws(() => JSON.parse(cutOff.text))
      assert.include(cutOff.text, "\"id\":")
      assert.strictEqual((yield* ending(Script.reset, false)).ending, "reset")
      const silent = yield* ending(Script.stall, false)
      assert.strictEqual(silent.text.trim(), "")
      assert.strictEqual(silent.ending, "stall")
    }))
})
