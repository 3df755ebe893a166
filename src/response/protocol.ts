/**
 * The differences between the streams of OpenRouter's APIs, as data and plain functions.
 *
 * @since 0.1.0
 */
import type { PartialResponse } from "./partialResponse.js"

/**
 * How far a response has come:
 *
 * - `open`: content is missing, so a stream that ends here was cut off;
 * - `unconfirmed`: all that was started is complete, and only the event that ends the response is missing;
 * - `whole`: the content is complete, and its usage may still follow;
 * - `settled`: content and usage are complete. Nothing that follows belongs to the response.
 *
 * @since 0.1.0
 * @category models
 */
export type Completeness = "open" | "unconfirmed" | "whole" | "settled"

/**
 * One kind of stream: which events are errors, and how the events add up.
 *
 * @since 0.1.0
 * @category models
 */
export interface Protocol<out Event, out Result> {
  readonly name: string
  /** The error that a parsed event carries, in the shape of OpenRouter's HTTP errors; undefined for other events. */
  readonly errorOf: (event: unknown) => unknown
  /**
   * An event that its schema refuses, in the shape of the schema if it can be read so; undefined for one that says nothing
   * and is passed over. Without this function, such an event is an error.
   */
  readonly fit?: (event: unknown) => unknown
  /** Starts a response of which `count` choices or images were requested. Default: 1. */
  readonly accumulator: (count?: number) => Accumulator<Result>
  /**
   * The events of a whole response that came as JSON in place of a stream; undefined for a body that is no good response.
   * Without this function, such a body is an error.
   */
  readonly eventsOf?: (body: unknown) => ReadonlyArray<Event> | undefined
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
  /** Adds only the ids and the usage of an event: after an error, its content does not belong to the response. */
  readonly addUsage: (event: unknown) => void
  /** Says that the stream ended well, with `[DONE]`: choices without an end of their own are complete, too. */
  readonly end: () => void
  readonly completeness: () => Completeness
  /** What has arrived so far. */
  readonly partial: () => PartialResponse
  /** The result of the same call without streaming; undefined while `completeness` is neither `whole` nor `settled`. */
  readonly result: () => Result | undefined
}
