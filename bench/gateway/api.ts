/** The `HttpApi` of a gateway. Its twin in `effect4/bench` serves with Effect 4. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { Server } from "node:http"
import type { OpenRouterClient } from "../../src/index.js"

const Request = Schema.Struct({
  model: Schema.String,
  messages: Schema.Array(Schema.Struct({ role: Schema.Literal("user"), content: Schema.String }))
})

/** Responds to a chat with what the model says. */
export type Relay = (request: typeof Request.Type) => Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  unknown,
  OpenRouterClient.OpenRouterClient | HttpServerRequest.HttpServerRequest
>

const Gateway = HttpApi.make("gateway").add(
  HttpApiGroup.make("chat").add(HttpApiEndpoint.post("stream", "/chat/completions").setPayload(Request))
)

/** Serves chats on a free port. */
export const serve = (relay: Relay, server: Server) =>
  HttpApiBuilder.serve().pipe(
    Layer.provide(Layer.provide(
      HttpApiBuilder.api(Gateway),
      HttpApiBuilder.group(
        Gateway,
        "chat",
        (handlers) => handlers.handle("stream", ({ payload }) => Effect.orDie(relay(payload)))
      )
    )),
    Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" }))
  )
