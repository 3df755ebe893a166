/**
 * What sets the streams of OpenRouter's APIs apart, as data and plain functions.
 *
 * @since 0.1.0
 */
import type { PartialResponse } from "./partialResponse.js"

/**
 * What tells one kind of stream from another: where its errors hide, which event ends it, how its events add up.
 *
 * @since 0.1.0
 * @category models
 */
export interface Protocol<in Event, out Result> {
  readonly name: string
  /** The error that a parsed event carries, in a shape that OpenRouter's HTTP errors have too; else undefined. */
  readonly errorOf: (event: unknown) => unknown
  /** Whether the answer is whole once this event was seen. */
  readonly isTerminal: (event: Event) => boolean
  /** Whether an answer that `[DONE]` ends before such an event was cut short. Without it, none is. */
  readonly needsTerminal?: boolean
  readonly accumulator: () => Accumulator<Result>
  /** Whether JSON in place of a stream is a good answer all the same: the only event. Without it, none is. */
  readonly isWhole?: (event: Event) => boolean
}

/**
 * Adds up the events of one answer. Mutable and plain: `add` runs once for each event.
 *
 * @since 0.1.0
 * @category models
 */
export interface Accumulator<out Result> {
  /** Takes the next event, also one that carries an error and that no schema has checked. */
  readonly add: (event: unknown) => void
  /** What has arrived so far. */
  readonly partial: () => PartialResponse
  /** What the same call without streaming would have returned; undefined while the answer is not whole. */
  readonly result: () => Result | undefined
}
