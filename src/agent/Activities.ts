/**
 * The only way in which a run reaches the world. What a run knows is a pure function of what these steps gave back, and
 * all of it is data: an interpreter that records the steps can carry a run on in another process.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Decision, PendingCall, ToolRecord, TurnRecord } from "./internal/run.js"

export { Decision, type PendingCall, ToolRecord, TurnRecord } from "./internal/run.js"

/**
 * What identifies a step of a run: the same key stands for the same work, also after a restart.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnKey {
  readonly turn: number
  readonly attempt: number
}

/**
 * What identifies the run of a tool.
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
 * How the steps of a run are carried out.
 *
 * @since 0.1.0
 * @category context
 */
export interface ActivitiesService {
  readonly turn: <E, R>(key: TurnKey, effect: Effect.Effect<TurnRecord, E, R>) => Effect.Effect<TurnRecord, E, R>
  readonly tool: <E, R>(key: ToolKey, effect: Effect.Effect<ToolRecord, E, R>) => Effect.Effect<ToolRecord, E, R>
  /** The decision about a pending call where one can be had now or by waiting; none makes the run pause. */
  readonly approval: (call: PendingCall) => Effect.Effect<Option.Option<Decision>>
  readonly sleep: (duration: Duration.Duration) => Effect.Effect<void>
}

/**
 * Each step is simply carried out, and pending calls make the run pause.
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
 * The interpreter of the steps; {@link passThrough} by default. It is that of one run: a run inside a tool is part of
 * the step of that tool, and has `passThrough` unless it is given one of its own.
 *
 * @since 0.1.0
 * @category context
 */
export class Activities extends Context.Reference<Activities>()("effect-openrouter/agent/Activities", {
  defaultValue: () => passThrough
}) {}
