/** Logs with text of users. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Tracer from "effect/Tracer"

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
