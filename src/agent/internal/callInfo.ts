/**
 * What a handler knows of the call that it answers.
 *
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/**
 * A call under way. `turn` counts from 1 and is 0 for a call of an earlier run, `attempt` grows with each retry of the
 * tool. `idempotencyKey` is the same whenever this run carries out this call, and in a stored conversation whenever any
 * run does, in whichever process.
 *
 * @since 0.1.0
 * @category models
 */
export interface CallInfo {
  readonly id: string
  readonly name: string
  readonly turn: number
  readonly attempt: number
  readonly idempotencyKey: string
}

/**
 * What a handler is given beside its parameters.
 *
 * @since 0.1.0
 * @category models
 */
export interface ToolCall<in Progress = never, out Answer = unknown> extends CallInfo {
  /** Tells whoever watches the run how far the tool is: a `tool.preliminary_result` event, at once. */
  readonly progress: (value: Progress) => Effect.Effect<void>
  /**
   * The answer of a human or another system. Without one the call is suspended: the run ends in `awaiting_tools`, and
   * the handler starts anew when a later run brings the `answer`. So do what must happen once after this.
   */
  readonly answer: Effect.Effect<Answer, ToolSuspended>
}

/**
 * A handler waits for an answer that is not there yet. Let it pass: the run pauses on it.
 *
 * @since 0.1.0
 * @category errors
 */
export class ToolSuspended extends Schema.TaggedError<ToolSuspended>()("ToolSuspended", {
  callId: Schema.String
}) {}

/**
 * The call under way, for code below a handler that is not given it.
 *
 * @since 0.1.0
 * @category context
 */
export class CurrentCall extends Context.Tag("effect-openrouter/agent/CurrentCall")<
  CurrentCall,
  CallInfo
>() {}

declare const undeclared: unique symbol

/**
 * Stands in messages of the compiler for a failure that the tool does not declare. Nothing has this type.
 *
 * @since 0.1.0
 * @category models
 */
export interface Undeclared<out Hint extends string> {
  readonly [undeclared]: Hint
}
