/**
 * A human in the loop: the handler of a tool waits for an answer of a person. Without the answer, the run pauses. The
 * next run provides the answer, the schema of the tool decodes it, and the handler continues. What the person says in
 * between waits in the conversation, and is in the next request.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"
import { Agent, Conversation, Tool, Toolkit } from "effect-openrouter"
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

const conversation = "customer-17"
const desk = Agent.make({ name: "desk", model: "openai/gpt-5-nano", tools: Desk, conversation })

const program = Effect.gen(function*() {
  const paused = yield* Agent.run({ ...desk, input: "I would like to come by." })
  const [call] = paused.pending
  if (call === undefined) return yield* Console.log(paused.text)
  yield* Console.log(`${paused.outcome._tag}: ${JSON.stringify(call.arguments)}`)

  // The conversation keeps all, until the customer responds
  yield* Conversation.say(conversation, "In the morning, if possible.")
  const resume = (answer: unknown) => Agent.run({ ...desk, answer: { [call.callId]: answer } })
  const run = yield* resume({ date: "some day" }).pipe(
    Effect.catchTag(
      "InvalidRequestError",
      (error) => Effect.zipRight(Console.log(error.message), resume({ date: "2026-05-04T00:00:00Z" }))
    )
  )
  yield* Console.log(run.text)
})

const turns = [
  Script.toolCall("ask_customer", { question: "Which day suits you?" }),
  ({ json }: Script.RecordedRequest) => {
    const items = Array.isArray(json["input"]) ? json["input"] : []
    return `Noted: ${items.at(-2)?.output} ${items.at(-1)?.content}`
  }
]

program.pipe(
  Effect.provide([DeskLive, Conversation.layerMemory]),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
