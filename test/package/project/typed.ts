/** What a user writes in TypeScript; it is compiled against the declarations of the package, and never run. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Agent, Chat, Models, OpenRouterClient, StopWhen, Tool, Toolkit } from "effect-openrouter"
import { Script, TestModel } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const messages: Chat.SendParams["messages"] = [{ role: "user", content: "Hi" }]
const request = { model: "openai/gpt-5-nano", messages }

export const words: Stream.Stream<string, "stalled" | "other", OpenRouterClient.OpenRouterClient> = Chat.stream(request)
  .pipe(
    Chat.textDeltas,
    Stream.mapError((error) => error._tag === "StreamStalledError" ? "stalled" : "other")
  )

export const careful: Effect.Effect<string, "other", OpenRouterClient.OpenRouterClient> = Chat.send(request).pipe(
  Effect.map(Chat.text),
  Effect.catchTag("PaymentRequiredResponseError", (error) => Effect.succeed(error.message)),
  Effect.mapError(() => "other" as const)
)

export const ids: Effect.Effect<ReadonlyArray<string>, unknown, OpenRouterClient.OpenRouterClient> = Effect.map(
  Models.list(),
  ({ data }) => data.map(({ id }) => id)
)

const Add = Tool.make("add", {
  parameters: Schema.Struct({ a: Schema.Number, b: Schema.NumberFromString }),
  success: Schema.Number
})
const Calculator = Toolkit.make(Add)

export const agent = Agent.run({
  model: "openai/gpt-5-nano",
  input: "2 + 3?",
  tools: Calculator,
  stopWhen: [StopWhen.stepCountIs(3)]
}).pipe(
  Effect.map(({ cost, text }): readonly [string, number | undefined] => [text, cost]),
  Effect.catchTag("TooManyRequestsResponseError", (error) => Effect.succeed([error.progress.text, undefined] as const))
)

const Live = Layer.merge(
  Calculator.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) }),
  Layer.provide(OpenRouterClient.layer({ apiKey: Redacted.make("sk-or-v1-of-a-user") }), FetchHttpClient.layer)
)

export const main: Effect.Effect<readonly [string, number | undefined], unknown> = Effect.provide(agent, Live)

export const tested = Effect.provide(careful, TestModel.layer([Script.turn("Hello", { cost: 0.1 })]))

export const server = ScriptedServer.layerClient(ScriptedServer.demo)
