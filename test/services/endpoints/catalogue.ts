import {
  Analytics,
  Benchmarks,
  Classifications,
  Datasets,
  Endpoints,
  Generations,
  Models,
  Parameters,
  Providers
} from "effect-openrouter"
import { type Case, that } from "./case.js"

const feedback = { generation_id: "gen-1", category: "latency", comment: "Slow" } as const

const query = {
  metrics: ["cost"],
  dimensions: ["model"],
  filters: [{ field: "model", operator: "in", value: ["a", "b"] }],
  order_by: { field: "cost", direction: "desc" },
  time_range: { start: "2026-01-01T00:00:00Z", end: "2026-02-01T00:00:00Z" }
} as const

export const catalogue: ReadonlyArray<Case> = [
  that(
    Models.list,
    { limit: 2, q: "fast & cheap", zdr: true, max_price: 0.5, supported_parameters: "tools,seed" },
    "GET /models?limit=2&supported_parameters=tools%2Cseed&q=fast+%26+cheap&max_price=0.5&zdr=true"
  ),
  that(
    Models.listForUser,
    { offset: 3, output_modalities: "image" },
    "GET /models/user?offset=3&output_modalities=image"
  ),
  that(Models.count, { output_modalities: "all" }, "GET /models/count?output_modalities=all"),
  that(Models.get, { author: "acme", slug: "small:free" }, "GET /model/acme/small%3Afree"),
  that(Endpoints.list, { author: "acme", slug: "small" }, "GET /models/acme/small/endpoints"),
  that(Endpoints.listZdrEndpoints, undefined, "GET /endpoints/zdr"),
  that(
    Parameters.get,
    { author: "acme", slug: "small", provider: "Google AI Studio" },
    "GET /parameters/acme/small?provider=Google+AI+Studio"
  ),
  that(Providers.list, undefined, "GET /providers"),
  that(
    Benchmarks.getBenchmarks,
    { source: "design-arena", arena: "models", max_results: 3 },
    "GET /benchmarks?source=design-arena&arena=models&max_results=3"
  ),
  that(Classifications.getTaskClassifications, { window: "7d" }, "GET /classifications/task?window=7d"),
  that(
    Datasets.getAppRankings,
    { category: "coding", limit: 3, offset: 6 },
    "GET /datasets/app-rankings?category=coding&limit=3&offset=6"
  ),
  that(
    Datasets.getRankingsDaily,
    { start_date: "2026-01-01", period: "week" },
    "GET /datasets/rankings-daily?start_date=2026-01-01&period=week"
  ),
  that(
    Datasets.getSessionCost,
    { model: "acme/small", turn_range: "2-9-turns", limit: 1 },
    "GET /datasets/session-cost?model=acme%2Fsmall&turn_range=2-9-turns&limit=1"
  ),

  that(
    Analytics.getUserActivity,
    { date: "2026-01-31", workspace_id: "w1" },
    "GET /activity?date=2026-01-31&workspace_id=w1"
  ),
  that(Analytics.getAnalyticsMeta, undefined, "GET /analytics/meta"),
  that(Analytics.queryAnalytics, query, "POST /analytics/query", query),
  that(Generations.getGeneration, { id: "gen-1" }, "GET /generation?id=gen-1"),
  that(Generations.listGenerationContent, { id: "gen 2" }, "GET /generation/content?id=gen+2"),
  that(Generations.submitFeedback, feedback, "POST /generation/feedback", feedback)
]
