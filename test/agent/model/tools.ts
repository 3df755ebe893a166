/** The tools of the model test: one for each way in which a handler can behave. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import type { CallInfo } from "../../../src/agent/internal/tool.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type { OpenRouterClient } from "../../../src/http/OpenRouterClient.js"
import * as Chat from "../../../src/services/Chat.js"
import * as Embeddings from "../../../src/services/Embeddings.js"
import { forever } from "./clock.js"
import { Conversation } from "./conversation.js"
import type { Observed, Process } from "./trace.js"
import { type Case, type Place, sideName } from "./world.js"

class Declined extends Schema.TaggedError<Declined>()("Declined", { n: Schema.Number }) {}

class Fatal extends Schema.TaggedError<Fatal>()("Fatal", { n: Schema.Number }) {}

class Touched extends Schema.TaggedError<Touched>()("Touched", { n: Schema.Number }) {}

/** The process of the run, for what belongs to a tool and not to its handler. */
export class Current extends Context.Tag("test/agent/model/Current")<Current, Process>() {}

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
  Tool.make("stuck", { ...common, timeout: "100 millis" }),
  Tool.make("chats", common),
  Tool.make("flaky", { ...common, failure: Declined, retry: Schedule.spaced("10 millis") }),
  Tool.make("fatal", { ...common, failure: Fatal, failureMode: "error" }),
  Tool.make("ask", { ...common, answer: Schema.Struct({ word: Schema.String }) }),
  Tool.make("reports", { ...common, progress: Schema.Number, timeout: "100 millis" }),
  Tool.make("unshowable", {
    ...common,
    toModelOutput: () => {
      throw new Error("no words for it")
    }
  }),
  Tool.make("touchy", {
    ...common,
    requireApproval: ({ gated, n }) =>
      Effect.flatMap(
        Current,
        (process) => process.failsFirst(n, "approval") ? new Touched({ n }) : Effect.succeed(gated)
      )
  }),
  Tool.make("agent", { ...common, failure: Declined }),
  Tool.make("embeds", common),
  Tool.make("leaves", common),
  Tool.manual("manual", { parameters, success })
)

/** The tools of two agents that hand over to each other. */
const over = { name: "over", parameters, requireApproval } as const
const others = Toolkit.merge(tools, Toolkit.make(Agent.handoff("a", over)))

/** The options of the agent that begins, and of the other one behind it. */
export const agents = (
  tool_choice: "required" | undefined,
  activeTools: ((turn: { readonly turn: number }) => ReadonlyArray<string>) | undefined
) => {
  const other = Agent.make({ name: "b", instructions: "b", tools: others, tool_choice, activeTools })
  const own = Toolkit.merge(tools, Toolkit.make(Agent.handoff(other, over)))
  return { name: "a", instructions: "a", tools: own, tool_choice, activeTools } as const
}

const innerTools = Toolkit.make(Tool.make("inner", { parameters: Schema.Struct({ n: Schema.Number }) }))

/** The work of the inner tool. With `late`, it starts work that outlives the call, and the run around it. */
const innerHandlers = (late: Effect.Effect<void, never, OpenRouterClient>) =>
  innerTools.toLayer({ inner: ({ n }) => Effect.zipLeft(Effect.sleep(5 * n), late) })

/** How the handler of `agent` fails if the run inside was interrupted. Then its call waits, whatever it returns. */
const interrupted = new Declined({ n: 0 })

const isInterrupted = (error: unknown): boolean => error instanceof Declined && error.n === 0

type Params = typeof parameters.Type

type Ending = Extract<Observed, { readonly _tag: "ended" }>["how"]

