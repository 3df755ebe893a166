import { assert, describe, it } from "@effect/vitest"
import { type ErrorSource, toResponseError } from "../../../src/http/internal/readError.js"
import { statuses } from "../support/rows.js"

const from = (source: Partial<ErrorSource>) =>
  toResponseError({ status: undefined, body: undefined, documented: statuses, ...source })

const message = (status: number, fields: object, headers: Readonly<Record<string, string>> = {}) =>
  from({ status, body: { error: { code: status, ...fields } }, headers }).message

describe("the message", () => {
  it("is the server's message", () =>
    assert.match(message(400, { message: "x/y is not a valid model ID" }), /^x\/y is not a valid model ID\. /))

  it("is the provider's innermost message if the server only reports that the provider failed", () => {
    const inner = (raw: unknown) =>
      message(502, { message: "Provider returned error", metadata: { provider_name: "Acme", raw } })
    assert.match(inner("{\"error\":{\"message\":\"queue is full\"}}"), /^Acme: queue is full\. /)
    assert.match(inner("{\"error\":{\"message\":\"{\\\"message\\\":\\\"deep\\\"}\"}}"), /^Acme: deep\. /)
    assert.match(inner([{ error: { message: "first of a list" } }]), /^Acme: first of a list\. /)
    assert.match(inner({ detail: "plain detail" }), /^Acme: plain detail\. /)
    assert.match(inner("busy"), /^Acme: busy\. /)
    assert.match(inner(undefined), /^Provider returned error\. /)
    assert.match(inner({ retryable: true }), /^Provider returned error\. /)
  })

  it("needs no envelope", () => {
    const bare = (body: unknown) => from({ status: 500, body, text: JSON.stringify(body) }).message
    assert.match(bare({ message: "No luck" }), /^No luck\. /)
    assert.match(bare({ error: "No luck" }), /^No luck\. /)
    assert.match(bare({ detail: "No luck" }), /^No luck\. /)
    assert.match(bare({ errors: [{ message: "No luck" }] }), /No luck/)
    assert.match(bare("No luck"), /^No luck\. /)
  })

  it("58: is the text of a page, without its markup", () => {
    const page = "<html><head><style>p{color:red}</style><script>alert(1)</script></head>" +
      "<body><h1>502</h1><p>Bad\n gateway</p></body></html>"
    const found = from({ status: 502, text: page })
    assert.match(found.message, /^502 Bad gateway\. /)
    assert.notInclude(found.message, "color")
    assert.notInclude(found.message, "alert")
  })

  it("is the text that had arrived of a body that was cut off", () =>
    assert.include(
      from({ status: 500, text: "{\"error\":{\"message\":\"the database is do" }).message,
      "the database is do"
    ))

  it("is an excerpt of a long text", () => {
    assert.isBelow(from({ status: 500, text: "x".repeat(100_000) }).message.length, 1000)
    assert.isBelow(message(500, { message: "x".repeat(100_000) }).length, 5000)
    assert.include(from({ status: 500, text: "x".repeat(100_000) }).message, "100000 characters")
  })

  it("is the status if there is no text", () => {
    for (const text of [undefined, "", "  \n "]) assert.match(from({ status: 503, text }).message, /\b503\b/, text)
    assert.match(from({ status: 418, body: { error: {} } }).message, /\b418\b/)
    assert.match(message(500, {}), /\b500\b/)
  })

  it("controls no terminal", () =>
    assert.strictEqual(
      message(400, { message: "Bad\u001b[2J\u0000 \u202efield\r\n\ta\u2028b" }),
      "Bad [2J   field\n\ta b. Correct the request: the same request will fail again."
    ))

  it("is found at once in a page that is built to be slow to parse", () => {
    const started = performance.now()
    for (const piece of ["<", "<script", "<style>", "< ", "\\"]) {
      from({ status: 502, text: piece.repeat(1_000_000 / piece.length) })
    }
    assert.isBelow(performance.now() - started, 2000)
  })
})

describe("the advice", () => {
  it("depends on the status", () => {
    const cases: ReadonlyArray<readonly [number, string, RegExp]> = [
      [400, "acme/x is not a valid model ID", /Models\.list/],
      [400, "temperature must be at most 2", /Correct the request/],
      [400, "This endpoint's maximum context length is 8192 tokens", /Shorten the input/],
      [401, "No auth credentials found", /openrouter\.ai\/settings\/keys/],
      [402, "This request requires more credits", /openrouter\.ai\/settings\/credits/],
      [403, "Flagged", /moderation/],
      [403, "Invalid code or code_verifier", /Start the login again/],
      [404, "No endpoints found matching your data policy", /openrouter\.ai\/settings\/privacy/],
      [404, "No endpoints found that support tool use", /Endpoints\.list/],
      [404, "Generation gen-1 not found", /Wait some seconds/],
      [404, "Workspace not found", /Check the ids/],
      [408, "Timed out", /stream/],
      [409, "Exists already", /again/],
      [410, "Withdrawn", /removed/],
      [413, "Too large", /URL/],
      [422, "limit must be positive", /fields/],
      [500, "Internal", /Retry/],
      [502, "Network connection lost", /fallback models/],
      [503, "No provider", /Retry/],
      [504, "Idle", /stream/],
      [524, "Edge", /stream/],
      [529, "Overloaded", /fallback models/]
    ]
    for (const [status, problem, remedy] of cases) {
      assert.match(message(status, { message: problem }), remedy)
      assert.isTrue(message(status, { message: problem }).startsWith(problem))
    }
  })

  it("has the wait", () =>
    assert.match(message(429, { message: "Slow down" }, { "retry-after": "90" }), /^Slow down\. Retry after 1m 30s\.$/))

  it("lists the models that can respond instead", () =>
    assert.match(
      message(503, { message: "None left", availability: { fallback_models: ["acme/a", "acme/b"] } }),
      /^None left\. Models that can respond instead: acme\/a, acme\/b\.$/
    ))

  it("is a separate sentence, whatever the first one ends with", () => {
    assert.match(message(500, { message: "Why?" }), /^Why\? Retry/)
    assert.match(message(500, { message: "Broken. " }), /^Broken\. Retry/)
    assert.notMatch(message(500, { message: "Broken." }), /\.\./)
  })
})
