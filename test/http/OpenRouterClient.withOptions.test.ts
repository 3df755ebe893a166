import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { withOptions } from "../../src/http/OpenRouterClient.js"
import { CurrentRequestOptions, merge } from "../../src/http/requestOptions.js"
import { memory, over, respond, type Responder } from "./support/memory.js"
import * as Rows from "./support/rows.js"

const thing = respond(200, { id: "1" })

const never: Responder = () => Effect.never

describe("withOptions", () => {
  it.effect("applies to every call of an effect, however deep, and to no other call", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      const twice = Effect.all([
        Rows.read({ id: "1" }),
        Effect.fork(Rows.read({ id: "2" })).pipe(Effect.flatMap(Fiber.join))
      ])
      yield* Effect.gen(function*() {
        yield* twice.pipe(withOptions({ headers: { "x-note": "in" } }))
        yield* Rows.read({ id: "3" })
      }).pipe(Effect.provide(over(wire)))
      assert.deepStrictEqual(wire.requests.map(({ headers }) => headers["x-note"]), ["in", "in", undefined])
    }))

  it.effect("accepts the effect as its first argument", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      const found = yield* withOptions(Rows.read({ id: "1" }), { routerMetadata: true }).pipe(
        Effect.provide(over(wire))
      )
      assert.deepStrictEqual(found, { id: "1" })
      assert.strictEqual(wire.requests[0]?.headers["x-openrouter-metadata"], "enabled")
    }))

  it.effect("can unset an option of the client", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      const call = withOptions(Rows.read({ id: "1" }), { routerMetadata: false })
      yield* Effect.provide(call, over(wire, { routerMetadata: true }))
      assert.notProperty(wire.requests[0]?.headers, "x-openrouter-metadata")
    }))

  it.effect("sends one value of a header, the innermost, in whatever case its name is written", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      const names = ["X-Note", "x-note", "X-NOTE"]
      for (const inner of names) {
        for (const outer of names) {
          for (const ofClient of names) {
            yield* Rows.read({ id: "1" }).pipe(
              withOptions({ headers: { [inner]: "inner" } }),
              withOptions({ headers: { [outer]: "outer", "X-Other": "outer" } }),
              Effect.provide(
                over(wire, { headers: { [ofClient]: "client", "x-OTHER": "client", "X-Third": "client" } })
              )
            )
          }
        }
      }
      assert.lengthOf(wire.requests, 27)
      for (const { headers } of wire.requests) {
        assert.deepInclude(headers, { "x-note": "inner", "x-other": "outer", "x-third": "client" })
      }
    }))

  it.effect("prefers inner options to outer ones, and both to those of the client", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      yield* Rows.read({ id: "1" }).pipe(
        withOptions({ appTitle: "inner" }),
        withOptions({ appTitle: "outer", httpReferer: "https://outer.example" }),
        Effect.provide(
          over(wire, { appTitle: "client", httpReferer: "https://client.example", appCategories: ["client"] })
        )
      )
      const headers = wire.requests[0]?.headers ?? {}
      assert.strictEqual(headers["x-openrouter-title"], "inner")
      assert.strictEqual(headers["http-referer"], "https://outer.example")
      assert.strictEqual(headers["x-openrouter-categories"], "client")
    }))

  it.effect("merges headers, whatever their case", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      yield* Rows.read({ id: "1" }).pipe(
        withOptions({ headers: { "x-c": "inner", "X-D": "inner" } }),
        withOptions({ headers: { "X-B": "outer", "X-C": "outer" } }),
        Effect.provide(over(wire, { headers: { "X-A": "client", "X-B": "client", "x-d": "client" } }))
      )
      const headers = wire.requests[0]?.headers ?? {}
      assert.deepStrictEqual(["x-a", "x-b", "x-c", "x-d"].map((name) => headers[name]), [
        "client",
        "outer",
        "inner",
        "inner"
      ])
    }))

  it.effect("adds the fields of extraBody to JSON bodies, inner ones over outer ones", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      const calls = Effect.all([Rows.create({ name: "n" }), Rows.read({ id: "1" })])
      yield* calls.pipe(
        withOptions({ extraBody: { newer: { a: 1 }, "__proto__x": null } }),
        withOptions({ extraBody: { newer: 2, outer: [3] } }),
        Effect.provide(over(wire, { extraBody: { client: true, outer: 4 } }))
      )
      assert.deepStrictEqual(
        wire.requests.map(({ body }) => body === undefined || body === "" ? body : JSON.parse(body)),
        [
          { name: "n", client: true, newer: { a: 1 }, outer: [3], "__proto__x": null },
          wire.requests[1]?.body
        ]
      )
      assert.notInclude(String(wire.requests[1]?.body), "newer")
    }))

  it.effect("rejects an extra field that the call sets itself, and stream, before anything is sent", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      for (const [name, extraBody] of [["name", { name: "other" }], ["stream", { stream: true }]] as const) {
        const error = yield* Rows.create({ name: "n" }).pipe(
          withOptions({ extraBody }),
          Effect.provide(over(wire)),
          Effect.flip
        )
        assert.strictEqual(error._tag === "InvalidRequestError" && error.parameter, name)
        assert.match(error.message, /^things\.create: `extraBody` has the field /)
      }
      assert.lengthOf(wire.requests, 0)
    }))

  it.effect("does not change options that it sets to undefined", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      yield* Rows.create({}).pipe(
        withOptions({ apiKey: undefined, baseUrl: undefined, appTitle: undefined, headers: undefined }),
        Effect.provide(
          over(wire, { baseUrl: "https://client.example", appTitle: "client", headers: { "x-a": "client" } })
        )
      )
      const [request] = wire.requests
      assert.strictEqual(request?.url, "https://client.example/things")
      assert.strictEqual(request?.headers["x-openrouter-title"], "client")
      assert.strictEqual(request?.headers["x-a"], "client")
      assert.property(request?.headers, "authorization")
    }))

  it.effect("does not change the timeout of the client either", () =>
    Effect.gen(function*() {
      const call = Rows.read({ id: "1" }).pipe(
        withOptions({ timeout: undefined }),
        Effect.provide(over(memory(never), { timeout: "3 seconds" })),
        Effect.flip
      )
      const fiber = yield* Effect.fork(call)
      yield* TestClock.adjust("3 seconds")
      const error = yield* Fiber.join(fiber)
      assert.deepStrictEqual(error._tag === "RequestTimeoutError" && error.timeout, Duration.seconds(3))
    }))

  it.effect("works on streams, nested as on effects", () =>
    Effect.gen(function*() {
      const wire = memory(respond(200, "bytes"))
      const size = yield* Rows.content({ id: "1" }).pipe(
        withOptions({ headers: { "x-a": "inner" } }),
        Stream.map((bytes) => bytes.length),
        withOptions({ headers: { "x-a": "outer", "x-b": "outer" } }),
        Stream.runSum,
        Effect.provide(over(wire))
      )
      assert.strictEqual(size, 5)
      assert.strictEqual(wire.requests[0]?.headers["x-a"], "inner")
      assert.strictEqual(wire.requests[0]?.headers["x-b"], "outer")
    }))

  it.effect("applies to the calls that a stream makes while it runs", () =>
    Effect.gen(function*() {
      const wire = memory(thing)
      yield* Stream.make("1", "2").pipe(
        Stream.mapEffect((id) => Rows.read({ id })),
        withOptions({ headers: { "x-note": "in" } }),
        Stream.runDrain,
        Effect.provide(over(wire))
      )
      assert.deepStrictEqual(wire.requests.map(({ headers }) => headers["x-note"]), ["in", "in"])
    }))

  it.effect("sets a service that other code can read", () =>
    Effect.gen(function*() {
      const options = yield* CurrentRequestOptions.pipe(withOptions({ maxEventSize: 7 }), withOptions({ retry: false }))
      assert.strictEqual(options.maxEventSize, 7)
      assert.isFalse(options.retry)
    }))
})

describe("merge", () => {
  it("replaces values and merges headers", () =>
    assert.deepStrictEqual(
      merge({ appTitle: "a", retry: false, headers: { a: "1", b: "1" } }, { appTitle: "b", headers: { b: "2" } }),
      { appTitle: "b", retry: false, headers: { a: "1", b: "2" } }
    ))

  it("ignores undefined", () =>
    assert.deepStrictEqual(
      merge({ appTitle: "a", headers: { a: "1" } }, { appTitle: undefined, headers: undefined, timeout: undefined }),
      { appTitle: "a", headers: { a: "1" } }
    ))
})
