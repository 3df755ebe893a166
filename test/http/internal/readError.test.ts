import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as FastCheck from "effect/FastCheck"
import { type ErrorSource, toResponseError } from "../../../src/http/internal/readError.js"
import { errorClassByStatus, OpenRouterDefaultError } from "../../../src/http/OpenRouterError.js"
import { errorInBody } from "../../../src/response/findError.js"
import { statuses } from "../support/rows.js"

const from = (source: Partial<ErrorSource>) =>
  toResponseError({ status: undefined, body: undefined, documented: statuses, ...source })

const error = (fields: object, beside: object = {}) => ({ error: fields, ...beside })

describe("toResponseError", () => {
  it("54: makes the class of each documented status, and the default class for any other", () => {
    for (const status of statuses) {
      const found = from({ status, body: error({ code: status, message: "No." }) })
      assert.strictEqual(found.constructor, errorClassByStatus[status])
      assert.strictEqual(found.status, status)
      const undocumented = from({ status, body: error({ message: "No." }), documented: [] })
      assert.instanceOf(undocumented, OpenRouterDefaultError)
      assert.strictEqual(undocumented.status, status)
    }
    for (const status of [301, 405, 418, 451, 501, 520, 599]) {
      assert.strictEqual(from({ status })._tag, "OpenRouterDefaultError")
      assert.strictEqual(from({ status }).status, status)
    }
  })

  it("prefers the status line to the body", () =>
    assert.strictEqual(
      from({ status: 502, body: error({ code: 429, message: "No." }) })._tag,
      "BadGatewayResponseError"
    ))

  it("54: reads every field of the envelope", () => {
    const availability = {
      code: "model_busy",
      retryable: true,
      retry_after: 3,
      fallback_models: [],
      docs_url: "https://x"
    }
    const metadata = {
      provider_name: "Acme",
      error_type: "rate_limit_exceeded",
      raw: "{\"detail\":\"slow down\"}",
      headers: { "X-RateLimit-Limit": "20" },
      limit_source: "account_credits",
      previous_errors: [{ code: 500, message: "first" }]
    }
    const found = from({
      status: 429,
      body: error({ code: 429, message: "Rate limited", metadata, availability }),
      generationId: "gen-7"
    })
    assert.strictEqual(found.code, 429)
    assert.strictEqual(found.errorType, "rate_limit_exceeded")
    assert.strictEqual(found.provider, "Acme")
    assert.deepStrictEqual(found.raw, { detail: "slow down" })
    assert.deepStrictEqual(found.availability, availability)
    assert.deepStrictEqual(found.retryAfter, Duration.seconds(3))
    assert.strictEqual(found.generationId, "gen-7")
    assert.deepStrictEqual(found.metadata, {
      limit_source: "account_credits",
      previous_errors: [{ code: 500, message: "first" }]
    })
    assert.isUndefined(found.partial)
  })

  it("leaves out fields that were not sent", () =>
    assert.deepStrictEqual(Object.keys(from({ status: 500, body: error({ message: "No." }) })).sort(), [
      "_tag",
      "status"
    ]))

  it("ignores nulls", () => {
    const found = from({
      status: 402,
      body: error({
        code: 402,
        message: "More credits",
        metadata: { provider_name: null, raw: null },
        availability: null
      })
    })
    assert.isUndefined(found.provider)
    assert.isUndefined(found.raw)
    assert.isUndefined(found.availability)
  })

  it("reads the envelope of OAuth: a code and its description", () => {
    const found = from({
      status: 400,
      body: { error: "invalid_grant", error_description: "The subject token has expired" }
    })
    assert.strictEqual(found._tag, "BadRequestResponseError")
    assert.strictEqual(found.code, "invalid_grant")
    assert.match(found.message, /^The subject token has expired \(invalid_grant\)/)
    const unavailable = { error: "temporarily_unavailable", error_description: "Try again" }
    assert.strictEqual(from({ status: 503, body: unavailable })._tag, "ServiceUnavailableResponseError")
    const terse = from({ status: 400, body: { error: "invalid_scope" } })
    assert.strictEqual(terse.code, undefined)
    assert.match(terse.message, /^invalid_scope/)
  })

  it("reads the envelopes of interns: a status or a name, and whether to retry", () => {
    const metadata = { reason: "intern_not_ready", retryable: true }
    const lifecycle = from({ status: 409, body: error({ code: "conflict", message: "Not now", metadata }) })
    assert.strictEqual(lifecycle._tag, "ConflictResponseError")
    assert.strictEqual(lifecycle.code, "conflict")
    assert.deepStrictEqual(lifecycle.metadata, metadata)
    const chat = from({ body: { error: { code: 410, message: "The run is over", metadata }, choices: [] } })
    assert.strictEqual(chat._tag, "GoneResponseError")
    assert.deepStrictEqual(chat.metadata, metadata)
  })

  it("54: always has a wait for a rate limit: that of the server, or a second", () => {
    const body = error({ code: 429, message: "Slow down" })
    assert.deepStrictEqual(from({ status: 429, body }).retryAfter, Duration.seconds(1))
    assert.deepStrictEqual(from({ status: 429, body, headers: { "retry-after": "0" } }).retryAfter, Duration.zero)
    assert.deepStrictEqual(from({ status: 503, body, headers: { "retry-after": "4" } }).retryAfter, Duration.seconds(4))
    assert.isUndefined(from({ status: 503, body }).retryAfter)
  })
})

