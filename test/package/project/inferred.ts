/**
 * What a library of a user's exports without writing its types: the compiler writes them into declarations, and must find
 * a public address for each.
 */
import {
  Agent,
  AgentStream,
  Chat,
  Conversation,
  Convert,
  Files,
  Guardrails,
  Interns,
  Messages,
  Middleware,
  Models,
  OpenRouterClient,
  OpenRouterError,
  Prompt,
  Responses,
  Retry,
  StopWhen,
  StructuredOutput,
  Tool,
  Toolkit,
  Usage,
  Videos
} from "effect-openrouter"
import { Activities, Endpoint, EventStream } from "effect-openrouter/extend"
import { NodeClient } from "effect-openrouter/node"
import { MockHttpClient, Script, TestModel } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const model = "openai/gpt-5-nano"
const messages = [{ role: "user", content: "Hi" }] as const

export const reply = Chat.send({ model, messages })
export const failure = Effect.flip(reply)
export const message = Effect.map(reply, ({ choices }) => choices[0]?.message)
export const streamed = Chat.stream({ model, messages })
export const deltas = streamed.pipe(Chat.textDeltas)
export const whole = Chat.accumulate(streamed)
export const value = Chat.object({ model, messages, schema: Schema.Struct({ celsius: Schema.Number }) })
export const withResponse = Chat.send.withResponse({ model, messages })
export const streamWithResponse = Chat.stream.withResponse({ model, messages })
export const response = Responses.send({ model, input: "Hi" })
export const output = Effect.map(response, ({ output }) => output)
export const events = Responses.stream({ model, input: "Hi" })
export const claude = Messages.send({ model, max_tokens: 100, messages: [{ role: "user", content: "Hi" }] })
export const intern = Interns.accumulate
export const pages = Guardrails.list.stream()
export const models = Models.list()
export const upload = Files.upload({ file: new Uint8Array() })
export const download = Files.download({ file_id: "file_1" })
export const film = Videos.generate

export const Add = Tool.make("add", {
  parameters: Schema.Struct({ a: Schema.Number, b: Schema.NumberFromString }),
  success: Schema.Number,
  failure: Schema.String
})
export const Choose = Tool.manual("choose", { parameters: Schema.Struct({ title: Schema.String }) })
export const Calculator = Toolkit.make(Add, Choose)
export const handlers = Calculator.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) })
export const currentCall = Tool.CurrentCall

const options = { model, input: "2 + 3?", tools: Calculator } as const
export const run = Agent.run(options)
export const steps = Effect.map(run, (run) => run.steps)
export const outcome = Effect.map(run, (run) => run.outcome)
export const pending = Effect.map(run, (run) => run.pending)
export const agentEvents = Agent.stream(options)
export const items = AgentStream.items(agentEvents)
export const result = Agent.callModel(options)
export const texts = Effect.map(result, (result) => result.textStream)
export const budget = StopWhen.maxCost(1)
export const own = StopWhen.make("own", () => Effect.succeed(true))
export const stores = Conversation.layerMemory
export const log = Conversation.load("rent")
export const chat = Convert.toChatMessages
export const middleware = Middleware.make({})
export const add = Usage.add

export const live = OpenRouterClient.layer({})
export const http = NodeClient.layer({ keepAliveTimeout: "1 minute" })
export const onNode = Layer.provide(live, http)
export const quick = OpenRouterClient.withOptions(reply, { timeout: "1 second" })
export const retry = Retry.exponential({ maxRetries: 1 })
export const errors = OpenRouterError.errorClassByStatus
export const user = Prompt.user("Hi")
export const structured = StructuredOutput.make({ schema: Schema.String })
export const activities = Activities.Activities
export const endpoint = Endpoint.json
export const eventStream = EventStream.accumulate
export const first = Stream.take(streamed, 1)

export const scripted = TestModel.layer([Script.text("Hello")])
export const mocked = MockHttpClient.on(Models.list, () => ({ data: [] }))
export const server = ScriptedServer.layerClient(ScriptedServer.demo)
