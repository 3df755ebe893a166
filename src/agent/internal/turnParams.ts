import type * as Effect from "effect/Effect"
import type { InputItem } from "../../schema/ResponsesItemsRequest.js"
import type { ResponsesRequest } from "../../schema/ResponsesRequest.js"
import type { Progress } from "./run.js"

/**
 * The fields of a request, except for its input and tools.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnParams extends Omit<ResponsesRequest, "input" | "tools" | "stream"> {}

/**
 * The turn that is about to be requested. `turn` and `attempt` count from 1; `run` is the run before this turn. `newInput` is
 * what no response has answered so far: the input of the run, and messages that were said to its conversation. `current` are
 * the parameters of the run that are values, as calls of tools changed them.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnContext {
  readonly turn: number
  readonly attempt: number
  readonly run: Progress
  readonly newInput: ReadonlyArray<InputItem>
  readonly current: TurnParams
}

/**
 * A value, or a function of the turn that returns a value or an effect.
 *
 * @since 0.1.0
 * @category models
 */
export type Dynamic<A, E = unknown, R = unknown> = A | ((turn: TurnContext) => A | Effect.Effect<A, E, R>)

/**
 * What `nextTurn` of a tool receives: the parameters and the result of the call, and the current parameters of the turn
 * (those of the run, as earlier calls changed them).
 *
 * @since 0.1.0
 * @category models
 */
export interface NextTurn<out Params, out Success> {
  readonly params: Params
  readonly result: Success
  readonly current: TurnParams
}