describe("the status of an error without one", () => {
  const tagOf = (body: unknown) => from({ body })._tag

  it("is its code, as a number or as text", () => {
    assert.strictEqual(tagOf(error({ code: 402, message: "" })), "PaymentRequiredResponseError")
    assert.strictEqual(tagOf(error({ code: "502", message: "" })), "BadGatewayResponseError")
    assert.strictEqual(tagOf(error({ http_status: 529, message: "" })), "ProviderOverloadedResponseError")
  })

  it("is the status of its type, under the names of all three APIs", () => {
    const cases: ReadonlyArray<readonly [object, number]> = [
      [{ metadata: { error_type: "context_length_exceeded" } }, 400],
      [{ metadata: { error_type: "provider_unavailable" } }, 502],
      [{ error_type: "timeout" }, 504],
      [{ code: "rate_limit_exceeded" }, 429],
      [{ code: "server_error" }, 500],
      [{ code: "invalid_prompt" }, 400],
      [{ type: "authentication_error" }, 401],
      [{ type: "overloaded_error" }, 529],
      [{ type: "overloaded_error", error_type: "provider_unavailable" }, 502]
    ]
    for (const [fields, status] of cases) {
      assert.strictEqual(from({ body: error({ message: "No.", ...fields }) }).status, status, JSON.stringify(fields))
    }
  })

  it("is 200 if nothing states it, because the response had that status", () => {
    const found = from({ body: error({ code: "brand_new", message: "No." }) })
    assert.strictEqual(found._tag, "OpenRouterDefaultError")
    assert.strictEqual(found.status, 200)
    assert.strictEqual(found.code, "brand_new")
    for (const code of ["toString", "constructor", "__proto__"]) {
      assert.strictEqual(from({ body: error({ code, message: "No." }) }).status, 200, code)
    }
  })

  it("is found in the failed response of the Responses API", () => {
    const found = from({
      body: { id: "resp_1", status: "failed", error_type: "rate_limit_exceeded", error: { code: "x", message: "Busy" } }
    })
    assert.strictEqual(found.status, 429)
    assert.strictEqual(found.errorType, "rate_limit_exceeded")
    const event = {
      type: "response.failed",
      response: { error_type: "server", error: { code: "server_error", message: "Oh" } }
    }
    assert.strictEqual(from({ body: event })._tag, "InternalServerResponseError")
    assert.include(from({ body: event }).message, "Oh")
  })

  it("is found in a flat error event", () => {
    const found = from({
      body: { type: "error", code: "rate_limit_exceeded", message: "Busy", param: null, sequence_number: 3 }
    })
    assert.strictEqual(found._tag, "TooManyRequestsResponseError")
    assert.match(found.message, /^Busy/)
  })

  it("is found in the envelope of the Messages API", () => {
    const found = from({
      body: {
        type: "error",
        error: { type: "overloaded_error", message: "Overloaded", error_type: "provider_overloaded" },
        request_id: "gen-9"
      }
    })
    assert.strictEqual(found._tag, "ProviderOverloadedResponseError")
    assert.strictEqual(found.errorType, "provider_overloaded")
    assert.strictEqual(found.generationId, "gen-9")
  })
})

