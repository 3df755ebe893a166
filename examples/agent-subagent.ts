/**
 * An agent that is a tool of another one. The cost of the inner run counts in the outer run, so the budget of the outer run
 * holds for both. An interruption of the outer run also interrupts the inner run and its request.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"
import { Agent, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const model = "openai/gpt-5-nano"

const Lookup = Toolkit.make(
  Tool.make("look_up", { parameters: Schema.Struct({ term: Schema.String }), success: Schema.String })
)
const LookupLive = Lookup.toLayer({ look_up: ({ term }) => Effect.succeed(`${term}: a tower with a light`) })

const librarian = Agent.make({ name: "librarian", model, instructions: "You look things up.", tools: Lookup })

const editor = Agent.make({
  name: "editor",
  model,
  tools: Toolkit.make(
    Agent.asTool(librarian, {
      name: "ask_librarian",
      description: "Sends a question to a librarian with access to the catalog",
      parameters: Schema.Struct({ question: Schema.String }),
      input: ({ question }) => question
    })
  ),
  stopWhen: StopWhen.maxCost(0.01)
})

const ask = (input: string) => Agent.run({ ...editor, input })

const program = Effect.gen(function*() {
  const server = yield* ScriptedServer.ScriptedServer

  const run = yield* ask("What is a lighthouse?")
  yield* Console.log(run.outcome, `$${run.cost} in ${(yield* server.requests).length} requests`)
  yield* Console.log(run.steps[0]?.toolResults[0]?.result)

  // The inner request never ends
  const late = yield* Effect.timeoutOption(ask("And a buoy?"), "300 millis")
  yield* server.awaitInterrupted(1)
  yield* Console.log(late._tag, yield* server.responses)
})

const turns = [
  Script.turn(Script.toolCall("ask_librarian", { question: "What is a lighthouse?" }), { cost: 0.001 }),
  // The librarian uses up the budget of the editor before its tool executes, so the editor sends no further request
  Script.turn(["Let me see. ", Script.toolCall("look_up", { term: "lighthouse" })], { cost: 0.02 }),
  Script.turn(Script.toolCall("ask_librarian", { question: "What is a buoy?" })),
  ["A buoy is", Script.stall]
]

program.pipe(
  Effect.provide(LookupLive),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
