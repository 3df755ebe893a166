/**
 * A program for `@effect/ai` on OpenRouter: a chat whose model calls a tool, a value with a schema, and a stream.
 *
 * `npx tsx examples/effect-ai.ts` runs it offline with a scripted model.
 */
import { Chat, LanguageModel, Tool, Toolkit } from "@effect/ai"
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Layer, Schema, Stream } from "effect"
import { OpenRouterAi, OpenRouterLanguageModel } from "effect-openrouter/ai"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

const Weather = Tool.make("get_weather", {
  description: "The weather in a city.",
  parameters: { city: Schema.String, day: Schema.optional(Schema.String) },
  success: Schema.Struct({ degrees: Schema.Number })
})
const Tools = Toolkit.make(Weather)
const ToolsLive = Tools.toLayer({ get_weather: ({ city }) => Effect.succeed({ degrees: city.length * 4 }) })

const Report = Schema.Struct({ city: Schema.String, degrees: Schema.Number, rain: Schema.optional(Schema.Boolean) })

const program = Effect.gen(function*() {
  const chat = yield* Chat.empty
  const asked = yield* chat.generateText({ prompt: "How warm is it in Paris?", toolkit: Tools })
  yield* Console.log(asked.finishReason, asked.toolResults.map(({ encodedResult }) => encodedResult))
  // The model receives the result, and its own reasoning with its signature
  const answer = yield* chat.generateText({ prompt: [], toolkit: Tools })
  yield* Console.log(answer.text)

  const { value } = yield* LanguageModel.generateObject({ prompt: "Paris, as a report", schema: Report })
  yield* Console.log(value)

  yield* LanguageModel.streamText({ prompt: "And in a poem?" }).pipe(
    Stream.runForEach((part) => part.type === "text-delta" ? Console.log(part.delta) : Effect.void)
  )
}).pipe(
  OpenRouterLanguageModel.withConfigOverride({ provider: { sort: "price" } }),
  Effect.tapError((error) => Console.log(OpenRouterAi.original(error)?._tag))
)

const turns = [
  [
    Script.reasoning("I need the weather.", { signature: "c2ln" }),
    Script.toolCall("get_weather", { city: "Paris", day: null })
  ],
  "It has 20 degrees.",
  `{"city":"Paris","degrees":20,"rain":null}`,
  Script.text(["Grey roofs,", "a warm stone,", "the river knows."])
]

program.pipe(
  Effect.provide(OpenRouterLanguageModel.model("openai/gpt-5-mini")),
  Effect.provide(ToolsLive),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
