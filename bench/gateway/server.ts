/**
 * A gateway: an `HttpApi` server that streams a chat from upstream to its user. The first argument names how it asks
 * upstream, the second is the address of upstream. It sends its port, and for each message what it has used.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { createServer, type ServerResponse } from "node:http"
import { Chat, OpenRouterClient } from "../../src/index.js"
import { key } from "../scenarios.js"
import { type Relay, serve } from "./api.js"
import type { Used } from "./common.js"

const [, , kind = "", upstream = ""] = process.argv

const contentType = "text/event-stream"

const frame = (event: unknown): string => `data: ${JSON.stringify(event)}\n\n`

const done = "data: [DONE]\n\n"

/** Writes to the user, and waits while the user is slower. */
type Write = (text: string) => Promise<unknown> | undefined

const writeTo = (response: ServerResponse): Write => (text) =>
  response.write(text) || response.destroyed
    ? undefined
    : new Promise((resolve) => response.once("drain", resolve).once("close", resolve))

/** Responds with what is written, without a `Stream` on the way to the user either. */
const written = <E, R>(run: (write: Write) => Effect.Effect<unknown, E, R>) =>
  Effect.gen(function*() {
    const response = NodeHttpServerRequest.toServerResponse(yield* HttpServerRequest.HttpServerRequest)
    response.writeHead(200, { "content-type": contentType })
    yield* run(writeTo(response))
    response.end(done)
    return HttpServerResponse.empty()
  })

const writtenBy = (run: (write: Write, signal: AbortSignal) => Promise<void>) =>
  written((write) => Effect.tryPromise((signal) => run(write, signal)))

const ofStream: Relay = (request) =>
  Effect.map(Effect.context<OpenRouterClient.OpenRouterClient>(), (context) => {
    const encoder = new TextEncoder()
    const body = Stream.concat(Stream.map(Chat.stream(request), frame), Stream.succeed(done)).pipe(
      Stream.map((text) => encoder.encode(text)),
      Stream.provideContext(context)
    )
    return HttpServerResponse.stream(body, { contentType })
  })

const ofForEach: Relay = (request) =>
  written((write) =>
    Chat.stream.forEach(request, (chunk) => {
      const wait = write(frame(chunk))
      return wait === undefined ? Effect.void : Effect.promise(() => wait)
    })
  )

/** `fetch` without any reading: the bytes go through. */
const ofRaw: Relay = (request) =>
  writtenBy(async (write, signal) => {
    const body = JSON.stringify({ ...request, stream: true })
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" }
    const response = await fetch(`${upstream}/chat/completions`, { method: "POST", headers, body, signal })
    const decoder = new TextDecoder()
    for await (const bytes of response.body ?? []) {
      const text = decoder.decode(bytes, { stream: true })
      const wait = write(text.endsWith(done) ? text.slice(0, -done.length) : text)
      if (wait !== undefined) await wait
    }
  })

const ofOpenai = async (): Promise<Relay> => {
  const { default: OpenAI } = await import("openai")
  const client = new OpenAI({ apiKey: key, baseURL: upstream })
  return ({ messages, model }) =>
    writtenBy(async (write, signal) => {
      const chunks = await client.chat.completions.create({ model, messages: [...messages], stream: true }, { signal })
      for await (const chunk of chunks) {
        const wait = write(frame(chunk))
        if (wait !== undefined) await wait
      }
    })
}

const relay = kind === "openai"
  ? await ofOpenai()
  : kind === "raw fetch"
  ? ofRaw
  : kind.includes("forEach")
  ? ofForEach
  : ofStream

const server = createServer()

const Live = serve(relay, server).pipe(
  Layer.provide(OpenRouterClient.layer({ apiKey: Redacted.make(key), baseUrl: upstream })),
  Layer.provide(kind.includes("undici") ? NodeHttpClient.layerUndici : FetchHttpClient.layer)
)

let cpu = process.cpuUsage()
let atRest = 0
let most = 0
setInterval(() => most = Math.max(most, process.memoryUsage.rss()), 200).unref()

process.on("message", () => {
  const { system, user } = process.cpuUsage(cpu)
  process.send?.({ cpu: (system + user) / 1000, memory: most - atRest } satisfies Used)
  cpu = process.cpuUsage()
})
process.on("disconnect", () => process.exit(0))
server.on("listening", () => {
  atRest = process.memoryUsage.rss()
  const address = server.address()
  process.send?.({ port: typeof address === "object" ? address?.port : undefined })
})
Effect.runFork(Layer.launch(Live))
