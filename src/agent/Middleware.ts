/**
 * What may watch, change or refuse a run at its boundaries, one function for each. Several are nested: the first is the
 * outermost.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Stream from "effect/Stream"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import type { OpenResponsesResult } from "../schema/Responses.js"
import type { InputItem } from "../schema/ResponsesItemsRequest.js"
import type { ResponsesRequest } from "../schema/ResponsesRequest.js"
import type { stream } from "../services/endpoints/Responses.js"
import type { Outcome, Progress, Run, ToolRecord } from "./internal/run.js"
import type { CallInfo } from "./internal/tool.js"
import type { TurnContext } from "./internal/turnParams.js"

/**
 * What a model call can fail with.
 *
 * @since 0.1.0
 * @category models
 */
export type TurnFailure = Stream.Stream.Error<ReturnType<typeof stream>>

/**
 * Which run it is; `id` is new for each run, `name` and `conversation` are those of its options.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunInfo {
  readonly id: string
  readonly name: string | undefined
  readonly conversation: string | undefined
  /** The conversation before this run. */
  readonly history: ReadonlyArray<InputItem>
}

/**
 * A call with its decoded parameters, and the run so far.
 *
 * @since 0.1.0
 * @category models
 */
export interface CheckedCall extends CallInfo {
  readonly params: unknown
  readonly run: Progress
}

/**
 * What came of a call. `output` is what the model is told, `result` the encoded success or failure. `error` is set where
 * the tool's `failureMode` makes it fail the run; without it the run goes on.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolOutcome extends Pick<ToolRecord, "status" | "output" | "result"> {
  readonly error?: { readonly value: unknown } | undefined
}

/**
 * The boundaries of a run. Every function is optional; what they fail with fails the run, and what they require the run
 * requires.
 *
 * @since 0.1.0
 * @category models
 */
export interface Middleware {
  /** Once, before anything else. */
  readonly start?: ((run: RunInfo) => Effect.Effect<void, unknown, unknown>) | undefined
  /** The new input: gives it back, changed or not. Not asked where a run goes on without one. */
  readonly prompt?:
    | ((items: ReadonlyArray<InputItem>) => Effect.Effect<ReadonlyArray<InputItem>, unknown, unknown>)
    | undefined
  /** Around each attempt at a turn. `next` sends a request; it may be called with another one, repeatedly, or not at all. */
  readonly model?:
    | ((
      request: ResponsesRequest,
      next: (request: ResponsesRequest) => Effect.Effect<OpenResponsesResult, TurnFailure, OpenRouterClient>,
      turn: TurnContext
    ) => Effect.Effect<OpenResponsesResult, unknown, unknown>)
    | undefined
  /**
   * Whether a call may be carried out: `"allow"` and `"deny"` decide, `"ask"` makes it wait for an approval, `undefined`
   * leaves it to the next one, and at last to the tool.
   */
  readonly approval?:
    | ((call: CheckedCall) => Effect.Effect<"allow" | "deny" | "ask" | undefined, unknown, unknown>)
    | undefined
  /** Around each call that may be carried out. `next` does it, with the parameters it is given. */
  readonly tool?:
    | ((
      call: CheckedCall,
      next: (params: unknown) => Effect.Effect<ToolOutcome>
    ) => Effect.Effect<ToolOutcome, unknown, unknown>)
    | undefined
  /**
   * When the run is about to be over, other than by a pause, an interruption or the limit of steps. Items make it go on
   * with them; an empty list makes it go on with the calls that a stop condition left.
   */
  readonly stop?:
    | ((run: Progress, outcome: Outcome) => Effect.Effect<ReadonlyArray<InputItem> | undefined, unknown, unknown>)
    | undefined
  /** Exactly once for each `start` that succeeded, however the run ended: also on failure and interruption. */
  readonly end?:
    | ((run: Progress, exit: Exit.Exit<Run<unknown>, unknown>) => Effect.Effect<void, never, unknown>)
    | undefined
}

/**
 * Makes a middleware that can be kept and shared, with the errors and requirements of its functions.
 *
 * @since 0.1.0
 * @category constructors
 * @example
 * ```ts
 * import { Console, Effect } from "effect"
 * import { Agent, Middleware } from "effect-openrouter"
 *
 * const log = Middleware.make({
 *   tool: (call, next) => Effect.tap(next(call.params), (outcome) => Console.log(call.name, outcome.status))
 * })
 *
 * const program = Agent.run({ model: "openai/gpt-5-nano", input: "Hello!", middleware: log })
 * ```
 */
export const make = <const M extends Middleware>(middleware: M): M => middleware

/**
 * The outcome of a call that is not carried out; `reason` is for the model.
 *
 * @since 0.1.0
 * @category constructors
 */
export const refuse = (reason: string): ToolOutcome => ({
  status: "failure",
  output: JSON.stringify({ error: reason }),
  result: { error: reason }
})
