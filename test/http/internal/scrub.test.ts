import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { makeScrub, scrubValue } from "../../../src/http/internal/scrub.js"
import { secretsOfHeaders } from "../../../src/http/internal/secrets.js"
import { layersOf } from "../../../src/http/internal/spellings.js"
import { cpuOf } from "../../support/cpu.js"
import { anyKey, plainKey, spelled } from "../support/spelled.js"

const bearer = (key: string) => makeScrub(secretsOfHeaders({ authorization: `Bearer ${key}` }))

const allTexts = (text: string) => Array.from(layersOf(text), (layer) => layer.text).join("\n")

describe("makeScrub", () => {
  it("removes a key from any text, and from JSON in JSON", () =>
    FastCheck.assert(
      FastCheck.property(anyKey, FastCheck.string(), (key, around) => {
        const inner = JSON.stringify({ said: `${around}${key}${around}`, [key]: [key] })
        for (const text of [`${around}${key}${around}`, inner, JSON.stringify({ raw: inner, key })]) {
          const scrubbed = bearer(key)(text)
          assert.notInclude(scrubbed, key)
          assert.notInclude(scrubbed, JSON.stringify(key).slice(1, -1))
        }
      })
    ))

  it("removes a key however it is spelled", () =>
    FastCheck.assert(
      FastCheck.property(plainKey.chain((key) => FastCheck.tuple(FastCheck.constant(key), spelled(key))), (
        [key, spelling]
      ) => {
        for (const text of [spelling, `Unknown key ${spelling}.`, `{"message":"${spelling}"}`]) {
          const scrubbed = bearer(key)(text)
          assert.include(scrubbed, "<redacted>")
          assert.notInclude(allTexts(scrubbed), key)
        }
      }),
      { numRuns: 1000 }
    ))

  it("removes a key from base64, whatever surrounds it there", () =>
    FastCheck.assert(
      FastCheck.property(plainKey, FastCheck.string(), FastCheck.string(), (key, before, after) => {
        const form = Buffer.from(`${before}${key}${after}`).toString("base64")
        for (const text of [form, Buffer.from(form, "base64").toString("base64url")]) {
          assert.include(bearer(key)(`token ${text}`), "<redacted>")
        }
      })
    ))

  it("leaves JSON readable", () =>
    FastCheck.assert(
      FastCheck.property(plainKey, (key) => {
        const text = JSON.stringify({ error: { message: `${key} is wrong`, code: 401 } })
        assert.deepStrictEqual(JSON.parse(bearer(key)(text)), { error: { message: "<redacted> is wrong", code: 401 } })
      })
    ))

  it("removes secrets that overlap or contain each other", () => {
    const scrub = makeScrub(["abcdefgh", "efghijkl", "cdef"])
    assert.strictEqual(scrub("1 abcdefghijkl 2 cdef 3 abcdefghabcdefgh"), "1 <redacted> 2 <redacted> 3 <redacted>")
  })

  it("finds other keys of OpenRouter, also escaped ones", () => {
    assert.strictEqual(makeScrub([])("a sk-or-v1-0123456789 b sk-or-abcdef."), "a <redacted> b <redacted>.")
    assert.strictEqual(makeScrub([])("a \\u0073k\\u002Dor-v1-0123456789 b"), "a <redacted> b")
  })

  it("does not change a text without secrets", () => {
    for (const text of ["plain text", "", "%41 \\u0041 &amp; \\\\", "{\"a\":\"\\u002b\"}"]) {
      assert.strictEqual(bearer("some-long-key")(text), text)
    }
  })

  it("removes the id of the account and no other ids", () => {
    const scrub = makeScrub([])
    assert.strictEqual(scrub("{\"user_id\": \"user_2abc\"}"), "{\"user_id\": \"<redacted>\"}")
    assert.strictEqual(scrub("{\"user_id\":\"org_2abc\""), "{\"user_id\":\"<redacted>\"")
    assert.strictEqual(scrub("{\"user_id\":\"42\"}"), "{\"user_id\":\"42\"}")
  })

  it("takes time in proportion to the text", () => {
    const scrub = bearer("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\u0061+/")
    const took = cpuOf(() => {
      for (const piece of ["\\", "\\u005c", "%25", "&amp;", "a", "\"user_id\": ", "sk-or-"]) {
        scrub(piece.repeat(500_000 / piece.length))
      }
    })
    assert.isBelow(took, 5000)
  })
})

describe("scrubValue", () => {
  const scrub = makeScrub(["secret-4711"])

  it("removes secrets from texts and keys, and keeps everything else", () => {
    const value: unknown = { "a secret-4711": [1, null, true, "secret-4711!", { b: "c" }], d: "\"secret-4711\"\n" }
    assert.deepStrictEqual(
      scrubValue(value, scrub),
      { "a <redacted>": [1, null, true, "<redacted>!", { b: "c" }], d: "\"<redacted>\"\n" }
    )
  })

  it("removes the id of the account, not one in a text of the model", () =>
    assert.deepStrictEqual(
      scrubValue({ user_id: "user_1", arguments: "{\"user_id\":\"user_2\"}", of: { user_id: 3 } }, scrub),
      { user_id: "<redacted>", arguments: "{\"user_id\":\"user_2\"}", of: { user_id: 3 } }
    ))

  it("copies keys that have a meaning in JavaScript", () => {
    const value: unknown = JSON.parse("{\"__proto__\":{\"cost\":1},\"constructor\":\"secret-4711\"}")
    assert.strictEqual(
      JSON.stringify(scrubValue(value, scrub)),
      "{\"__proto__\":{\"cost\":1},\"constructor\":\"<redacted>\"}"
    )
  })

  it("copies a value of any depth", () => {
    let value: unknown = "secret-4711"
    for (let depth = 0; depth < 100_000; depth++) value = [value]
    let copy = scrubValue(value, scrub)
    while (Array.isArray(copy)) copy = copy[0]
    assert.strictEqual(copy, "<redacted>")
  })
})
