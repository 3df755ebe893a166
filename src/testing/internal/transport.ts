/**
 * How a response is sent, whatever it says. Public through `Script`.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"

/**
 * Distinguishes a turn from any other value.
 *
 * @since 0.1.0
 * @category type ids
 */
export const TypeId: unique symbol = Symbol.for("effect-openrouter/testing/Script")

/**
 * The type of `TypeId`.
 *
 * @since 0.1.0
 * @category type ids
 */
export type TypeId = typeof TypeId

/**
 * How the bytes of a body are cut into network chunks: each event on its own (the default), as few as possible, in
 * chunks of that many bytes, or in chunks of these sizes and the rest in one.
 *
 * @since 0.1.0
 * @category models
 */
export type Chunks = "event" | "whole" | number | ReadonlyArray<number>

/**
 * How a response is sent, independent of its content.
 *
 * @since 0.1.0
 * @category models
 */
export interface TransportOptions {
  /** Headers beside, or instead of, the usual ones. */
  readonly headers?: { readonly [name: string]: string } | undefined
  /** The delay of the status line. */
  readonly delay?: Duration.DurationInput | undefined
  readonly chunks?: Chunks | undefined
}
