/**
 * Middleware observes, changes or refuses what a run does, with one function for each boundary. Of several middleware, the
 * first is the outermost.
 *
 * @since 0.1.0
 */
import type * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Stream from "effect/Stream"
import type { OpenRouterClient } from "../http/OpenRouterClient.js"
import type { OpenResponsesResult } from "../schema/Responses.js"
import type { StreamEvents } from "../schema/ResponsesEvents.js"
import type { InputItem } from "../schema/ResponsesItemsRequest.js"
import type { ResponsesRequest } from "../schema/ResponsesRequest.js"
import type { stream } from "../services/endpoints/Responses.js"
import type { Outcome, Progress, Run, ToolRecord } from "./internal/run.js"
import type { CallInfo } from "./internal/tool.js"
import type { TurnContext } from "./internal/turnParams.js"

/**
 * The errors of a model call.
 *
 * @since 0.1.0
 * @category models
 */
export type TurnFailure = Stream.Stream.Error<ReturnType<typeof stream>>

/**
 * Identifies a run. `id` is the option `runId`, or new for each run; `name` and `conversation` are options of the run.
 *
 * @since 0.1.0
 * @category models
 */
export interface RunInfo {
  readonly id: string
  readonly name: string | undefined
  readonly conversation: string | undefined
  /** The stored history before this run. */
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
 * The outcome of a call. The model receives `output`; `result` is the encoded success or failure. `error` is set if the
 * `failureMode` of the tool is `"error"`, and then fails the run; without it the run continues.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolOutcome extends Pick<ToolRecord, "output" | "result"> {
  readonly status: "success" | "failure" | "suspended"
  readonly error?: { readonly value: unknown } | undefined
}

/**
 * A response that has passed a gate, and the events that the reader still lacks of it: its last pieces, its items as a whole,
 * and its end.
 *
 * @since 0.1.0
 * @category models
 */
export interface PassedResponse {
  readonly response: OpenResponsesResult
  readonly events: ReadonlyArray<StreamEvents>
}

/**
 * Stands between one response of the model and everything that receives it. It holds events back, changes or omits them.
 *
 * @since 0.1.0
 * @category models
 */
export interface ResponseGate<out E = unknown, out R = unknown> {
  /** Receives events as they arrive, and returns those that the reader receives now. */
  readonly events: (events: ReadonlyArray<StreamEvents>) => Effect.Effect<ReadonlyArray<StreamEvents>, E, R>
  /** Receives the whole response, and returns the one that the run receives. */
  readonly response: (response: OpenResponsesResult) => Effect.Effect<PassedResponse, E, R>
}

/**
 * The functions of a middleware, all optional. Their failures fail the run, and the run requires what they require.
 *
 * @since 0.1.0
 * @category models
 */
export interface Middleware {
  /** Called once, before everything else. */
  readonly start?: ((run: RunInfo) => Effect.Effect<void, unknown, unknown>) | undefined
  /**
   * Receives the new input and returns it, changed or not. Not called if the run has no `input`; called for each message that
   * is said to its conversation.
   */
  readonly prompt?:
    | ((items: ReadonlyArray<InputItem>) => Effect.Effect<ReadonlyArray<InputItem>, unknown, unknown>)
    | undefined
  /** Wraps each attempt at a turn. `next` sends a request; call it with another request, several times, or not at all. */
  readonly model?:
    | ((
      request: ResponsesRequest,
      next: (request: ResponsesRequest) => Effect.Effect<OpenResponsesResult, TurnFailure, OpenRouterClient>,
      turn: TurnContext
    ) => Effect.Effect<OpenResponsesResult, unknown, unknown>)
    | undefined
  /**
   * Whether the reader of the events waits for `model`: it receives the events of the response that `model` returns, when
   * `model` returns it, and no others. Default false: events arrive as the model writes.
   */
  readonly holdsResponse?: boolean | undefined
  /** Makes a gate for each response that `model` requests. The response passes the gate before `model` receives it. */
  readonly gate?: (() => ResponseGate) | undefined
  /**
   * Decides whether a call may execute: `"allow"` and `"deny"` decide, `"ask"` requires an approval, `undefined` leaves the
   * decision to the next middleware, and in the end to the tool.
   */
  readonly approval?:
    | ((call: CheckedCall) => Effect.Effect<"allow" | "deny" | "ask" | undefined, unknown, unknown>)
    | undefined
  /** Wraps each call that may execute. `next` executes it with the given parameters. */
  readonly tool?:
    | ((
      call: CheckedCall,
      next: (params: unknown) => Effect.Effect<ToolOutcome>
    ) => Effect.Effect<ToolOutcome, unknown, unknown>)
    | undefined
  /**
   * Called before the run ends, except for a pause, an interruption or the limit of steps. If it returns items, the run
   * continues with them; an empty list continues with the calls that a stop condition left.
   */
  readonly stop?:
    | ((run: Progress, outcome: Outcome) => Effect.Effect<ReadonlyArray<InputItem> | undefined, unknown, unknown>)
    | undefined
  /**
   * Called exactly once for each `start` that succeeded, also after a failure or an interruption, and after the conversation
   * is released. If it throws or dies, a run that had succeeded fails with `CallbackError`, whose `progress` is the `Run`.
   */
  readonly end?:
    | ((run: Progress, exit: Exit.Exit<Run<unknown>, unknown>) => Effect.Effect<void, never, unknown>)
    | undefined
}

/**
 * Makes a middleware that keeps the errors and requirements of its functions in its type.
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
 * The outcome of a call that does not execute. The model receives `reason`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const refuse = (reason: string): ToolOutcome => ({
  status: "failure",
  output: JSON.stringify({ error: reason }),
  result: { error: reason }
})
