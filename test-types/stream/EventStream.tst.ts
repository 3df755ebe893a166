import type { ConfigError } from "effect/ConfigError"
import type * as Effect from "effect/Effect"
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
import * as Chat from "../../src/services/Chat.js"
import type * as EventStream from "../../src/stream/EventStream.js"

interface Params {
  readonly model: string
}

declare const endpoint: EventStream.StreamEndpoint<Params, ChatStreamChunk, EventStream.StreamFailure<400 | 429>>
declare const open: EventStream.StreamEndpoint<Params, ChatStreamChunk, EventStream.StreamFailure<400, "none">>

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

  test("accumulating adds one error and gives the answer of the call without a stream", () => {
    expect(Chat.accumulate(Stream.fail("x" as const))).type.toBe<
      Effect.Effect<ChatResult, "x" | StreamTruncatedError>
    >()
    expect(Stream.catchTag(endpoint({ model: "m" }), "StreamStalledError", () => Stream.empty)).type.toBeAssignableTo<
      Stream.Stream<ChatStreamChunk, unknown, OpenRouterClient>
    >()
  })
})
