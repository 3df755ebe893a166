/** This library, over the given `HttpClient`. */
import type { HttpClient } from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Agent, Chat, Models, OpenRouterClient, Responses, Tool, Toolkit } from "../../dist/for-effect-3/index.js"
import type { Read } from "../probes.js"
import { atOnce, type Client, key, model, once, pool, streams, times } from "../scenarios.js"

const Add = Tool.make("add", {
  parameters: Schema.Struct({ a: Schema.Number, b: Schema.Number }),
  success: Schema.Number
})
const tools = Toolkit.make(Add)
const ToolsLive = tools.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) })

const messages = [{ role: "user", content: "Hello!" }] as const

const request = { model, messages }

const deltas = Chat.stream(request).pipe(Chat.textDeltas)

export const makeClient = (http: Layer.Layer<HttpClient>): Client => {
  const runtimeOf = once((baseUrl) => {
    const client = OpenRouterClient.layer({ apiKey: Redacted.make(key), baseUrl }).pipe(Layer.provide(http))
    return ManagedRuntime.make(Layer.merge(client, ToolsLive))
  })
  const read: Read = (url, see) =>
    runtimeOf(url).runPromise(Stream.runForEach(deltas, () => {
      const wait = see()
      return wait === undefined ? Effect.void : Effect.promise(() => wait)
    }))
  const chat = (url: string) => runtimeOf(url).runPromise(Stream.runCount(deltas))
  const chatByForEach = (url: string) => {
    let seen = 0
    const see = Chat.stream.forEach(request, (chunk) => {
      if (chunk.choices[0]?.delta.content) seen++
      return Effect.void
    })
    return runtimeOf(url).runPromise(Effect.map(see, () => seen))
  }
  const send = (url: string) =>
    runtimeOf(url).runPromise(Effect.map(Chat.send(request), (result) => Chat.text(result) === "" ? 0 : 1))
  return {
    read,
    chatStream: chat,
    chatCoalesced: chat,
    responsesStream: (url) =>
      runtimeOf(url).runPromise(
        Stream.runCount(Responses.stream({ model, input: "Hello!" }).pipe(Responses.textDeltas))
      ),
    fan200: (url) => atOnce(streams, () => chat(url)),
    fan200ForEach: (url) => atOnce(streams, () => chatByForEach(url)),
    sequential: (url, count) => times(count, () => send(url)),
    concurrent: (url, count) => pool(count, () => send(url)),
    models: (url, count) =>
      times(count, () => runtimeOf(url).runPromise(Effect.map(Models.list(), (list) => list.data.length))),
    agent: (url, count) =>
      times(count, () =>
        runtimeOf(url).runPromise(
          Effect.map(Agent.run({ model, input: "Add.", tools }), (run) => run.text === "" ? 0 : 1)
        ))
  }
}
