/**
 * A manual tool, which the caller executes between two runs: in a browser, on a phone, by another service. It has schemas
 * and no handler, so its calls end the run, and the next run provides their results. Tools with handlers execute as usual.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema } from "effect"
import { Agent, Tool, Toolkit } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const Locate = Tool.manual("locate_user", {
  description: "Returns the location of the user's phone",
  success: Schema.Struct({ latitude: Schema.Number, longitude: Schema.Number })
})
const Now = Tool.make("current_time", { description: "Returns the current time", success: Schema.String })

const Tools = Toolkit.make(Locate, Now)
const ToolsLive = Tools.toLayer({ current_time: () => Effect.succeed("09:30") })

const agent = { model: "openai/gpt-5-nano", tools: Tools } as const

const program = Effect.gen(function*() {
  const first = yield* Agent.run({ ...agent, input: "Is there a bakery open near me?" })
  yield* Console.log(first.outcome._tag, first.pending.map((call) => call.name))

  const answer = Object.fromEntries(
    first.pending.map((call) => [call.callId, { latitude: 48.86, longitude: 2.35 }])
  )
  const second = yield* Agent.run({ ...agent, input: first.history, answer })
  const outputs = second.history.flatMap((item) => item.type === "function_call_output" ? [item.output] : [])
  yield* Console.log("In the order of the calls:", outputs)
  yield* Console.log(second.text)
})

const turns = [
  [Script.toolCall("locate_user"), Script.toolCall("current_time")],
  "Yes, around the corner, until six."
]

program.pipe(
  Effect.provide(ToolsLive),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
