import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import { cutOff, memory, over, respond, type Responder } from "./support/memory.js"
import * as Rows from "./support/rows.js"

const given = <A, E, R>(first: Responder, call: Effect.Effect<A, E, R>) =>
  Effect.provide(call, over(memory(first), { retry: false }))

const failure = <A, E>(first: Responder, call: Effect.Effect<A, E, OpenRouterClient>) => Effect.flip(given(first, call))

describe("an endpoint", () => {
  it("has its row as data", () => {
    assert.strictEqual(Rows.read.name, "things.read")
    assert.strictEqual(Rows.read.path, "/things/{id}")
    assert.strictEqual(Rows.read.success, "json")
    assert.strictEqual<unknown>(Rows.read.schema, Rows.Thing)
    assert.deepStrictEqual(Rows.read.errors, Rows.statuses)
    assert.strictEqual(Rows.remove.success, "empty")
    assert.strictEqual(Rows.content.success, "binary")
    assert.strictEqual(Rows.chat.operation, "chat")
    assert.containsAllKeys({ ...Rows.read }, [
      "operationId",
      "name",
      "method",
      "path",
      "query",
      "body",
      "errors",
      "auth"
    ])
  })

  it.effect("sends nothing until it runs, and sends again when it runs again", () =>
    Effect.gen(function*() {
      const wire = memory(respond(200, { id: "1" }))
      const call = Effect.provide(Rows.read({ id: "1" }), over(wire))
      assert.lengthOf(wire.requests, 0)
      yield* call
      yield* call
      assert.lengthOf(wire.requests, 2)
    }))

  it.effect("returns the response with the fields that its schema does not know", () =>
    Effect.gen(function*() {
      const body = { id: "1", size: 3, new_field: { deep: [null, 1] } }
      assert.deepStrictEqual(yield* given(respond(200, body), Rows.read({ id: "1" })), body)
      assert.deepStrictEqual(yield* given(respond(201, body), Rows.read({ id: "1" })), body)
    }))

  it.effect("reads JSON after the blanks that keep a connection alive", () =>
    Effect.gen(function*() {
      const padded = "\n         \n\n         \n{\"id\":\"1\"}\n"
      assert.deepStrictEqual(yield* given(respond(200, padded), Rows.read({ id: "1" })), { id: "1" })
      assert.deepStrictEqual(yield* given(respond(200, "\uFEFF{\"id\":\"1\"}"), Rows.read({ id: "1" })), { id: "1" })
    }))

  it.effect("without a result accepts any 2xx status, with or without a body", () =>
    Effect.gen(function*() {
      assert.isUndefined(yield* given(respond(204), Rows.remove({ id: "1" })))
      assert.isUndefined(yield* given(respond(200, { deleted: true }), Rows.remove({ id: "1" })))
      assert.isUndefined(yield* given(respond(200, "OK"), Rows.remove({ id: "1" })))
    }))

  it.effect("that returns bytes does not change them", () =>
    Effect.gen(function*() {
      const bytes = (first: Responder) => given(first, Stream.mkString(Stream.decodeText(Rows.content({ id: "1" }))))
      assert.strictEqual(yield* bytes(respond(200, "{\"error\":{}}")), "{\"error\":{}}")
      assert.strictEqual(yield* bytes(respond(200)), "")
    }))

  const json = { "content-type": "application/json; charset=utf-8" }

  it.effect("that returns bytes finds the error in a JSON response with status 200, and may retry", () =>
    Effect.gen(function*() {
      const error = { code: 502, message: "The provider sent no video" }
      for (const body of [{ error, user_id: "user_2abc" }, error, { error: error.message, code: 502 }]) {
        const wire = memory(respond(200, `\n  ${JSON.stringify(body)}`, json), respond(200, "bytes"))
        const content = Stream.mkString(Stream.decodeText(Rows.content({ id: "1" })))
        const failed = yield* Effect.flip(Effect.provide(content, over(wire, { retry: false })))
        assert.deepStrictEqual([failed._tag, "status" in failed && failed.status], ["OpenRouterDefaultError", 502])
        assert.match(failed.message, /^The provider sent no video\. /)
        const again = yield* Effect.fork(
          Effect.provide(content, over(memory(respond(200, body, json), respond(200, "bytes"))))
        )
        yield* TestClock.adjust("1 minute")
        assert.strictEqual(yield* Fiber.join(again), "bytes")
      }
      const opened = Rows.content.withResponse({ id: "1" })
      const refused = yield* Effect.scoped(Effect.flip(given(respond(200, { error }, json), opened)))
      assert.strictEqual(refused._tag, "OpenRouterDefaultError")
    }))

  it.effect("that returns bytes does not change a JSON file, small or large", () =>
    Effect.gen(function*() {
      const file = (text: string, pieces: number) => {
        const size = Math.ceil(text.length / pieces)
        const chunks = Array.from(
          { length: pieces },
          (_, n) => new TextEncoder().encode(text.slice(n * size, (n + 1) * size))
        )
        const body = new ReadableStream<Uint8Array>({
          pull: (controller) => {
            const next = chunks.shift()
            if (next === undefined) controller.close()
            else controller.enqueue(next)
          }
        })
        return () => Effect.sync(() => new Response(body, { headers: json }))
      }
      const large = JSON.stringify({ error: { code: 500, message: "Mine" }, data: "x".repeat(300_000) })
      const log = JSON.stringify({ error: { code: 500, message: "Mine" }, at: "2026-01-01" })
      for (const text of ["", "{}", "[1]", "7", "{\"error\":", log, large]) {
        const content = Stream.mkString(Stream.decodeText(Rows.content({ id: "1" })))
        assert.strictEqual(yield* given(file(text, 5), content), text)
      }
      const first = yield* given(file(large, 50), Stream.runHead(Rows.content({ id: "1" })))
      assert.strictEqual(first._tag, "Some")
      const broken = yield* failure(cutOff(200, "{\"a\":", json), Stream.runDrain(Rows.content({ id: "1" })))
      assert.strictEqual(broken._tag, "ConnectionError")
    }))
})

