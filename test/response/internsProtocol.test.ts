import { assert, describe, it } from "@effect/vitest"
import { Interns, type OpenRouterClient } from "effect-openrouter"
import { MockHttpClient, Script } from "effect-openrouter/testing"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { outcome, sse, usage } from "../support/events.js"

const head = { id: "chat-1", model: "openrouter/intern", object: "chat.completion.chunk", created: 1700000000 }

const chunk = (delta: object, finish: string | null = null, rest: object = {}) => ({
  ...head,
  choices: [{ index: 0, delta, finish_reason: finish }],
  ...rest
})

const ends = (session_id: string | null, usage: unknown = null) => ({ ...head, choices: [], session_id, usage })

const answers = (...payloads: ReadonlyArray<unknown>) =>
  MockHttpClient.layerClient([
    MockHttpClient.route("POST", "/interns/{internId}/chat/completions", () =>
      Script.reply(sse(...payloads, "[DONE]"), { headers: { "content-type": "text/event-stream" } }))
  ], { retry: false })

const steered = { session_id: "s1", status: "steered" }

const steers = MockHttpClient.layerClient([
  MockHttpClient.route("POST", "/interns/{internId}/chat/completions", () => Script.reply(steered, { status: 202 }))
])

const chat = Interns.chat({ internId: "int_1", messages: [{ role: "user", content: "Go on" }], session_id: "s1" })

/** What the conversation emits, and then how it fails. */
const collected = Effect.flatMap(
  Effect.context<OpenRouterClient.OpenRouterClient>(),
  (context) => outcome(Stream.provideContext(chat, context))
)

describe("a conversation with an intern", () => {
  it.effect("streams text and reasoning, and adds up to a reply with its session", () =>
    Effect.gen(function*() {
      const text = yield* Stream.runCollect(Interns.textDeltas(chat))
      const reasoning = yield* Stream.runCollect(Interns.reasoningDeltas(chat))
      assert.deepStrictEqual([Chunk.join(text, ""), Chunk.join(reasoning, "")], ["All done", "Hm"])
      const reply = yield* Interns.accumulate(chat)
      if (Interns.isSteered(reply)) return assert.fail("was not steered")
      assert.strictEqual(reply.session_id, "s1")
      assert.deepStrictEqual(reply.usage, usage)
      assert.include(reply.choices[0]?.message, { content: "All done", reasoning: "Hm" })
      const [request] = yield* MockHttpClient.requests
      assert.deepStrictEqual(request?.json, {
        messages: [{ role: "user", content: "Go on" }],
        session_id: "s1",
        stream: true
      })
    }).pipe(Effect.provide(answers(
      chunk({ role: "assistant" }),
      chunk({ reasoning: "Hm" }),
      chunk({ content: "All " }),
      chunk({ content: "done" }),
      chunk({}, "stop"),
      ends("s1", usage)
    ))))

  it.effect("has the question of an intern as a tool call", () =>
    Effect.gen(function*() {
      const reply = yield* Interns.accumulate(chat)
      if (Interns.isSteered(reply)) return assert.fail("was not steered")
      assert.strictEqual(reply.choices[0]?.finish_reason, "tool_calls")
      assert.strictEqual(reply.choices[0]?.message.tool_calls?.[0]?.function.name, "openrouter.provide_input")
      assert.strictEqual(reply.session_id, "s1")
    }).pipe(Effect.provide(answers(
      chunk({
        tool_calls: [{
          id: "q1",
          index: 0,
          type: "function",
          function: { name: "openrouter.provide_input", arguments: "{\"question\":\"May I?\"}" }
        }]
      }),
      chunk({}, "tool_calls"),
      ends("s1")
    ))))

  it.effect("is one event if the message went to the current turn", () =>
    Effect.gen(function*() {
      const { error, events } = yield* collected
      assert.deepStrictEqual([events, error], [[steered], undefined])
      assert.deepStrictEqual(yield* Interns.accumulate(chat), steered)
      assert.isTrue(Chunk.isEmpty(yield* Stream.runCollect(Interns.textDeltas(chat))))
      const opened = yield* Effect.scoped(Interns.chat.withResponse({ internId: "int_1", messages: [] }))
      assert.strictEqual(opened.response.status, 202)
    }).pipe(Effect.provide(steers)))

  it.effect("fails with the class of the status in its last chunk", () =>
    Effect.gen(function*() {
      const { error } = yield* collected
      assert.strictEqual(error?._tag, "GoneResponseError")
      assert.deepStrictEqual(error !== undefined && "metadata" in error ? error.metadata : undefined, {
        reason: "run_ended",
        retryable: false
      })
    }).pipe(Effect.provide(answers(
      chunk({ content: "All " }),
      chunk({}, "error", {
        error: { code: 410, message: "The run was cancelled", metadata: { reason: "run_ended", retryable: false } }
      }),
      ends("s1")
    ))))

  it.effect("does not accept other JSON as a response", () =>
    Effect.gen(function*() {
      const { error } = yield* collected
      assert.strictEqual(error?._tag, "ResponseValidationError")
    }).pipe(Effect.provide(MockHttpClient.layerClient([
      MockHttpClient.route("POST", "/interns/{internId}/chat/completions", () => chunk({ content: "Hi" }, "stop"))
    ]))))
})
