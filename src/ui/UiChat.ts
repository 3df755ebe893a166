/**
 * The server side of `useChat`: stored conversations that browsers show, continue, stop, and connect to again.
 *
 * @since 0.1.0
 */
import type * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import type * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import type * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Conversation } from "../agent/Conversation.js"
import type { Options } from "./internal/chatOptions.js"
import { handle } from "./internal/handler.js"
import * as Live from "./internal/liveChats.js"
import type { StreamLog } from "./StreamLog.js"

export type { Options, RunOptions } from "./internal/chatOptions.js"
export { LiveChats } from "./internal/liveChats.js"

/**
 * Handles all requests of a chat. Mount it where you like, for example under `/api/chat`:
 *
 * - `POST /api/chat` continues the conversation with the last message, and sends the answer as a UI message stream.
 * - `GET /api/chat/:id/stream` sends the stream of the run that goes on, from its beginning; 204 if there is none.
 * - `POST /api/chat/:id/stop` stops that run, and what it spends; 204.
 * - `GET /api/chat/:id` sends the messages of the conversation as JSON.
 *
 * A failure before the run has shown anything has a status of its own (`Agent.httpStatus`) and a text for the user. A message that
 * asks for nothing, such as an approval that came twice, is answered with 409, and no request is sent for it; so is a message
 * while a run goes on. Of decisions, only those about waiting calls count, with the arguments that the server has stored.
 * `regenerate` tries again where the answer failed. Otherwise it is answered with 501, because a stored conversation does not
 * forget what was said.
 *
 * Fails with the error of `conversation`, for example of an authentication.
 *
 * @since 0.1.0
 * @category handlers
 * @example
 * ```ts
 * import { HttpServer } from "@effect/platform"
 * import { Effect, Layer, Schema } from "effect"
 * import { Agent, Conversation, StopWhen, Tool, Toolkit } from "effect-openrouter"
 * import { UiChat } from "effect-openrouter/ui"
 *
 * const Refund = Tool.make("refund", { parameters: Schema.Struct({ order: Schema.String }), requireApproval: true })
 * const tools = Toolkit.make(Refund)
 *
 * const chat = UiChat.handler({
 *   run: (options) => Agent.stream({ model: "openai/gpt-5-mini", tools, stopWhen: StopWhen.maxCost(0.5), ...options }),
 *   conversation: (id) => Effect.succeed(`user-17/${id}`)
 * })
 *
 * const Server = HttpServer.serve(chat).pipe(
 *   Layer.provide([UiChat.layer, Conversation.layerMemory, tools.toLayer({ refund: () => Effect.void })])
 * )
 * ```
 */
export const handler = <E, R, E2, R2>(
  options: Options<E, R, E2, R2>
): Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  E2,
  HttpServerRequest.HttpServerRequest | Live.LiveChats | Conversation | R | R2
> => handle(options)

/**
 * The runs of this process. When the layer is released, they are interrupted.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<Live.LiveChats> = Live.layer

/**
 * The runs of this process, whose streams other processes can show, too: for several servers behind one address.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerShared: Layer.Layer<Live.LiveChats, never, StreamLog> = Live.layerShared
