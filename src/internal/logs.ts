/** Logs of the library: with text of users, and of the level Debug. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"
import { defined, stringAt } from "./json.js"

/**
 * Logs for loggers alone, with the ids of the trace. Effect makes each other log an event of the span, and a span must not
 * have the text of a failure or of a value.
 *
 * @internal
 */
export const besideSpan = <A, E, R>(log: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(
    Effect.option(Effect.currentParentSpan),
    (span) =>
      Option.isNone(span) || span.value._tag === "ExternalSpan"
        ? log
        : Effect.withParentSpan(
          log,
          Tracer.externalSpan({
            spanId: span.value.spanId,
            traceId: span.value.traceId,
            sampled: span.value.sampled
          })
        )
  )

/**
 * A log of the level Debug. It must hold no text of a request, a response or a failure, and no key.
 *
 * @internal
 */
export const debugLog = (message: string, fields: Readonly<Record<string, unknown>>): Effect.Effect<void> =>
  Effect.annotateLogs(Effect.logDebug(message), defined(fields))

/**
 * How an effect ended, in a word: `success`, the tag of its error, `interrupted`, or `died`.
 *
 * @internal
 */
export const outcomeOf = (exit: Exit.Exit<unknown, unknown>): string => {
  if (Exit.isSuccess(exit)) return "success"
  const failure = Cause.failureOption(exit.cause)
  if (Option.isSome(failure)) return stringAt(failure.value, "_tag") ?? "failure"
  return Cause.isInterrupted(exit.cause) ? "interrupted" : "died"
}
