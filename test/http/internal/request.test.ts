import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { prepare } from "../../../src/http/internal/request.js"
import type { OpenRouterClient } from "../../../src/http/OpenRouterClient.js"
import { withOptions } from "../../../src/http/OpenRouterClient.js"
import { InvalidRequestError } from "../../../src/http/OpenRouterError.js"
import type { Row } from "../../../src/http/row.js"
import { memory, over, respond, type SentRequest } from "../support/memory.js"
import * as Rows from "../support/rows.js"

type Call<A, E> = Effect.Effect<A, E, OpenRouterClient>

/** The one request that a call sends. */
const sent = <A, E>(call: Call<A, E>) =>
  Effect.gen(function*() {
    const wire = memory(respond(200, { id: "1" }))
    yield* Effect.provide(call, over(wire))
    assert.lengthOf(wire.requests, 1)
    return wire.requests[0] ?? assert.fail("nothing was sent")
  })

/** The error of a call that sends nothing. */
const refused = <A, E>(call: Call<A, E>) =>
  Effect.gen(function*() {
    const wire = memory(respond(200, { id: "1" }))
    const error = yield* Effect.flip(Effect.provide(call, over(wire)))
    assert.lengthOf(wire.requests, 0)
    return error instanceof InvalidRequestError ? error : assert.fail(String(error))
  })

/** A call as plain JavaScript may make it. */
const loosely = (params: unknown): ReturnType<typeof Rows.read> => Reflect.apply(Rows.read, undefined, [params])

const pathOf = ({ url }: SentRequest) => new URL(url).pathname

const wellFormed = FastCheck.string({ unit: "binary" })

describe("path", () => {
  it.effect("encodes each parameter as one segment, which decodes to the same value", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(
          wellFormed.filter((id) => id.trim() !== "" && id !== "." && id !== ".."),
          (id) =>
            Effect.runPromise(Effect.map(sent(Rows.read({ id })), (request) => {
              const url = new URL(request.url)
              assert.strictEqual(url.origin, "https://openrouter.ai")
              assert.strictEqual(url.hash + url.search, "")
              assert.deepStrictEqual(url.pathname.split("/").map(decodeURIComponent), ["", "api", "v1", "things", id])
            }))
        )
      )
    ))

  it.effect("accepts values with a meaning in URLs", () =>
    Effect.gen(function*() {
      assert.strictEqual(pathOf(yield* sent(Rows.read({ id: "a/b" }))), "/api/v1/things/a%2Fb")
      assert.strictEqual(pathOf(yield* sent(Rows.read({ id: "a?b#c" }))), "/api/v1/things/a%3Fb%23c")
      assert.strictEqual(pathOf(yield* sent(Rows.read({ id: "%2e%2e" }))), "/api/v1/things/%252e%252e")
      assert.strictEqual(pathOf(yield* sent(Rows.read({ id: "$&$1" }))), "/api/v1/things/%24%26%241")
    }))

  it.effect("rejects a parameter that is empty, blank, a dot segment, missing, or half a character", () =>
    Effect.gen(function*() {
      for (const id of ["", " ", "\t\n", ".", "..", "\ud800", "a\udc00b"]) {
        const error = yield* refused(Rows.read({ id }))
        assert.strictEqual(error.parameter, "id", JSON.stringify(id))
        assert.include(error.message, "things.read")
        assert.include(error.message, "`id`")
      }
      const untyped: ReadonlyArray<unknown> = [undefined, null, {}, { id: null }, { id: ["a"] }, { id: NaN }, "id", 7]
      for (const params of untyped) {
        const error = yield* refused(loosely(params))
        assert.strictEqual(error.parameter, "id", JSON.stringify(params))
      }
    }))
})

describe("query", () => {
  it.effect("encodes all parameters, and decodes to the same values", () =>
    Effect.promise(() =>
      FastCheck.assert(
        FastCheck.asyncProperty(wellFormed, FastCheck.integer(), (filter, page) =>
          Effect.runPromise(Effect.map(sent(Rows.read({ id: "1", filter, page })), (request) =>
            assert.deepStrictEqual(
              Array.from(new URL(request.url).searchParams),
              [["page", String(page)], ["filter", filter]]
            ))))
      )
    ))

  it.effect("leaves out undefined and null, and the question mark if nothing is left", () =>
    Effect.gen(function*() {
      const request = yield* sent(loosely({ id: "1", page: undefined, filter: null }))
      assert.strictEqual(request.url, "https://openrouter.ai/api/v1/things/1")
    }))

  it.effect("repeats the name of a list for each item, whatever is in the items", () =>
    Effect.gen(function*() {
      const filter = ["a,b", "c&d=e", "", undefined, null, 0]
      const { searchParams } = new URL((yield* sent(loosely({ id: "1", filter }))).url)
      assert.deepStrictEqual(searchParams.getAll("filter"), ["a,b", "c&d=e", "", "0"])
      assert.strictEqual((yield* sent(loosely({ id: "1", filter: [] }))).url, "https://openrouter.ai/api/v1/things/1")
    }))

  it.effect("joins the items of a list by commas where the row says so, and encodes commas in items", () =>
    Effect.gen(function*() {
      const row: Row = {
        operationId: "listThings",
        name: "things.list",
        method: "GET",
        path: "/things",
        query: ["page", "filter"],
        joined: ["filter"],
        body: "none",
        success: "json",
        errors: [],
        auth: "required"
      }
      const paths = yield* Effect.forEach(
        [["a,b", "c&d", "", null], "a", []],
        (filter) => prepare(row, { page: 2, filter })
      )
      assert.deepStrictEqual(paths.map(({ path }) => path), [
        "/things?page=2&filter=a%2Cb,c%26d,",
        "/things?page=2&filter=a",
        "/things?page=2"
      ])
    }))

  it.effect("keeps zero, false and the empty string", () =>
    Effect.gen(function*() {
      assert.match((yield* sent(Rows.read({ id: "1", page: 0, filter: "" }))).url, /\?page=0&filter=$/)
    }))
})

