/**
 * What a run does in the world: turns, tool calls, approvals, sleeps. The state of a run is a pure function of their
 * results, which are data. So an interpreter that records activities can continue a run in another process: it runs the
 * agent again with the same `runId` and options, and returns the recorded results. The keys of the activities, the
 * idempotency keys of the calls and the ids of runs inside of tools are the same each time.
 *
 * @since 0.1.0
 */
import type * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as OpenRouterError from "../http/OpenRouterError.js"
import { defaultOf, type Reference, reference } from "../internal/effect/references.js"
import type { CompactionRecord, Decision, PendingCall, ToolRecord, TurnRecord } from "./internal/run.js"
import { CallbackError } from "./internal/userCode.js"
import { ToolTimeoutError } from "./Tool.js"

export type { Reference } from "../internal/effect/references.js"
export { CompactionRecord, Decision, PendingCall, ToolRecord, TurnRecord } from "./internal/run.js"

/**
 * The key of an attempt at a turn, of the sleep after it, and of a compaction before it. The same key means the same work, also after a restart.
 * `run` is the id of the run, `turn` and `attempt` count from 1.
 *
 * @since 0.1.0
 * @category models
 */
export interface TurnKey {
  readonly run: string
  readonly turn: number
  readonly attempt: number
}

/**
 * The key of an execution of a tool call. `turn` is 0 for a call of an earlier run; `attempt` counts the executions from 1:
 * a suspended call executes again when it has its answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolKey {
  readonly run: string
  readonly turn: number
  readonly callId: string
  readonly name: string
  readonly attempt: number
}

/**
 * The key of a decision about a call. A call may need two: an approval before it executes, and an answer after it was
 * suspended.
 *
 * @since 0.1.0
 * @category models
 */
export interface ApprovalKey extends ToolKey {
  readonly reason: PendingCall["reason"]
}

/**
 * Executes the activities of a run. An interpreter may execute `effect` again after a failure; each execution starts anew,
 * and what all of them spent counts. Only the runs inside of a tool return what they did in an earlier execution. An
 * interpreter may also return the record of an earlier execution instead, or fail with the error of one. It must not change
 * them.
 *
 * The rest of a run must do the same in each replay: `requireApproval`, stop conditions, the middleware `approval`, `stop`
 * and `prompt`, and the number of retries that `retryTurn` allows must follow from their arguments alone.
 *
 * @since 0.1.0
 * @category context
 */
export interface ActivitiesService {
  readonly turn: <E, R>(key: TurnKey, effect: Effect.Effect<TurnRecord, E, R>) => Effect.Effect<TurnRecord, E, R>
  readonly tool: <E, R>(key: ToolKey, effect: Effect.Effect<ToolRecord, E, R>) => Effect.Effect<ToolRecord, E, R>
  /** A compaction of the history before an attempt at a turn. It does not fail, but may pay for a summary. */
  readonly compaction: <R>(
    key: TurnKey,
    effect: Effect.Effect<CompactionRecord, never, R>
  ) => Effect.Effect<CompactionRecord, never, R>
  /**
   * The decision about a pending call, now or after a wait. With `Option.none()` the run pauses. `check` fails if an answer
   * does not have the form that the tool asks for; a run that is given such an answer fails.
   */
  readonly approval: (
    key: ApprovalKey,
    call: PendingCall,
    check: (decision: Decision) => Effect.Effect<void, OpenRouterError.InvalidRequestError>
  ) => Effect.Effect<Option.Option<Decision>>
  /** The wait after a failed attempt at a turn. The duration may differ in a replay; the key does not. */
  readonly sleep: (key: TurnKey, duration: Duration.Duration) => Effect.Effect<void>
  /** The id of a run without the option `runId`. Default: random. */
  readonly runId?: Effect.Effect<string> | undefined
  /**
   * Whether it records the turns, tools and compactions of runs inside of tools, too, with keys of their own. Then these are
   * activities inside of the activity of the tool. Default: false.
   */
  readonly nested?: boolean | undefined
  /**
   * Services of the fiber that a handler receives as they are there, whatever the layer of the handler was built with. An
   * engine whose activities are services needs it: a layer that is built inside of a run has those of the run.
   */
  readonly services?: Effect.Effect<Context.Context<never>> | undefined
}

const inPlace: ActivitiesService = {
  turn: (_, effect) => effect,
  tool: (_, effect) => effect,
  compaction: (_, effect) => effect,
  approval: () => Effect.succeed(Option.none()),
  sleep: (_, duration) => Effect.sleep(duration)
}

/**
 * The interpreter of activities; {@link passThrough} by default. It belongs to one run: a run inside a tool is part of the
 * activity of that tool, and the outer run keeps what it does, unless it provides an interpreter itself or the interpreter is
 * for `nested` runs, too.
 *
 * @since 0.1.0
 * @category context
 */
export const Activities: Reference<ActivitiesService> = reference("effect-openrouter/agent/Activities", () => inPlace)

/**
 * Executes each activity in place. A pending call pauses the run.
 *
 * @since 0.1.0
 * @category context
 */
export const passThrough: ActivitiesService = defaultOf(Activities)

/**
 * The errors of this library that a turn or a tool call can fail with. In addition they fail with the errors of your tools
 * and middleware.
 *
 * @since 0.1.0
 * @category errors
 */
export type ActivityError = OpenRouterError.OpenRouterError | CallbackError | ToolTimeoutError

const activityErrors = Schema.Union(
  ...Object.values(OpenRouterError.errorClassByStatus),
  OpenRouterError.OpenRouterDefaultError,
  OpenRouterError.ConnectionError,
  OpenRouterError.RequestTimeoutError,
  OpenRouterError.InvalidRequestError,
  OpenRouterError.ResponseValidationError,
  OpenRouterError.StreamTruncatedError,
  OpenRouterError.StreamStalledError,
  OpenRouterError.StreamEventTooLargeError,
  CallbackError,
  ToolTimeoutError
)

/**
 * The schema of {@link ActivityError}, to record failures as data. A failure that is decoded from its record has the class,
 * the partial response and the cost of the original.
 *
 * @since 0.1.0
 * @category schemas
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Activities } from "effect-openrouter/extend"
 *
 * const PaymentRefused = Schema.TaggedStruct("PaymentRefused", { reason: Schema.String })
 *
 * // What the activities of an agent with a tool that fails with PaymentRefused can fail with
 * const Failure = Schema.Union(Activities.ActivityError, PaymentRefused)
 * ```
 */
export const ActivityError: Schema.Schema<ActivityError, typeof activityErrors.Encoded> = activityErrors
