import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { isHeaderName, isHeaderValue, scrub } from "../../../src/http/internal/secrets.js"

const latin1 = FastCheck.integer({ min: 0x21, max: 0xff }).filter((code) => code < 0x7f || code > 0x9f)
  .map((code) => String.fromCharCode(code))

const key = FastCheck.string({ unit: latin1, minLength: 8, maxLength: 60 })

const plainKey = FastCheck.string({
  unit: FastCheck.constantFrom(..."ABCxyz0189+/=_-.\\"),
  minLength: 8
})

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

const runtimeTakes = (name: string, value: string): boolean => {
  try {
    return new Headers([[name, value]]).has(name)
  } catch {
    return false
  }
}

describe("scrub", () => {
  it("removes a key from any text, and from JSON in JSON", () =>
    FastCheck.assert(
      FastCheck.property(key, FastCheck.string(), (key, around) => {
        const inner = JSON.stringify({ said: `${around}${key}${around}`, [key]: [key] })
        for (const text of [`${around}${key}${around}`, inner, JSON.stringify({ raw: inner, key })]) {
          const scrubbed = scrub(text, bearer(key))
          assert.notInclude(scrubbed, key)
          assert.notInclude(scrubbed, JSON.stringify(key).slice(1, -1))
        }
      })
    ))

  it("leaves JSON readable", () =>
    FastCheck.assert(
      FastCheck.property(plainKey, (key) => {
        const text = JSON.stringify({ error: { message: `${key} is wrong`, code: 401 } })
        assert.deepStrictEqual(JSON.parse(scrub(text, bearer(key))), {
          error: { message: "<redacted> is wrong", code: 401 }
        })
      })
    ))

  it("finds other keys of OpenRouter", () =>
    assert.strictEqual(scrub("a sk-or-v1-0123456789 b sk-or-abcdef.", {}), "a <redacted> b <redacted>."))

  it("reads headers with secrets, and no other", () => {
    const headers = {
      "accept": "application/json",
      "content-type": "text",
      "x-api-key": "secret-1",
      "cookie": "a=secret-2"
    }
    assert.strictEqual(
      scrub("application/json text secret-1 secret-2", headers),
      "application/json text <redacted> secret-2"
    )
    assert.strictEqual(scrub("a=secret-2", headers), "<redacted>")
  })

  it("does not change a text without secrets, nor a key that is too short", () => {
    assert.strictEqual(scrub("plain text", bearer("some-long-key")), "plain text")
    assert.strictEqual(scrub("a or b", bearer("or")), "a or b")
    assert.strictEqual(scrub("a", bearer("")), "a")
  })

  it("removes the id of the account and no other ids", () => {
    assert.strictEqual(scrub("{\"user_id\": \"user_2abc\"}", {}), "{\"user_id\": \"<redacted>\"}")
    assert.strictEqual(scrub("{\"user_id\":\"org_2abc\"", {}), "{\"user_id\":\"<redacted>\"")
    assert.strictEqual(scrub("{\"user_id\":\"42\"}", {}), "{\"user_id\":\"42\"}")
  })
})

describe("isHeaderValue and isHeaderName", () => {
  it("reject everything that the runtime would reject and quote", () =>
    FastCheck.assert(
      FastCheck.property(
        FastCheck.string({ unit: "binary" }),
        FastCheck.oneof(FastCheck.string({ unit: "binary" }), FastCheck.string()),
        (value, name) => {
          assert.isTrue(!isHeaderValue(value) || runtimeTakes("x-name", value), JSON.stringify(value))
          assert.isTrue(!isHeaderName(name) || runtimeTakes(name, "value"), JSON.stringify(name))
        }
      ),
      { numRuns: 1000 }
    ))

  it("accept usual headers", () => {
    for (const value of ["", "Bearer sk-or-v1-abc", "text/plain; charset=utf-8", "Café", "a\tb"]) {
      assert.isTrue(isHeaderValue(value), value)
    }
    for (const name of ["x-api-key", "X-OpenRouter-Cache", "traceparent", "b3"]) assert.isTrue(isHeaderName(name), name)
  })
})
