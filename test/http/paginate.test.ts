import { assert, describe, it } from "@effect/vitest"
import { ApiKeys, Containers, Files, Guardrails, Interns, OpenRouterClient, Vault } from "effect-openrouter"
import { Endpoint } from "effect-openrouter/extend"
import { MockHttpClient, Script } from "effect-openrouter/testing"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import * as Stream from "effect/Stream"

interface Listing {
  readonly size: number
  readonly page: number
  /** Whether the server tells how many items there are. */
  readonly counts?: boolean
  /** The page, counted from 0, that fails. */
  readonly fails?: number
}

/** A server that lists `size` guardrails, and how many requests it saw. */
const listing = ({ counts = true, fails, page, size }: Listing) => {
  const seen: Array<Readonly<Record<string, unknown>>> = []
  const handler = MockHttpClient.route("GET", "/guardrails", (request) => {
    const query = request.query
    seen.push(query)
    if (fails === seen.length - 1) return Script.error(401, { message: "Key revoked" })
    const offset = Number(query["offset"] ?? 0)
    const limit = Math.min(page, Number(query["limit"] ?? page))
    const data = Array.from({ length: Math.max(0, Math.min(limit, size - offset)) }, (_, index) => ({
      ...guardrail,
      id: `g${offset + index}`
    }))
    return counts ? { data, total_count: size } : { data }
  })
  return { seen, client: MockHttpClient.layerClient([handler], { retry: false }) }
}

const ids = (count: number, from = 0) => Array.from({ length: count }, (_, index) => `g${from + index}`)

