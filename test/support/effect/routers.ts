/** Ways to mount a chat under `/api/chat`. Effect 4 has other routers. */
import * as HttpApi from "@effect/platform/HttpApi"
import * as HttpApiBuilder from "@effect/platform/HttpApiBuilder"
import * as HttpApiEndpoint from "@effect/platform/HttpApiEndpoint"
import * as HttpApiGroup from "@effect/platform/HttpApiGroup"
import * as HttpLayerRouter from "@effect/platform/HttpLayerRouter"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Effect from "effect/Effect"
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
) => Layer.Layer<never, never, HttpServer.HttpServer | HttpRouter.HttpRouter.DefaultServices | Services>

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
  ["HttpRouter.mountApp", (chat) => HttpServer.serve(HttpRouter.mountApp(HttpRouter.empty, "/api/chat", chat))],
  [
    "HttpRouter.all",
    (chat) =>
      HttpServer.serve(HttpRouter.empty.pipe(HttpRouter.all("/api/chat", chat), HttpRouter.all("/api/chat/*", chat)))
  ],
  [
    "HttpLayerRouter.addAll",
    (chat) =>
      HttpLayerRouter.serve(
        HttpLayerRouter.addAll([
          HttpLayerRouter.route("POST", "/api/chat", chat),
          HttpLayerRouter.route("GET", "/api/chat/:id", chat),
          HttpLayerRouter.route("GET", "/api/chat/:id/stream", chat),
          HttpLayerRouter.route("POST", "/api/chat/:id/stop", chat)
        ]),
        quiet
      )
  ],
  [
    "HttpLayerRouter.addHttpApi",
    (chat) => HttpLayerRouter.serve(HttpLayerRouter.addHttpApi(Api).pipe(Layer.provide(handlersOf(chat))), quiet)
  ],
  [
    "HttpApiBuilder.serve",
    (chat) => HttpApiBuilder.serve().pipe(Layer.provide(HttpApiBuilder.api(Api)), Layer.provide(handlersOf(chat)))
  ]
]
