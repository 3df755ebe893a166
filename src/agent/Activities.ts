/**
 * What a run does in the world: turns, tool calls, approvals, sleeps. The state of a run is a pure function of their
 * results, which are data. So an interpreter that records activities can continue a run in another process.
 *
 * @since 0.1.0
 */
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Reference, reference } from "../internal/effect/references.js"
import type { Decision, PendingCall, ToolRecord, TurnRecord } from "./internal/run.js"

export type { Reference } from "../internal/effect/references.js"
export { Decision, type PendingCall, ToolRecord, TurnRecord } from "./internal/run.js"

/**
 * The key of a turn in its run. The same key means the same work, also after a restart.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnKey {
  readonly turn: number
  readonly attempt: number
}

/**
 * The key of a tool call in its run.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolKey {
  readonly turn: number
  readonly callId: string
  readonly name: string
}

/**
 * Executes the activities of a run.
 *
 * @since 0.1.0
 * @category context
 */
export interface ActivitiesService {
  readonly turn: <E, R>(key: TurnKey, effect: Effect.Effect<TurnRecord, E, R>) => Effect.Effect<TurnRecord, E, R>
  readonly tool: <E, R>(key: ToolKey, effect: Effect.Effect<ToolRecord, E, R>) => Effect.Effect<ToolRecord, E, R>
  /** The decision about a pending call, now or after a wait. With `Option.none()` the run pauses. */
  readonly approval: (call: PendingCall) => Effect.Effect<Option.Option<Decision>>
  readonly sleep: (duration: Duration.Duration) => Effect.Effect<void>
}

/**
 * Executes each activity in place. A pending call pauses the run.
 *
 * @since 0.1.0
 * @category context
 */
export const passThrough: ActivitiesService = {
  turn: (_, effect) => effect,
  tool: (_, effect) => effect,
  approval: () => Effect.succeed(Option.none()),
  sleep: Effect.sleep
}

/**
 * The interpreter of activities; {@link passThrough} by default. It belongs to one run: a run inside a tool is part of the
 * activity of that tool, and uses `passThrough` unless it provides an interpreter itself.
 *
 * @since 0.1.0
 * @category context
 */
export const Activities: Reference<ActivitiesService> = reference(
  "effect-openrouter/agent/Activities",
  () => passThrough
)
