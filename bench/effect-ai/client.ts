import * as OpenRouterClient from "@effect/ai-openrouter/OpenRouterClient"
import * as OpenRouterLanguageModel from "@effect/ai-openrouter/OpenRouterLanguageModel"
import * as LanguageModel from "@effect/ai/LanguageModel"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import type { Read } from "../probes.js"
import { atOnce, type Client, key, model, pool, streams, times } from "../scenarios.js"

const layerOf = (apiUrl: string) =>
  OpenRouterLanguageModel.layer({ model }).pipe(
    Layer.provide(OpenRouterClient.layer({ apiKey: Redacted.make(key), apiUrl })),
    Layer.provide(FetchHttpClient.layer)
  )

const deltas = LanguageModel.streamText({ prompt: "Hello!" }).pipe(Stream.filter((part) => part.type === "text-delta"))

const read: Read = (url, see) =>
  deltas.pipe(
    Stream.runForEach(() => {
      const wait = see()
      return wait === undefined ? Effect.void : Effect.promise(() => wait)
    }),
    Effect.provide(layerOf(url)),
    Effect.runPromise
  )

const chat = (url: string): Promise<number> =>
  deltas.pipe(Stream.runCount, Effect.provide(layerOf(url)), Effect.runPromise)

const send = (url: string): Promise<number> =>
  LanguageModel.generateText({ prompt: "Hello!" }).pipe(
    Effect.map(({ text }) => text === "" ? 0 : 1),
    Effect.provide(layerOf(url)),
    Effect.runPromise
  )

export const client: Client = {
  read,
  chatStream: chat,
  chatCoalesced: chat,
  fan200: (url) => atOnce(streams, () => chat(url)),
  sequential: (url, count) => times(count, () => send(url)),
  concurrent: (url, count) => pool(count, () => send(url))
}
