import type { ConfigError } from "effect/ConfigError"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"
import * as Endpoint from "../../src/http/Endpoint.js"
import type { OpenRouterClient } from "../../src/http/OpenRouterClient.js"
import type {
  BadRequestResponseError,
  ConnectionError,
  ForbiddenResponseError,
  InternalServerResponseError,
  InvalidRequestError,
  NotFoundResponseError,
  OpenRouterDefaultError,
  RequestTimeoutError,
  ResponseValidationError,
  StreamStalledError,
  TooManyRequestsResponseError,
  TransportError
} from "../../src/http/OpenRouterError.js"
import type { ResponseInfo, WithResponse } from "../../src/http/responseInfo.js"
import type { Row } from "../../src/http/row.js"
import type { ChatResult } from "../../src/schema/Chat.js"
import type { Model, ModelsListResponse } from "../../src/schema/Models.js"
import * as Chat from "../../src/services/endpoints/Chat.js"
import * as Models from "../../src/services/endpoints/Models.js"

interface Thing {
  readonly id: string
}

declare const Thing: Schema.Schema<Thing>

interface ReadParams {
  readonly id: string
  readonly page?: number
}

declare const read: Endpoint.JsonEndpoint<ReadParams, Thing, Endpoint.Failure<404 | 429>>
declare const find: Endpoint.JsonEndpoint<{ readonly q?: string } | void, Thing, Endpoint.Failure<400, "optional">>
declare const status: Endpoint.JsonEndpoint<void, Thing, Endpoint.Failure<never, "none">>
declare const remove: Endpoint.EmptyEndpoint<ReadParams, Endpoint.Failure<404>>
declare const content: Endpoint.BinaryEndpoint<ReadParams, Endpoint.Failure<404>>

type Any = OpenRouterDefaultError | TransportError

describe("an endpoint", () => {
  test("fails with exactly what is documented, what can break, and a missing key where it needs one", () => {
    expect<Endpoint.Failure<404 | 429>>().type.toBe<
      NotFoundResponseError | TooManyRequestsResponseError | Any | ConfigError
    >()
    expect<Endpoint.Failure<404, "optional">>().type.toBe<NotFoundResponseError | Any>()
    expect<Endpoint.Failure<never, "none">>().type.toBe<Any>()
    expect<TransportError>().type.toBe<
      ConnectionError | RequestTimeoutError | InvalidRequestError | ResponseValidationError
    >()
  })

  test("is a function of its parameters", () => {
    expect(read({ id: "1" })).type.toBe<Effect.Effect<Thing, Endpoint.Failure<404 | 429>, OpenRouterClient>>()
    expect(remove({ id: "1" })).type.toBe<Effect.Effect<void, Endpoint.Failure<404>, OpenRouterClient>>()
    expect(content({ id: "1" })).type.toBe<Stream.Stream<Uint8Array, Endpoint.Failure<404>, OpenRouterClient>>()
    expect(read).type.toBeCallableWith({ id: "1", page: 2 })
    expect(read).type.not.toBeCallableWith({})
    expect(read).type.not.toBeCallableWith()
    expect(read).type.not.toBeCallableWith({ id: 1 })
    expect(read).type.not.toBeCallableWith({ id: "1", other: 2 })
  })

  test("needs no parameters where all are optional or there are none", () => {
    expect(find).type.toBeCallableWith()
    expect(find).type.toBeCallableWith({ q: "x" })
    expect(find).type.not.toBeCallableWith({ q: 1 })
    expect(status).type.toBeCallableWith()
    expect(status).type.not.toBeCallableWith({ q: "x" })
    expect(find()).type.toBe<Effect.Effect<Thing, BadRequestResponseError | Any, OpenRouterClient>>()
  })

  test("gives the facts of the response on request", () => {
    expect(read.withResponse({ id: "1" })).type.toBe<
      Effect.Effect<WithResponse<Thing>, Endpoint.Failure<404 | 429>, OpenRouterClient>
    >()
    expect<WithResponse<Thing>["response"]>().type.toBe<ResponseInfo>()
    expect(content.withResponse({ id: "1" })).type.toBe<
      Effect.Effect<
        WithResponse<Stream.Stream<Uint8Array, ConnectionError | StreamStalledError>>,
        Endpoint.Failure<404>,
        OpenRouterClient | Scope.Scope
      >
    >()
  })

  test("is its row", () => {
    expect(read).type.toBeAssignableTo<Row>()
    expect(read.success).type.toBe<"json">()
    expect(remove.success).type.toBe<"empty">()
    expect(content.success).type.toBe<"binary">()
    expect(read.schema).type.toBeAssignableTo<Schema.Schema<unknown>>()
  })

  test("takes no status without a class of its own, and no type that its schema does not give", () => {
    const definition = {
      operationId: "x",
      name: "x.x",
      method: "GET",
      path: "/x",
      query: [],
      body: "none",
      schema: Thing,
      auth: "none"
    } as const
    expect(Endpoint.json<void, Thing, 404, "none">({ ...definition, errors: [404] })).type.toBe<
      Endpoint.JsonEndpoint<void, Thing, Endpoint.Failure<404, "none">>
    >()
    expect(Endpoint.json<void, Thing, 404, "none">).type.not.toBeCallableWith({ ...definition, errors: [418] })
    expect(Endpoint.json<void, Thing, 404, "none">).type.not.toBeCallableWith({ ...definition, errors: [429] })
    expect(Endpoint.json<void, string, 404, "none">).type.not.toBeCallableWith({ ...definition, errors: [404] })
    expect(Endpoint.json<void, Thing, 404, "required">).type.not.toBeCallableWith({ ...definition, errors: [404] })
  })
})

