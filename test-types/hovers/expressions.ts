/** What users hover over. `npm run hovers` prints the types of these values on both editions, side by side. */
import { Effect, Schema, Stream } from "effect"
import {
  Agent,
  ApiKeys,
  Chat,
  Completions,
  Conversation,
  Embeddings,
  Files,
  Generations,
  Messages,
  Middleware,
  Models,
  OAuth,
  OpenRouterClient,
  Responses,
  Retry,
  StopWhen,
  Tool,
  Toolkit
} from "effect-openrouter"
import { Activities } from "effect-openrouter/extend"
import type { OpenRouterError } from "effect-openrouter/http/OpenRouterError"
import { StreamTruncatedError } from "effect-openrouter/http/OpenRouterError"
import { MockHttpClient, Script, TestModel } from "effect-openrouter/testing"

const model = "openai/gpt-5-nano"
const request = { model, messages: [{ role: "user" as const, content: "Hi" }] }
const Person = Schema.Struct({ name: Schema.String, born: Schema.optional(Schema.NumberFromString) })

export const chatSend = Chat.send
export const chatSent = Chat.send(request)
export const chatStream = Chat.stream
export const chatStreamed = Chat.stream(request)
export const chatDeltas = Chat.textDeltas(chatStreamed)
export const chatAccumulated = Chat.accumulate(chatStreamed)
export const chatObject = Chat.object({ ...request, schema: Person })
export const chatStreamObject = Chat.streamObject({ ...request, schema: Person })
export const chatStreamElements = Chat.streamObject({ ...request, schema: Schema.Array(Person), elements: true })
export const chatWithResponse = Chat.send.withResponse(request)
export const responsesSend = Responses.send({ input: "Hi" })
export const messagesSend = Messages.send
export const completionsSend = Completions.generate
export const embeddings = Embeddings.generate
export const modelsList = Models.list()
export const keysPaged = ApiKeys.list
export const filesDownload = Files.download({ file_id: "1" })
export const settle = Generations.settle
export const login = OAuth.start
export const layer = OpenRouterClient.layer
export const layerConfig = OpenRouterClient.layerConfig()
export const withOptions = OpenRouterClient.withOptions(chatSent, { retry: false })
export const exponential = Retry.exponential()

export const add = Tool.make("add", {
  parameters: Schema.Struct({ a: Schema.Number, b: Schema.NumberFromString }),
  success: Schema.Number,
  failure: Schema.Literal("overflow", "nan")
})
export const kit = Toolkit.make(add)
export const kitLayer = kit.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) })
export const run = Agent.run({ model, input: "2 + 3?", tools: kit })
export const runWithConversation = Agent.run({ model, input: "2 + 3?", tools: kit, conversation: "c" })
export const runStream = Agent.stream({ model, input: "2 + 3?", tools: kit })
export const runResult = Agent.callModel({ model, input: "2 + 3?", tools: kit })
export const runLimited = Agent.run({
  model,
  input: "Hi",
  stopWhen: [StopWhen.stepCountIs(3), StopWhen.maxCost(0.01)]
})
export const stop = StopWhen.stepCountIs(3)
export const middleware = Middleware.make({
  model: (turn, next) =>
    Effect.gen(function*() {
      return yield* Effect.catchTag(next(turn), "PaymentRequiredResponseError", () => next({ ...turn, model }))
    })
})
export const runWithMiddleware = Agent.run({ model, input: "Hi", middleware })
export const conversationLoad = Conversation.load
export const conversationMemory = Conversation.layerMemory
export const activities = Activities.passThrough
export const truncated = StreamTruncatedError
export const errorTag = (error: OpenRouterError) => error._tag
export const caught = Effect.catchTag(chatSent, "UnauthorizedResponseError", () => Effect.succeed(undefined))
export const collected = Stream.runDrain(chatStreamed)
export const testModel = TestModel.layer(["Hello"])
export const requests = TestModel.requests
export const mock = MockHttpClient.layerClient([])
export const script = Script.toolCall("add", { a: 1 })
