import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { readResponse } from "../../src/response/readResponse.js"
import * as Chat from "../../src/services/Chat.js"
import * as Messages from "../../src/services/Messages.js"
import * as Responses from "../../src/services/Responses.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { isOver } from "../support/effect/fibers.js"
import { variables } from "../support/effect/variables.js"
import { answers, meaning } from "./scripts.js"

const model = "openai/gpt-5-nano"
const chat = { model, messages: [{ role: "user" as const, content: "Hi" }] }
const responses = { model, input: "Hi" }
const messages = { model, max_tokens: 100, messages: [{ role: "user" as const, content: "Hi" }] }

const once = { client: { retry: false } } as const

/** The text so far of a stream that runs in the background. */
const listen = Effect.gen(function*() {
  const text = yield* Ref.make("")
  const fiber = yield* Effect.fork(
    Stream.runForEach(Chat.textDeltas(Chat.stream(chat)), (delta) => Ref.update(text, (text) => text + delta))
  )
  return { fiber, text: Ref.get(text) }
})

describe("responses", () => {
  it.effect("come turn by turn for every API, streamed or not", () =>
    Effect.gen(function*() {
      assert.strictEqual(Chat.text(yield* Chat.send(chat)), "one")
      assert.strictEqual(readResponse(yield* Chat.accumulate(Chat.stream(chat))).text, "two")
      assert.strictEqual(Responses.text(yield* Responses.send(responses)), "three")
      assert.strictEqual(readResponse(yield* Responses.accumulate(Responses.stream(responses))).text, "four")
      assert.strictEqual(Messages.text(yield* Messages.send(messages)), "five")
      assert.strictEqual(readResponse(yield* Messages.accumulate(Messages.stream(messages))).text, "six")
      assert.strictEqual(yield* TestModel.remaining, 0)
    }).pipe(Effect.provide(TestModel.layer(["one", "two", "three", "four", "five", "six"]))))

  it.effect("have the fields that the script sets", () =>
    Effect.gen(function*() {
      const result = yield* Chat.send(chat)
      assert.strictEqual(result.id, "gen-1")
      assert.strictEqual(result.model, "openai/gpt-5-nano-2025")
      assert.strictEqual(result.usage?.cost, 0.25)
      assert.strictEqual(result.usage?.prompt_tokens, 7)
      assert.strictEqual(result.service_tier, "flex")
      const [choice] = result.choices
      assert.strictEqual(choice?.finish_reason, "length")
      assert.deepStrictEqual(choice?.message.tool_calls?.map((call) => [call.id, call.function.arguments]), [
        ["toolu_1", "{\"city\":\"Par"],
        ["call_1_1", "{}"]
      ])
    }).pipe(Effect.provide(TestModel.layer([
      Script.turn([Script.toolCall("a", "{\"city\":\"Par", { id: "toolu_1" }), Script.toolCall("b")], {
        id: "gen-1",
        model: "openai/gpt-5-nano-2025",
        cost: 0.25,
        usage: { inputTokens: 7 },
        finishReason: "length",
        fields: { service_tier: "flex" }
      })
    ]))))

  it.effect("can depend on the request, be effects, and repeat without an end", () =>
    Effect.gen(function*() {
      assert.strictEqual(Chat.text(yield* Chat.send(chat)), `${model} 0`)
      assert.strictEqual(Chat.text(yield* Chat.send(chat)), "effect 1")
      assert.strictEqual(Chat.text(yield* Chat.send(chat)), "again 2")
      assert.strictEqual(yield* TestModel.remaining, Infinity)
      assert.strictEqual(Chat.text(yield* Chat.send(chat)), "again 3")
    }).pipe(Effect.provide(TestModel.layer([
      (request) => `${request.model} ${request.index}`,
      (request) => Effect.succeed([`effect ${request.index}`]),
      Script.forever((request) => `again ${request.index}`)
    ]))))

  it.effect.prop("are the same for every size of network chunks", [answers, FastCheck.integer({ min: 1, max: 200 })], (
    [script, size]
  ) =>
    Effect.gen(function*() {
      const whole = yield* Chat.accumulate(Chat.stream(chat))
      const cut = yield* Chat.accumulate(Chat.stream(chat))
      assert.deepStrictEqual(
        cut.choices.map((choice) => choice.message.content),
        whole.choices.map((choice) => choice.message.content)
      )
      assert.strictEqual(readResponse(cut).text, meaning(script).text)
    }).pipe(Effect.provide(TestModel.layer([
      { ...script, parts: script.parts.filter((part) => part._tag !== "ToolCall") },
      Script.chunked({ ...script, parts: script.parts.filter((part) => part._tag !== "ToolCall") }, size)
    ]))), { fastCheck: { numRuns: 30 } })
})

