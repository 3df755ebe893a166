/** Everything that an outcome can end up in where others read it. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Layer from "effect/Layer"
import type * as Tracer from "effect/Tracer"
import { format, inspect } from "node:util"
import { debugging, everyFormatInto } from "../../support/effect/logs.js"
import { allSeries } from "../../support/effect/metrics.js"
import { errorsIn, prettyWithCauses, printingInto, tracer } from "../../support/effect/tracing.js"

/** What exporters read of how a span ended: the failure in its words, never the value. */
const ending = (status: Tracer.SpanStatus): string =>
  status._tag === "Ended" && Exit.isFailure(status.exit) ? Cause.pretty(status.exit.cause) : status._tag

/** Runs a program to its end and returns all that it shows of itself: texts to search. Logs of the level Debug are among them. */
export const expose = <A, E, R>(
  program: Effect.Effect<A, E, R>,
  level: Layer.Layer<never> = debugging
): Effect.Effect<string, never, R> =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const { spans, tracer: recording } = tracer()
    const exit = yield* program.pipe(
      Effect.onError((cause) => Effect.logError("It failed", cause)),
      Effect.tapError((error) => Effect.logError(error)),
      Effect.withTracer(recording),
      Effect.provide(everyFormatInto(lines)),
      Effect.provide(level),
      printingInto(lines),
      Effect.exit
    )
    if (Exit.isFailure(exit)) {
      lines.push(prettyWithCauses(exit.cause), String(exit.cause), JSON.stringify(exit.cause))
      for (const error of errorsIn(exit.cause)) {
        lines.push(
          String(error),
          JSON.stringify(error),
          inspect(error, { depth: null, showHidden: true, getters: true })
        )
        if (error instanceof Error) lines.push(error.stack ?? "", error.message, format("%o", error.cause))
      }
    }
    lines.push(JSON.stringify(exit), inspect(exit, { depth: null, showHidden: true }))
    for (const span of spans) {
      lines.push(span.name, inspect([span.attributes, span.events], { depth: null }), ending(span.status()))
    }
    lines.push(JSON.stringify(allSeries()))
    return lines.join("\n")
  })
