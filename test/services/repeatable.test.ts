import { assert, describe, it } from "@effect/vitest"
import {
  Analytics,
  ApiKeys,
  Embeddings,
  type OpenRouterClient,
  Rerank,
  Retry,
  Videos,
  Workspaces
} from "effect-openrouter"
import { MockHttpClient, Script } from "effect-openrouter/testing"
import * as Effect from "effect/Effect"

/** How many requests a call makes that always meets a broken server. */
const requestsOf = (call: Effect.Effect<unknown, unknown, OpenRouterClient.OpenRouterClient>, path: string) =>
  Effect.gen(function*() {
    let requests = 0
    const broken = () => {
      requests++
      return Script.error(500)
    }
    const handlers = (["POST", "PATCH", "PUT"] as const).map((method) => MockHttpClient.route(method, path, broken))
    const retry = Retry.exponential({ initialDelay: 0 })
    yield* Effect.exit(Effect.provide(call, MockHttpClient.layerClient(handlers, { retry })))
    return requests
  })

describe("a request that fails with status 500", () => {
  it.live("is retried when a second execution does no harm", () =>
    Effect.gen(function*() {
      const calls = [
        requestsOf(Embeddings.generate({ model: "m", input: "text" }), "/embeddings"),
        requestsOf(Rerank.rerank({ model: "m", query: "q", documents: ["d"] }), "/rerank"),
        requestsOf(
          Analytics.queryAnalytics({
            metrics: ["request_count"],
            time_range: { start: "2026-01-01T00:00:00Z", end: "2026-01-02T00:00:00Z" }
          }),
          "/analytics/query"
        ),
        requestsOf(
          Workspaces.setBudget({ id: "w", interval: "monthly", limit_usd: 1 }),
          "/workspaces/w/budgets/monthly"
        )
      ]
      assert.deepStrictEqual(yield* Effect.all(calls), [3, 3, 3, 3])
    }))

  it.live("is sent once when the server may have executed it", () =>
    Effect.gen(function*() {
      const calls = [
        requestsOf(ApiKeys.create({ name: "n" }), "/keys"),
        requestsOf(ApiKeys.update({ hash: "h", disabled: true }), "/keys/h"),
        requestsOf(Videos.generate({ model: "m", prompt: "a film" }), "/videos")
      ]
      assert.deepStrictEqual(yield* Effect.all(calls), [1, 1, 1])
    }))
})
