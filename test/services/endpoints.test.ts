/** Every operation over a real connection: what it sends, what it answers, and how it fails. */
import { assert, describe, it } from "@effect/vitest"
import * as Library from "effect-openrouter"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { withOptions } from "../../src/http/OpenRouterClient.js"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import { errorClassByStatus } from "../../src/http/OpenRouterError.js"
import type { Row } from "../../src/http/row.js"
import * as EventStream from "../../src/stream/EventStream.js"
import { type Exchange, overFetch, serve } from "../http/support/loopback.js"
import { account } from "./endpoints/account.js"
import type { Case } from "./endpoints/case.js"
import { catalogue } from "./endpoints/catalogue.js"
import { inference } from "./endpoints/inference.js"
import { organization } from "./endpoints/organization.js"
import { answerOf, bytes, eventsOf, pagesOf, serving } from "./endpoints/server.js"

type Failing = { readonly _tag: string }

type Endpoint =
  & Row
  & ((params: unknown) =>
    | Effect.Effect<unknown, Failing, OpenRouterClient>
    | Stream.Stream<unknown, Failing, OpenRouterClient>)

const isEndpoint = (u: unknown): u is Endpoint =>
  typeof u === "function" && "operationId" in u && "path" in u && "auth" in u

const hasForEach = (row: Endpoint): row is Endpoint & Pick<AnyStream, "forEach"> => "forEach" in row

type AnyStream = EventStream.StreamEndpoint<unknown, unknown, unknown, Failing>

const keyOf = (row: Row): string => `${row.name} ${row.success}`

const endpoints: ReadonlyMap<string, Endpoint> = new Map(
  Object.values(Library).flatMap((module) => Object.values(module)).filter(isEndpoint).map((endpoint) => [
    keyOf(endpoint),
    endpoint
  ])
)

const cases: ReadonlyArray<Case> = [...inference, ...catalogue, ...account, ...organization]

/** Each case with its endpoint; those without one are told apart by the first test. */
const proven = cases.flatMap(({ endpoint, ...rest }) => {
  const found = endpoints.get(keyOf(endpoint))
  return found === undefined ? [] : [{ endpoint: found, ...rest }]
})

const server = Effect.map(serve(serving(endpoints)), (server) => ({ ...server, client: overFetch(server) }))

const asking = (endpoint: Endpoint, answer: string) => ({ headers: { "x-row": keyOf(endpoint), "x-answer": answer } })

/** Calls an endpoint and collects what it answers. */
const call = (endpoint: Endpoint, params: unknown, answer: string) => {
  const outcome = endpoint(params)
  const whole = Effect.isEffect(outcome)
    ? outcome
    : Effect.map(Stream.runCollect(outcome), (all) => Chunk.toReadonlyArray(all))
  return withOptions(whole, asking(endpoint, answer))
}

const everyCase = <E, R>(run: (proof: typeof proven[number]) => Effect.Effect<void, E, R>) =>
  Effect.forEach(proven, run, { concurrency: 16, discard: true })

/** A form by the names of its fields; a file with its name and its text. */
const formOf = (exchange: Exchange) =>
  Effect.promise(async () => {
    const headers = { "content-type": exchange.headers["content-type"] ?? "" }
    const form = await new Response(exchange.body, { headers }).formData()
    const fields: Record<string, unknown> = {}
    for (const name of form.keys()) {
      const values = await Promise.all(
        form.getAll(name).map(async (value) =>
          typeof value === "string" ? value : `${value.name}: ${await value.text()}`
        )
      )
      fields[name] = values.length === 1 ? values[0] : values
    }
    return fields
  })

const bodyOf = (row: Row, exchange: Exchange) =>
  row.body === "none" || exchange.body === ""
    ? Effect.succeed(exchange.body === "" ? undefined : exchange.body)
    : row.body === "json"
    ? Effect.sync((): unknown => JSON.parse(exchange.body))
    : formOf(exchange)

const mediaTypes = {
  none: undefined,
  json: "application/json",
  multipart: "multipart/form-data",
  form: "application/x-www-form-urlencoded"
}

