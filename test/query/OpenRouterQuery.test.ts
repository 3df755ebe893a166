import { assert, describe, it } from "@effect/vitest"
import { InfiniteQueryObserver, MutationObserver, QueryClient, QueryObserver } from "@tanstack/query-core"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as OpenRouterQuery from "../../src/query/OpenRouterQuery.js"
import * as ApiKeys from "../../src/services/ApiKeys.js"
import * as Credits from "../../src/services/Credits.js"
import * as Files from "../../src/services/Files.js"
import { type Exchange, overFetch, serve } from "../http/support/loopback.js"
import { deferred } from "../support/effect/fibers.js"

const reply = ({ response }: Exchange, status: number, body: unknown) => {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify(body))
}

const files = ["f0", "f1", "f2", "f3", "f4"]

/** An account with five files, two a page; the key `gone` does not exist, and the key `slow` has no response. */
const account = (exchange: Exchange): void => {
  const { pathname, searchParams } = new URL(exchange.url, "http://localhost")
  const route = `${exchange.method} ${pathname.replace("/api/v1", "")}`
  if (route === "GET /credits") return reply(exchange, 200, { data: { total_credits: 5, total_usage: 1 } })
  if (route === "GET /keys/slow") return
  if (route === "GET /keys/gone") return reply(exchange, 404, { error: { code: 404, message: "No such key" } })
  if (route === "GET /keys") return reply(exchange, 200, { data: [] })
  if (route === "DELETE /keys/one") return reply(exchange, 200, { deleted: true })
  if (route === "DELETE /keys/gone") return reply(exchange, 404, { error: { code: 404, message: "No such key" } })
  const start = files.indexOf(searchParams.get("cursor") ?? "f0")
  const data = files.slice(start, start + 2).map((id) => ({
    id,
    type: "file",
    filename: id,
    mime_type: "text/plain",
    size_bytes: 1,
    created_at: "2026-01-01T00:00:00Z",
    downloadable: true
  }))
  reply(exchange, 200, { data, cursor: files[start + 2] ?? null, has_more: start + 2 < files.length })
}

/** A server, a runtime and an empty cache. */
const world = Effect.gen(function*() {
  const server = yield* serve(account)
  const runtime = yield* Effect.acquireRelease(
    Effect.sync(() => ManagedRuntime.make(overFetch(server))),
    (runtime) => Effect.promise(() => runtime.dispose())
  )
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => new QueryClient({ defaultOptions: { queries: { retryDelay: 0 } } })),
    (client) => Effect.sync(() => client.clear())
  )
  return { server, client, runtime, or: OpenRouterQuery.make({ runtime, scope: "user-17" }) }
})

type World = Effect.Effect.Success<typeof world>

/** How a promise ends. */
const ended = <A>(promise: Promise<A>): Effect.Effect<A | { readonly rejected: unknown }> =>
  Effect.promise(() => promise.catch((rejected: unknown) => ({ rejected })))

const routes = ({ server }: World) => server.exchanges.map(({ method, url }) => `${method} ${url}`)

describe("a query", () => {
  it.live("reads the endpoint once while it is fresh, under the types of its key", () =>
    Effect.gen(function*() {
      const here = yield* world
      const options = here.or.query(Credits.getCredits)
      const first = yield* Effect.promise(() => here.client.fetchQuery({ ...options, staleTime: Infinity }))
      yield* Effect.promise(() => here.client.ensureQueryData(options))
      assert.strictEqual(first.data.total_credits, 5)
      assert.strictEqual(here.client.getQueryData(options.queryKey)?.data.total_usage, 1)
      assert.strictEqual(here.server.exchanges.length, 1)
    }).pipe(Effect.scoped))

  it.live("keeps the value of before if the next one is equal, because both are plain JSON", () =>
    Effect.gen(function*() {
      const { client, or, server } = yield* world
      const options = or.query(Credits.getCredits)
      const read = Effect.promise(async () => {
        await client.fetchQuery(options)
        return client.getQueryData(options.queryKey)
      })
      const before = yield* read
      assert.strictEqual(yield* read, before)
      assert.strictEqual(server.exchanges.length, 2)
      assert.deepStrictEqual(JSON.parse(JSON.stringify(before)), before)
    }).pipe(Effect.scoped))

  it.live("rejects with the error of the endpoint, and is not repeated", () =>
    Effect.gen(function*() {
      const here = yield* world
      const result = yield* ended(here.client.fetchQuery({ ...here.or.query(ApiKeys.get, { hash: "gone" }) }))
      assert.strictEqual("rejected" in result && Object(result.rejected)._tag, "NotFoundResponseError")
      const observer = new QueryObserver(here.client, here.or.query(ApiKeys.get, { hash: "gone" }))
      const failed = yield* Effect.promise(() => observer.refetch())
      assert.strictEqual(failed.error?._tag, "NotFoundResponseError")
      assert.strictEqual(here.server.exchanges.length, 2)
    }).pipe(Effect.scoped))

  it.live("closes the request when nobody observes it any more", () =>
    Effect.gen(function*() {
      const { client, or, server } = yield* world
      const unsubscribe = new QueryObserver(client, or.query(ApiKeys.get, { hash: "slow" })).subscribe(() => {})
      const exchange = yield* server.exchange(0)
      unsubscribe()
      yield* exchange.abandoned
      assert.strictEqual(client.getQueryState(or.query(ApiKeys.get, { hash: "slow" }).queryKey)?.status, "pending")
    }).pipe(Effect.scoped))

  it.live("is sent once if its component is mounted twice at once, as in StrictMode", () =>
    Effect.gen(function*() {
      const here = yield* world
      const done = deferred<void>()
      const observer = new QueryObserver(here.client, here.or.query(Credits.getCredits))
      observer.subscribe(() => {})()
      // The first mount is not aborted: the second one takes its request over
      assert.strictEqual(observer.getCurrentQuery().state.fetchStatus, "fetching")
      observer.subscribe(({ isSuccess }) => isSuccess && Deferred.unsafeDone(done, Exit.void))
      yield* Deferred.await(done)
      assert.deepStrictEqual(routes(here), ["GET /api/v1/credits"])
    }).pipe(Effect.scoped))
})

