/**
 * A desk that hands customers over to billing. The stored conversation knows who speaks: the next question goes to billing,
 * and billing hands back.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { Agent, Conversation, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const model = "openai/gpt-5-nano"

const Invoices = Toolkit.make(
  Tool.make("find_invoice", { parameters: Schema.Struct({ month: Schema.String }), success: Schema.String }),
  Agent.handoff("desk", { description: "For everything that is not about money." })
)
const InvoicesLive = Invoices.toLayer({ find_invoice: ({ month }) => Effect.succeed(`The invoice of ${month}: $12`) })

const billing = Agent.make({
  name: "billing",
  model,
  instructions: "You answer questions about invoices.",
  tools: Invoices
})

const desk = Agent.make({
  name: "desk",
  model,
  instructions: "You find out what the customer needs.",
  tools: Toolkit.make(Agent.handoff(billing, { description: "For everything about money." })),
  stopWhen: StopWhen.maxCost(0.05)
})

const ask = (input: string) =>
  Agent.stream({ ...desk, conversation: "customer-17", input }).pipe(
    Stream.runForEach((event) => {
      switch (event.type) {
        case "agent.handoff":
          return Console.log(`(${event.from} hands over to ${event.to})`)
        case "run.end":
          return Console.log(`${event.run.agent}: ${event.run.text}`)
        default:
          return Effect.void
      }
    })
  )

const program = Effect.gen(function*() {
  yield* ask("What did I pay in May?")
  yield* ask("And in June?")
  yield* ask("Where is your office?")
})

const turns = [
  Script.toolCall("transfer_to_billing", {}),
  Script.toolCall("find_invoice", { month: "May" }),
  "You paid $12 in May.",
  Script.toolCall("find_invoice", { month: "June" }),
  "You paid $12 in June, too.",
  Script.toolCall("transfer_to_desk", {}),
  "We are at the harbour."
]

program.pipe(
  Effect.provide(Layer.merge(InvoicesLive, Conversation.layerMemory)),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