describe("withResponse", () => {
  it.effect("returns safe facts about the response with the result", () =>
    Effect.gen(function*() {
      const headers = {
        "x-generation-id": "gen-header",
        "x-provider-name": "Acme",
        "x-ratelimit-limit": "20",
        "x-ratelimit-remaining": "19",
        "x-ratelimit-reset": "1700000000000",
        "x-openrouter-cache-status": "HIT",
        "x-openrouter-cache-age": "3",
        "x-openrouter-cache-ttl": "300",
        "x-openrouter-cache-source-id": "gen-0",
        "set-cookie": "session=secret"
      }
      const found = yield* given(respond(200, { id: "1" }, headers), Rows.read.withResponse({ id: "1" }))
      assert.deepStrictEqual(found, {
        data: { id: "1" },
        response: {
          status: 200,
          attempts: 1,
          generationId: "gen-header",
          provider: "Acme",
          rateLimit: { limit: 20, remaining: 19, reset: 1700000000000 },
          cache: { status: "HIT", age: 3, ttl: 300, sourceId: "gen-0" }
        }
      })
    }))

  it.effect("has only the facts that were sent, and ignores invalid ones", () =>
    Effect.gen(function*() {
      const { response } = yield* given(respond(200, { id: "1" }), Rows.read.withResponse({ id: "1" }))
      assert.deepStrictEqual(response, { status: 200, attempts: 1 })
      const garbage = { "x-ratelimit-limit": "many", "x-ratelimit-remaining": " ", "x-ratelimit-reset": "NaN" }
      const other = yield* given(respond(200, { id: "1" }, garbage), Rows.read.withResponse({ id: "1" }))
      assert.isUndefined(other.response.rateLimit)
    }))

  it.effect("finds the generation id in the body if no header has it", () =>
    Effect.gen(function*() {
      const fromBody = yield* given(respond(200, Rows.reply), Rows.chat.withResponse(Rows.hello))
      assert.strictEqual(fromBody.response.generationId, "gen-1")
      const named = respond(200, Rows.reply, { "x-generation-id": "gen-header" })
      const fromHeader = yield* given(named, Rows.chat.withResponse(Rows.hello))
      assert.strictEqual(fromHeader.response.generationId, "gen-header")
      assert.isUndefined((yield* given(respond(200, { id: "1" }), Rows.create.withResponse({}))).response.generationId)
    }))

  it.effect("opens bytes within a scope", () =>
    Effect.scoped(Effect.gen(function*() {
      const opened = yield* given(
        respond(200, "bytes", { "x-generation-id": "gen-tts" }),
        Rows.content.withResponse({ id: "1" })
      )
      assert.strictEqual(opened.response.generationId, "gen-tts")
      assert.strictEqual(yield* Stream.mkString(Stream.decodeText(opened.data)), "bytes")
    })))
})

