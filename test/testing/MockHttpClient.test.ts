import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Endpoint from "../../src/http/Endpoint.js"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { NotFoundResponseError, TooManyRequestsResponseError } from "../../src/http/OpenRouterError.js"
import * as Chat from "../../src/services/Chat.js"
import * as Credits from "../../src/services/Credits.js"
import * as Models from "../../src/services/Models.js"
import * as MockHttpClient from "../../src/testing/MockHttpClient.js"
import * as Script from "../../src/testing/Script.js"

interface Thing {
  readonly id: string
  readonly size: number
}

const common = { query: [], body: "none", auth: "required" } as const
const Thing: Schema.Schema<Thing> = Schema.Struct({ id: Schema.String, size: Schema.Number })

const list = Endpoint.json<
  { readonly limit?: number; readonly q?: string; readonly all?: boolean } | void,
  ReadonlyArray<Thing>,
  400,
  "required"
>({
  ...common,
  operationId: "listThings",
  name: "things.list",
  method: "GET",
  path: "/things",
  query: ["limit", "q", "all"],
  schema: Schema.Array(Thing),
  errors: [400]
})
const get = Endpoint.json<{ readonly id: string }, Thing, 404 | 429, "required">({
  ...common,
  operationId: "getThing",
  name: "things.get",
  method: "GET",
  path: "/things/{id}",
  schema: Thing,
  errors: [404, 429]
})
const count = Endpoint.json<void, Thing, 400, "required">({
  ...common,
  operationId: "countThings",
  name: "things.count",
  method: "GET",
  path: "/things/count",
  schema: Thing,
  errors: [400]
})
const update = Endpoint.json<{ readonly id: string; readonly size: number }, Thing, 400, "required">({
  ...common,
  operationId: "updateThing",
  name: "things.update",
  method: "PATCH",
  path: "/things/{id}",
  body: "json",
  schema: Thing,
  errors: [400]
})
const upload = Endpoint.upload<{ readonly file: File; readonly purpose: string }, Thing, 400, "required">({
  ...common,
  operationId: "uploadThing",
  name: "things.upload",
  method: "POST",
  path: "/things",
  schema: Thing,
  errors: [400]
})
const remove = Endpoint.empty<{ readonly id: string }, 404, "required">({
  ...common,
  operationId: "removeThing",
  name: "things.delete",
  method: "DELETE",
  path: "/things/{id}",
  errors: [404]
})
const content = Endpoint.binary<{ readonly id: string }, 404, "required">({
  ...common,
  operationId: "getContent",
  name: "things.content",
  method: "GET",
  path: "/things/{id}/content",
  errors: [404]
})

const withHandlers = <A, E>(
  effect: Effect.Effect<A, E, OpenRouterClient.OpenRouterClient | MockHttpClient.MockHttpClient>,
  ...handlers: ReadonlyArray<MockHttpClient.Handler>
) => Effect.provide(effect, MockHttpClient.layerClient(handlers, { retry: false }))

describe("the endpoints of the library", () => {
  it.effect("are accepted by on, with their types", () =>
    withHandlers(
      Effect.gen(function*() {
        const { data } = yield* Credits.getCredits()
        assert.strictEqual(data.total_credits - data.total_usage, 7.5)
        const page = yield* Models.count({ output_modalities: "text" })
        assert.strictEqual(page.data.count, 4)
        const missing = yield* Effect.flip(Models.get({ author: "openai", slug: "none" }))
        assert.strictEqual(missing._tag, "NotFoundResponseError")
      }),
      MockHttpClient.on(Credits.getCredits, () => ({ data: { total_credits: 10, total_usage: 2.5 } })),
      MockHttpClient.on(Models.count, ({ output_modalities }) => ({ data: { count: output_modalities?.length ?? 0 } })),
      MockHttpClient.on(Models.get, ({ slug }) =>
        Effect.fail(new NotFoundResponseError({ status: 404, message: `no model ${slug}` })))
    ))
})

describe("params", () => {
  it.effect("contain the values of path, query and body as the caller passed them", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list({ limit: 2, q: "a b&c", all: false }), [{ id: "a b&c", size: 2 }])
      assert.deepStrictEqual(yield* list(), [{ id: "nothing", size: 0 }])
      assert.deepStrictEqual(yield* get({ id: "a/b c" }), { id: "a/b c", size: 1 })
      assert.deepStrictEqual(yield* update({ id: "x", size: 9 }), { id: "x", size: 9 })
    }).pipe((effect) =>
      withHandlers(
        effect,
        MockHttpClient.on(list, ({ all, limit, q }) => {
          assert.isTrue(all === false || all === undefined)
          return [{ id: q ?? "nothing", size: limit ?? 0 }]
        }),
        MockHttpClient.on(get, ({ id }) => Effect.succeed({ id, size: 1 })),
        MockHttpClient.on(update, ({ id, size }) => ({ id, size }))
      )
    ))

  it.effect("contain the fields and files of a form", () =>
    withHandlers(
      Effect.gen(function*() {
        const file = new File(["hello"], "hello.txt")
        assert.deepStrictEqual(yield* upload({ file, purpose: "test" }), { id: "hello.txt test", size: 5 })
      }),
      MockHttpClient.on(upload, ({ file, purpose }) => ({ id: `${file.name} ${purpose}`, size: file.size }))
    ))
})

