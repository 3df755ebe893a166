/** Metrics of tests. Effect 4 has other snapshots, and keeps the labels of a fiber in its context. */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricState from "effect/MetricState"

/** A series: a metric with the values of its labels. */
export interface Series {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly histogram: { readonly count: number; readonly sum: number } | undefined
}

/** All series of this process. */
export const allSeries = (): ReadonlyArray<Series> =>
  Metric.unsafeSnapshot().map(({ metricKey, metricState }) => ({
    name: metricKey.name,
    tags: Object.fromEntries(metricKey.tags.map(({ key, value }) => [key, value])),
    histogram: MetricState.isHistogramState(metricState)
      ? { count: metricState.count, sum: metricState.sum }
      : undefined
  }))

/** Gives all metrics within an effect a label. */
export const labelled =
  (key: string, value: string) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.tagMetrics(effect, key, value)
