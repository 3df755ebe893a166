/** The time limit of a handler. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { leaveAfter } from "../../internal/timeLimits.js"
import { ToolTimeoutError } from "../Tool.js"
import type { FunctionDefinition } from "./tool.js"

/**
 * How long a handler, or a middleware behind it, may take to end after its time is up.
 *
 * @internal
 */
export const grace: Duration.Duration = Duration.seconds(1)

/**
 * How long to wait for the end of a handler without a time limit, after an interruption.
 *
 * @internal
 */
export const patienceOf = ({ timeout }: Pick<FunctionDefinition, "timeout">): Duration.Duration =>
  Duration.isFinite(timeout) ? timeout : Duration.minutes(10)

/** @internal */
export const withTimeout =
  (definition: Pick<FunctionDefinition, "name" | "timeout">, callId: string) =>
  <A, E, R>(handling: Effect.Effect<A, E, R>): Effect.Effect<A, E | ToolTimeoutError, R> => {
    const { name, timeout } = definition
    return leaveAfter(handling, {
      limit: timeout,
      grace,
      patience: patienceOf(definition),
      onTimeout: Effect.failSync(() =>
        new ToolTimeoutError({
          name,
          callId,
          timeout,
          message: `The tool "${name}" took longer than ${Duration.format(timeout)} and was stopped.`
        })
      ),
      onLeft: Effect.logWarning(
        `The handler of the tool "${name}" did not end when it was interrupted, and was left behind. It is ` +
          "uninterruptible, or one of its finalizers hangs"
      )
    })
  }
