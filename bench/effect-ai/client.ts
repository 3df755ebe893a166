import * as OpenRouterClient from "@effect/ai-openrouter/OpenRouterClient"
import * as OpenRouterLanguageModel from "@effect/ai-openrouter/OpenRouterLanguageModel"
import * as LanguageModel from "@effect/ai/LanguageModel"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { Read } from "../probes.js"
import { atOnce, type Client, key, model, once, pool, streams, times } from "../scenarios.js"

const runtimeOf = once((apiUrl) =>
  ManagedRuntime.make(
    OpenRouterLanguageModel.layer({ model }).pipe(
      Layer.provide(OpenRouterClient.layer({ apiKey: Redacted.make(key), apiUrl })),
      Layer.provide(FetchHttpClient.layer)
    )
  )
)

const deltas = LanguageModel.streamText({ prompt: "Hello!" }).pipe(Stream.filter((part) => part.type === "text-delta"))

const read: Read = (url, see) =>
  runtimeOf(url).runPromise(Stream.runForEach(deltas, () => {
    const wait = see()
    return wait === undefined ? Effect.void : Effect.promise(() => wait)
  }))

const chat = (url: string): Promise<number> => runtimeOf(url).runPromise(Stream.runCount(deltas))

const send = (url: string): Promise<number> =>
  runtimeOf(url).runPromise(
    Effect.map(LanguageModel.generateText({ prompt: "Hello!" }), ({ text }) => text === "" ? 0 : 1)
  )

export const client: Client = {
  read,
  chatStream: chat,
  chatCoalesced: chat,
  fan200: (url) => atOnce(streams, () => chat(url)),
  fan200ForEach: (url) => atOnce(streams, () => chat(url)),
  sequential: (url, count) => times(count, () => send(url)),
  concurrent: (url, count) => pool(count, () => send(url))
}
