/** A failure in a script reaches the caller of the client as the error class of that failure. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as Chat from "../../src/services/Chat.js"
import * as Messages from "../../src/services/Messages.js"
import * as Responses from "../../src/services/Responses.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { isOver } from "../support/effect/fibers.js"
import { content, meaning, quiet } from "./scripts.js"

const model = "openai/gpt-5-nano"
const chat = { model, messages: [{ role: "user" as const, content: "Hi" }] }
const responses = { model, input: "Hi" }
const messages = { model, max_tokens: 100, messages: [{ role: "user" as const, content: "Hi" }] }

const once = { client: { retry: false } } as const

/** One call of each API. */
const calls: ReadonlyArray<
  Effect.Effect<unknown, Effect.Effect.Error<ReturnType<typeof Chat.send>>, OpenRouterClient.OpenRouterClient>
> = [Chat.send(chat), Responses.send(responses), Messages.send(messages)]

describe("a form of failure", () => {
  it.effect("that the API does not have fails the test, and the message lists its forms", () =>
    Effect.gen(function*() {
      const wrong: ReadonlyArray<readonly [call: (typeof calls)[number], form: Script.FailureForm, known: string]> = [
        [Chat.send(chat), "failed", "it has finish, bare, done, beside-finish, on-usage"],
        [Responses.send(responses), "finish", "it has failed, nested, flat, response-error"],
        [Messages.send(messages), "bare", "it has one form only"]
      ]
      for (const [call, form, known] of wrong) {
        const turn = Script.turn(["Hel", Script.fail(502, { as: form })])
        const exit = yield* Effect.exit(Effect.provide(call, TestModel.layer([turn], once)))
        assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", `${known}. Change`)
      }
    }))
})