describe("an endpoint of OpenRouter", () => {
  test("infers what its row says", () => {
    expect(Models.list()).type.toBe<
      Effect.Effect<
        ModelsListResponse,
        BadRequestResponseError | ForbiddenResponseError | InternalServerResponseError | Any,
        OpenRouterClient
      >
    >()
    expect(Models.list({ category: "programming" })).type.toBe<ReturnType<typeof Models.list>>()
    expect<ModelsListResponse["data"][number]>().type.toBe<Model>()
  })

  test("cannot be caught failing with a status that it does not document", () => {
    const caught = Effect.catchTag(Models.list(), "ForbiddenResponseError", () => Effect.succeed(undefined))
    expect(caught).type.toBe<
      Effect.Effect<
        ModelsListResponse | undefined,
        BadRequestResponseError | InternalServerResponseError | Any,
        OpenRouterClient
      >
    >()
    // @ts-expect-error No overload matches this call
    Effect.catchTag(Models.list(), "PaymentRequiredResponseError", () => Effect.succeed(undefined))
    // @ts-expect-error No overload matches this call
    Effect.catchTag(Models.list(), "ConfigError", () => Effect.succeed(undefined))
  })

  test("does not stream where it sends", () => {
    const hello = { model: "acme/small", messages: [{ role: "user", content: "Hello!" }] } as const
    expect(Chat.send(hello)).type.toBeAssignableTo<Effect.Effect<ChatResult, unknown, OpenRouterClient>>()
    expect(Chat.send).type.toBeCallableWith({ ...hello, stream: false as const })
    expect(Chat.send).type.not.toBeCallableWith({ ...hello, stream: true as const })
  })

  test("can miss its key where it needs one", () => {
    const sent = Chat.send({ model: "acme/small", messages: [] })
    expect<Effect.Effect.Error<typeof sent>>().type.toBeAssignableFrom<ConfigError>()
    const caught = Effect.catchTag(sent, "ConfigError", () => Effect.succeed(undefined))
    expect<Effect.Effect.Error<typeof caught>>().type.not.toBeAssignableFrom<ConfigError>()
    expect<Effect.Effect.Error<ReturnType<typeof Models.list>>>().type.not.toBeAssignableFrom<ConfigError>()
  })
})
