/**
 * A run that outlives its process. The agent wants to pay back a customer and waits for an approval, for seconds or for weeks:
 * meanwhile no process needs to be there.
 *
 * `DATABASE_URL=postgres://… npx tsx examples/agent-durable.ts` needs a database. The engine makes its tables there. Stop the
 * program at any time and start it again: it goes on where it was.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { PgClient } from "@effect/sql-pg"
import { Console, Effect, Layer, Redacted, Schedule, Schema } from "effect"
import { Agent, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { DurableAgent } from "effect-openrouter/durable"
import { DurableCluster } from "effect-openrouter/durable/cluster"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const FindOrder = Tool.make("find_order", {
  parameters: Schema.Struct({ ticket: Schema.String }),
  success: Schema.Struct({ order: Schema.String, price: Schema.Number })
})
const Refund = Tool.make("refund", {
  parameters: Schema.Struct({ order: Schema.String }),
  success: Schema.String,
  requireApproval: true
})
const tools = Toolkit.make(FindOrder, Refund)

const Support = DurableAgent.make("support/v1", {
  payload: Schema.Struct({ ticket: Schema.String, text: Schema.String }),
  key: ({ ticket }) => ticket
})

// What the processes of a worker provide
const Worker = Support.toLayer(({ text, ticket }) =>
  Agent.run({
    model: "openai/gpt-5-nano",
    instructions: `You handle the ticket ${ticket}.`,
    input: text,
    tools,
    stopWhen: StopWhen.maxCost(1)
  })
).pipe(
  Layer.provide(tools.toLayer({
    find_order: () => Effect.as(Console.log("looks for the order"), { order: "A-17", price: 30 }),
    // A payment service with an idempotency key makes sure that a crash in this moment pays nothing twice
    refund: ({ order }, { idempotencyKey }) => Effect.as(Console.log("pays back", order, idempotencyKey), "paid back")
  }))
)

// What any other process does: it needs the engine alone
const program = Effect.gen(function*() {
  const id = yield* Support.start({ ticket: "T-1", text: "My lamp arrived broken." })
  const soon = Schedule.spaced("100 millis")
  yield* Effect.repeat(Support.pending(id), { until: (calls) => calls.length > 0, schedule: soon })
  for (const { arguments: params, callId, name } of yield* Support.pending(id)) {
    yield* Console.log("approves", name, JSON.stringify(params))
    yield* Support.approve(id, callId)
  }
  const run = yield* Support.result(id)
  yield* Console.log(run.text)
})

// Instead of OpenRouter, a server on this machine, which answers the same request in the same way after a restart, too
const respond = ({ json }: Script.RecordedRequest) => {
  const said = JSON.stringify(json["input"])
  if (said.includes("paid back")) return "I am sorry. You have your money back."
  return said.includes("A-17")
    ? Script.toolCall("refund", { order: "A-17" })
    : Script.toolCall("find_order", { ticket: "T-1" })
}

const Engine = Layer.provide(
  DurableCluster.layerSingle({ poll: "200 millis" }),
  PgClient.layer({ url: Redacted.make(process.env["DATABASE_URL"] ?? "postgres://localhost:5432/postgres") })
)

program.pipe(
  Effect.provide(Layer.provideMerge(Worker, Engine)),
  Effect.provide(
    Layer.provide(ScriptedServer.layerClient({ turns: [Script.forever(respond)] }), FetchHttpClient.layer)
  ),
  NodeRuntime.runMain
)
