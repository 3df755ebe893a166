/**
 * An agent with one tool: the model calls the tool, the handler runs, and the model responds with its result. The tool is
 * a pair of schemas. Its handler is a layer, which has the requirements of the handler. A scripted server plays the model.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Console, Context, Effect, Layer, Schema } from "effect"
import { Agent, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"

class NoStation extends Schema.TaggedError<NoStation>()("NoStation", { city: Schema.String }) {}

const GetWeather = Tool.make("get_weather", {
  description: "Returns the current weather in a city",
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Struct({ celsius: Schema.Number }),
  failure: NoStation
})

class Stations extends Context.Tag("Stations")<Stations, ReadonlyMap<string, number>>() {}

const Weather = Toolkit.make(GetWeather)
const WeatherLive = Weather.toLayer({
  get_weather: ({ city }) =>
    Effect.flatMap(Stations, (stations) => {
      const celsius = stations.get(city)
      return celsius === undefined ? Effect.fail(new NoStation({ city })) : Effect.succeed({ celsius })
    })
})

const program = Effect.gen(function*() {
  const run = yield* Agent.run({
    model: "openai/gpt-5-nano",
    input: "How is the weather in Paris, and in Atlantis?",
    tools: Weather,
    stopWhen: [StopWhen.stepCountIs(10), StopWhen.maxCost(0.5)]
  })
  for (const { name, output } of run.steps.flatMap((step) => step.toolResults)) yield* Console.log(name, output)
  yield* Console.log(run.text)
  yield* Console.log(`${run.outcome._tag} after ${run.steps.length} turns, for $${run.cost}`)
}).pipe(
  Effect.catchTag("PaymentRequiredResponseError", (error) => Console.log("Please add credits.", error.progress.text))
)

const turns = [
  Script.turn(
    [Script.toolCall("get_weather", { city: "Paris" }), Script.toolCall("get_weather", { city: "Atlantis" })],
    { cost: 0.001 }
  ),
  Script.turn("Five degrees in Paris. Atlantis has no weather station.", { cost: 0.002 })
]

program.pipe(
  Effect.provide(WeatherLive),
  Effect.provideService(Stations, new Map([["Paris", 5]])),
  Effect.provide(Layer.provide(ScriptedServer.layerClient({ turns }), FetchHttpClient.layer)),
  NodeRuntime.runMain
)