describe("requests", () => {
  it.effect("are recorded, without the key", () =>
    Effect.gen(function*() {
      yield* Chat.send(chat).pipe(OpenRouterClient.withOptions({ appTitle: "Test" }))
      yield* Stream.runDrain(Responses.stream(responses))
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(
        requests.map(({ api, hasKey, index, method, model, path, stream }) => ({
          index,
          method,
          path,
          api,
          model,
          stream,
          hasKey
        })),
        [
          { index: 0, method: "POST", path: "/chat/completions", api: "chat", model, stream: false, hasKey: true },
          { index: 1, method: "POST", path: "/responses", api: "responses", model, stream: true, hasKey: true }
        ]
      )
      assert.deepStrictEqual(requests[0]?.body, chat)
      assert.strictEqual(requests[1]?.json["input"], "Hi")
      assert.strictEqual(requests[0]?.headers["x-openrouter-title"], "Test")
      assert.notInclude(JSON.stringify(requests), "sk-or-v1-marked")
    }).pipe(Effect.provide(
      TestModel.layer(["a", "b"], { client: { apiKey: Redacted.make("sk-or-v1-marked-key") } })
    )))

  it.effect("without a turn fail the test, and the message names them", () =>
    Effect.gen(function*() {
      yield* Chat.send(chat)
      const exit = yield* Effect.exit(Effect.catchAll(Chat.send(chat), () => Effect.succeed("handled")))
      const message = Exit.match(exit, { onFailure: Cause.pretty, onSuccess: String })
      assert.include(message, "TestModel: request 2, POST /chat/completions (model openai/gpt-5-nano), found no turn")
      assert.include(message, "the script has 1")
    }).pipe(Effect.provide(TestModel.layer(["only one"]))))

  it.effect("to other endpoints reach the handlers", () =>
    Effect.gen(function*() {
      assert.strictEqual(Chat.text(yield* Chat.send(chat)), "scripted")
      assert.deepStrictEqual((yield* Messages.send(messages)).content, [])
    }).pipe(Effect.provide(TestModel.layer(["scripted"], {
      handlers: [
        MockHttpClient.route("POST", "/messages", () =>
          Effect.map(Effect.succeed("gen-x"), (id) => ({
            id,
            type: "message",
            role: "assistant",
            content: [],
            model,
            container: null,
            stop_reason: "end_turn",
            stop_details: null,
            stop_sequence: null,
            usage: {
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
          })))
      ]
    }))))

  it.effect("fail without the key that the test requires", () =>
    Effect.gen(function*() {
      const wrong = yield* Effect.flip(Chat.send(chat))
      assert.strictEqual(wrong._tag, "UnauthorizedResponseError")
      const right = Chat.send(chat).pipe(OpenRouterClient.withOptions({ apiKey: Redacted.make("right") }))
      assert.strictEqual(Chat.text(yield* right), "in")
    }).pipe(Effect.provide(TestModel.layer(["in"], { requireKey: Redacted.make("right") }))))

  it.effect("do not depend on the environment", () =>
    Effect.gen(function*() {
      assert.strictEqual(Chat.text(yield* Chat.send(chat)), "x")
    }).pipe(
      Effect.provide(TestModel.layer(["x"])),
      Effect.provide(variables({ OPENROUTER_BASE_URL: "not a url" }))
    ))
})

describe("time", () => {
  it.effect("follows the Clock to the millisecond", () =>
    Effect.gen(function*() {
      const { fiber, text } = yield* listen
      yield* TestClock.adjust("999 millis")
      assert.strictEqual(yield* text, "")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* text, "Hello")
      yield* TestClock.adjust("4999 millis")
      assert.strictEqual(yield* text, "Hello")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* text, "Hello again")
      yield* Fiber.join(fiber)
    }).pipe(Effect.provide(TestModel.layer([
      Script.delayed(Script.turn(["Hello", Script.wait("5 seconds"), " again"]), "1 second")
    ]))))

  it.effect("can wait for a latch of the test", () =>
    Effect.gen(function*() {
      const latch = yield* Deferred.make<void>()
      yield* Effect.gen(function*() {
        const { fiber, text } = yield* listen
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(yield* text, "before")
        yield* Deferred.succeed(latch, undefined)
        yield* Fiber.join(fiber)
        assert.strictEqual(yield* text, "before after")
      }).pipe(Effect.provide(TestModel.layer(
        [["before", Script.waitFor(Deferred.await(latch)), " after"]],
        { client: { idleTimeout: Duration.infinity } }
      )))
    }))

  it.effect("delays each delta", () =>
    Effect.gen(function*() {
      const { fiber, text } = yield* listen
      yield* TestClock.adjust("50 millis")
      assert.strictEqual(yield* text, "a b")
      yield* TestClock.adjust("10 millis")
      assert.strictEqual(yield* text, "a b c")
      yield* Fiber.join(fiber)
    }).pipe(Effect.provide(TestModel.layer([Script.turn("a b c", { pace: "20 millis" })]))))

  it.effect("passes before a response without a stream", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Chat.send(chat))
      yield* TestClock.adjust("9 seconds")
      assert.isFalse(isOver(fiber))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(Chat.text(yield* Fiber.join(fiber)), "slow")
    }).pipe(Effect.provide(TestModel.layer([[Script.wait("10 seconds"), "slow"]]))))
})

