/** Everything that an outcome can end up in where others read it. */
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Metric from "effect/Metric"
import * as Tracer from "effect/Tracer"
import { format, inspect } from "node:util"

/** Spans as a tracer sees them. */
export interface Traced {
  readonly name: string
  readonly kind: Tracer.SpanKind
  readonly attributes: ReadonlyMap<string, unknown>
  readonly events: ReadonlyArray<
    { readonly name: string; readonly at: bigint; readonly attributes: Record<string, unknown> }
  >
  readonly status: () => Tracer.SpanStatus
  readonly parent: string | undefined
}

/** A tracer that remembers. */
export const tracer = (): { readonly spans: Array<Traced>; readonly tracer: Tracer.Tracer } => {
  const spans: Array<Traced> = []
  return {
    spans,
    tracer: Tracer.make({
      span: (name, parent, context, links, startTime, kind) => {
        const attributes = new Map<string, unknown>()
        const events: Array<Traced["events"][number]> = []
        let status: Tracer.SpanStatus = { _tag: "Started", startTime }
        const inside = parent._tag === "Some" && parent.value._tag === "Span" ? parent.value.name : undefined
        spans.push({ name, kind, attributes, events, status: () => status, parent: inside })
        return {
          _tag: "Span",
          name,
          spanId: `span${spans.length}`,
          traceId: "trace",
          parent,
          context,
          get status() {
            return status
          },
          attributes,
          links,
          sampled: true,
          kind,
          end: (endTime, exit) => {
            status = { _tag: "Ended", startTime, endTime, exit }
          },
          attribute: (key, value) => {
            attributes.set(key, value)
          },
          event: (name, at, attributes = {}) => {
            events.push({ name, at, attributes })
          },
          addLinks: () => {}
        }
      },
      context: (run) => run()
    })
  }
}

/** The console of the moment, except that what is printed goes into `lines`. */
const consoleInto = (lines: Array<string>): Effect.Effect<Console.Console> =>
  Console.consoleWith((base) => {
    const print = (...args: ReadonlyArray<unknown>): void => void lines.push(format(...args))
    const names = ["log", "error", "warn", "info", "debug", "trace", "group", "groupCollapsed", "dir", "table"]
    const properties = names.map((name) => [name, { value: print }])
    return Effect.succeed({ ...base, unsafe: Object.create(base.unsafe, Object.fromEntries(properties)) })
  })

/** What exporters read of how a span ended: the failure in its words, never the value. */
const ending = (status: Tracer.SpanStatus): string =>
  status._tag === "Ended" && Exit.isFailure(status.exit) ? Cause.pretty(status.exit.cause) : status._tag

/** Runs a program to its end and returns all that it shows of itself: texts to search. */
export const expose = <A, E, R>(program: Effect.Effect<A, E, R>): Effect.Effect<string, never, R> =>
  Effect.gen(function*() {
    const lines: Array<string> = []
    const { spans, tracer: recording } = tracer()
    const into = <Message>(logger: Logger.Logger<Message, string>) =>
      Logger.map(logger, (line) => {
        lines.push(line)
      })
    const loggers = Layer.mergeAll(
      Logger.remove(Logger.defaultLogger),
      Logger.add(into(Logger.jsonLogger)),
      Logger.add(into(Logger.logfmtLogger)),
      Logger.add(into(Logger.stringLogger)),
      Logger.add(Logger.prettyLogger({ colors: false, mode: "tty" }))
    )
    const exit = yield* program.pipe(
      Effect.tapErrorCause((cause) => Effect.logError("It failed", cause)),
      Effect.tapError((error) => Effect.logError(error)),
      Effect.withTracer(recording),
      Effect.provide(loggers),
      Effect.withConsole(yield* consoleInto(lines)),
      Effect.exit
    )
    if (Exit.isFailure(exit)) {
      lines.push(Cause.pretty(exit.cause, { renderErrorCause: true }), String(exit.cause), JSON.stringify(exit.cause))
      for (const error of [...Cause.failures(exit.cause), ...Cause.defects(exit.cause)]) {
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
    lines.push(JSON.stringify(Metric.unsafeSnapshot()))
    return lines.join("\n")
  })
