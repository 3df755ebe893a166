/** The end of an execution, for those who wait for it. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { withProgress } from "../../agent/runProgress.js"
import { RunInterruptedError } from "./errors.js"
import { type DurableRun, type Failed, type LibraryError, type Succeeded, type Summary, toRun } from "./records.js"

/**
 * What a durable run fails with: the error, and the `progress` of the run until then.
 *
 * @since 0.1.0
 * @category errors
 */
export type Failure<E> = WithSummary<LibraryError | E>

/** An error with what the run did. */
type WithSummary<E> = E extends object ? E & { readonly progress: Summary } : E

/**
 * The result of an execution that came to its end.
 *
 * @internal
 */
export const ended = <Value, E>(
  executionId: string,
  exit: Exit.Exit<Succeeded<Value>, Failed<E>>
): Effect.Effect<DurableRun<Value>, Failure<E> | RunInterruptedError> => {
  if (Exit.isSuccess(exit)) return Effect.succeed(toRun(exit.value))
  if (Cause.isInterruptedOnly(exit.cause)) return Effect.fail(interrupted(executionId))
  return Effect.mapError(
    Effect.failCause(exit.cause),
    // It adds the progress
    ({ error, run }) => withProgress(error, run) as Failure<E>
  )
}

const interrupted = (executionId: string) =>
  new RunInterruptedError({
    message: "The execution was interrupted. What it did until then is in the storage of the engine.",
    executionId
  })