describe("interruption", () => {
  it.effect("of a stream is counted, by the fiber or by the reader", () =>
    Effect.gen(function*() {
      const { fiber } = yield* listen
      yield* TestModel.awaitRequests(1)
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(yield* TestModel.responses, { finished: 0, interrupted: 0, open: 1 })
      yield* Fiber.interrupt(fiber)
      yield* TestModel.awaitInterrupted(1)
      yield* Stream.runDrain(Stream.take(Chat.stream(chat), 1))
      yield* TestModel.awaitInterrupted(2)
      yield* Stream.runDrain(Chat.stream(chat))
      assert.deepStrictEqual(yield* TestModel.responses, { finished: 1, interrupted: 2, open: 0 })
    }).pipe(Effect.provide(TestModel.layer([["a", Script.stall], "many words come here", "done"]))))

  it.effect("of a request without a response is counted", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Chat.send(chat))
      yield* TestModel.awaitRequests(1)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* TestModel.responses, { finished: 0, interrupted: 1, open: 0 })
    }).pipe(Effect.provide(TestModel.layer([Script.silent]))))

  it.effect("is not counted for an error status", () =>
    Effect.gen(function*() {
      yield* Effect.flip(Chat.send(chat))
      yield* Effect.flip(Chat.send(chat))
      assert.deepStrictEqual(yield* TestModel.responses, { finished: 2, interrupted: 0, open: 0 })
    }).pipe(Effect.provide(TestModel.layer([Script.error(400), Script.unreachable], once))))
})
