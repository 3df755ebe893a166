import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"
import * as ResponsesProtocol from "../../src/response/responsesProtocol.js"
import { issues } from "../../src/schema/guard.js"
import type { OpenResponsesResult } from "../../src/schema/Responses.js"
import { StreamEvents } from "../../src/schema/ResponsesEvents.js"
import * as Responses from "../../src/services/Responses.js"
import * as EventStream from "../../src/stream/EventStream.js"
import { addUp, cut, done, outcome, positions, reads, sse } from "../support/events.js"

const response = (status: string, fields: object = {}): OpenResponsesResult => ({
  id: "gen-r",
  object: "response",
  created_at: 1700000000,
  completed_at: null,
  model: "test/model",
  status,
  output: [],
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  frequency_penalty: null,
  presence_penalty: null,
  temperature: null,
  top_p: null,
  parallel_tool_calls: true,
  tool_choice: "auto",
  tools: [],
  ...fields
})

const usage = { input_tokens: 7, output_tokens: 3, total_tokens: 10, cost: 0.5 }

const event = (type: string, fields: object) => ({ type, sequence_number: 0, ...fields })

const created = event("response.created", { response: response("in_progress") })

const message = (content: ReadonlyArray<unknown>, status = "completed") => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  status,
  content
})

const part = (text: string, annotations: ReadonlyArray<unknown> = []) => ({ type: "output_text", text, annotations })

const of = (output_index: number, fields: object = {}) => ({ output_index, item_id: `item_${output_index}`, ...fields })

const added = (output_index: number, item: unknown) => event("response.output_item.added", of(output_index, { item }))

const textDelta = (delta: string, output_index = 0, content_index = 0) =>
  event("response.output_text.delta", of(output_index, { content_index, delta, logprobs: [] }))

const all = (...events: ReadonlyArray<unknown>) => addUp(ResponsesProtocol.protocol, events)

const outputOf = (...events: ReadonlyArray<unknown>): unknown =>
  Reflect.get(Object(all(created, ...events).partial.result), "output")

const decode = EventStream.decode(ResponsesProtocol.protocol, StreamEvents, { documented: Responses.stream.errors })

const fails = (...events: ReadonlyArray<unknown>) =>
  Effect.map(outcome(decode(reads(sse(...events) + done))), ({ error }) => error)