/** Handlers that record their start and their end, and a missing end too. */
export const handlers = (world: Case, process: Process) => {
  const conversation = new Conversation(world.turns)
  const noted =
    <A, E, R>(work: (params: Params, call: CallInfo & { readonly isFirst: boolean }) => Effect.Effect<A, E, R>) =>
    (params: Params, call: CallInfo) =>
      Effect.suspend(() => {
        let how: Ending = "left"
        const about = { run: process.run, call: params.n }
        const isFirst = !process.trace.events.some((event) => event._tag === "started" && event.call === params.n)
        const end = (ending: Ending) => Effect.sync(() => void (how = ending))
        return Effect.acquireUseRelease(
          process.observe((at) => ({ _tag: "started", ...about, id: call.id, key: call.idempotencyKey, at })),
          () =>
            work(params, { ...call, isFirst }).pipe(
              Effect.tap(() => end("done")),
              Effect.tapError((error) => end(isInterrupted(error) ? "waits" : "declined")),
              Effect.tapDefect(() => end("died"))
            ),
          () => process.observe((at) => ({ _tag: "ended", ...about, how, at }))
        )
      })
  const done = ({ n }: Params) => Effect.succeed({ done: n })
  return tools.toLayer({
    fast: noted(done),
    slow: noted((params) => Effect.delay(done(params), slowness(params.n))),
    declines: noted(({ n }) => new Declined({ n })),
    dies: noted(() => Effect.die("a defect")),
    hangs: noted(() => Effect.never),
    // Its end is not observed: nobody waits for it
    stuck: (params, call) =>
      noted(() => Effect.fail("stuck"))(params, call).pipe(
        Effect.ignore,
        Effect.zipRight(
          Effect.suspend(() => process.isDead ? Effect.void : Effect.uninterruptible(Effect.sleep(forever)))
        ),
        Effect.zipRight(Effect.never)
      ),
    chats: noted((params) => Effect.zipRight(chat(process.run, params.n), done(params))),
    embeds: noted((params) => Effect.zipRight(embed(process.run, "inside", params.n), done(params))),
    leaves: noted((params) => Effect.zipRight(process.leave(params.n, late(process.run, params.n)), done(params))),
    flaky: noted((params, { attempt }) => attempt === 1 ? new Declined({ n: params.n }) : done(params)),
    fatal: noted((params, { isFirst }) => isFirst ? new Fatal({ n: params.n }) : done(params)),
    ask: (params, call) => noted(() => Effect.as(call.answer, { done: params.n }))(params, call),
    reports: (params, call) =>
      noted(() => Effect.zipRight(Effect.forEach(reports, call.progress), done(params)))(params, call),
    unshowable: noted(done),
    touchy: noted(done),
    agent: noted((params) =>
      Effect.flatMap(
        inner(process, params.n, conversation.callOf(params.n).inner.leaves),
        ({ outcome }) => outcome._tag === "interrupted" ? interrupted : done(params)
      )
    )
  })
}

/** How long the handler of the tool `slow` takes, in milliseconds. */
export const slowness = (call: number): number => 10 + 20 * (call % 3)

const chat = (run: string, n: number) =>
  Effect.orDie(Chat.send({ model: sideName(run, "inside", n), messages: [{ role: "user", content: "Hi" }] }))

const embed = (run: string, place: Place, n: number) =>
  Effect.orDie(Embeddings.generate({ model: sideName(run, place, n), input: "Hi" }))

/** What outlives a call: an embedding, or a run of an agent, which the limits of the run around it may stop. */
const late = (run: string, n: number) =>
  n % 3 === 0
    ? Effect.orDie(Agent.run({ model: "test/late", input: "Work", safety_identifier: sideName(run, "after", n) }))
    : embed(run, "after", n)

const reports = Array.from({ length: 12 }, (_, index) => index)

const inner = (process: Process, n: number, leaves: boolean) =>
  Agent.run({
    model: "test/inner",
    input: "Work",
    safety_identifier: sideName(process.run, "inside", n),
    tools: innerTools
  }).pipe(
    Effect.mapError(() => new Declined({ n })),
    Effect.provide(innerHandlers(leaves ? process.leave(n, late(process.run, n)) : Effect.void))
  )
