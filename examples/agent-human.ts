/**
 * A human in the loop: the handler of a tool waits for an answer that only a person has. Without one the run pauses; the
 * next run brings it, checked by the schema of the tool, and the handler goes on with it.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"
import { Agent, Tool, Toolkit } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const AskCustomer = Tool.make("ask_customer", {
  description: "Asks the customer for a date",
  parameters: Schema.Struct({ question: Schema.String }),
  answer: Schema.Struct({ date: Schema.Date }),
  success: Schema.Struct({ weekday: Schema.String, date: Schema.Date })
})

const Desk = Toolkit.make(AskCustomer)
const DeskLive = Desk.toLayer({
  ask_customer: (_, call) =>
    Effect.map(call.answer, ({ date }) => ({
      date,
      weekday: date.toLocaleDateString("en", { weekday: "long", timeZone: "UTC" })
    }))
})

const agent = { model: "openai/gpt-5-nano", tools: Desk } as const

const program = Effect.gen(function*() {
  const asked = yield* Agent.run({ ...agent, input: "I would like to come by." })
  const [call] = asked.pending
  if (call === undefined) return yield* Console.log(asked.text)
  yield* Console.log(`${asked.outcome._tag}: ${JSON.stringify(call.arguments)}`)

  // The history is all that has to be kept until the customer writes back
  const goOn = (answer: unknown) => Agent.run({ ...agent, input: asked.history, answer: { [call.callId]: answer } })
  const run = yield* goOn({ date: "some day" }).pipe(
    Effect.catchTag(
      "InvalidRequestError",
      (error) => Effect.zipRight(Console.log(error.message), goOn({ date: "2026-05-04T00:00:00Z" }))
    )
  )
  yield* Console.log(run.text)
})

const turns = [
  Script.toolCall("ask_customer", { question: "Which day suits you?" }),
  ({ json }: Script.RecordedRequest) => {
    const items = Array.isArray(json["input"]) ? json["input"] : []
    return `Noted: ${items.at(-1)?.output}`
  }
]

program.pipe(
  Effect.provide(DeskLive),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