describe("an error with status 200", () => {
  it.effect("57: has the class of its code if the endpoint documents the code, otherwise the default class", () =>
    Effect.gen(function*() {
      const body = (code: number) => ({
        error: { code, message: "Provider returned error", metadata: { raw: "busy", provider_name: "Acme" } },
        user_id: "user_2abc"
      })
      const documented = yield* failure(respond(200, body(502)), Rows.chat(Rows.hello))
      assert.strictEqual(documented._tag, "BadGatewayResponseError")
      assert.match(documented.message, /^Acme: busy\. /)
      assert.notInclude(JSON.stringify(documented), "user_2abc")
      const undocumented = yield* failure(respond(200, body(409)), Rows.chat(Rows.hello))
      assert.strictEqual(undocumented._tag, "OpenRouterDefaultError")
      assert.propertyVal(undocumented, "status", 409)
    }))

  it.effect("keeps the text that was generated before it, and the cost", () =>
    Effect.gen(function*() {
      const body = {
        id: "gen-5",
        model: "acme/small-2",
        user_id: "user_2abc",
        choices: [{
          finish_reason: null,
          message: {
            role: "assistant",
            content: "Once upon",
            reasoning: "a story",
            tool_calls: [{ id: "call_1", type: "function", function: { name: "look", arguments: "{\"at\":" } }]
          },
          error: { code: 502, message: "Upstream died", metadata: { raw: { retryable: true } } }
        }],
        usage: { prompt_tokens: 3, completion_tokens: 4, cost: 0.5 }
      }
      const error = yield* failure(respond(200, body), Rows.chat(Rows.hello))
      assert.strictEqual(error._tag, "BadGatewayResponseError")
      if (error._tag !== "BadGatewayResponseError") return
      assert.match(error.message, /^Upstream died\. /)
      assert.deepStrictEqual(error.raw, { retryable: true })
      assert.strictEqual(error.generationId, "gen-5")
      assert.strictEqual(error.partial?.text, "Once upon")
      assert.strictEqual(error.partial?.reasoning, "a story")
      assert.deepStrictEqual(error.partial?.toolCalls, [{ id: "call_1", name: "look", arguments: "{\"at\":" }])
      assert.strictEqual(error.partial?.inputTokens, 3)
      assert.strictEqual(error.partial?.outputTokens, 4)
      assert.strictEqual(error.partial?.cost, 0.5)
      assert.notInclude(JSON.stringify(error), "user_2abc")
    }))

  it.effect("has its cost even if nothing was generated", () =>
    Effect.gen(function*() {
      const body = {
        choices: [{ message: { content: "" }, error: { code: 502, message: "No." } }],
        usage: { cost: 0.5 }
      }
      const error = yield* failure(respond(200, body), Rows.chat(Rows.hello))
      assert.nestedPropertyVal(error, "partial.cost", 0.5)
      const free = { choices: [{ message: { content: "" }, error: { code: 502, message: "No." } }] }
      assert.notProperty(yield* failure(respond(200, free), Rows.chat(Rows.hello)), "partial")
    }))

  it.effect("is found in a response that the provider ended with an unnamed error", () =>
    Effect.gen(function*() {
      const body = {
        ...Rows.reply,
        choices: [{
          finish_reason: "error",
          native_finish_reason: "MALFORMED_FUNCTION_CALL",
          message: { role: "assistant", content: "Half" }
        }]
      }
      const error = yield* failure(respond(200, body), Rows.chat(Rows.hello))
      assert.strictEqual(error._tag, "BadGatewayResponseError")
      assert.include(error.message, "MALFORMED_FUNCTION_CALL")
      assert.nestedPropertyVal(error, "partial.text", "Half")
    }))

  it.effect("is found in a failed response, with its output", () =>
    Effect.gen(function*() {
      const body = {
        id: "gen-6",
        object: "response",
        status: "failed",
        error_type: "provider_overloaded",
        error: { code: "server_error", message: "Too busy" },
        output: [
          { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] },
          { type: "message", content: [{ type: "output_text", text: "So " }, { type: "output_text", text: "far" }] },
          { type: "function_call", call_id: "call_9", name: "look", arguments: "{}" }
        ],
        usage: { input_tokens: 1, output_tokens: 2 }
      }
      const error = yield* failure(respond(200, body), Rows.infer({ model: "m" }))
      assert.strictEqual(error._tag, "ProviderOverloadedResponseError")
      assert.nestedPropertyVal(error, "errorType", "provider_overloaded")
      assert.nestedPropertyVal(error, "generationId", "gen-6")
      assert.nestedPropertyVal(error, "partial.text", "So far")
      assert.nestedPropertyVal(error, "partial.reasoning", "hm")
      assert.nestedPropertyVal(error, "partial.toolCalls[0].id", "call_9")
      assert.nestedPropertyVal(error, "partial.outputTokens", 2)
    }))

  it.effect("is found in the envelope of the Messages API", () =>
    Effect.gen(function*() {
      const body = { type: "error", error: { type: "rate_limit_error", message: "Slow down" }, request_id: "gen-7" }
      const error = yield* failure(respond(200, body), Rows.infer({ model: "m" }))
      assert.strictEqual(error._tag, "TooManyRequestsResponseError")
      assert.nestedPropertyVal(error, "generationId", "gen-7")
    }))

  it.effect("is not the failure in the record of a job", () =>
    Effect.gen(function*() {
      const body = { id: "job-1", status: "failed", error: "The prompt was refused" }
      assert.deepStrictEqual(yield* given(respond(200, body), Rows.job({ id: "job-1" })), body)
    }))

  it.effect("is found for an endpoint without a result", () =>
    Effect.gen(function*() {
      const body = { error: { code: 404, message: "No such thing" } }
      const error = yield* failure(respond(200, body), Rows.remove({ id: "1" }))
      assert.strictEqual(error._tag, "NotFoundResponseError")
    }))

  it.effect("has the wait of its headers", () =>
    Effect.gen(function*() {
      const limited = respond(200, { error: { code: 429, message: "Slow down" } }, { "retry-after": "7" })
      const error = yield* failure(limited, Rows.chat(Rows.hello))
      assert.match(error.message, /Retry after 7s/)
    }))
})

