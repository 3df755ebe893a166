/**
 * The differences between the streams of OpenRouter's APIs, as data and plain functions.
 *
 * @since 0.1.0
 */
import type { PartialResponse } from "./partialResponse.js"

/**
 * One kind of stream: which events are errors, which event ends the stream, how the events add up.
 *
 * @since 0.1.0
 * @category models
 */
export interface Protocol<in Event, out Result> {
  readonly name: string
  /** The error that a parsed event carries, in the shape of OpenRouter's HTTP errors; undefined for other events. */
  readonly errorOf: (event: unknown) => unknown
  /** Whether the response is complete after this event. */
  readonly isTerminal: (event: Event) => boolean
  /** Whether a response was cut short if `[DONE]` comes before a terminal event. Default: false. */
  readonly needsTerminal?: boolean
  readonly accumulator: () => Accumulator<Result>
  /** Whether JSON in place of a stream is a good response: its only event. Without this function, it is an error. */
  readonly isWhole?: (event: Event) => boolean
}

/**
 * Adds up the events of one response. It is mutable, because `add` runs once for each event.
 *
 * @since 0.1.0
 * @category models
 */
export interface Accumulator<out Result> {
  /** Adds the next event, which may carry an error and need not fit a schema. */
  readonly add: (event: unknown) => void
  /** What has arrived so far. */
  readonly partial: () => PartialResponse
  /** The result of the same call without streaming; undefined while the response is not complete. */
  readonly result: () => Result | undefined
}