describe("ResponsesProtocol", () => {
  it("prefers the completed response to the events", () => {
    const whole = response("completed", { output: [message([part("Hello.")])], usage })
    const { partial, result } = all(
      created,
      added(0, message([], "in_progress")),
      textDelta("Hel"),
      event("response.completed", { response: whole })
    )
    assert.deepStrictEqual<unknown>(result, whole)
    assert.deepStrictEqual([partial.text, partial.inputTokens, partial.cost], ["Hello.", 7, 0.5])
  })

  it("also returns an incomplete response as the result", () => {
    const cut = response("incomplete", {
      output: [message([part("Hel")])],
      incomplete_details: { reason: "max_output_tokens" }
    })
    const { partial, result } = all(created, event("response.incomplete", { response: cut }))
    assert.deepStrictEqual<unknown>(result, cut)
    assert.strictEqual(partial.finishReason, "max_output_tokens")
  })

  it("adds the streamed items if the completed response lists none", () => {
    const { result } = all(
      created,
      event("response.output_item.done", of(0, { item: message([part("Hello.")]) })),
      event("response.completed", { response: response("completed", { usage }) })
    )
    assert.deepStrictEqual<unknown>(result?.output, [message([part("Hello.")])])
  })

  it("has a partial response and no result before that", () => {
    const { partial, result } = all(
      created,
      added(0, { type: "reasoning", id: "rs_1", summary: [] }),
      event("response.reasoning_text.delta", of(0, { content_index: 0, delta: "Hm" })),
      added(1, message([], "in_progress")),
      textDelta("Hel", 1),
      textDelta("lo", 1),
      added(2, { type: "function_call", id: "fc_1", call_id: "call_1", name: "look", arguments: "" }),
      event("response.function_call_arguments.delta", of(2, { delta: "{\"city\":" }))
    )
    assert.isUndefined(result)
    assert.include({ ...partial }, { text: "Hello", reasoning: "Hm", generationId: "gen-r", model: "test/model" })
    assert.deepStrictEqual(partial.toolCalls, [{ id: "call_1", name: "look", arguments: "{\"city\":" }])
  })

  it("joins the parts of a message by index", () => {
    const annotation = { type: "url_citation", url: "https://a.example", title: "A", start_index: 0, end_index: 1 }
    const output = outputOf(
      added(0, message([], "in_progress")),
      event("response.content_part.added", of(0, { content_index: 0, part: part("") })),
      event("response.content_part.added", of(0, { content_index: 1, part: { type: "refusal", refusal: "" } })),
      textDelta("draft"),
      event("response.refusal.delta", of(0, { content_index: 1, delta: "I wo" })),
      event("response.output_text.annotation.added", of(0, { content_index: 0, annotation_index: 0, annotation })),
      event("response.output_text.done", of(0, { content_index: 0, text: "final" })),
      event("response.refusal.done", of(0, { content_index: 1, refusal: "I won't" }))
    )
    assert.deepStrictEqual(output, [
      message([part("final", [annotation]), { type: "refusal", refusal: "I won't" }], "in_progress")
    ])
    const replaced = outputOf(
      added(0, message([], "in_progress")),
      textDelta("draft"),
      event("response.content_part.done", of(0, { content_index: 0, part: part("final", [annotation]) }))
    )
    assert.deepStrictEqual(replaced, [message([part("final", [annotation])], "in_progress")])
  })

  it("joins reasoning and its summary", () => {
    const summary = (text: string) => ({ type: "summary_text", text })
    const output = outputOf(
      added(0, { type: "reasoning", id: "rs_1", summary: [] }),
      event("response.reasoning_summary_part.added", of(0, { summary_index: 0, part: summary("") })),
      event("response.reasoning_summary_text.delta", of(0, { summary_index: 0, delta: "Su" })),
      event("response.reasoning_summary_text.delta", of(0, { summary_index: 0, delta: "m" })),
      event("response.reasoning_summary_text.delta", of(0, { summary_index: 1, delta: "Second" })),
      event("response.reasoning_summary_part.done", of(0, { summary_index: 1, part: summary("Second.") })),
      event("response.reasoning_text.delta", of(0, { content_index: 0, delta: "Hm" })),
      event("response.reasoning_text.done", of(0, { content_index: 0, text: "Hm." }))
    )
    assert.deepStrictEqual(output, [{
      type: "reasoning",
      id: "rs_1",
      summary: [summary("Sum"), summary("Second.")],
      content: [{ type: "reasoning_text", text: "Hm." }]
    }])
  })

  it("joins the arguments of calls, and the input of custom calls", () => {
    const output = outputOf(
      added(0, { type: "function_call", id: "fc_1", call_id: "c1", name: "a", arguments: "" }),
      added(1, { type: "custom_tool_call", id: "ctc_1", call_id: "c2", name: "b", input: "" }),
      event("response.function_call_arguments.delta", of(0, { delta: "{" })),
      event("response.custom_tool_call_input.delta", of(1, { delta: "SELECT" })),
      event("response.function_call_arguments.done", of(0, { arguments: "{}", name: "a" })),
      event("response.custom_tool_call_input.delta", of(1, { delta: " 1" }))
    )
    assert.deepStrictEqual(output, [
      { type: "function_call", id: "fc_1", call_id: "c1", name: "a", arguments: "{}" },
      { type: "custom_tool_call", id: "ctc_1", call_id: "c2", name: "b", input: "SELECT 1" }
    ])
  })

  it("keeps items of unknown types, in the order of their indexes, each once", () => {
    const odd = { type: "openrouter:telepathy", id: "x", thought: { of: "you" } }
    const output = outputOf(
      added(2, { ...odd, id: "z" }),
      added(0, { ...odd, id: "draft" }),
      event("response.output_item.done", of(1, { item: odd })),
      event("response.output_item.done", of(0, { item: { ...odd, id: "a" } })),
      event("response.telepathy.delta", of(1, { delta: "?" }))
    )
    assert.deepStrictEqual(output, [{ ...odd, id: "a" }, odd, { ...odd, id: "z" }])
  })

  it("keeps the open item if a failure lists only the finished items", () => {
    const { partial } = all(
      created,
      added(0, message([part("Finished. ")])),
      added(1, message([], "in_progress")),
      textDelta("Half a sen", 1),
      event("response.failed", { response: response("failed", { output: [message([part("Finished. ")])] }) })
    )
    assert.strictEqual(partial.text, "Finished. Half a sen")
  })

  it.effect("47: finds errors in each of their forms", () =>
    Effect.gen(function*() {
      const flat = yield* fails(created, {
        type: "error",
        code: "rate_limit_exceeded",
        message: "flat",
        param: null,
        sequence_number: 1
      })
      const nested = yield* fails(created, { type: "error", error: { code: "server_error", message: "nested" } })
      const named = yield* fails(created, { type: "response.error", error: { code: 502, message: "named" } })
      const failed = yield* fails(
        created,
        added(0, message([], "in_progress")),
        textDelta("Hel"),
        event("response.failed", {
          response: response("failed", {
            error: { code: "server_error", message: "died" },
            error_type: "provider_unavailable",
            usage
          })
        })
      )
      const silent = yield* fails(created, event("response.failed", { response: response("failed") }))
      const bare = yield* fails({ error: { code: 400, message: "bare" }, user_id: "user" })
      assert.deepStrictEqual([flat, nested, named, failed, silent, bare].map((error) => error?._tag), [
        "TooManyRequestsResponseError",
        "InternalServerResponseError",
        "BadGatewayResponseError",
        "BadGatewayResponseError",
        "BadGatewayResponseError",
        "BadRequestResponseError"
      ])
      const text = yield* fails({ error: "text" })
      assert.deepStrictEqual([text?._tag, text?.message], ["OpenRouterDefaultError", "text"])
      const worded = yield* fails(
        created,
        event("response.failed", { response: response("failed", { error: "died" }) })
      )
      const ended = event("response.completed", {
        response: response("failed", { error: { code: "rate_limit_exceeded", message: "Busy" } })
      })
      assert.deepStrictEqual(
        [worded, yield* fails(created, ended), yield* fails({ error: "oops", code: 500 })].map((error) => [
          error?._tag,
          error?.message.split(". ")[0]
        ]),
        [
          ["BadGatewayResponseError", "died"],
          ["TooManyRequestsResponseError", "Busy"],
          ["InternalServerResponseError", "oops"]
        ]
      )
      assert.match([flat, nested, named, failed].map((error) => error?.message).join(), /flat.*nested.*named.*died/)
      assert(failed?._tag === "BadGatewayResponseError")
      assert.include({ ...failed.partial }, { text: "Hel", inputTokens: 7, cost: 0.5, finishReason: "failed" })
    }))

  it.effect("removes secrets that a failure repeats from the partial response, too", () =>
    Effect.gen(function*() {
      const scrub = (text: string) => text.replaceAll("sk-secret", "<redacted>")
      const error = { code: "server_error", message: "bad key sk-secret" }
      const wire = sse(created, event("response.failed", { response: response("failed", { error, usage }) })) + done
      const found = yield* outcome(
        EventStream.decode(ResponsesProtocol.protocol, StreamEvents, { documented: Responses.stream.errors, scrub })(
          reads(wire)
        )
      )
      assert(found.error?._tag === "InternalServerResponseError")
      assert.strictEqual(found.error.partial?.cost, 0.5)
      assert.include(JSON.stringify(found.error), "<redacted>")
      assert.notInclude(JSON.stringify(found.error), "sk-secret")
    }))

  it.effect("ends without an error after completed or incomplete without [DONE], and is truncated otherwise", () =>
    Effect.gen(function*() {
      for (const status of ["completed", "incomplete"]) {
        const { error } = yield* outcome(
          decode(reads(sse(created, event(`response.${status}`, { response: response(status) }))))
        )
        assert.isUndefined(error)
      }
      const { error } = yield* outcome(decode(reads(sse(created))))
      assert.strictEqual(error?._tag, "StreamTruncatedError")
    }))

  it.effect("45: is truncated at [DONE] without either event", () =>
    Effect.gen(function*() {
      const begun = [created, added(0, message([], "in_progress")), textDelta("a"), textDelta("b")]
      for (const last of [done, "data: [DONE]"]) {
        const { error, events } = yield* outcome(decode(reads(sse(...begun) + last)))
        assert.strictEqual(events.length, begun.length)
        assert.deepStrictEqual([error?._tag, error?.partial?.text], ["StreamTruncatedError", "ab"])
      }
    }))

  it.effect("selects text and reasoning, and accumulates", () =>
    Effect.gen(function*() {
      const whole = response("completed", { output: [message([part("ab")])] })
      const events = [
        created,
        added(0, message([], "in_progress")),
        textDelta("a"),
        event("response.refusal.delta", of(0, { content_index: 1, delta: "no" })),
        event("response.reasoning_text.delta", of(0, { content_index: 0, delta: "x" })),
        event("response.reasoning_summary_text.delta", of(0, { summary_index: 0, delta: "y" })),
        textDelta("b"),
        event("response.completed", { response: whole })
      ]
      const decoded = (yield* outcome(decode(reads(sse(...events) + done)))).events
      assert.deepStrictEqual(decoded.map(ResponsesProtocol.textDelta).join("|"), "||a||||b|")
      assert.deepStrictEqual(decoded.map(ResponsesProtocol.reasoningDelta).join("|"), "||||x|y||")
      const result = yield* Responses.accumulate(Stream.fromIterable(decoded))
      assert.strictEqual(ResponsesProtocol.text(result), "ab")
      const error = yield* Effect.flip(Responses.accumulate(Stream.fromIterable(decoded.slice(0, 3))))
      assert.deepStrictEqual([error._tag, error.partial?.text], ["StreamTruncatedError", "a"])
    }))

  const text = FastCheck.string({ unit: "grapheme", maxLength: 30 })

  it.prop(
    "gives the same items however their text and arguments are cut",
    [FastCheck.array(FastCheck.record({ kind: FastCheck.constantFrom("message", "call"), text, positions }), {
      maxLength: 5
    })],
    ([items]) => {
      const open = items.map(({ kind }, index) =>
        added(
          index,
          kind === "message"
            ? message([], "in_progress")
            : { type: "function_call", id: `fc_${index}`, call_id: `call_${index}`, name: "f", arguments: "" }
        )
      )
      const queues = items.map(({ kind, positions, text }, index) =>
        cut(text, positions).map((piece) =>
          kind === "message"
            ? textDelta(piece, index)
            : event("response.function_call_arguments.delta", of(index, { delta: piece }))
        )
      )
      const longest = Math.max(0, ...queues.map((queue) => queue.length))
      const deltas = Array.from({ length: longest }).flatMap((_, turn) =>
        queues.flatMap((queue) => queue.slice(turn, turn + 1))
      )
      const events = [created, ...open, ...deltas]
      assert.deepStrictEqual(events.flatMap((event) => issues(StreamEvents, event)), [])
      const { partial } = all(...events)
      assert.strictEqual(partial.text, items.map(({ kind, text }) => kind === "message" ? text : "").join(""))
      assert.deepStrictEqual(
        partial.toolCalls.map((call) => call.arguments),
        items.flatMap(({ kind, text }) => kind === "call" ? [text] : [])
      )
    }
  )
})
