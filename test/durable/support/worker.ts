/**
 * A process that works on a durable run over a database. It tells its parent what happens, so that the parent can kill it
 * there: a tool begins or ends, and a turn or a result is kept.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import type { AgentEvent } from "../../../src/agent/AgentStream.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as DurableCluster from "../../../src/durable/cluster/DurableCluster.js"
import * as DurableAgent from "../../../src/durable/DurableAgent.js"
import * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import { clientOf } from "../../support/effect/databases.js"
import { turnOf } from "./model.js"
import { Work } from "./work.js"

const [database = "", baseUrl = "", port] = process.argv.slice(2)

/** Completes when the parent has it. */
const tell = (message: object) =>
  Effect.async<void>((resume) => void process.send?.(message, () => resume(Effect.void)))

const Look = Tool.make("look", { parameters: Schema.Struct({ n: Schema.Number }), success: Schema.String })
const Pay = Tool.make("pay", {
  parameters: Schema.Struct({ n: Schema.Number }),
  success: Schema.String,
  requireApproval: ({ n }) => n === 3
})
const Inner = Toolkit.make(Look)

const model = "test/model"
const librarian = Agent.make({ name: "librarian", model, instructions: "inner", tools: Inner })
const tools = Toolkit.make(Look, Pay, Agent.asTool(librarian))

const use = (key: string) =>
  Effect.gen(function*() {
    yield* tell({ event: "begins", key })
    yield* tell({ event: "ended", key })
    return "ok"
  })

const Handlers = Layer.merge(
  Inner.toLayer({ look: (_, { idempotencyKey }) => use(idempotencyKey) }),
  Toolkit.make(Pay).toLayer({ pay: (_, { idempotencyKey }) => use(idempotencyKey) })
)

/** What an event says is kept: the turn of a task, or the call of a run. */
const keptIn = (task: string, run: string, event: AgentEvent<Tool.Any, unknown>): string | undefined => {
  if (event.type === "turn.end") return turnOf(task, event.turn)
  if (event.type === "tool.result") return `${run}/${event.toolCallId}`
  return event.type === "nested" ? keptIn(`${task}/${event.path.join("/")}`, event.run, event.event) : undefined
}

const WorkLive = Work.toLayer((task, execution) =>
  DurableAgent.tell(Agent.stream({ model, input: task, tools, maxSteps: 100 }), (event) => {
    const key = keptIn(task, `${execution}/1`, event)
    return key === undefined ? Effect.void : tell({ event: "kept", key })
  })
)

const settings = { poll: "50 millis" } as const

/** With a port, the process is one of several of a cluster. */
const engine = port === undefined
  ? DurableCluster.layerSingle(settings)
  : DurableCluster.layerRunner({ host: "127.0.0.1", port: Number(port) }, settings)

const layers = WorkLive.pipe(
  Layer.provide(Handlers),
  Layer.provide(OpenRouterClient.layer({ apiKey: Redacted.make("key"), baseUrl })),
  Layer.provide(FetchHttpClient.layer),
  Layer.provideMerge(engine),
  Layer.provideMerge(clientOf(database, "bigint"))
)

/** Starts the run, decides about its call, and tells the result. */
const alone = Effect.gen(function*() {
  const id = yield* Work.start("bills")
  const soon = Schedule.spaced("50 millis")
  yield* Effect.repeat(Work.status(id), { until: ({ _tag }) => _tag !== "running", schedule: soon })
  for (const { callId } of yield* Work.pending(id)) {
    yield* tell({ event: "waits", key: callId })
    yield* Work.approve(id, callId)
  }
  const { cost, outcome, steps, text } = yield* Work.result(id, { interval: "50 millis" })
  yield* tell({ result: { cost, outcome, steps, text } })
})

/** Does its part of the work of the cluster until it is told to stop. */
const among = Effect.zipRight(tell({ ready: true }), Effect.never)

if (port === undefined) {
  process.once("message", () => {
    void Effect.runPromise(Effect.provide(alone, layers)).then(() => process.disconnect())
  })
  process.send?.({ ready: true })
} else {
  process.once("disconnect", () => process.exit(1))
  NodeRuntime.runMain(Effect.provide(among, layers))
}
