/**
 * An HTTP API that streams chats to browsers as server-sent events. A failure before the first word is the HTTP status of
 * the response: 402 when the credits are used up. A later failure is the last event. When a reader leaves, the request to
 * OpenRouter ends, and with it what it costs.
 *
 * Packages: `effect-openrouter`, `effect`, `@effect/platform`, `@effect/platform-node`.
 *
 * `OPENROUTER_API_KEY=… npx tsx examples/recipes/http-api.ts` starts the server. Ask it:
 * `curl -N localhost:3000/chat -H 'content-type: application/json' -d '{"messages":[{"role":"user","content":"Hi!"}]}'`
 */
import {
  HttpApi,
  HttpApiBuilder,
  HttpApiEndpoint,
  HttpApiGroup,
  HttpApiSchema,
  HttpServer,
  HttpServerResponse
} from "@effect/platform"
import { NodeHttpServer, NodeRuntime } from "@effect/platform-node"
import { Effect, Layer, Schema, Stream } from "effect"
import { Agent, Chat, OpenRouterClient } from "effect-openrouter"
import { NodeClient } from "effect-openrouter/node"
import { Sse } from "effect-openrouter/ui"
import { createServer } from "node:http"
import { fileURLToPath } from "node:url"

const Question = Schema.Struct({
  messages: Schema.Array(Schema.Struct({ role: Schema.Literal("user", "assistant"), content: Schema.String }))
})

/** The data of one event: a piece of the text, what the response has cost, or that it broke off. */
interface Event {
  readonly text?: string | undefined
  readonly cost?: number | undefined
  readonly error?: string | undefined
}

/** What clients and the OpenAPI document know of this server. */
const Api = HttpApi.make("api").add(
  HttpApiGroup.make("chats").add(
    HttpApiEndpoint.post("chat", "/chat")
      .setPayload(Question)
      .addSuccess(HttpApiSchema.Text({ contentType: "text/event-stream" }))
  )
)

const chat = ({ messages }: typeof Question.Type) => {
  const events = Chat.stream({ model: "openai/gpt-5-nano", messages }).pipe(
    Stream.map((chunk): Event => ({
      text: chunk.choices[0]?.delta.content || undefined,
      cost: chunk.usage?.cost ?? undefined
    })),
    Stream.filter(({ cost, text }) => text !== undefined || cost !== undefined),
    Stream.tapError((error) => Effect.logError(error.message))
  )
  return Sse.response(events, {
    event: ({ error }) => error === undefined ? undefined : "error",
    onFailure: () => ({ error: "The response broke off. Please ask again." })
  }).pipe(
    // Only a failure before the first event comes here
    Effect.catchAll((error) =>
      Effect.succeed(
        HttpServerResponse.unsafeJson({ error: "There is no response." }, { status: Agent.httpStatus(error) })
      )
    )
  )
}

const Chats = HttpApiBuilder.group(Api, "chats", (handlers) => handlers.handle("chat", ({ payload }) => chat(payload)))

/** The server. It needs an `OpenRouterClient`. */
export const layer = (port: number) =>
  HttpApiBuilder.serve().pipe(
    Layer.provide(Layer.provide(HttpApiBuilder.api(Api), Chats)),
    Layer.provideMerge(NodeHttpServer.layer(createServer, { port }))
  )

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  Layer.launch(HttpServer.withLogAddress(layer(3000))).pipe(
    Effect.provide(Layer.provide(OpenRouterClient.layer(), NodeClient.layer())),
    NodeRuntime.runMain
  )
}
