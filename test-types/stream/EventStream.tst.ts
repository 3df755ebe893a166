import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import type {
  BadRequestResponseError,
  OpenRouterDefaultError,
  StreamError,
  StreamTruncatedError,
  TooManyRequestsResponseError,
  TransportError
} from "../../src/http/OpenRouterError.js"
import type { WithResponse } from "../../src/http/responseInfo.js"
import type { ChatResult, ChatStreamChunk } from "../../src/schema/Chat.js"
import type { OpenResponsesResult } from "../../src/schema/Responses.js"
import * as Chat from "../../src/services/Chat.js"
import * as Responses from "../../src/services/Responses.js"
import type * as EventStream from "../../src/stream/EventStream.js"

interface Params {
  readonly model: string
}

interface Chats {
  readonly _: unique symbol
}

declare const endpoint: EventStream.StreamEndpoint<
  Params,
  ChatStreamChunk,
  ChatResult,
  EventStream.StreamFailure<400 | 429>
>
declare const store: Effect.Effect<number, "x", Chats>
declare const open: EventStream.StreamEndpoint<
  Params,
  ChatStreamChunk,
  ChatResult,
  EventStream.StreamFailure<400, "none">
>

type Told = BadRequestResponseError | TooManyRequestsResponseError | OpenRouterDefaultError | StreamError

describe("EventStream.StreamEndpoint", () => {
  test("a call is a stream of events that fails with what is documented and what can break", () => {
    expect(endpoint({ model: "m" })).type.toBe<
      Stream.Stream<ChatStreamChunk, Told | TransportError | ConfigError, OpenRouterClient>
    >()
    expect(endpoint).type.not.toBeCallableWith({})
  })

  test("an endpoint that needs no key does not miss one", () => {
    expect(open({ model: "m" })).type.toBe<
      Stream.Stream<
        ChatStreamChunk,
        BadRequestResponseError | OpenRouterDefaultError | StreamError | TransportError,
        OpenRouterClient
      >
    >()
  })

  test("an opened response holds a stream that needs nothing more", () => {
    expect(endpoint.withResponse({ model: "m" })).type.toBe<
      Effect.Effect<
        WithResponse<Stream.Stream<ChatStreamChunk, Told>>,
        Told | TransportError | ConfigError,
        OpenRouterClient | Scope.Scope
      >
    >()
  })

  test("forEach returns the result of the protocol, and adds the errors and needs of its function", () => {
    expect(endpoint.forEach({ model: "m" }, () => store)).type.toBe<
      Effect.Effect<ChatResult, Told | TransportError | ConfigError | "x", OpenRouterClient | Chats>
    >()
    expect(Chat.stream.forEach({ messages: [] }, (chunk) => {
      expect(chunk).type.toBe<ChatStreamChunk>()
      return Effect.void
    })).type.toBe<Effect.Effect<ChatResult, Chat.StreamFailure, OpenRouterClient>>()
    expect(Responses.stream.forEach({}, () => Effect.void)).type.toBe<
      Effect.Effect<OpenResponsesResult, Responses.StreamFailure, OpenRouterClient>
    >()
    expect(endpoint.forEach).type.not.toBeCallableWith({ model: "m" }, (event: number) => Effect.succeed(event))
    expect(endpoint.forEach).type.not.toBeCallableWith({ model: "m" }, () => "no effect")
  })

  test("accumulating adds one error and gives the answer of the call without a stream", () => {
    expect(Chat.accumulate(Stream.fail("x" as const))).type.toBe<
      Effect.Effect<ChatResult, "x" | StreamTruncatedError>
    >()
    expect(Stream.catchTag(endpoint({ model: "m" }), "StreamStalledError", () => Stream.empty)).type.toBeAssignableTo<
      Stream.Stream<ChatStreamChunk, unknown, OpenRouterClient>
    >()
  })
})