describe("a response of another shape", () => {
  it.effect("fails with each path that is wrong, and an excerpt", () =>
    Effect.gen(function*() {
      const error = yield* failure(respond(200, { id: 7, size: "big" }), Rows.read({ id: "1" }))
      if (error._tag !== "ResponseValidationError") return assert.fail(String(error))
      assert.deepStrictEqual(error.issues.map(({ path }) => path), ["id", "size"])
      assert.include(error.message, "things.read")
      assert.include(error.message, "at id:")
      assert.strictEqual(error.received, "{\"id\":7,\"size\":\"big\"}")
      assert.isUndefined(error.partial)
    }))

  it.effect("keeps the whole of a paid response", () =>
    Effect.gen(function*() {
      const { model: _, ...body } = Rows.reply
      const error = yield* failure(respond(200, body), Rows.chat(Rows.hello))
      if (error._tag !== "ResponseValidationError") return assert.fail(String(error))
      assert.deepStrictEqual(error.issues.map(({ path }) => path), ["model"])
      assert.include(error.message, "partial.result")
      assert.strictEqual(error.generationId, "gen-1")
      assert.strictEqual(error.partial?.text, "Hi.")
      assert.strictEqual(error.partial?.cost, 0.25)
      assert.deepStrictEqual(error.partial?.result, body)
    }))

  it.effect("may be text that is not JSON", () =>
    Effect.gen(function*() {
      const bodies = ["<html>Login</html>", "", "  \n", "{\"id\":\"1\"", "data: {}\n\n", "undefined"]
      for (const body of bodies) {
        const error = yield* failure(respond(200, body, { "x-generation-id": "gen-1" }), Rows.read({ id: "1" }))
        if (error._tag !== "ResponseValidationError") return assert.fail(String(error))
        assert.include(error.message, body.trim() === "" ? "is empty" : "is not JSON")
        assert.include(error.message, "base URL")
        assert.strictEqual(error.received ?? "", body)
        assert.strictEqual(error.generationId, "gen-1")
      }
      assert.strictEqual((yield* failure(respond(204), Rows.read({ id: "1" })))._tag, "ResponseValidationError")
    }))

  it.effect("is shortened in the error if it is long", () =>
    Effect.gen(function*() {
      const error = yield* failure(respond(200, { id: 1, text: "x".repeat(50_000) }), Rows.read({ id: "1" }))
      assert.isBelow(JSON.stringify(error).length, 5000)
    }))
})