describe("the stream of a listing", () => {
  it.effect("60: emits the items of all pages", () => {
    const { client, seen } = listing({ size: 5, page: 2 })
    return Effect.gen(function*() {
      const items = yield* Stream.runCollect(Guardrails.list.stream({ workspace_id: "w" }))
      assert.deepStrictEqual(Chunk.toReadonlyArray(items).map((item) => item.id), ids(5))
      assert.deepStrictEqual(seen, [
        { workspace_id: "w" },
        { workspace_id: "w", offset: "2" },
        { workspace_id: "w", offset: "4" }
      ])
    }).pipe(Effect.provide(client))
  })

  it.effect("begins at the offset of the parameters", () => {
    const { client } = listing({ size: 5, page: 2 })
    return Effect.gen(function*() {
      const items = yield* Stream.runCollect(Guardrails.list.stream({ offset: 3, limit: 1 }))
      assert.deepStrictEqual(Chunk.toReadonlyArray(items).map((item) => item.id), ids(2, 3))
    }).pipe(Effect.provide(client))
  })

  it.effect("60: requests a page when its first item is pulled", () => {
    const { client, seen } = listing({ size: 6, page: 2 })
    return Effect.gen(function*() {
      yield* Stream.runDrain(Stream.take(Guardrails.list.stream(), 1))
      assert.strictEqual(seen.length, 1)
      yield* Stream.runDrain(Stream.take(Guardrails.list.stream(), 2))
      assert.strictEqual(seen.length, 2)
    }).pipe(Effect.provide(client))
  })

  const anyListing = FastCheck.record({
    size: FastCheck.integer({ min: 0, max: 9 }),
    page: FastCheck.integer({ min: 1, max: 4 }),
    counts: FastCheck.boolean()
  })

  it.effect.prop("has the items of the pages that `nextPage` leads to", [anyListing], ([options]) => {
    const { client } = listing(options)
    return Effect.gen(function*() {
      const found: Array<string> = []
      let params: Guardrails.ListParams | undefined = { workspace_id: "w" }
      while (params !== undefined) {
        const page: Effect.Effect.Success<ReturnType<typeof Guardrails.list>> = yield* Guardrails.list(params)
        found.push(...page.data.map(({ id }) => id))
        params = Endpoint.nextPage(Guardrails.list, params, page)
        assert.strictEqual(params?.workspace_id ?? "w", "w")
      }
      assert.deepStrictEqual(found, ids(options.size))
      const items = yield* Stream.runCollect(Guardrails.list.stream())
      assert.deepStrictEqual(Chunk.toReadonlyArray(items).map(({ id }) => id), found)
    }).pipe(Effect.provide(client))
  })

  it("has a page behind one with another cursor", () => {
    const page = { data: [file(1)], has_more: true, first_id: "1", last_id: "1", cursor: "c2" }
    assert.deepStrictEqual(Endpoint.nextPage(Files.list, { limit: 1 }, page), { limit: 1, cursor: "c2" })
    assert.isUndefined(Endpoint.nextPage(Files.list, { cursor: "c2" }, page))
    assert.isUndefined(Endpoint.nextPage(Files.list, undefined, { ...page, data: [] }))
  })

  it.effect("fails with the error of the page that fails, after the items before it", () => {
    const { client } = listing({ size: 6, page: 2, fails: 1 })
    return Effect.gen(function*() {
      const items: Array<string> = []
      const error = yield* Guardrails.list.stream().pipe(
        Stream.runForEach((item) => Effect.sync(() => items.push(item.id))),
        Effect.catchTag("UnauthorizedResponseError", (error) => Effect.succeed(error))
      )
      assert.deepStrictEqual(items, ids(2))
      assert.include(String(error), "Key revoked")
    }).pipe(Effect.provide(client))
  })

  it.effect("ends if a server sends the same page again", () => {
    const same = MockHttpClient.route("GET", "/keys", () => ({ data: [key] }))
    return Effect.gen(function*() {
      const items = yield* Stream.runCollect(ApiKeys.list.stream())
      assert.strictEqual(items.length, 1)
    }).pipe(Effect.provide(MockHttpClient.layerClient([same])))
  })

  it.effect("ends if a server sends the same records again, whatever changes in them", () => {
    let looks = 0
    const same = MockHttpClient.route("GET", "/keys", () => ({ data: [{ ...key, usage: ++looks }] }))
    return Effect.gen(function*() {
      assert.strictEqual(yield* Stream.runCount(ApiKeys.list.stream()), 1)
      assert.strictEqual(looks, 2)
      assert.strictEqual(yield* Stream.runCount(ApiKeys.list.stream()), 1)
    }).pipe(Effect.provide(MockHttpClient.layerClient([same])))
  })

  it.effect.prop(
    "ends at cursors and records that go round, with each record once",
    [FastCheck.integer({ min: 1, max: 5 }), FastCheck.boolean()],
    ([length, fresh]) => {
      let looks = 0
      const files = MockHttpClient.route("GET", "/files", () => {
        const at = looks++ % length
        return { data: [file(at)], has_more: true, cursor: `${fresh ? looks : at}` }
      })
      return Effect.gen(function*() {
        const items = yield* Stream.runCollect(Stream.take(Files.list.stream(), 100))
        assert.deepStrictEqual(
          Chunk.toReadonlyArray(items).map((item) => item.id),
          Array.from({ length }, (_, n) => `f${n}`)
        )
        assert.isAtMost(looks, length + 3)
      }).pipe(Effect.provide(MockHttpClient.layerClient([files])))
    },
    { fastCheck: { numRuns: 20 } }
  )

  it.effect("continues if records are added at the beginning while it is read", () => {
    let records = ["f5", "f4", "f3", "f2", "f1"]
    const files = MockHttpClient.route("GET", "/guardrails", ({ query }) => {
      const offset = Number(query["offset"] ?? 0)
      const data = records.slice(offset, offset + 1).map((id) => ({ ...guardrail, id }))
      if (offset === 1) records = ["f7", "f6", ...records]
      return { data }
    })
    return Effect.gen(function*() {
      const items = yield* Stream.runCollect(Guardrails.list.stream())
      assert.deepStrictEqual(Chunk.toReadonlyArray(items).map(({ id }) => id), ["f5", "f4", "f3", "f2", "f1"])
    }).pipe(Effect.provide(MockHttpClient.layerClient([files])))
  })

  it.effect("continues if a server returns fewer items than requested", () => {
    const { client, seen } = listing({ size: 5, page: 2, counts: false })
    return Effect.gen(function*() {
      const items = yield* Stream.runCollect(Guardrails.list.stream({ limit: 100 }))
      assert.deepStrictEqual(Chunk.toReadonlyArray(items).map((item) => item.id), ids(5))
      assert.deepStrictEqual(seen.map(({ offset }) => offset), [undefined, "2", "4", "5"])
    }).pipe(Effect.provide(client))
  })

  it.effect("ends at a short page of a server that returned full pages before", () => {
    const { client, seen } = listing({ size: 5, page: 2, counts: false })
    return Effect.gen(function*() {
      assert.strictEqual(yield* Stream.runCount(Guardrails.list.stream({ limit: 2 })), 5)
      assert.strictEqual(seen.length, 3)
    }).pipe(Effect.provide(client))
  })

  it.effect("emits equal items, and ends only at a whole equal page", () => {
    const names = ["a", "b", "a", "c", "a", "b", "d"]
    const secrets = MockHttpClient.route("GET", "/vault/secrets", ({ query }) => {
      const offset = Number(query["offset"] ?? 0)
      // The filter of a server may leave less of a page than there was room for
      const data = names.slice(offset, offset + (offset === 4 ? 1 : 2)).map((name) => ({
        name,
        created_at: "2026-01-01T00:00:00Z"
      }))
      return { data, has_more: offset + data.length < names.length }
    })
    return Effect.gen(function*() {
      const items = yield* Stream.runCollect(Vault.listVaultSecrets.stream({ limit: 2 }))
      assert.deepStrictEqual(Chunk.toReadonlyArray(items).map(({ name }) => name), names)
    }).pipe(Effect.provide(MockHttpClient.layerClient([secrets])))
  })

  it.effect("follows a cursor", () => {
    const files = MockHttpClient.route("GET", "/files", (request) => {
      const cursor = Number(request.query["cursor"] ?? 0)
      return { data: [file(cursor)], has_more: cursor < 2, cursor: cursor < 2 ? String(cursor + 1) : null }
    })
    return Effect.gen(function*() {
      const items = yield* Stream.runCollect(Files.list.stream())
      assert.deepStrictEqual(Chunk.toReadonlyArray(items).map((item) => item.id), ["f0", "f1", "f2"])
    }).pipe(Effect.provide(MockHttpClient.layerClient([files])))
  })

  it.effect("follows the cursors of other listings, and stops at their end", () => {
    const seen: Array<unknown> = []
    const interns = MockHttpClient.route("GET", "/interns", ({ query }) => {
      seen.push(query)
      const after = query["starting_after"]
      return after === undefined
        ? { data: [intern("i0")], has_more: true, next_cursor: "i0" }
        : { data: [intern("i1")] }
    })
    const files = MockHttpClient.route("GET", "/containers/{id}/files", ({ query }) => {
      seen.push(query)
      const isLast = query["after"] === "c0"
      return { data: [contained(isLast ? "c1" : "c0")], has_more: !isLast, last_id: isLast ? "c1" : "c0" }
    })
    const secrets = MockHttpClient.route("GET", "/vault/secrets", ({ query }) => {
      seen.push(query)
      const offset = Number(query["offset"] ?? 0)
      return { data: [{ name: `S${offset}`, created_at: "2026-01-01T00:00:00Z" }], has_more: offset < 1 }
    })
    return Effect.gen(function*() {
      const people = yield* Stream.runCollect(Interns.listInterns.stream({ status: ["running", "queued"] }))
      assert.deepStrictEqual(Chunk.toReadonlyArray(people).map(({ id }) => id), ["i0", "i1"])
      const left = yield* Stream.runCollect(Containers.listContainerFiles.stream({ container_id: "c" }))
      assert.deepStrictEqual(Chunk.toReadonlyArray(left).map(({ id }) => id), ["c0", "c1"])
      const kept = yield* Stream.runCollect(Vault.listVaultSecrets.stream())
      assert.deepStrictEqual(Chunk.toReadonlyArray(kept).map(({ name }) => name), ["S0", "S1"])
      assert.deepStrictEqual(seen, [
        { status: "running,queued" },
        { status: "running,queued", starting_after: "i0" },
        {},
        { after: "c0" },
        {},
        { offset: "1" }
      ])
    }).pipe(Effect.provide(MockHttpClient.layerClient([interns, files, secrets])))
  })

  it.effect.prop(
    "holds each item once, whatever the sizes",
    [FastCheck.nat(30), FastCheck.integer({ min: 1, max: 7 }), FastCheck.boolean()],
    ([size, page, counts]) => {
      const { client, seen } = listing({ size, page, counts })
      return Effect.gen(function*() {
        const items = yield* Stream.runCollect(Guardrails.list.stream({ limit: page }))
        assert.deepStrictEqual(Chunk.toReadonlyArray(items).map((item) => item.id), ids(size))
        // Only a full page shows that a server heeds the limit
        assert.isAtMost(seen.length, Math.floor(size / page) + (size < page ? 2 : 1))
      }).pipe(Effect.provide(client))
    }
  )

  it.effect("requires the client", () =>
    Effect.gen(function*() {
      const exit = yield* Effect.exit(Stream.runDrain(
        Guardrails.list.stream().pipe(OpenRouterClient.withOptions({ retry: false }))
      ))
      assert.isTrue(Exit.isSuccess(exit))
    }).pipe(Effect.provide(listing({ size: 0, page: 1 }).client)))
})

const guardrail = {
  name: "n",
  created_at: "2026-01-01T00:00:00Z",
  include_byok_in_budgets: false,
  workspace_id: "w"
}

const intern = (id: string) => ({
  id,
  name: "n",
  status: "running",
  workspace_id: "w",
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z"
})

const contained = (id: string) => ({ id, container_id: "c", path: "/a.txt", bytes: 1, created_at: 1700000000 })

const key = {
  hash: "h",
  name: "n",
  label: "l",
  disabled: false,
  limit: null,
  limit_remaining: null,
  limit_reset: null,
  include_byok_in_limit: false,
  usage: 0,
  usage_daily: 0,
  usage_weekly: 0,
  usage_monthly: 0,
  byok_usage: 0,
  byok_usage_daily: 0,
  byok_usage_weekly: 0,
  byok_usage_monthly: 0,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: null,
  creator_user_id: null,
  workspace_id: "w"
}

const file = (n: number) => ({
  id: `f${n}`,
  filename: "a.txt",
  mime_type: "text/plain",
  size_bytes: 1,
  created_at: "2026-01-01T00:00:00Z",
  downloadable: true,
  type: "file"
})