describe("responses of handlers", () => {
  it.effect("can be the errors that the endpoint documents", () =>
    withHandlers(
      Effect.gen(function*() {
        const missing = yield* Effect.flip(get({ id: "x" }))
        assert.strictEqual(missing._tag, "NotFoundResponseError")
        assert.include(missing.message, "no x here")
        const limited = yield* Effect.flip(get({ id: "busy" }))
        assert.strictEqual(limited._tag, "TooManyRequestsResponseError")
        if (limited._tag === "TooManyRequestsResponseError") {
          assert.strictEqual(Duration.toSeconds(limited.retryAfter), 5)
          assert.strictEqual(limited.errorType, "rate_limit_exceeded")
        }
      }),
      MockHttpClient.on(get, ({ id }) =>
        Effect.fail(
          id === "busy"
            ? new TooManyRequestsResponseError({
              status: 429,
              message: "Busy",
              errorType: "rate_limit_exceeded",
              retryAfter: Duration.seconds(5)
            })
            : new NotFoundResponseError({ status: 404, message: `no ${id} here` })
        ))
    ))

  it.effect("can be replies of a script", () =>
    withHandlers(
      Effect.gen(function*() {
        assert.strictEqual((yield* Effect.flip(list()))._tag, "BadRequestResponseError")
        assert.strictEqual((yield* Effect.flip(get({ id: "x" })))._tag, "ConnectionError")
        assert.strictEqual((yield* Effect.flip(count()))._tag, "ResponseValidationError")
      }),
      MockHttpClient.on(list, () => Script.error(400)),
      MockHttpClient.on(get, () => Script.unreachable),
      MockHttpClient.on(count, () => Effect.succeed(Script.reply({ id: "without size" })))
    ))

  it.effect("can be bytes, events, or empty", () =>
    withHandlers(
      Effect.gen(function*() {
        yield* remove({ id: "x" })
        const bytes = yield* Stream.runCollect(content({ id: "x" }))
        assert.deepStrictEqual(Chunk.toReadonlyArray(bytes), [new Uint8Array([1, 2]), new Uint8Array([3])])
        const reply = yield* Chat.accumulate(Chat.stream({ model: "m", messages: [] }))
        assert.strictEqual(Chat.text(reply), "Hi")
      }),
      MockHttpClient.on(remove, () => Effect.void),
      MockHttpClient.on(content, () => [new Uint8Array([1, 2]), new Uint8Array([3])]),
      MockHttpClient.on(Chat.stream, ({ model }) => [{
        id: "gen-1",
        object: "chat.completion.chunk",
        created: 1,
        model,
        choices: [{ index: 0, delta: { role: "assistant", content: "Hi" }, finish_reason: "stop" }]
      }])
    ))

  it.effect("come from the handler of a literal path before the handler of a parameter", () =>
    withHandlers(
      Effect.gen(function*() {
        assert.strictEqual((yield* count()).id, "literal")
        assert.strictEqual((yield* get({ id: "other" })).id, "parameter")
      }),
      MockHttpClient.on(get, () => ({ id: "parameter", size: 0 })),
      MockHttpClient.on(count, () => ({ id: "literal", size: 0 }))
    ))

  it.effect("do not need an endpoint of the library", () =>
    withHandlers(
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* get({ id: "x" }), { id: "x", size: 3 })
      }),
      MockHttpClient.route("GET", "/things/{id}", (request, { id }) => ({ id, size: request.path.split("/").length }))
    ))
})

describe("requests", () => {
  it.effect("without a handler fail the test, and the message names them", () =>
    withHandlers(
      Effect.gen(function*() {
        const exit = yield* Effect.exit(Effect.ignore(remove({ id: "x" })))
        const message = Exit.match(exit, { onFailure: Cause.pretty, onSuccess: String })
        assert.include(message, "MockHttpClient: request 1, DELETE /things/x, found no handler")
        assert.include(message, "there are handlers for GET /things/{id}")
      }),
      MockHttpClient.on(get, () => ({ id: "", size: 0 }))
    ))

  it.effect("are recorded", () =>
    withHandlers(
      Effect.gen(function*() {
        yield* list({ limit: 3 })
        yield* update({ id: "x", size: 9 })
        const requests = yield* MockHttpClient.requests
        assert.deepStrictEqual(requests.map(({ body, method, path, query }) => ({ method, path, query, body })), [
          { method: "GET", path: "/things", query: { limit: "3" }, body: undefined },
          { method: "PATCH", path: "/things/x", query: {}, body: { size: 9 } }
        ])
      }),
      MockHttpClient.on(list, () => []),
      MockHttpClient.on(update, (params) => params)
    ))

  it.effect("of any HttpClient reach the handlers", () =>
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const response = yield* client.get("https://example.com/api/v1/things?limit=1")
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(yield* response.json, [{ id: "a", size: 1 }])
    }).pipe(
      Effect.provide(MockHttpClient.layer([MockHttpClient.on(list, ({ limit }) => [{ id: "a", size: limit ?? 0 }])]))
    ))

  it.effect("of a client that the test makes reach the handlers", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* list(), [])
      const [request] = yield* MockHttpClient.requests
      assert.strictEqual(request?.headers["http-referer"], "https://app.example")
    }).pipe(Effect.provide(
      OpenRouterClient.layer({ httpReferer: "https://app.example", apiKey: Redacted.make("key") }).pipe(
        Layer.provideMerge(MockHttpClient.layer([MockHttpClient.on(list, () => [])]))
      )
    )))
})
