/** Histograms with tags. Effect 4 keeps the labels of a fiber in its context. */
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import * as MetricKey from "effect/MetricKey"
import * as MetricLabel from "effect/MetricLabel"

/** @internal */
export type Tags = Readonly<Record<string, string>>

/**
 * The labels that surround a fiber.
 *
 * @internal
 */
export type Labels = Effect.Effect.Success<typeof Effect.metricLabels>

/** @internal */
export const currentLabels: Effect.Effect<Labels> = Effect.metricLabels

/**
 * Records a value.
 *
 * @internal
 */
export type Update = (value: number, tags: Tags, labels: Labels) => void

const maxSeries = 1000

/**
 * A histogram that keeps its series, because tagging a metric costs more than updating it.
 *
 * @internal
 */
export const histogram = (name: string, boundaries: ReadonlyArray<number>, description: string): Update => {
  const key = MetricKey.histogram(name, MetricBoundaries.fromIterable(boundaries), description)
  const tagged = (tags: Tags) =>
    Metric.fromMetricKey(
      MetricKey.taggedWithLabels(key, Object.entries(tags).map(([name, value]) => MetricLabel.make(name, value)))
    )
  const known = new Map<string, ReturnType<typeof tagged>>()
  return (value, tags, labels) => {
    const id = JSON.stringify(tags)
    const series = known.get(id) ?? tagged(tags)
    if (known.size < maxSeries) known.set(id, series)
    series.unsafeUpdate(value, labels)
  }
}
