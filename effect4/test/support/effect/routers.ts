/** Ways to mount a chat under `/api/chat`. Effect 4 has other routers. */
import type { NodeServices } from "@effect/platform-node/NodeServices"
import type * as Effect from "effect/Effect"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import type * as Etag from "effect/http/Etag"
import type * as HttpPlatform from "effect/http/HttpPlatform"
import * as HttpRouter from "effect/http/HttpRouter"
import type * as HttpServer from "effect/http/HttpServer"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import type { Conversation } from "../../../src/agent/Conversation.js"
import type * as Tool from "../../../src/agent/Tool.js"
import type { OpenRouterClient } from "../../../src/http/OpenRouterClient.js"
import type { LiveChats } from "../../../src/ui/UiChat.js"

type Services = LiveChats | Conversation | OpenRouterClient | Tool.Handler<"weather"> | Tool.Handler<"pay">

type Chat = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  never,
  HttpServerRequest.HttpServerRequest | Services
>

/** Serves a chat. */
export type Mount = (
  chat: Chat
) => Layer.Layer<
  never,
  never,
  HttpServer.HttpServer | HttpPlatform.HttpPlatform | Etag.Generator | NodeServices | Services
>

const quiet = { disableLogger: true, disableListenLog: true }

const Api = HttpApi.make("api").add(
  HttpApiGroup.make("chat")
    .add(HttpApiEndpoint.post("answer", "/api/chat"))
    .add(HttpApiEndpoint.get("load", "/api/chat/:id"))
    .add(HttpApiEndpoint.get("resume", "/api/chat/:id/stream"))
    .add(HttpApiEndpoint.post("stop", "/api/chat/:id/stop"))
)

const handlersOf = (chat: Chat) =>
  HttpApiBuilder.group(Api, "chat", (handlers) =>
    handlers
      .handleRaw("answer", () => chat)
      .handleRaw("load", () => chat)
      .handleRaw("resume", () => chat)
      .handleRaw("stop", () => chat))

/** All ways, by their names. */
export const mounts: ReadonlyArray<readonly [name: string, mount: Mount]> = [
  ["HttpRouter.add", (chat) => HttpRouter.serve(HttpRouter.add("*", "/api/chat/*", chat), quiet)],
  [
    "HttpRouter.addAll",
    (chat) =>
      HttpRouter.serve(
        HttpRouter.addAll([
          HttpRouter.route("POST", "/api/chat", chat),
          HttpRouter.route("GET", "/api/chat/:id", chat),
          HttpRouter.route("GET", "/api/chat/:id/stream", chat),
          HttpRouter.route("POST", "/api/chat/:id/stop", chat)
        ]),
        quiet
      )
  ],
  [
    "HttpApiBuilder.layer",
    (chat) => HttpRouter.serve(HttpApiBuilder.layer(Api).pipe(Layer.provide(handlersOf(chat))), quiet)
  ]
]
