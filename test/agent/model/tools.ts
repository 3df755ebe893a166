/** The tools of the model test: one for each way in which a handler can behave. */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { CallInfo } from "../../../src/agent/internal/tool.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type { Observed, Trace } from "./trace.js"

class Declined extends Schema.TaggedError<Declined>()("Declined", { n: Schema.Number }) {}

class Fatal extends Schema.TaggedError<Fatal>()("Fatal", { n: Schema.Number }) {}

const parameters = Schema.Struct({ n: Schema.Number, gated: Schema.Boolean })
const success = Schema.Struct({ done: Schema.Number })
const requireApproval = ({ gated }: typeof parameters.Type) => gated
const common = { parameters, success, requireApproval }

export const tools = Toolkit.make(
  Tool.make("fast", common),
  Tool.make("slow", common),
  Tool.make("declines", { ...common, failure: Declined }),
  Tool.make("dies", common),
  Tool.make("hangs", { ...common, timeout: "100 millis" }),
  Tool.make("flaky", { ...common, failure: Declined, retry: Schedule.spaced("10 millis") }),
  Tool.make("fatal", { ...common, failure: Fatal, failureMode: "error" }),
  Tool.make("ask", { ...common, answer: Schema.Struct({ word: Schema.String }) }),
  Tool.manual("manual", { parameters, success })
)

type Params = typeof parameters.Type

type Ending = Extract<Observed, { readonly _tag: "ended" }>["how"]

/** Handlers that record their start and their end, and a missing end too. */
export const handlers = (trace: Trace): Layer.Layer<Layer.Layer.Success<ReturnType<typeof live>>> => live(trace)

const live = (trace: Trace) => {
  const noted =
    <A, E>(work: (params: Params, call: CallInfo & { readonly isFirst: boolean }) => Effect.Effect<A, E>) =>
    (params: Params, call: CallInfo) =>
      Effect.suspend(() => {
        let how: Ending = "left"
        const isFirst = !trace.events.some((event) => event._tag === "started" && event.call === params.n)
        const end = (ending: Ending) => Effect.sync(() => void (how = ending))
        return Effect.acquireUseRelease(
          trace.observe({ _tag: "started", call: params.n, id: call.id, key: call.idempotencyKey }),
          () =>
            work(params, { ...call, isFirst }).pipe(
              Effect.tap(() => end("done")),
              Effect.tapError(() => end("declined")),
              Effect.tapDefect(() => end("died"))
            ),
          () => trace.observe({ _tag: "ended", call: params.n, how })
        )
      })
  const done = ({ n }: Params) => Effect.succeed({ done: n })
  return tools.toLayer({
    fast: noted(done),
    slow: noted((params) => Effect.delay(done(params), 10 + 20 * (params.n % 3))),
    declines: noted(({ n }) => new Declined({ n })),
    dies: noted(() => Effect.die("a defect")),
    hangs: noted(() => Effect.never),
    flaky: noted((params, { attempt }) => attempt === 1 ? new Declined({ n: params.n }) : done(params)),
    fatal: noted((params, { isFirst }) => isFirst ? new Fatal({ n: params.n }) : done(params)),
    ask: (params, call) => noted(() => Effect.as(call.answer, { done: params.n }))(params, call)
  })
}
