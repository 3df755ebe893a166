import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import * as MessagesProtocol from "../../src/response/messagesProtocol.js"
import { issues } from "../../src/schema/guard.js"
import { MessagesResult } from "../../src/schema/Messages.js"
import { MessagesStreamEvents } from "../../src/schema/MessagesEvents.js"
import * as Messages from "../../src/services/Messages.js"
import * as EventStream from "../../src/stream/EventStream.js"
import { addUp, cut, outcome, positions, reads, sse } from "../support/events.js"

const zeroUsage = {
  input_tokens: 0,
  output_tokens: 0,
  output_tokens_details: null,
  cache_creation: null,
  cache_creation_input_tokens: null,
  cache_read_input_tokens: null,
  inference_geo: null,
  server_tool_use: null,
  service_tier: null
}

const start = {
  type: "message_start",
  message: {
    id: "gen-m",
    type: "message",
    role: "assistant",
    container: null,
    content: [],
    model: "test/model",
    provider: "Anthropic",
    stop_reason: null,
    stop_details: null,
    stop_sequence: null,
    usage: zeroUsage
  }
}

const blockStart = (index: number, content_block: object) => ({ type: "content_block_start", index, content_block })
const delta = (index: number, delta: object) => ({ type: "content_block_delta", index, delta })
const blockStop = (index: number) => ({ type: "content_block_stop", index })

const end = (stop_reason: string, usage: object = {}) => ({
  type: "message_delta",
  delta: { stop_reason, stop_sequence: null, container: null, stop_details: null },
  usage: { ...zeroUsage, output_tokens: 3, ...usage }
})

const stop = { type: "message_stop" }

const textBlock = { type: "text", text: "", citations: null }
const toolBlock = (name: string) => ({
  type: "tool_use",
  id: `toolu_${name}`,
  name,
  caller: { type: "direct" },
  input: {}
})

const all = (...events: ReadonlyArray<unknown>) => addUp(MessagesProtocol.protocol, events)

const contentOf = (...events: ReadonlyArray<unknown>): unknown =>
  all(start, ...events, end("end_turn"), stop).result?.content

const decode = EventStream.decode(MessagesProtocol.protocol, MessagesStreamEvents, {
  documented: Messages.stream.errors
})

