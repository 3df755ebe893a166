/** Metrics of tests. Effect 3 has other snapshots, and keeps the labels of a fiber in a fiber ref. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

/** A series: a metric with the values of its labels. */
export interface Series {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly histogram: { readonly count: number; readonly sum: number } | undefined
}

/** All series of this process. */
export const allSeries = (): ReadonlyArray<Series> =>
  Metric.snapshotUnsafe(Context.empty()).map((snapshot) => ({
    name: snapshot.id,
    tags: { ...snapshot.attributes },
    histogram: snapshot.type === "Histogram"
      ? { count: snapshot.state.count, sum: snapshot.state.sum }
      : undefined
  }))

/** Gives all metrics within an effect a label. */
export const labelled =
  (key: string, value: string) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.updateService(effect, Metric.CurrentMetricAttributes, (labels) => ({ ...labels, [key]: value }))
