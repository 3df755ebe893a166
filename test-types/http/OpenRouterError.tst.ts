import type { Duration } from "effect/Duration"
import * as Effect from "effect/Effect"
import { describe, expect, test } from "tstyche"
import {
  BadRequestResponseError,
  type ConnectionError,
  type ErrorOfStatus,
  type OpenRouterError,
  type PartialResponse,
  type ResponseError,
  type Status,
  type TooManyRequestsResponseError
} from "../../src/http/OpenRouterError.js"

declare const failing: Effect.Effect<string, BadRequestResponseError | TooManyRequestsResponseError | ConnectionError>

describe("OpenRouterError", () => {
  test("a documented status stands for one class", () => {
    expect<ErrorOfStatus<429>>().type.toBe<TooManyRequestsResponseError>()
    expect<ErrorOfStatus<400 | 429>>().type.toBe<BadRequestResponseError | TooManyRequestsResponseError>()
    expect<418>().type.not.toBeAssignableTo<Status>()
  })

  test("the status is a literal of the class", () => {
    expect<BadRequestResponseError["status"]>().type.toBe<400>()
    expect<ResponseError["status"]>().type.toBe<number>()
  })

  test("only a rate limit always names a wait", () => {
    expect<TooManyRequestsResponseError["retryAfter"]>().type.toBe<Duration>()
    expect<BadRequestResponseError["retryAfter"]>().type.toBe<Duration | undefined>()
  })

  test("catching a tag takes exactly its class away", () => {
    const caught = failing.pipe(Effect.catchTag("TooManyRequestsResponseError", (error) => {
      expect(error).type.toBe<TooManyRequestsResponseError>()
      return Effect.succeed(error.retryAfter)
    }))
    expect(caught).type.toBe<Effect.Effect<string | Duration, BadRequestResponseError | ConnectionError>>()
  })

  test("a tag that cannot occur cannot be caught", () => {
    // @ts-expect-error No overload matches this call
    Effect.catchTag(failing, "GoneResponseError", () => Effect.succeed(""))
  })

  test("every failure has a tag and a message", () => {
    expect<OpenRouterError["message"]>().type.toBe<string>()
    expect<OpenRouterError["_tag"]>().type.toBeAssignableTo<string>()
    expect<"GoneResponseError">().type.toBeAssignableTo<OpenRouterError["_tag"]>()
    expect<"SomethingElse">().type.not.toBeAssignableTo<OpenRouterError["_tag"]>()
  })

  test("what had arrived cannot be altered", () => {
    expect<PartialResponse>().type.toBeAssignableTo<{ readonly text: string; readonly result: unknown }>()
    expect(BadRequestResponseError).type.toBeConstructableWith({ status: 400 as const, message: "" })
  })
})
