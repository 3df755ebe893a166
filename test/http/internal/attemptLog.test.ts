import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { OpenRouterClient } from "../../../src/http/OpenRouterClient.js"
import * as Chat from "../../../src/services/Chat.js"
import { annotatedInto, debugging } from "../../support/effect/logs.js"
import { memory, over, respond, type Responder } from "../support/memory.js"
import * as Rows from "../support/rows.js"

/** The logs of a call under the test's clock. */
const logsOf = <A, E>(
  responders: ReadonlyArray<Responder>,
  call: Effect.Effect<A, E, OpenRouterClient>,
  level = debugging
) =>
  Effect.gen(function*() {
    const lines: Array<Readonly<Record<string, unknown>>> = []
    const fiber = yield* call.pipe(
      Effect.provide(over(memory(...responders))),
      Effect.exit,
      Effect.provide(annotatedInto(lines)),
      Effect.provide(level),
      Effect.fork
    )
    yield* TestClock.adjust("1 hour")
    yield* Fiber.join(fiber)
    // Effect writes logs of its own
    return lines.filter((line) => "operation" in line)
  })

const after = (seconds: number, responder: Responder): Responder => (request) =>
  Effect.delay(responder(request), seconds * 1000)

const attempt = { message: "OpenRouter attempt", operation: "chat.send", model: "acme/small" }

const chunk = (fields: object) =>
  `data: ${
    JSON.stringify({ id: "gen-3", object: "chat.completion.chunk", created: 1, model: "acme/small-2", ...fields })
  }\n\n`

const events = chunk({ choices: [{ index: 0, delta: { content: "PRIVATE" }, finish_reason: null }] }) +
  chunk({
    choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
    usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12, cost: 0.25 }
  })

const streamed = Chat.stream({ model: "acme/small", messages: [{ role: "user", content: "PRIVATE" }] })

const streamOf = (text: string) => respond(200, text, { "content-type": "text/event-stream" })

const done = `${events}data: [DONE]\n\n`

describe("the logs of the level Debug", () => {
  it.effect("have each attempt of a call, with its status, its time and its cost", () =>
    Effect.gen(function*() {
      const failing = respond(503, { error: { code: 503, message: "PRIVATE" } }, { "x-generation-id": "gen-0" })
      const lines = yield* logsOf([after(2, failing), after(3, respond(200, Rows.reply))], Rows.chat(Rows.hello))
      assert.deepStrictEqual(lines, [
        {
          ...attempt,
          attempt: 1,
          outcome: "ServiceUnavailableResponseError",
          status: 503,
          durationMs: 2000,
          generationId: "gen-0"
        },
        {
          ...attempt,
          model: "acme/small-2",
          attempt: 2,
          outcome: "success",
          status: 200,
          durationMs: 3000,
          generationId: "gen-1",
          inputTokens: 5,
          outputTokens: 7,
          cost: 0.25
        }
      ])
    }))

  it.effect("have a stream when it has ended, and say whether it was read to its end", () =>
    Effect.gen(function*() {
      const stream = { ...attempt, operation: "chat.stream", attempt: 1, status: 200, durationMs: 0 }
      const usage = { inputTokens: 5, outputTokens: 7, cost: 0.25 }
      const ended = { ...stream, model: "acme/small-2", generationId: "gen-3" }
      assert.deepStrictEqual(yield* logsOf([streamOf(done)], Stream.runDrain(streamed)), [
        { ...ended, outcome: "success", ...usage }
      ])
      assert.deepStrictEqual(yield* logsOf([streamOf(events.slice(0, 200))], Stream.runDrain(streamed)), [
        { ...ended, outcome: "StreamTruncatedError" }
      ])
      const left = Stream.runDrain(Stream.take(streamed, 1))
      assert.deepStrictEqual(yield* logsOf([streamOf(events.slice(0, 200))], left), [
        { ...ended, outcome: "interrupted" }
      ])
    }))

  it.effect("have what is interrupted, and endpoints without a model", () =>
    Effect.gen(function*() {
      const sent = yield* Deferred.make<void>()
      const silent: Responder = () => Effect.zipRight(Deferred.succeed(sent, undefined), Effect.never)
      const interrupted = Effect.gen(function*() {
        const fiber = yield* Effect.fork(Rows.chat(Rows.hello))
        yield* Deferred.await(sent)
        yield* Fiber.interrupt(fiber)
      })
      assert.deepStrictEqual(yield* logsOf([silent], interrupted), [
        { ...attempt, attempt: 1, outcome: "interrupted", durationMs: 0 }
      ])
      assert.deepStrictEqual(yield* logsOf([respond(200, { id: "a" })], Rows.read({ id: "a" })), [
        {
          message: "OpenRouter attempt",
          operation: "things.read",
          attempt: 1,
          outcome: "success",
          status: 200,
          durationMs: 0
        }
      ])
    }))

  it.effect("are not written at the level Info", () =>
    Effect.gen(function*() {
      const calls = Effect.zipRight(Rows.chat(Rows.hello), Effect.ignore(Stream.runDrain(streamed)))
      assert.deepStrictEqual(yield* logsOf([respond(200, Rows.reply), streamOf(done)], calls, Layer.empty), [])
    }))
})
