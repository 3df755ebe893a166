/** What an effect shows to tracers, to the console and in its cause. Effect 3 has other parts of them. */
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import { format } from "node:util"

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
      span: ({ annotations, kind, links, name, parent, startTime }) => {
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
          annotations,
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
      }
    })
  }
}

/** The console of the moment, except that what is printed goes into `lines`. */
export const printingInto =
  (lines: Array<string>) => <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.updateService(effect, Console.Console, (base) => {
      const print = (...args: ReadonlyArray<unknown>): void => void lines.push(format(...args))
      const names = ["log", "error", "warn", "info", "debug", "trace", "group", "groupCollapsed", "dir", "table"]
      const printing: Console.Console = Object.create(
        base,
        Object.fromEntries(names.map((name) => [name, { value: print }]))
      )
      return printing
    })

/** The failures and the defects of a cause. */
export const errorsIn = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> =>
  cause.reasons.flatMap((reason) =>
    Cause.isFailReason(reason) ? [reason.error] : Cause.isDieReason(reason) ? [reason.defect] : []
  )

/** A cause in words, with the causes of its errors. */
export const prettyWithCauses = (cause: Cause.Cause<unknown>): string => Cause.pretty(cause)
