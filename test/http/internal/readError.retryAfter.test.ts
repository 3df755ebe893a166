import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as FastCheck from "effect/FastCheck"
import { retryAfter } from "../../../src/http/internal/readError.js"

/** 20 November 2026, noon. */
const now = Date.UTC(2026, 10, 20, 12, 0, 0)

interface Hints {
  readonly headers?: Readonly<Record<string, string>>
  readonly metadata?: unknown
  readonly availability?: { readonly retry_after?: number | null }
}

const millis = (hints: Hints): number | undefined => {
  const wait = retryAfter({
    availability: hints.availability,
    headers: hints.headers,
    metadata: hints.metadata,
    now
  })
  return wait && Duration.toMillis(wait)
}

const header = (value: string) => millis({ headers: { "retry-after": value } })

const year = 365 * 24 * 3600 * 1000

describe("retryAfter", () => {
  it("reads seconds", () => {
    assert.strictEqual(header("2"), 2000)
    assert.strictEqual(header(" 2 "), 2000)
    assert.strictEqual(header("0.25"), 250)
    assert.strictEqual(header("0"), 0)
  })

  it("reads an HTTP date, in its present and in its old form", () => {
    assert.strictEqual(header("Fri, 20 Nov 2026 12:00:30 GMT"), 30_000)
    assert.strictEqual(header("Friday, 20-Nov-26 12:00:30 GMT"), 30_000)
  })

  it("treats a date in the past as now", () => assert.strictEqual(header("Fri, 20 Nov 2026 11:00:00 GMT"), 0))

  it("prefers milliseconds to seconds", () =>
    assert.strictEqual(millis({ headers: { "retry-after-ms": "150", "retry-after": "7" } }), 150))

  it("treats a negative wait as zero", () => {
    assert.strictEqual(header("-5"), 0)
    assert.strictEqual(millis({ availability: { retry_after: -1 } }), 0)
    assert.strictEqual(millis({ headers: { "x-ratelimit-reset": String(now - 1) } }), 0)
  })

  it("rounds up to whole milliseconds, so that no wait is too short", () => assert.strictEqual(header("0.0001"), 1))

  it("does not wait longer than a year", () => {
    assert.strictEqual(header("99999999999999999999"), year)
    assert.strictEqual(header("Fri, 20 Nov 2099 12:00:00 GMT"), year)
    assert.strictEqual(millis({ headers: { "x-ratelimit-reset": "99999999999999999999" } }), year)
  })

  it("ignores a text that is neither a number nor a date, even if the runtime can parse it", () => {
    for (const garbage of ["", " ", "soon", "abc 1", "1.5.6", "NaN", "Infinity", "1e3", "0x10", "1, 2", "null"]) {
      assert.isUndefined(header(garbage), garbage)
    }
  })

  it("reads the reset of a used up limit as milliseconds since the epoch, or as seconds if it is small", () => {
    assert.strictEqual(millis({ headers: { "x-ratelimit-reset": String(now + 1500) } }), 1500)
    assert.strictEqual(millis({ headers: { "x-ratelimit-reset": String(now / 1000 + 3) } }), 3000)
    assert.strictEqual(
      millis({ headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(now + 1500) } }),
      1500
    )
    for (const garbage of ["", "x", "0", "-3", "NaN"]) {
      assert.isUndefined(millis({ headers: { "x-ratelimit-reset": garbage } }), garbage)
    }
  })

  it("does not wait for the reset of a limit that is not used up", () =>
    assert.isUndefined(
      millis({ headers: { "x-ratelimit-remaining": "17", "x-ratelimit-reset": String(now + 3_600_000) } })
    ))

  it("finds the headers that OpenRouter repeats in the body, and prefers the real ones", () => {
    const metadata = {
      headers: { "X-RateLimit-Limit": "20", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": `${now + 9000}` }
    }
    assert.strictEqual(millis({ metadata }), 9000)
    assert.strictEqual(millis({ metadata, headers: { "x-ratelimit-reset": `${now + 4000}` } }), 4000)
    assert.strictEqual(millis({ metadata: { headers: { "Retry-After": 3 } } }), 3000)
    assert.isUndefined(millis({ metadata: { headers: ["X-RateLimit-Reset"] } }))
    assert.isUndefined(millis({ metadata: { headers: { "X-RateLimit-Reset": { at: now } } } }))
  })

  it("prefers the most specific hint", () => {
    const headers = { "retry-after": "5", "x-ratelimit-reset": `${now + 60_000}` }
    assert.strictEqual(millis({ headers }), 5000)
    assert.strictEqual(millis({ headers, availability: { retry_after: 12 } }), 12_000)
    assert.strictEqual(millis({ headers, availability: { retry_after: null } }), 5000)
    assert.strictEqual(millis({ headers: { ...headers, "retry-after": "soon" } }), 60_000)
  })

  it("needs a clock for dates only", () => {
    const without = (headers: Readonly<Record<string, string>>) =>
      retryAfter({ availability: undefined, headers, metadata: undefined, now: undefined })
    assert.isUndefined(without({ "retry-after": "Fri, 20 Nov 2026 12:00:30 GMT" }))
    assert.isUndefined(without({ "x-ratelimit-reset": `${now}` }))
    assert.deepStrictEqual(without({ "retry-after": "3" }), Duration.seconds(3))
  })

  it("is a whole number of milliseconds from zero to a year, or undefined, whatever is sent", () =>
    FastCheck.assert(
      FastCheck.property(
        FastCheck.record({
          headers: FastCheck.dictionary(
            FastCheck.constantFrom("retry-after", "retry-after-ms", "x-ratelimit-reset", "x-ratelimit-remaining"),
            FastCheck.oneof(
              FastCheck.string(),
              FastCheck.double().map(String),
              FastCheck.date({ noInvalidDate: true }).map((date) => date.toUTCString())
            )
          ),
          metadata: FastCheck.jsonValue(),
          availability: FastCheck.record({ retry_after: FastCheck.oneof(FastCheck.double(), FastCheck.constant(null)) })
        }),
        (hints) => {
          const found = millis(hints)
          return found === undefined || (Number.isInteger(found) && found >= 0 && found <= year)
        }
      )
    ))
})