describe("each operation", () => {
  it("has exactly one case", () => {
    const named = cases.map(({ endpoint }) => keyOf(endpoint))
    assert.deepStrictEqual([...named].sort(), [...endpoints.keys()].sort())
    assert.deepStrictEqual(
      [...new Set(cases.map(({ endpoint }) => endpoint.operationId))].sort(),
      [...new Set(Array.from(endpoints.values(), (row) => row.operationId))].sort()
    )
  })

  it.scoped("sends the documented request and returns the response of the server", () =>
    Effect.gen(function*() {
      const { client, exchanges } = yield* server
      yield* everyCase(({ endpoint, params }) =>
        Effect.gen(function*() {
          const answer = yield* call(endpoint, params, "well")
          const expected = {
            json: () => answerOf(endpoint),
            sse: () => eventsOf(endpoint),
            binary: () => [bytes],
            empty: () => undefined
          }
          assert.deepStrictEqual(answer, expected[endpoint.success](), endpoint.name)
        })
      ).pipe(Effect.provide(client))
      for (const { body, endpoint, request } of proven) {
        const exchange = exchanges.find(({ headers }) => headers["x-row"] === keyOf(endpoint)) ??
          assert.fail(`${endpoint.name} sent no request`)
        assert.strictEqual(`${exchange.method} ${exchange.url.replace(/^\/api\/v1/, "")}`, request)
        assert.deepStrictEqual(yield* bodyOf(endpoint, exchange), body, endpoint.name)
        const contentType = body === undefined ? undefined : exchange.headers["content-type"]?.split(";")[0]
        assert.strictEqual(contentType, mediaTypes[endpoint.body], endpoint.name)
        assert.strictEqual("authorization" in exchange.headers, endpoint.auth !== "none", endpoint.name)
      }
      assert.lengthOf(exchanges, proven.length)
    }))

  it.scoped("shows forEach the events of its stream, and returns what they add up to", () =>
    Effect.gen(function*() {
      const { client } = yield* server
      const streaming = proven.filter(({ endpoint }) => endpoint.success === "sse")
      assert.isAtLeast(streaming.length, 6)
      yield* Effect.forEach(streaming, ({ endpoint, params }) =>
        Effect.gen(function*() {
          if (!hasForEach(endpoint) || endpoint.protocol === undefined) return assert.fail(endpoint.name)
          const seen: Array<unknown> = []
          const result = yield* withOptions(
            endpoint.forEach(params, (event) => Effect.sync(() => seen.push(event))),
            asking(endpoint, "well")
          )
          assert.deepStrictEqual(seen, eventsOf(endpoint), endpoint.name)
          const { accumulate } = EventStream
          assert.deepStrictEqual(result, yield* accumulate(Stream.fromIterable(seen), endpoint.protocol), endpoint.name)
          for (const status of endpoint.errors) {
            const failed = withOptions(endpoint.forEach(params, Effect.die), asking(endpoint, String(status)))
            assert.strictEqual((yield* Effect.flip(failed))._tag, errorClassByStatus[status].name, endpoint.name)
          }
        }), { discard: true }).pipe(Effect.provide(client))
    }))

  it.scoped("fails with the class of each documented status, and with the default class for another status", () =>
    Effect.gen(function*() {
      const { client, exchanges } = yield* server
      yield* everyCase(({ endpoint, params }) =>
        Effect.gen(function*() {
          for (const status of endpoint.errors) {
            const error = yield* Effect.flip(call(endpoint, params, String(status)))
            assert.strictEqual(error._tag, errorClassByStatus[status].name, endpoint.name)
          }
          const other = yield* Effect.flip(call(endpoint, params, "418"))
          assert.strictEqual(other._tag, "OpenRouterDefaultError", endpoint.name)
          assert.propertyVal(other, "status", 418)
        })
      ).pipe(Effect.provide(client))
      assert.lengthOf(exchanges, proven.reduce((sum, { endpoint }) => sum + endpoint.errors.length + 1, 0))
    }))

  it.scoped("rejects a malformed response", () =>
    Effect.gen(function*() {
      const { client } = yield* server
      yield* everyCase(({ endpoint, params }) =>
        Effect.gen(function*() {
          if (endpoint.success !== "json" && endpoint.success !== "sse") return
          const error = yield* Effect.flip(call(endpoint, params, "nonsense"))
          assert.strictEqual(error._tag, "ResponseValidationError", endpoint.name)
        })
      ).pipe(Effect.provide(client))
    }))

  it.scoped("requests the next page when the operation has pages", () =>
    Effect.gen(function*() {
      const { client, exchanges } = yield* server
      const paged = proven.filter(({ endpoint }) => endpoint.paging !== undefined)
      assert.isAtLeast(paged.length, 20)
      yield* Effect.forEach(paged, ({ endpoint, params }) =>
        Effect.gen(function*() {
          const offset = Number(Object(params).offset ?? 0)
          const stream: unknown = Reflect.get(endpoint, "stream")
          if (typeof stream !== "function") return assert.fail(`${endpoint.name} has no stream`)
          const items = Stream.runCollect<unknown, Failing, OpenRouterClient>(stream(params))
          const collected = yield* withOptions(items, asking(endpoint, `pages from ${offset}`))
          const pages = pagesOf(endpoint, offset)
          assert.deepStrictEqual(Chunk.toReadonlyArray(collected), pages.flatMap(({ data }) => data), endpoint.name)
          const asked = exchanges.filter(({ headers }) => headers["x-row"] === keyOf(endpoint))
          assert.lengthOf(asked, 2, endpoint.name)
          const query = new URL(asked[1]?.url ?? "", "http://x").searchParams
          const next = endpoint.paging === "offset"
            ? query.get("offset")
            : query.get("cursor") ?? query.get("starting_after") ?? query.get("after")
          assert.strictEqual(next, endpoint.paging === "offset" ? String(offset + 1) : "page-2", endpoint.name)
        }), { concurrency: 16, discard: true }).pipe(Effect.provide(client))
    }))
})
