import { assert, describe, it } from "@effect/vitest"
import { type ErrorSource, toResponseError } from "../../../src/http/internal/readError.js"
import { cpuOf } from "../../support/cpu.js"
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

  const said = JSON.stringify({ error: { message: "queue is full", type: "busy" } })

  const shapes: Readonly<Record<string, unknown>> = {
    "a text": "queue is full",
    "JSON text": said,
    "JSON text with line breaks": JSON.stringify(JSON.parse(said), null, 2),
    "JSON in JSON in JSON": JSON.stringify({ message: JSON.stringify({ error: { message: said } }) }),
    "deep JSON": { error: { error: { response: { body: { detail: [{ msg: { message: said } }] } } } } },
    "an object": { error: { code: 503, message: "queue is full" } },
    "an object of FastAPI": { detail: [{ loc: ["body"], msg: "queue is full" }] },
    "an object of GraphQL": { errors: [{ extensions: {}, message: "queue is full" }] },
    "an object of SOAP": { fault: { faultstring: "queue is full" } },
    "an object with an empty message": { message: "", error: null, reason: "queue is full" },
    "an object with other keys": { status: "queue is full" },
    "a list": [{ error: { message: "queue is full" } }],
    "a list that begins with nothing": [null, {}, "queue is full"],
    "a page": "<!doctype html><html><head><title>503</title></head><body><p>queue is full</p></body></html>",
    "words before JSON": `Error code: 503 - ${said}`,
    "an event": `event: error\ndata: ${said}\n\n`
  }
  for (const [shape, raw] of Object.entries(shapes)) {
    it(`names the provider and says what it said in ${shape}`, () => {
      for (const stated of ["Provider returned error", "Error", "", "Provider returned an error (503)"]) {
        const found = message(502, { message: stated, metadata: { provider_name: "Acme", raw } })
        assert.match(found, /^Acme: .*queue is full/, stated)
      }
      const specific = message(502, { message: "It did not work.", metadata: { provider_name: "Acme", raw } })
      assert.match(specific, /^It did not work \(Acme: .*queue is full.*\)\. /)
    })
  }

  it("names the provider that says nothing", () =>
    assert.match(
      message(502, {
        message: "Provider returned error",
        metadata: { provider_name: "Acme", raw: { retryable: true } }
      }),
      /^Provider returned error\. Provider: Acme\. /
    ))

  it("is found in a body with the framing of events, with comments, or in a list", () => {
    const error = JSON.stringify({ error: { code: 429, message: "queue is full" } })
    for (
      const text of [
        `data: ${error}\n\n`,
        `: PROCESSING\n\n: PROCESSING\n\n${error}`,
        `event: error\ndata: ${error}\n\n`
      ]
    ) {
      const found = from({ status: 429, text })
      assert.match(found.message, /^queue is full\. /)
      assert.strictEqual(found.code, 429)
    }
    assert.match(from({ status: 400, body: [{ error: { code: 400, message: "queue is full" } }] }).message, /^queue is/)
  })

  it("has the reasons of a moderation, and not the input that was flagged", () => {
    const flagged = "the secret plan of the user"
    const found = from({
      status: 403,
      body: {
        error: {
          code: 403,
          message: `Your input was flagged: "${flagged}".`,
          metadata: { reasons: ["violence", "hate"], flagged_input: flagged, provider_name: "Acme", model_slug: "a/b" }
        }
      }
    })
    assert.match(found.message, /Reasons: violence, hate\. Change the input/)
    assert.notInclude(found.message, "secret plan")
    assert.strictEqual(found.metadata?.["flagged_input"], flagged)
    for (const metadata of [{ reasons: ["hate"], flagged_input: flagged }, { flagged_input: flagged, note: "n" }]) {
      assert.notInclude(message(403, { metadata }), "secret plan")
    }
    assert.match(message(403, { metadata: { reasons: ["hate"] } }), /^The input was flagged\. Reasons: hate\. /)
  })

  it("says that a page came from Cloudflare, or from something else on the way", () => {
    const challenge =
      "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Enable JavaScript</body></html>"
    for (const [text, headers] of [[challenge, {}], ["<html>No</html>", { "cf-mitigated": "challenge" }]] as const) {
      const { message } = from({ status: 403, text, headers })
      assert.match(message, /^Cloudflare responded in place of OpenRouter: .* another network/)
      assert.notMatch(message, /guardrail|permission|moderation/)
    }
    const proxy = from({ status: 403, text: "<html><body><h1>Blocked by policy</h1></body></html>" }).message
    assert.match(proxy, /^Blocked by policy\. .*firewall/)
    assert.notMatch(proxy, /guardrail|permission/)
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
    const took = cpuOf(() => {
      for (const piece of ["<", "<script", "<style>", "< ", "\\"]) {
        from({ status: 502, text: piece.repeat(1_000_000 / piece.length) })
      }
    })
    assert.isBelow(took, 2000)
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
      [408, "Timed out", /may go on and be charged.*Stream/],
      [409, "Exists already", /again/],
      [410, "Withdrawn", /removed/],
      [413, "Too large", /URL/],
      [422, "limit must be positive", /fields/],
      [500, "Internal", /Retry/],
      [502, "Network connection lost", /fallback models/],
      [503, "No provider", /Retry/],
      [504, "Idle", /may go on and be charged.*Stream/],
      [524, "Edge", /may go on and be charged.*Stream/],
      [529, "Overloaded", /fallback models/]
    ]
    for (const [status, problem, remedy] of cases) {
      assert.match(message(status, { message: problem }), remedy)
      assert.isTrue(message(status, { message: problem }).startsWith(problem))
    }
  })

  it("has the wait", () =>
    assert.match(message(429, { message: "Slow down" }, { "retry-after": "90" }), /^Slow down\. Retry after 1m 30s\.$/))

  it("is that of the server, if it gives one", () => {
    const ours = /Relax|Check the|Adjust|Retry, or allow/
    const stated: ReadonlyArray<readonly [number, object, RegExp]> = [
      [429, { message: "Slow", metadata: { remedy_hint: "Add your own key." } }, /^Slow\. Add your own key\.$/],
      [
        404,
        { message: "None left", availability: { constraint: { field: "provider.only", detail: "excludes all" } } },
        /^None left\. provider\.only: excludes all\.$/
      ],
      [
        404,
        { message: "None left", availability: { docs_url: "https://x.y/z" } },
        /^None left\. See https:\/\/x\.y\/z\.$/
      ],
      [404, { message: "No endpoints match your guardrails. Configure: https://x.y/z" }, /^No endpoints .*z$/],
      [404, { message: "The free period has ended. Please use acme/paid" }, /acme\/paid$/],
      [403, { message: "This model needs a check of your age: https://x.y/age" }, /age$/]
    ]
    for (const [status, fields, whole] of stated) {
      assert.match(message(status, fields), whole)
      assert.notMatch(message(status, fields), ours)
    }
    assert.match(message(404, { message: "All endpoints are excluded by a guardrail" }), /Change the guardrails/)
  })

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
