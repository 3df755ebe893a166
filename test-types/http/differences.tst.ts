/** What only Effect 3 says of the types; `effect4` has a file of the same path. */
import type * as Cause from "effect/Cause"
import type * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import { describe, expect, test } from "tstyche"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import { BadRequestResponseError } from "../../src/http/OpenRouterError.js"

describe("withOptions", () => {
  test("makes an effect of what can be run as one, which in Effect 4 no value is", () => {
    const found = OpenRouterClient.withOptions(Option.some(1), { retry: false })
    expect(found).type.toBe<Effect.Effect<number, Cause.NoSuchElementException>>()
    expect(found).type.not.toBeAssignableTo<Option.Option<number>>()
    const either = Either.right(1).pipe(OpenRouterClient.withOptions({ retry: false }))
    expect(either).type.toBe<Effect.Effect<number>>()
  })
})

describe("OpenRouterError", () => {
  test("has the status of its class, which the types of constructors in Effect 4 do not tell", () =>
    expect(BadRequestResponseError).type.not.toBeConstructableWith({ status: 401 as const, message: "" }))
})
