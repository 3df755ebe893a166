import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { makeScrub } from "../../../src/http/internal/scrub.js"
import { isHeaderName, isHeaderValue, secretsOf, secretsOfHeaders } from "../../../src/http/internal/secrets.js"
import type { Row } from "../../../src/http/row.js"
import type { JsonObject } from "../../../src/internal/json.js"
import { chat, create } from "../support/rows.js"

const runtimeTakes = (name: string, value: string): boolean => {
  try {
    return new Headers([[name, value]]).has(name)
  } catch {
    return false
  }
}

describe("secretsOfHeaders", () => {
  const removes = (headers: Readonly<Record<string, string>>, text: string) =>
    makeScrub(secretsOfHeaders(headers))(text)

  it("reads headers with secrets, and no other", () => {
    const headers = { "accept": "application/json", "content-type": "text", "x-api-key": "secret-1" }
    assert.strictEqual(removes(headers, "application/json text secret-1"), "application/json text <redacted>")
  })

  it("finds the value of each cookie, and all of them together", () => {
    const headers = { cookie: "a=secret-2; theme=1; sid=\"secret-3\"; last=secret-4==" }
    assert.strictEqual(
      removes(headers, "1 secret-2 secret-3 secret-4"),
      "1 <redacted> <redacted> <redacted>"
    )
    assert.strictEqual(removes(headers, `You sent ${headers.cookie}.`), "You sent <redacted>.")
  })

  it("finds user and password of basic authorization, encoded and decoded", () => {
    const headers = { "proxy-authorization": `Basic ${btoa("somebody:hunter-2")}` }
    assert.strictEqual(
      removes(headers, `${btoa("somebody:hunter-2")} somebody:hunter-2 hunter-2 somebody`),
      "<redacted> <redacted> <redacted> somebody"
    )
    assert.strictEqual(removes({ authorization: `Basic ${btoa("token-47:")}` }, "token-47"), "<redacted>")
  })

  it("finds the credentials of a URL in any header", () =>
    assert.strictEqual(
      removes({ "http-referer": "https://somebody:hunter-2@example.com/?token=t0ken-1" }, "hunter-2 t0ken-1 example"),
      "<redacted> <redacted> example"
    ))

  it("leaves a value that is too short", () => {
    assert.strictEqual(removes({ authorization: "Bearer or" }, "a or b"), "a or b")
    assert.strictEqual(removes({ authorization: "Bearer " }, "a"), "a")
  })
})

describe("secretsOf", () => {
  const removes = (row: Row, fields: JsonObject, text: string) => makeScrub(secretsOf(row, fields))(text)

  it("finds the credentials of URLs in all bodies", () => {
    const url = "https://somebody:p%40ssword-1@hooks.example.com/a?api_key=k3y-4711&page=12345678"
    const text = `No access to ${url}, with p@ssword-1 and k3y-4711, page 12345678`
    const fields = { name: "n", config: { urls: [url] }, callback_url: url, messages: [{ content: { url } }] }
    for (const row of [create, chat]) {
      assert.strictEqual(
        removes(row, fields, text),
        "No access to https://<redacted>@hooks.example.com/a?api_key=<redacted>&page=12345678, " +
          "with <redacted> and <redacted>, page 12345678"
      )
    }
  })

  it("finds the authorization of tools in inference requests, and no prompt", () => {
    const fields = {
      tools: [{ authorization: "Bearer for-the-tool" }, { headers: { "x-any": "another-one" } }],
      messages: [{ content: "a whole prompt", key: "a whole prompt" }]
    }
    assert.strictEqual(
      removes(chat, fields, "for-the-tool another-one a whole prompt"),
      "<redacted> <redacted> a whole prompt"
    )
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
