/** An agent with a tool and a request to one endpoint, without a network; a user of either edition runs it. */
import { Agent, Credits, Tool, Toolkit } from "effect-openrouter"
import { MockHttpClient, Script, TestModel } from "effect-openrouter/testing"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

const Add = Tool.make("add", {
  parameters: Schema.Struct({ a: Schema.Number, b: Schema.Number }),
  success: Schema.Number
})
const Calculator = Toolkit.make(Add)
const CalculatorLive = Calculator.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) })

const agent = Effect.gen(function*() {
  const run = yield* Agent.run({ model: "openai/gpt-5-nano", input: "2 + 3?", tools: Calculator })
  const [, second] = yield* TestModel.requests
  return `${run.text} ${JSON.stringify(second?.json["input"]).includes(`"output":"5"`)} ${run.outcome._tag}`
}).pipe(
  Effect.provide(Layer.merge(CalculatorLive, TestModel.layer([Script.toolCall("add", { a: 2, b: 3 }), "It is 5."])))
)

const balance = Effect.map(Credits.getCredits(), ({ data }) => data.total_credits - data.total_usage).pipe(
  Effect.provide(MockHttpClient.layerClient([
    MockHttpClient.on(Credits.getCredits, () => ({ data: { total_credits: 10, total_usage: 2.5 } }))
  ]))
)

console.log(await Effect.runPromise(Effect.all([agent, balance])))
