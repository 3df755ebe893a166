/** Histograms with tags. Effect 4 keeps the labels of a fiber in its context. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

/** @internal */
export type Tags = Readonly<Record<string, string>>

/**
 * The labels that surround a fiber.
 *
 * @internal
 */
export type Labels = Context.Context<never>

/** @internal */
export const currentLabels: Effect.Effect<Labels> = Effect.context<never>()

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
  const plain = Metric.histogram(name, { boundaries, description })
  const tagged = (tags: Tags) => Metric.withAttributes(plain, tags)
  const known = new Map<string, ReturnType<typeof tagged>>()
  return (value, tags, labels) => {
    const id = JSON.stringify(tags)
    const series = known.get(id) ?? tagged(tags)
    if (known.size < maxSeries) known.set(id, series)
    series.updateUnsafe(value, labels)
  }
}