describe("MessagesProtocol", () => {
  it("adds events up to the message without streaming", () => {
    const { result } = all(
      start,
      { type: "ping" },
      blockStart(0, { type: "thinking", thinking: "", signature: "" }),
      delta(0, { type: "thinking_delta", thinking: "Hm" }),
      delta(0, { type: "thinking_delta", thinking: "." }),
      delta(0, { type: "signature_delta", signature: "Eq0E" }),
      blockStop(0),
      blockStart(1, { type: "redacted_thinking", data: "AAAA" }),
      blockStop(1),
      blockStart(2, textBlock),
      delta(2, { type: "text_delta", text: "Hel" }),
      delta(2, { type: "text_delta", text: "lo" }),
      blockStop(2),
      blockStart(3, toolBlock("look")),
      delta(3, { type: "input_json_delta", partial_json: "" }),
      delta(3, { type: "input_json_delta", partial_json: "{\"city\": \"T" }),
      delta(3, { type: "input_json_delta", partial_json: "okyo\"}" }),
      blockStop(3),
      end("tool_use", { input_tokens: 7, cost: 0.5, is_byok: false }),
      { ...stop, openrouter_metadata: undefined }
    )
    assert.deepStrictEqual<unknown>(result, {
      ...start.message,
      stop_reason: "tool_use",
      content: [
        { type: "thinking", thinking: "Hm.", signature: "Eq0E" },
        { type: "redacted_thinking", data: "AAAA" },
        { type: "text", text: "Hello", citations: null },
        { ...toolBlock("look"), input: { city: "Tokyo" } }
      ],
      usage: { ...zeroUsage, input_tokens: 7, output_tokens: 3, cost: 0.5, is_byok: false }
    })
    assert.deepStrictEqual(issues(MessagesResult, result), [])
  })

  it("keeps the usage of the start if a later event has null", () => {
    const { partial, result } = all(
      { ...start, message: { ...start.message, usage: { ...zeroUsage, input_tokens: 7 } } },
      end("end_turn", { input_tokens: null }),
      stop
    )
    assert.deepStrictEqual([result?.usage.input_tokens, result?.usage.output_tokens, partial.inputTokens], [7, 3, 7])
  })

  it("keeps the text with which a block starts", () => {
    assert.deepStrictEqual(
      contentOf(blockStart(0, { ...textBlock, text: "a" }), delta(0, { type: "text_delta", text: "b" })),
      [
        { ...textBlock, text: "ab" }
      ]
    )
  })

  it("collects citations, and reads a compaction", () => {
    const cited = (title: string) => ({
      type: "web_search_result_location",
      cited_text: "c",
      encrypted_index: "e",
      title,
      url: "https://a.example"
    })
    const content = contentOf(
      blockStart(0, textBlock),
      delta(0, { type: "citations_delta", citation: cited("A") }),
      delta(0, { type: "citations_delta", citation: cited("B") }),
      blockStart(1, { type: "compaction", content: null }),
      delta(1, { type: "compaction_delta", content: "Short", encrypted_content: "x" }),
      delta(1, { type: "compaction_delta", content: "er" })
    )
    assert.deepStrictEqual(content, [
      { type: "text", text: "", citations: [cited("A"), cited("B")] },
      { type: "compaction", content: "Shorter", encrypted_content: "x" }
    ])
  })

  it("keeps blocks of unknown types, and the fields that deltas of unknown types add", () => {
    const odd = { type: "telepathy", of: { whom: "you" } }
    const deltas = ["Th", "ere"].map((text) => delta(0, { type: "telepathy_delta", text, of: "me" }))
    assert.deepStrictEqual<unknown>(contentOf(blockStart(0, odd), ...deltas), [{ ...odd, text: "There" }])
  })

  it("keeps the text of input that was cut off, never an empty object", () => {
    const cutOff = [
      start,
      blockStart(0, toolBlock("look")),
      delta(0, { type: "input_json_delta", partial_json: "{\"city\":" })
    ]
    const { partial } = all(...cutOff)
    assert.deepStrictEqual(partial.toolCalls, [{ id: "toolu_look", name: "look", arguments: "{\"city\":" }])
    const { result } = all(...cutOff, end("max_tokens"), stop)
    assert.deepStrictEqual<unknown>(result?.content, [{ ...toolBlock("look"), input: "{\"city\":" }])
    const nameless = all(start, blockStart(0, { type: "tool_use" })).partial
    assert.deepStrictEqual(nameless.toolCalls, [{ id: "", name: "", arguments: "{}" }])
    const without = all(start, blockStart(0, toolBlock("now"))).partial
    assert.deepStrictEqual(without.toolCalls, [{ id: "toolu_now", name: "now", arguments: "{}" }])
  })

  it.effect("finds an error, and is complete only at message_stop", () =>
    Effect.gen(function*() {
      const text = [start, blockStart(0, textBlock), delta(0, { type: "text_delta", text: "Hel" })]
      const overloaded = {
        type: "error",
        error: { type: "overloaded_error", message: "Busy", error_type: "provider_overloaded" }
      }
      const failed = yield* outcome(decode(reads(sse(...text, overloaded))))
      assert(failed.error?._tag === "ProviderOverloadedResponseError")
      assert.deepStrictEqual([failed.error.partial?.text, failed.error.partial?.generationId], ["Hel", "gen-m"])
      const short = yield* outcome(decode(reads(sse(...text, end("end_turn")))))
      assert.strictEqual(short.error?._tag, "StreamTruncatedError")
      const events = ["message_start", "content_block_start", "content_block_delta"]
        .map((type, i) => `event: ${type}\n${sse(text[i])}`).join("")
      const whole = yield* outcome(decode(reads(events, sse(end("end_turn"), stop), "event: data\ndata: [DONE]\n\n")))
      assert.deepStrictEqual([whole.events.length, whole.error], [5, undefined])
    }))

  it.effect("45: is truncated at [DONE] without message_stop", () =>
    Effect.gen(function*() {
      const begun = [start, blockStart(0, textBlock), delta(0, { type: "text_delta", text: "Hel" })]
      for (const said of [begun, [...begun, end("end_turn")]]) {
        const { error, events } = yield* outcome(decode(reads(sse(...said), "event: data\ndata: [DONE]\n\n")))
        assert.strictEqual(events.length, said.length)
        assert.deepStrictEqual([error?._tag, error?.partial?.text], ["StreamTruncatedError", "Hel"])
      }
    }))

  it.effect("finds an error without an envelope, or as text", () =>
    Effect.gen(function*() {
      for (const event of [{ type: "error", message: "Busy" }, { type: "error", error: "Busy" }, { error: "Busy" }]) {
        const { error } = yield* outcome(decode(reads(sse(start, event))))
        assert.deepStrictEqual([error?._tag, error?.message], ["OpenRouterDefaultError", "Busy"])
      }
    }))

  it.effect("selects text and reasoning, and accumulates", () =>
    Effect.gen(function*() {
      const events = [
        start,
        blockStart(0, { type: "thinking", thinking: "H", signature: "" }),
        delta(0, { type: "thinking_delta", thinking: "m" }),
        delta(0, { type: "signature_delta", signature: "no text" }),
        blockStart(1, { ...textBlock, text: "A" }),
        delta(1, { type: "text_delta", text: "b" }),
        delta(1, { type: "input_json_delta", partial_json: "{}" }),
        end("end_turn"),
        stop
      ]
      const decoded = (yield* outcome(decode(reads(sse(...events))))).events
      assert.strictEqual(decoded.map(MessagesProtocol.textDelta).join("|"), "||||A|b|||")
      assert.strictEqual(decoded.map(MessagesProtocol.reasoningDelta).join("|"), "|H|m||||||")
      const result = yield* Messages.accumulate(Stream.fromIterable(decoded))
      assert.strictEqual(MessagesProtocol.text(result), "Ab")
      const error = yield* Effect.flip(Messages.accumulate(Stream.fromIterable(decoded.slice(0, 6))))
      assert.deepStrictEqual([error._tag, error.partial?.text], ["StreamTruncatedError", "Ab"])
    }))

  const text = FastCheck.string({ unit: "grapheme", maxLength: 30 })

  it.prop(
    "gives the same message however its text, thinking and input are cut",
    [
      FastCheck.array(
        FastCheck.record({ kind: FastCheck.constantFrom("text", "thinking", "tool"), text, positions }),
        { maxLength: 5 }
      )
    ],
    ([blocks]) => {
      const events = blocks.flatMap(({ kind, positions, text }, index) => {
        const json = JSON.stringify({ said: text })
        const opening = kind === "text"
          ? textBlock
          : kind === "thinking"
          ? { type: "thinking", thinking: "", signature: "" }
          : toolBlock(`t${index}`)
        return [
          blockStart(index, opening),
          ...cut(kind === "tool" ? json : text, positions).map((piece) =>
            delta(
              index,
              kind === "tool"
                ? { type: "input_json_delta", partial_json: piece }
                : { type: `${kind}_delta`, [kind]: piece }
            )
          ),
          blockStop(index)
        ]
      })
      assert.deepStrictEqual(events.flatMap((event) => issues(MessagesStreamEvents, event)), [])
      const { result } = all(start, ...events, end("end_turn"), stop)
      assert.deepStrictEqual(issues(MessagesResult, result), [])
      assert.deepStrictEqual<unknown>(
        result?.content,
        blocks.map(({ kind, text }, index) =>
          kind === "text"
            ? { ...textBlock, text }
            : kind === "thinking"
            ? { type: "thinking", thinking: text, signature: "" }
            : { ...toolBlock(`t${index}`), input: { said: text } }
        )
      )
    }
  )
})
