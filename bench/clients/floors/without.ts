/** This library over `fetch`, with one cause of its cost removed. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Endpoint, EventStream } from "../../../dist/for-effect-3/extend.js"
import { Chat, Models, OpenRouterClient } from "../../../dist/for-effect-3/index.js"
import { atOnce, type Client, key, model, once, pool, streams, times } from "../../scenarios.js"

const request = { model, messages: [{ role: "user", content: "Hello!" }] } as const

/** Adds nothing up, and takes every response for complete. */
const noAccumulator = (): ReturnType<typeof Chat.stream.protocol.accumulator> => ({
  add: () => {},
  addUsage: () => {},
  end: () => {},
  completeness: () => "whole",
  partial: () => Chat.stream.protocol.accumulator().partial(),
  result: () => undefined
})

/** What this library does not do. */
interface Removed {
  /** The check of each event or body against its schema. */
  readonly validation?: boolean
  /** What keeps the partial response for an error. */
  readonly accumulator?: boolean
  /** The spans, the retries and the time limits. */
  readonly around?: boolean
}

export const makeClient = ({ accumulator = false, around = false, validation = false }: Removed): Client => {
  const stream = EventStream.endpoint({
    ...Chat.stream,
    body: "json",
    schema: validation ? Schema.Any : Chat.stream.schema,
    protocol: accumulator ? { ...Chat.stream.protocol, accumulator: noAccumulator } : Chat.stream.protocol
  })
  const schemaOf = (schema: Schema.Schema<unknown>) => validation ? Schema.Any : schema
  const send = Endpoint.json({ ...Chat.send, body: "json", schema: schemaOf(Chat.send.schema) })
  const list = Endpoint.json({ ...Models.list, body: "none", schema: schemaOf(Models.list.schema) })
  const settings = around
    ? { retry: false, timeout: Infinity, idleTimeout: Infinity, eventTimeout: Infinity } as const
    : {}
  const runtimeOf = once((baseUrl) =>
    ManagedRuntime.make(
      OpenRouterClient.layer({ apiKey: Redacted.make(key), baseUrl, ...settings }).pipe(
        Layer.provide(FetchHttpClient.layer)
      )
    )
  )
  const run = <A, E>(url: string, effect: Effect.Effect<A, E, OpenRouterClient.OpenRouterClient>) =>
    runtimeOf(url).runPromise(around ? Effect.withTracerEnabled(effect, false) : effect)
  const chat = (url: string) => run(url, Stream.runCount(Chat.textDeltas(stream(request))))
  const sent = (url: string) => run(url, Effect.as(send(request), 1))
  return {
    chatCoalesced: chat,
    fan200: (url) => atOnce(streams, () => chat(url)),
    sequential: (url, count) => times(count, () => sent(url)),
    concurrent: (url, count) => pool(count, () => sent(url)),
    models: (url, count) => times(count, () => run(url, Effect.map(list({}), (models) => models.data.length)))
  }
}
