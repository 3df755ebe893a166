import type * as Effect from "effect/Effect"
import type { ResponsesRequest } from "../../schema/ResponsesRequest.js"
import type { Progress } from "./run.js"

/**
 * What a request says beside its input and tools.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnParams extends Omit<ResponsesRequest, "input" | "tools" | "stream"> {}

/**
 * The turn that is about to be asked for. `turn` and `attempt` count from 1; `run` is what happened before it.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnContext {
  readonly turn: number
  readonly attempt: number
  readonly run: Progress
}

/**
 * A value, or a function of the turn that gives it, directly or as an effect.
 *
 * @since 0.1.0
 * @category models
 */
export type Dynamic<A, E = unknown, R = unknown> = A | ((turn: TurnContext) => A | Effect.Effect<A, E, R>)

/**
 * What a tool changes the parameters of later turns by: its call, what came of it, and the parameters so far (the run's
 * own, and what earlier calls changed).
 *
 * @since 0.1.0
 * @category models
 */
export interface NextTurn<out Params, out Success> {
  readonly params: Params
  readonly result: Success
  readonly current: TurnParams
}
