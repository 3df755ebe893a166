/** Programs whose size and start-up the budget watches: the least that a user writes for one purpose. */

const imports = `
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
`
const live = `Layer.provide(OpenRouterClient.layer({ apiKey: Redacted.make("k") }), FetchHttpClient.layer)`
const ask = `{ model: "openai/gpt-5-nano", messages: [{ role: "user", content: "Hi" }] }`

/** Each program by its name, as an ES module. */
export const programs: Readonly<Record<string, string>> = {
  "one chat": `${imports}
import { Chat, OpenRouterClient } from "effect-openrouter"
Effect.runPromise(Effect.provide(Effect.map(Chat.send(${ask}), Chat.text), ${live})).then(console.log)`,
  "one chat, by its modules": `${imports}
import * as OpenRouterClient from "effect-openrouter/http/OpenRouterClient"
import * as Chat from "effect-openrouter/services/Chat"
Effect.runPromise(Effect.provide(Effect.map(Chat.send(${ask}), Chat.text), ${live})).then(console.log)`,
  "one stream": `${imports}
import * as Stream from "effect/Stream"
import { Chat, OpenRouterClient } from "effect-openrouter"
Effect.runPromise(Stream.runForEach(Chat.textDeltas(Chat.stream(${ask})), (delta) => Effect.sync(() =>
  console.log(delta))).pipe(Effect.provide(${live})))`,
  "one agent": `${imports}
import * as Schema from "effect/Schema"
import { Agent, OpenRouterClient, Tool, Toolkit } from "effect-openrouter"
const Add = Tool.make("add", { parameters: Schema.Struct({ a: Schema.Number }), success: Schema.Number })
const Calculator = Toolkit.make(Add)
const program = Agent.run({ model: "openai/gpt-5-nano", input: "1 + 1?", tools: Calculator })
const Live = Layer.merge(Calculator.toLayer({ add: ({ a }) => Effect.succeed(a + 1) }), ${live})
Effect.runPromise(Effect.provide(program, Live)).then(console.log)`,
  "nothing of it": `import * as all from "effect-openrouter"\nconsole.log("Hi")`
}