describe("JSON body", () => {
  it.effect("has the parameters without those of the path, in their order", () =>
    Effect.gen(function*() {
      const request = yield* sent(Rows.replace({ id: "7", size: 3 }))
      assert.strictEqual(request.method, "PUT")
      assert.strictEqual(request.url, "https://openrouter.ai/api/v1/things/7")
      assert.strictEqual(request.body, `{"size":3}`)
      assert.strictEqual(request.headers["content-type"], "application/json")
      assert.strictEqual((yield* sent(Rows.create({ name: { b: 1, a: 2 } }))).body, `{"name":{"b":1,"a":2}}`)
    }))

  it.effect("is an empty object without parameters", () =>
    Effect.map(sent(Rows.create({})), (request) => assert.strictEqual(request.body, "{}")))

  it.effect("is rejected if it cannot be JSON, and the error does not quote it", () =>
    Effect.gen(function*() {
      const circle: Record<string, unknown> = { private: "my secret plan" }
      circle["myself"] = circle
      const hostile = {
        toJSON: () => {
          throw new Error("my secret plan")
        }
      }
      const getter = {
        get name() {
          throw new Error("my secret plan")
        }
      }
      for (const params of [{ name: circle }, { name: 10n }, { name: hostile }, getter]) {
        const error = yield* refused(Rows.create(params))
        assert.include(error.message, "things.create")
        assert.notInclude(JSON.stringify(error) + error.message, "secret")
      }
      assert.match((yield* refused(Rows.create({ name: circle }))).message, /circular/)
      assert.match((yield* refused(Rows.create({ name: 10n }))).message, /BigInt/)
    }))

  it.effect("is absent if the endpoint has none", () =>
    Effect.gen(function*() {
      const request = yield* sent(Rows.read({ id: "1" }))
      assert.isUndefined(request.body)
      assert.isUndefined(request.headers["content-type"])
    }))
})

describe("form", () => {
  const form = <A, E>(call: Call<A, E>) =>
    Effect.flatMap(sent(call), ({ body, headers }) => {
      const type = headers["content-type"] ?? ""
      assert.match(type, /^multipart\/form-data; boundary=/)
      return Effect.promise(() => new Response(body, { headers: { "content-type": type } }).formData())
    })

  it.effect("accepts files", () =>
    Effect.gen(function*() {
      const parts = yield* form(Rows.upload({ file: new File(["data"], "a.txt", { type: "text/plain" }) }))
      const file = parts.get("file")
      assert.deepStrictEqual(file instanceof File ? [file.name, file.type] : file, ["a.txt", "text/plain"])
    }))

  it.effect("writes plain values as text and lists as several parts, and leaves out undefined", () =>
    Effect.gen(function*() {
      const parts = yield* form(Rows.upload({ file: ["a", 2, true], purpose: undefined }))
      assert.deepStrictEqual(parts.getAll("file"), ["a", "2", "true"])
      assert.isFalse(parts.has("purpose"))
    }))

  it.effect("rejects a value that cannot be a part", () =>
    Effect.gen(function*() {
      for (const purpose of [{ a: 1 }, [["a"]], () => "a", { content: { content: {} } }]) {
        const error = yield* refused(Rows.upload({ file: "x", purpose }))
        assert.strictEqual(error.parameter, "purpose", String(purpose))
      }
    }))
})

describe("headers", () => {
  it.effect("accept the content type of the endpoint", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* sent(Rows.read({ id: "1" }))).headers["accept"], "application/json")
      assert.strictEqual((yield* sent(Rows.remove({ id: "1" }))).headers["accept"], "*/*")
    }))

  it.effect("are rejected if they are not valid, before the runtime can quote them in its message", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<readonly [string, string]> = [
        ["x-note", "one\r\ntwo: secret"],
        ["x-note", "secret\nline"],
        ["x-note", "secret\0"],
        ["x-note", "snowman secret ☃"],
        ["bad secret name", "x"],
        ["x-secret\nname", "x"],
        ["", "x"]
      ]
      for (const [name, value] of cases) {
        const error = yield* refused(withOptions(Rows.read({ id: "1" }), { headers: { [name]: value } }))
        assert.include(error.message, "header", JSON.stringify(name))
        if (name === "x-note") {
          assert.strictEqual(error.parameter, name)
          assert.notInclude(error.message, "secret")
        }
      }
    }))
})