describe("an infinite query", () => {
  it.live("reads page by page, and has no next page after the last one", () =>
    Effect.gen(function*() {
      const here = yield* world
      const observer = new InfiniteQueryObserver(here.client, here.or.infinite(Files.list, { limit: 2 }))
      yield* Effect.promise(() => observer.refetch())
      yield* Effect.promise(() => observer.fetchNextPage())
      const { data, hasNextPage } = yield* Effect.promise(() => observer.fetchNextPage())
      assert.deepStrictEqual(data?.pages.map((page) => "cursor" in page ? page.cursor : page), ["f2", "f4", null])
      assert.isFalse(hasNextPage)
      assert.deepStrictEqual(routes(here), [
        "GET /api/v1/files?limit=2",
        "GET /api/v1/files?limit=2&cursor=f2",
        "GET /api/v1/files?limit=2&cursor=f4"
      ])
    }).pipe(Effect.scoped))
})

describe("a mutation", () => {
  it.live("ends after the queries of its resource are read again, and leaves others alone", () =>
    Effect.gen(function*() {
      const here = yield* world
      const { client, or } = here
      yield* Effect.promise(() => client.prefetchQuery(or.query(Credits.getCredits)))
      const list = new QueryObserver(client, { ...or.query(ApiKeys.list), staleTime: Infinity })
      yield* Effect.promise(() => list.refetch())
      const unsubscribe = list.subscribe(() => {})
      const remove = new MutationObserver(client, or.mutation(ApiKeys.delete))
      const result = yield* Effect.promise(() => remove.mutate({ hash: "one" }))
      unsubscribe()
      assert.isTrue(result.deleted)
      assert.deepStrictEqual(routes(here), [
        "GET /api/v1/credits",
        "GET /api/v1/keys",
        "DELETE /api/v1/keys/one",
        "GET /api/v1/keys"
      ])
      assert.isFalse(client.getQueryState(or.query(Credits.getCredits).queryKey)?.isInvalidated)
    }).pipe(Effect.scoped))

  it.live("makes stale what it names instead, after a failure, too", () =>
    Effect.gen(function*() {
      const { client, or, server } = yield* world
      const options = or.mutation(ApiKeys.delete, { invalidates: [Credits.getCredits] })
      yield* Effect.promise(() => client.prefetchQuery(or.query(Credits.getCredits)))
      yield* Effect.promise(() => client.prefetchQuery(or.query(ApiKeys.list)))
      const remove = new MutationObserver(client, options)
      yield* ended(remove.mutate({ hash: "gone" }))
      assert.strictEqual(remove.getCurrentResult().error?._tag, "NotFoundResponseError")
      assert.isTrue(client.getQueryState(or.query(Credits.getCredits).queryKey)?.isInvalidated)
      assert.isFalse(client.getQueryState(or.query(ApiKeys.list).queryKey)?.isInvalidated)
      assert.strictEqual(server.exchanges.length, 3)
    }).pipe(Effect.scoped))
})

describe("a key", () => {
  it.live("begins with the scope, the resource and the method", () =>
    Effect.gen(function*() {
      const { or, runtime } = yield* world
      assert.deepStrictEqual(or.keyOf("apiKeys"), ["openrouter", "user-17", "apiKeys"])
      assert.deepStrictEqual(or.keyOf(ApiKeys.list), ["openrouter", "user-17", "apiKeys", "list"])
      assert.deepStrictEqual<unknown>(
        or.query(ApiKeys.get, { hash: "a" }).queryKey,
        or.keyOf(ApiKeys.get, { hash: "a" })
      )
      assert.deepStrictEqual<unknown>(or.query(ApiKeys.list).queryKey, or.query(ApiKeys.list, {}).queryKey)
      assert.notDeepEqual<unknown>(or.infinite(ApiKeys.list).queryKey, or.query(ApiKeys.list).queryKey)
      const other = OpenRouterQuery.make({ runtime, scope: "user-18" })
      assert.notDeepEqual<unknown>(other.query(ApiKeys.list).queryKey, or.query(ApiKeys.list).queryKey)
    }).pipe(Effect.scoped))
})

describe("run", () => {
  it.live("rejects with an AbortError after an interruption, and with a defect as it is", () =>
    Effect.gen(function*() {
      const { or } = yield* world
      const controller = new AbortController()
      const promise = or.run(Effect.never, controller.signal)
      controller.abort()
      const aborted = yield* ended(promise)
      assert.strictEqual(Object(aborted.rejected).name, "AbortError")
      const defect = new Error("a defect")
      const died = yield* ended(or.run(Effect.die(defect)))
      assert.strictEqual(died.rejected, defect)
    }).pipe(Effect.scoped))
})
