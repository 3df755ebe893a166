import { assert, describe, it } from "@effect/vitest"
import { Completions } from "effect-openrouter"
import { Script, TestModel } from "effect-openrouter/testing"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as CompletionsProtocol from "../../src/response/completionsProtocol.js"
import { CompletionChunk, CompletionResponse } from "../../src/schema/Completions.js"
import { issues } from "../../src/schema/guard.js"
import * as EventStream from "../../src/stream/EventStream.js"
import { addUp, done, outcome, reads, sse, usage } from "../support/events.js"

const head = { id: "gen-1", provider: "Test", model: "test/model", object: "text_completion", created: 1700000000 }

const textChunk = (text: string, index = 0, rest: object = {}) => ({
  ...head,
  choices: [{ index, text, finish_reason: null, logprobs: null, ...rest }]
})

const finishChunk = (index = 0, reason = "stop") =>
  textChunk("", index, { finish_reason: reason, native_finish_reason: "eos" })

const all = (...events: ReadonlyArray<unknown>) => addUp(CompletionsProtocol.protocol, events)

const decode = EventStream.decode(CompletionsProtocol.protocol, CompletionChunk, {
  documented: Completions.stream.errors
})

const request = { model: "openai/gpt-3.5-turbo-instruct", prompt: "Once" }

describe("CompletionsProtocol", () => {
  it("adds chunks up to the response without streaming", () => {
    const { partial, result } = all(textChunk("Once"), textChunk(" upon"), finishChunk(), {
      ...head,
      choices: [],
      usage
    })
    assert.deepStrictEqual<unknown>(result, {
      ...head,
      choices: [{ index: 0, text: "Once upon", logprobs: null, finish_reason: "stop", native_finish_reason: "eos" }],
      usage
    })
    assert.deepStrictEqual(issues(CompletionResponse, result), [])
    assert.include({ ...partial }, { text: "Once upon", finishReason: "stop", inputTokens: 7, cost: 0.5 })
  })

  it("keeps choices apart, in the order of their index, with their log probabilities joined", () => {
    const probable = (token: string, probability: number, offset: number) => ({
      logprobs: { tokens: [token], token_logprobs: [probability], top_logprobs: null, text_offset: [offset] }
    })
    const { result } = all(
      textChunk("b1", 1, probable("b1", -1, 4)),
      textChunk("a1", 0, probable("a1", -2, 4)),
      textChunk("b2", 1, probable("b2", -3, 6)),
      finishChunk(1, "length"),
      finishChunk(0)
    )
    assert.deepStrictEqual(
      result?.choices.map(({ finish_reason, logprobs, text }) => [text, finish_reason, logprobs]),
      [
        ["a1", "stop", { tokens: ["a1"], token_logprobs: [-2], top_logprobs: null, text_offset: [4] }],
        [
          "b1b2",
          "length",
          { tokens: ["b1", "b2"], token_logprobs: [-1, -3], top_logprobs: null, text_offset: [4, 6] }
        ]
      ]
    )
  })

  it("has a partial response and no result before a finish reason or the usage", () => {
    const { partial, result } = all(textChunk("Hel"), textChunk("lo"), 7, { choices: [null, {}] })
    assert.isUndefined(result)
    assert.strictEqual(partial.text, "Hello")
    assert.isDefined(all({ ...head, choices: [], usage }).result)
  })

  it.effect("finds the errors of chat", () =>
    Effect.gen(function*() {
      const failures = {
        "TooManyRequestsResponseError": { error: { code: 429, message: "Busy" } },
        "BadGatewayResponseError": textChunk("", 0, { error: { code: 502, message: "Upstream is gone" } }),
        "OpenRouterDefaultError": { error: "No." }
      }
      for (const [tag, payload] of Object.entries(failures)) {
        const { error, events } = yield* outcome(decode(reads(sse(textChunk("a"), payload))))
        assert.strictEqual(error?._tag, tag)
        assert.lengthOf(events, 1)
        assert.strictEqual(error !== undefined && "partial" in error ? error.partial?.text : undefined, "a")
      }
      const stopped = yield* outcome(decode(reads(sse(textChunk("a"), finishChunk(0, "error")))))
      assert.strictEqual(stopped.error?._tag, "BadGatewayResponseError")
    }))

  it.effect("is complete with a finish reason, and truncated without", () =>
    Effect.gen(function*() {
      assert.isUndefined((yield* outcome(decode(reads(sse(textChunk("a"), finishChunk()))))).error)
      assert.isUndefined((yield* outcome(decode(reads(sse(textChunk("a"), finishChunk()) + done)))).error)
      assert.strictEqual((yield* outcome(decode(reads(sse(textChunk("a")))))).error?._tag, "StreamTruncatedError")
    }))
})

describe("Completions", () => {
  it.effect("streams text and adds up to the result of generate", () =>
    Effect.gen(function*() {
      const deltas = yield* Stream.runCollect(Completions.textDeltas(Completions.stream(request)))
      const added = yield* Completions.accumulate(Completions.stream(request))
      const whole = yield* Completions.generate(request)
      assert.strictEqual(Chunk.join(deltas, ""), "Once upon a time")
      assert.strictEqual(Completions.text(added), "Once upon a time")
      assert.strictEqual(Completions.text(whole), "Once upon a time")
      assert.deepStrictEqual([added.usage, added.object], [whole.usage, whole.object])
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(requests.map(({ body }) => body), [
        { ...request, stream: true },
        { ...request, stream: true },
        request
      ])
    }).pipe(Effect.provide(TestModel.layer([Script.forever("Once upon a time")]))))

  it.effect("fails like chat, with the partial response", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Completions.accumulate(Completions.stream(request)))
      assert.strictEqual(error._tag, "ProviderOverloadedResponseError")
      assert.strictEqual("partial" in error ? error.partial?.text : undefined, "Once")
      assert.strictEqual((yield* Effect.flip(Completions.generate(request)))._tag, "PaymentRequiredResponseError")
    }).pipe(
      Effect.provide(
        TestModel.layer([["Once", Script.fail(529)], Script.error(402)], { client: { retry: false } })
      )
    ))

  it("accepts a prompt as text, texts, tokens, and lists of tokens", () => {
    const prompts: ReadonlyArray<Completions.GenerateParams["prompt"]> = ["a", ["a", "b"], [1, 2], [[1, 2], [3]]]
    assert.lengthOf(prompts, 4)
  })
})