describe("raw", () => {
  const rawOf = (raw: unknown) => from({ status: 502, body: error({ message: "x", metadata: { raw } }) }).raw

  it("is parsed if it is JSON, and otherwise kept as text", () => {
    assert.deepStrictEqual(rawOf("{\n  \"error\": \"busy\"\n}"), { error: "busy" })
    assert.deepStrictEqual(rawOf({ retryable: true }), { retryable: true })
    assert.strictEqual(rawOf("busy"), "busy")
    assert.strictEqual(rawOf("{\"error\": \"bu"), "{\"error\": \"bu")
    assert.strictEqual(rawOf(false), false)
  })
})

describe("errorInBody", () => {
  const found = (body: unknown) => errorInBody(body) !== undefined

  it("finds an error at the top, in a choice, and in a finish reason", () => {
    assert.isTrue(found({ error: { code: 502, message: "No." } }))
    assert.isTrue(found({ choices: [{ message: { content: "Hel" }, error: { code: 502, message: "No." } }] }))
    assert.isTrue(found({ choices: [{ finish_reason: "stop" }, { finish_reason: "error" }] }))
    assert.isTrue(found({ type: "error", error: { type: "api_error", message: "No." } }))
    assert.isTrue(
      found({ object: "response", status: "failed", error: { code: "server_error", message: "No." }, output: [] })
    )
    assert.isTrue(found({ object: "response", status: "failed", error: null, output: [] }))
    assert.isTrue(found({ error: "No provider", user_id: "user_1" }))
  })

  const statusAndText = (body: unknown) => {
    const { message, status } = from({ body: errorInBody(body) })
    return { status, text: message.split(". ")[0] }
  }

  it("reads an error that is not an object, and one without an envelope, with code and message", () => {
    const cases: ReadonlyArray<readonly [body: unknown, status: number, text: string]> = [
      [{ error: "oops", code: 500 }, 500, "oops"],
      [{ error: "oops", status: 429 }, 429, "oops"],
      [{ error: "Bad Request", message: "`model` is missing", statusCode: 400 }, 400, "`model` is missing"],
      [{ error: true, message: "oops", code: 502 }, 502, "oops"],
      [{ error: true }, 200, "OpenRouter reported an error without a message"],
      [{ code: 500, message: "oops" }, 500, "oops"],
      [{ status: 503, message: "oops", request_id: "gen-1" }, 503, "oops"],
      [{ object: "response", status: "failed", error: "oops", output: [] }, 502, "oops"],
      [{ object: "response", status: "failed", error: { code: "rate_limit_exceeded", message: "Busy" } }, 429, "Busy"]
    ]
    for (const [body, status, text] of cases) {
      assert.deepStrictEqual(statusAndText(body), { status, text }, JSON.stringify(body))
    }
  })

  it("does not read the metadata of a response, which the caller sets, as that of its error", () => {
    const failed = {
      object: "response",
      status: "failed",
      error: { code: 429, message: "Busy" },
      metadata: { user: "1" }
    }
    assert.isUndefined(from({ body: errorInBody(failed) }).metadata)
  })

  it("does not find an error in a response that only has fields of that name", () => {
    for (
      const body of [
        { code: "abc", message: "Copy it" },
        { code: 200, message: "Fine" },
        { code: 404, message: "The exit code", data: [] },
        { status: "failed", error: "Refused", id: "job-1" },
        { status: "pending" },
        { error: "", code: 200 },
        { error: false, message: "Fine" },
        { message: "Fine" }
      ]
    ) assert.isFalse(found(body), JSON.stringify(body))
  })

  it("reads an empty response as a failure of its provider", () => {
    const choice = (message: object, finish: string | null = null) => ({
      choices: [{ index: 0, finish_reason: finish, message: { role: "assistant", ...message } }],
      usage: { prompt_tokens: 9, completion_tokens: 0, cost: 0 }
    })
    for (
      const body of [
        choice({ content: "" }),
        choice({ content: null, reasoning: null, tool_calls: [] }),
        { choices: [] },
        { choices: [{ text: "", finish_reason: null }] },
        { type: "message", content: [], stop_reason: null }
      ]
    ) {
      assert.deepStrictEqual(statusAndText(body), {
        status: 502,
        text: "The response is empty, and the provider did not say why"
      })
    }
    for (
      const body of [
        choice({ content: "" }, "stop"),
        choice({ content: null }, "length"),
        choice({ content: "Hi" }),
        choice({ content: null, refusal: "I will not" }),
        choice({ content: "", images: [{ type: "image_url", image_url: { url: "data:," } }] }),
        choice({ content: null, audio: { data: "AAAA" } }),
        { choices: [{ text: "", finish_reason: null }, { text: "Hi", finish_reason: null }] },
        { type: "message", content: [], stop_reason: "end_turn" },
        { type: "message", content: [{ type: "text", text: "Hi" }], stop_reason: null }
      ]
    ) assert.isFalse(found(body), JSON.stringify(body))
  })

  it("finds no error in good responses, nor in the record of a failed job", () => {
    assert.isFalse(found({ error: null, choices: [{ finish_reason: "stop", error: null }] }))
    assert.isFalse(found({ object: "response", status: "completed", error: null, output: [] }))
    assert.isFalse(
      found({ object: "response", status: "incomplete", incomplete_details: { reason: "max_output_tokens" } })
    )
    assert.isFalse(found({ id: "job-1", status: "failed", error: "The prompt was refused" }))
    for (const body of [undefined, null, 7, "error", [], {}, { choices: "x" }, { choices: [null] }]) {
      assert.isFalse(found(body), JSON.stringify(body))
    }
  })
})

