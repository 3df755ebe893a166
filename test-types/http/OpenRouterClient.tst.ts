import type * as HttpClient from "@effect/platform/HttpClient"
import * as Config from "effect/Config"
import type { ConfigError } from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { describe, expect, test } from "tstyche"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import type { OpenRouterError } from "../../src/http/OpenRouterError.js"
import type { RequestOptions } from "../../src/http/requestOptions.js"
import * as Retry from "../../src/http/Retry.js"
import * as Models from "../../src/services/endpoints/Models.js"
import { whileInput } from "../../test/support/effect/schedules.js"

type Client = OpenRouterClient.OpenRouterClient

describe("layer", () => {
  test("asks for a way to the network, and may find the configuration wrong", () => {
    type Built = Layer.Layer<Client, ConfigError, HttpClient.HttpClient>
    expect(OpenRouterClient.layer()).type.toBe<Built>()
    expect(OpenRouterClient.layer({ apiKey: Redacted.make("k") })).type.toBe<Built>()
    expect(OpenRouterClient.layer({ apiKey: Effect.succeed(Redacted.make("k")) })).type.toBe<Built>()
    expect(OpenRouterClient.layerConfig({ apiKey: Config.redacted("K"), retry: false })).type.toBe<Built>()
  })

  test("takes no key in the clear, and none that may fail unseen", () => {
    expect(OpenRouterClient.layer).type.not.toBeCallableWith({ apiKey: "k" })
    expect(OpenRouterClient.layer).type.not.toBeCallableWith({ apiKey: Effect.fail("no key") })
    expect(OpenRouterClient.layer).type.not.toBeCallableWith({ apiKey: Config.redacted("K") })
    expect(OpenRouterClient.layerConfig).type.not.toBeCallableWith({ apiKey: Redacted.make("k") })
    expect(OpenRouterClient.layerConfig).type.not.toBeCallableWith({ apiKey: Config.string("K") })
  })
})

describe("withOptions", () => {
  const listing = Models.list()
  const numbers = Stream.make(1, 2)

  test("changes no type, whichever way it is written", () => {
    expect(listing.pipe(OpenRouterClient.withOptions({ retry: false }))).type.toBe<typeof listing>()
    expect(OpenRouterClient.withOptions(listing, { timeout: "1 second" })).type.toBe<typeof listing>()
    expect(numbers.pipe(OpenRouterClient.withOptions({ idleTimeout: Duration.infinity }))).type.toBe<typeof numbers>()
    expect(OpenRouterClient.withOptions(numbers, { maxEventSize: 1024 })).type.toBe<typeof numbers>()
  })

  test("takes fields that are newer than the types, in their own place", () => {
    expect(listing.pipe(OpenRouterClient.withOptions({ extraBody: { newer: { a: [1] } } }))).type.toBe<typeof listing>()
    expect<RequestOptions>().type.not.toBeAssignableFrom<{ extraBody: string }>()
    expect<RequestOptions>().type.not.toBeAssignableFrom<{ extraBody: null }>()
  })

  test("keeps what is inferred on either side of it", () => {
    const after = listing.pipe(
      Effect.map((models) => models.data.length),
      OpenRouterClient.withOptions({ retry: false }),
      OpenRouterClient.withOptions({ headers: { "x-note": "hi" } }),
      Effect.catchTag("ForbiddenResponseError", () => Effect.succeed(0))
    )
    expect(after).type.toBeAssignableTo<Effect.Effect<number, unknown, Client>>()
    expect<Effect.Effect.Error<typeof after>["_tag"]>().type.not.toBeAssignableFrom<"ForbiddenResponseError">()
    const flowing = Stream.fromEffect(listing).pipe(
      OpenRouterClient.withOptions({ retry: false }),
      Stream.map((models) => models.data)
    )
    expect<Stream.Stream.Success<typeof flowing>>().type.toBe<Effect.Effect.Success<typeof listing>["data"]>()
  })

  test("makes an effect of a service, as options cannot be kept in it", () => {
    const client = OpenRouterClient.OpenRouterClient.pipe(OpenRouterClient.withOptions({ retry: false }))
    expect(client).type.toBe<
      Effect.Effect<
        OpenRouterClient.OpenRouterClient.Service,
        never,
        OpenRouterClient.OpenRouterClient
      >
    >()
  })

  test("keeps the types of a generic caller", () => {
    const quick = <A, E, R>(call: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
      call.pipe(OpenRouterClient.withOptions({ retry: false }))
    const quicker = <A, E, R>(items: Stream.Stream<A, E, R>): Stream.Stream<A, E, R> =>
      OpenRouterClient.withOptions(items, { retry: false })
    expect(quick(Effect.succeed(1))).type.toBe<Effect.Effect<number>>()
    expect(quicker(Stream.succeed<number>(1))).type.toBe<Stream.Stream<number>>()
  })

  test("takes nothing that is neither an effect nor a stream, and no option that there is not", () => {
    expect(OpenRouterClient.withOptions).type.not.toBeCallableWith("text", { retry: false as const })
    expect(OpenRouterClient.withOptions).type.not.toBeCallableWith(listing, { retries: 3 })
    expect(OpenRouterClient.withOptions).type.not.toBeCallableWith(listing, { retry: true as const })
    expect(OpenRouterClient.withOptions).type.not.toBeCallableWith(listing, { tracePropagation: true })
  })
})

describe("retry", () => {
  test("is any schedule that looks at errors or at nothing", () => {
    expect(Retry.exponential()).type.toBe<Schedule.Schedule<unknown, OpenRouterError>>()
    expect(Schedule.recurs(3)).type.toBeAssignableTo<RequestOptions["retry"]>()
    expect(whileInput((error: OpenRouterError) => error._tag === "ConnectionError")).type
      .toBeAssignableTo<RequestOptions["retry"]>()
    expect(whileInput((n: number) => n > 1)).type.not.toBeAssignableTo<RequestOptions["retry"]>()
    expect<true>().type.not.toBeAssignableTo<RequestOptions["retry"]>()
  })
})
