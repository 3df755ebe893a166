import * as Endpoint from "../../src/http/Endpoint.js"
import { ChatResult, ChatStreamChunk } from "../../src/schema/Chat.js"
import { MessagesResult } from "../../src/schema/Messages.js"
import { MessagesStreamEvents } from "../../src/schema/MessagesEvents.js"
import { OpenResponsesResult } from "../../src/schema/Responses.js"
import { StreamEvents } from "../../src/schema/ResponsesEvents.js"
import * as ChatProtocol from "../../src/stream/ChatProtocol.js"
import * as EventStream from "../../src/stream/EventStream.js"
import * as MessagesProtocol from "../../src/stream/MessagesProtocol.js"
import * as ResponsesProtocol from "../../src/stream/ResponsesProtocol.js"
const errors = [400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 524, 529] as const
type Errors = (typeof errors)[number]
const common = { method: "POST", query: [], body: "json", errors, auth: "required", operation: "chat" } as const
export interface Params {
  readonly model: string
  readonly [x: string]: unknown
}
export const Chat = {
  send: Endpoint.json<Params, ChatResult, Errors, "required">({
    ...common,
    operationId: "a",
    name: "chat.send",
    path: "/chat/completions",
    schema: ChatResult
  }),
  stream: EventStream.endpoint<Params, ChatStreamChunk, Errors, "required">({
    ...common,
    operationId: "a",
    name: "chat.stream",
    path: "/chat/completions",
    schema: ChatStreamChunk,
    protocol: ChatProtocol.protocol
  })
}
export const Responses = {
  send: Endpoint.json<Params, OpenResponsesResult, Errors, "required">({
    ...common,
    operationId: "a",
    name: "responses.send",
    path: "/responses",
    schema: OpenResponsesResult
  }),
  stream: EventStream.endpoint<Params, StreamEvents, Errors, "required">({
    ...common,
    operationId: "a",
    name: "responses.stream",
    path: "/responses",
    schema: StreamEvents,
    protocol: ResponsesProtocol.protocol
  })
}
export const Messages = {
  send: Endpoint.json<Params, MessagesResult, Errors, "required">({
    ...common,
    operationId: "a",
    name: "messages.send",
    path: "/messages",
    schema: MessagesResult
  }),
  stream: EventStream.endpoint<Params, MessagesStreamEvents, Errors, "required">({
    ...common,
    operationId: "a",
    name: "messages.stream",
    path: "/messages",
    schema: MessagesStreamEvents,
    protocol: MessagesProtocol.protocol
  })
}