describe("any payload", () => {
  const json = FastCheck.oneof(
    FastCheck.jsonValue(),
    FastCheck.record({
      error: FastCheck.jsonValue(),
      response: FastCheck.jsonValue(),
      choices: FastCheck.jsonValue(),
      user_id: FastCheck.string()
    }, { requiredKeys: [] }),
    FastCheck.record({
      error: FastCheck.record({
        code: FastCheck.jsonValue(),
        message: FastCheck.jsonValue(),
        metadata: FastCheck.oneof(
          FastCheck.jsonValue(),
          FastCheck.record({
            raw: FastCheck.oneof(FastCheck.jsonValue(), FastCheck.json()),
            headers: FastCheck.jsonValue(),
            error_type: FastCheck.jsonValue(),
            provider_name: FastCheck.jsonValue()
          }, { requiredKeys: [] })
        ),
        availability: FastCheck.jsonValue(),
        type: FastCheck.jsonValue()
      }, { requiredKeys: [] })
    })
  )

  it("becomes an error of the given status with a message", () =>
    FastCheck.assert(
      FastCheck.property(json, FastCheck.constantFrom(...statuses, 418), (body, status) => {
        const found = from({ status, body, text: JSON.stringify(body), now: 0 })
        return found.status === status && found.message.trim() !== ""
      }),
      { numRuns: 500 }
    ))

  it("becomes an error without a status, too", () =>
    FastCheck.assert(
      FastCheck.property(json, (body) => {
        const found = from({ body, now: 0 })
        return found.message.trim() !== "" && Number.isInteger(found.status)
      }),
      { numRuns: 500 }
    ))
})
