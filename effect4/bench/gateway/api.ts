/** The `HttpApi` of a gateway, served with Effect 4. As `bench/gateway/api.ts` of the repository. */
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
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
  HttpApiGroup.make("chat").add(HttpApiEndpoint.post("stream", "/chat/completions", { payload: Request }))
)

/** Serves chats on a free port. */
export const serve = (relay: Relay, server: Server) =>
  HttpRouter.serve(
    HttpApiBuilder.layer(Gateway).pipe(
      Layer.provide(HttpApiBuilder.group(
        Gateway,
        "chat",
        (handlers) => handlers.handle("stream", ({ payload }) => Effect.orDie(relay(payload)))
      ))
    ),
    { disableListenLog: true, disableLogger: true }
  ).pipe(Layer.provide(NodeHttpServer.layer(() => server, { port: 0, host: "127.0.0.1" })))