describe("a body that breaks off", () => {
  it.effect("fails with the text that had been received", () =>
    Effect.gen(function*() {
      const error = yield* failure(cutOff(200, "{\"id\":\"1\",\"si"), Rows.read({ id: "1" }))
      if (error._tag !== "ConnectionError") return assert.fail(String(error))
      assert.strictEqual(error.phase, "body")
      assert.strictEqual(error.code, "UND_ERR_SOCKET")
      assert.strictEqual(error.received, "{\"id\":\"1\",\"si")
      assert.include(error.message, "broke before the response was complete")
    }))

  it.effect("fails an error response after seconds if its body does not end, not after the timeout", () =>
    Effect.gen(function*() {
      const seen = { cancelled: false }
      const body = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new TextEncoder().encode("Slow down, ple")),
        cancel: () => {
          seen.cancelled = true
        }
      })
      const wire = memory(() => Effect.sync(() => new Response(body, { status: 429 })))
      const read = yield* Effect.fork(
        Effect.flip(Effect.provide(Rows.read({ id: "1" }), over(wire, { retry: false, timeout: "1 hour" })))
      )
      yield* TestClock.adjust("5 seconds")
      const error = yield* Fiber.join(read)
      assert.strictEqual("status" in error && error.status, 429)
      assert.include(error.message, "Slow down, ple")
      assert.isTrue(seen.cancelled)
    }))

  it.effect("keeps the status, and the text that had been received", () =>
    Effect.gen(function*() {
      const error = yield* failure(cutOff(503, "{\"error\":{\"message\":\"Over capac"), Rows.read({ id: "1" }))
      assert.strictEqual(error._tag, "ServiceUnavailableResponseError")
      assert.include(error.message, "Over capac")
    }))
})
