/**
 * The main features in one file: list models, send a chat, stream a chat and show its cost, catch a typed error, and
 * run an agent whose model calls a tool.
 *
 * With OPENROUTER_API_KEY it sends requests to OpenRouter (for a fraction of a cent); without it, to a scripted server
 * in the same process.
 */
import { FetchHttpClient } from "@effect/platform"
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Option, Schema, Stream } from "effect"
import { Agent, Chat, Models, OpenRouterClient, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { ScriptedServer } from "effect-openrouter/testing/server"

const model = "openai/gpt-5-nano"
const request = (content: string) => ({ model, messages: [{ role: "user" as const, content }] })
const usd = (cost: number) => `$${cost.toFixed(6)}`

const listModels = Effect.gen(function*() {
  const { data } = yield* Models.list()
  yield* Console.log(`1. ${data.length} models, such as ${data.slice(0, 3).map(({ id }) => id).join(", ")}`)
  return Number(data.find(({ id }) => id === model)?.pricing.completion ?? 0)
})

const sendChat = Effect.gen(function*() {
  const result = yield* Chat.send(request("Say hello in one short sentence."))
  yield* Console.log(`2. ${result.model}: ${Chat.text(result)} (${usd(result.usage?.cost ?? 0)})`)
})

const streamChat = (pricePerToken: number) =>
  Effect.gen(function*() {
    const show = costLine(pricePerToken)
    const result = yield* Chat.stream(request("Tell a story about a lighthouse in three sentences.")).pipe(
      Stream.tap((chunk) => show(chunk.choices[0]?.delta.content ?? "")),
      Chat.accumulate
    )
    yield* Console.log(`\n   ${result.usage?.completion_tokens} tokens for ${usd(result.usage?.cost ?? 0)}`)
  })

const catchError = Chat.send({ ...request("Anybody there?"), model: "nobody/no-such-model" }).pipe(
  Effect.zipRight(Console.log("4. A model with this name exists")),
  Effect.catchTag("BadRequestResponseError", (error) => Console.log(`4. Caught ${error._tag}: ${error.message}`))
)

const GetWeather = Tool.make("get_weather", {
  description: "The current weather in a city",
  parameters: Schema.Struct({ city: Schema.String }),
  success: Schema.Struct({ celsius: Schema.Number })
})
const Weather = Toolkit.make(GetWeather)
const WeatherLive = Weather.toLayer({
  get_weather: ({ city }) => Effect.as(Console.log(`5. The agent looks up the weather in ${city}`), { celsius: 5 })
})

const runAgent = Effect.gen(function*() {
  const run = yield* Agent.run({
    model,
    input: "What is the weather like in Paris?",
    tools: Weather,
    stopWhen: [StopWhen.stepCountIs(5), StopWhen.maxCost(0.01)]
  })
  yield* Console.log(`   and responds: ${run.text} (${run.outcome._tag}, ${run.steps.length} turns, ${usd(run.cost)})`)
}).pipe(Effect.provide(WeatherLive))

const program = Effect.gen(function*() {
  const pricePerToken = yield* listModels
  yield* sendChat
  yield* streamChat(pricePerToken)
  yield* catchError
  yield* runAgent
})

/** Prints text as it arrives. On a terminal, prints the approximate cost after it (about one token for each piece). */
const costLine = (pricePerToken: number) => {
  let line = "3. "
  let pieces = 0
  return (delta: string) =>
    Effect.sync(() => {
      if (!process.stdout.isTTY) return process.stdout.write(pieces++ === 0 ? line + delta : delta)
      const full = line.length > 70 && delta.startsWith(" ")
      const above = full ? `${line}\n` : ""
      line = full ? `  ${delta}` : line + delta
      return process.stdout.write(`\r\x1b[K${above}${line} \x1b[2m${usd(pieces++ * pricePerToken)}\x1b[0m`)
    })
}

const main = Effect.gen(function*() {
  const key = yield* Config.option(Config.nonEmptyString("OPENROUTER_API_KEY"))
  yield* Console.log(
    Option.isSome(key)
      ? "Sending requests to OpenRouter."
      : "No OPENROUTER_API_KEY: sending requests to a scripted server."
  )
  yield* Option.isSome(key)
    ? Effect.provide(program, OpenRouterClient.layer())
    : Effect.provide(program, ScriptedServer.layerClient(ScriptedServer.demo))
})

NodeRuntime.runMain(Effect.provide(main, FetchHttpClient.layer))