describe("failures", () => {
  const failing = <A, E extends { readonly _tag: string }, R>(effect: Effect.Effect<A, E, R>, turn: Script.TurnInput) =>
    Effect.provide(Effect.flip(effect), TestModel.layer([turn], once))

  it.effect("with a status become the error class of the status, on all APIs", () =>
    Effect.gen(function*() {
      const turn = Script.error(503, {
        message: "Provider returned error",
        provider: "Venice",
        raw: "{\"error\":\"overheated\"}",
        errorType: "provider_overloaded"
      })
      for (const call of calls) {
        const error = yield* failing(call, turn)
        assert.strictEqual(error._tag, "ServiceUnavailableResponseError")
        if (error._tag !== "ServiceUnavailableResponseError") return
        assert.strictEqual(error.errorType, "provider_overloaded")
        assert.strictEqual(error.provider, "Venice")
        assert.deepStrictEqual(error.raw, { error: "overheated" })
        assert.include(error.message, "Venice: overheated")
      }
    }))

  it.effect("with Retry-After are retried at exactly that time", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Chat.send(chat))
      yield* TestModel.awaitRequests(1)
      yield* TestClock.adjust("1999 millis")
      assert.strictEqual((yield* TestModel.requests).length, 1)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(Chat.text(yield* Fiber.join(fiber)), "at last")
    }).pipe(Effect.provide(TestModel.layer([Script.error(429, { retryAfter: "2 seconds" }), "at last"]))))

  it.effect("have rate limits in headers and metadata", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.parse("2026-01-01"))
      const error = yield* failing(
        Chat.send(chat),
        Script.error(429, { rateLimit: { limit: 20, resetAfter: "30 seconds" } })
      )
      assert.strictEqual(error._tag, "TooManyRequestsResponseError")
      if (error._tag === "TooManyRequestsResponseError") {
        assert.strictEqual(Duration.toMillis(error.retryAfter), 30_000)
      }
    }))

  it.effect("in a response with status 200 are the same errors", () =>
    Effect.gen(function*() {
      for (const call of calls) {
        const error = yield* failing(call, Script.fail(429, { message: "Slow down" }))
        assert.strictEqual(error._tag, "TooManyRequestsResponseError")
        assert.include(error.message, "Slow down")
      }
      const partial = yield* failing(Chat.send(chat), ["Half of", Script.fail(502, { message: "Gone" })])
      assert.strictEqual(partial._tag, "BadGatewayResponseError")
      if (partial._tag === "BadGatewayResponseError") assert.strictEqual(partial.partial?.text, "Half of")
    }))

  const forms = {
    chat: ["finish", "bare", "done", "beside-finish", "on-usage"],
    responses: ["failed", "nested", "response-error"],
    messages: [undefined]
  } as const
  const streams = {
    chat: Stream.runDrain(Chat.stream(chat)),
    responses: Stream.runDrain(Responses.stream(responses)),
    messages: Stream.runDrain(Messages.stream(messages))
  }

  for (const api of ["chat", "responses", "messages"] as const) {
    for (const as of forms[api]) {
      it.effect(`in the middle of a ${api} stream, ${as ?? "the only form"}, keep the partial response`, () =>
        Effect.gen(function*() {
          const error = yield* failing(streams[api], ["Once upon", Script.fail(529, { message: "Lost", as })])
          assert.strictEqual(error._tag, "ProviderOverloadedResponseError")
          if (error._tag !== "ProviderOverloadedResponseError") return
          assert.include(error.message, "Lost")
          assert.strictEqual(error.partial?.text, "Once upon")
        }))
    }
  }

  it.effect("with only a finish reason are errors", () =>
    Effect.gen(function*() {
      const error = yield* failing(
        streams.chat,
        Script.turn("x", { finishReason: "error", nativeFinishReason: "MALFORMED_FUNCTION_CALL" })
      )
      assert.strictEqual(error._tag, "BadGatewayResponseError")
      assert.include(error.message, "MALFORMED_FUNCTION_CALL")
    }))

  it.effect("of the connection have their own classes", () =>
    Effect.gen(function*() {
      const unreachable = yield* failing(Chat.send(chat), Script.unreachable)
      assert.deepInclude(unreachable, { _tag: "ConnectionError", phase: "connect", code: "ECONNREFUSED" })
      const reset = yield* failing(streams.chat, ["Once", Script.reset])
      assert.deepInclude(reset, { _tag: "ConnectionError", phase: "body", code: "ECONNRESET" })
      if (reset._tag === "ConnectionError") assert.strictEqual(reset.partial?.text, "Once")
      const truncated = yield* failing(streams.responses, ["Once", Script.truncate])
      assert.strictEqual(truncated._tag, "StreamTruncatedError")
      const html = yield* failing(Chat.send(chat), Script.reply("<html><h1>Bad gateway</h1></html>", { status: 502 }))
      assert.strictEqual(html._tag, "BadGatewayResponseError")
      assert.include(html.message, "Bad gateway")
    }))

  it.effect("of a timeout come at the time of the Clock", () =>
    Effect.gen(function*() {
      const stalled = yield* Effect.fork(failing(
        streams.chat.pipe(OpenRouterClient.withOptions({ idleTimeout: "30 seconds" })),
        ["Once", Script.wait("29 seconds"), Script.comment(), Script.stall]
      ))
      const silent = yield* Effect.fork(
        failing(Chat.send(chat).pipe(OpenRouterClient.withOptions({ timeout: "40 seconds" })), Script.silent)
      )
      yield* TestClock.adjust("58 seconds")
      assert.isFalse(isOver(stalled))
      assert.strictEqual((yield* Fiber.join(silent))._tag, "RequestTimeoutError")
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(stalled))._tag, "StreamStalledError")
    }))

  const breaking = FastCheck.tuple(
    FastCheck.array(FastCheck.oneof({ arbitrary: content, weight: 4 }, quiet), { maxLength: 6 }),
    FastCheck.constantFrom(
      [Script.truncate, "StreamTruncatedError"] as const,
      [Script.reset, "ConnectionError"] as const,
      [Script.fail(529), "ProviderOverloadedResponseError"] as const
    ),
    FastCheck.oneof(FastCheck.constantFrom("event" as const, "whole" as const), FastCheck.integer({ min: 1, max: 90 }))
  )

  it.effect.prop("at any place of a stream have the partial response", [breaking], (
    [[parts, [end, tag], chunks]]
  ) =>
    Effect.gen(function*() {
      const script = Script.turn([...parts, end, "not sent"], { chunks })
      const expected = meaning(Script.turn(parts))
      for (const stream of [streams.chat, streams.responses]) {
        const error = yield* failing(stream, script)
        assert.strictEqual(error._tag, tag)
        const partial = "partial" in error ? error.partial : undefined
        assert.strictEqual(partial?.text ?? "", expected.text)
        assert.strictEqual(partial?.reasoning ?? "", expected.reasoning)
        assert.deepStrictEqual(
          (partial?.toolCalls ?? []).map((call) => ({ name: call.name, arguments: call.arguments })),
          expected.toolCalls
        )
      }
      assert.strictEqual((yield* failing(streams.messages, script))._tag, tag)
    }), { fastCheck: { numRuns: 60 } })
})
