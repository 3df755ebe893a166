/** What is kept of a paid response that cannot be used. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import type { DurationInput } from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { memory, over, respond, type Responder } from "./support/memory.js"
import * as Rows from "./support/rows.js"

const text = "The answer. ".repeat(1700)

const whole = JSON.stringify({
  id: "gen-7",
  model: "acme/small-2",
  choices: [{ finish_reason: "stop", message: { role: "assistant", content: text } }],
  usage: { prompt_tokens: 5, completion_tokens: 7, cost: 0.25 }
})

/** A body that sends a text and then breaks with this code; without one it stays open, and calls `onTaken`. */
const partly = (body: string, code?: string, onTaken = () => {}): Responder => () =>
  Effect.sync(() => {
    const pieces = [new TextEncoder().encode(body)]
    return new Response(
      new ReadableStream<Uint8Array>({
        pull: (controller) => {
          const piece = pieces.shift()
          if (piece !== undefined) controller.enqueue(piece)
          else if (code === undefined) onTaken()
          else controller.error(Object.assign(new Error("terminated"), { code }))
        }
      })
    )
  })

const failure = (responder: Responder, timeout: DurationInput = "1 minute") =>
  Effect.flip(Effect.provide(chat, over(memory(responder), { retry: false, timeout })))

const chat = Rows.chat(Rows.hello)

describe("a paid response", () => {
  const endings: Readonly<Record<string, readonly [responder: Responder, tag: string, received: string]>> = {
    "that breaks off": [partly(whole.slice(0, -1), "UND_ERR_SOCKET"), "ConnectionError", whole.slice(0, -1)],
    "that is silent for longer than fetch waits": [
      partly(whole.slice(0, -1), "UND_ERR_BODY_TIMEOUT"),
      "RequestTimeoutError",
      whole.slice(0, -1)
    ],
    "that is followed by junk": [respond(200, `${whole}\n]`), "ResponseValidationError", `${whole}\n]`],
    "that ends early": [respond(200, whole.slice(0, -1)), "ResponseValidationError", whole.slice(0, -1)],
    "of another shape": [respond(200, whole.replace("\"model\"", "\"mode\"")), "ResponseValidationError", ""]
  }
  for (const [name, [responder, tag, received]] of Object.entries(endings)) {
    it.effect(`${name} is kept whole, with its cost and its id`, () =>
      Effect.gen(function*() {
        const error = yield* failure(responder)
        assert.strictEqual(error._tag, tag)
        if (!("received" in error)) return assert.fail(String(error))
        assert.strictEqual(error.received, received === "" ? whole.replace("\"model\"", "\"mode\"") : received)
        assert.deepStrictEqual([error.partial?.text, error.generationId], [text, "gen-7"])
        // The last number of a text that breaks off may go on
        assert.deepStrictEqual([error.partial?.outputTokens, error.partial?.cost], [7, 0.25])
        assert.isBelow(error.message.length, 600)
      }))
  }

  it.effect("that meets the timeout is kept whole, with its cost and its id", () =>
    Effect.gen(function*() {
      const taken = yield* Deferred.make<void>()
      const responder = partly(whole.slice(0, -1), undefined, () => Deferred.unsafeDone(taken, Effect.void))
      const fiber = yield* Effect.fork(failure(responder))
      yield* Deferred.await(taken)
      yield* TestClock.adjust("1 minute")
      const error = yield* Fiber.join(fiber)
      if (error._tag !== "RequestTimeoutError") return assert.fail(String(error))
      assert.strictEqual(error.received, whole.slice(0, -1))
      assert.deepStrictEqual([error.partial?.text, error.partial?.cost, error.generationId], [text, 0.25, "gen-7"])
      assert.include(error.message, "may have been charged")
    }))

  it.effect("may be followed by blanks", () =>
    Effect.gen(function*() {
      const reply = yield* Effect.provide(chat, over(memory(respond(200, `${whole}\n \r\n\t`))))
      assert.strictEqual(reply.id, "gen-7")
    }))

  it.effect("says what follows it", () =>
    Effect.gen(function*() {
      const { message } = yield* failure(respond(200, `${whole} {}`))
      assert.include(message, "chat.send: the response is not JSON alone, but is followed by something else")
      assert.include(message, "`partial`")
    }))

  it.effect("keeps only the beginning in the error of an endpoint that costs nothing", () =>
    Effect.gen(function*() {
      const read = Effect.provide(
        Rows.read({ id: "1" }),
        over(memory(partly(whole.slice(0, -1), "ECONNRESET")), { retry: false })
      )
      const error = yield* Effect.flip(read)
      if (error._tag !== "ConnectionError") return assert.fail(String(error))
      assert.isBelow(error.received?.length ?? 0, 2100)
      assert.isUndefined(error.partial)
    }))
})
