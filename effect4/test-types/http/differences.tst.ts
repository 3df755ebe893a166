/** What only Effect 4 says of the types. */
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { describe, expect, test } from "tstyche"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"

describe("withOptions", () => {
  test("takes no value that Effect 3 could run as an effect", () => {
    expect(OpenRouterClient.withOptions).type.not.toBeCallableWith(Option.some(1), { retry: false as const })
    expect(OpenRouterClient.withOptions).type.not.toBeCallableWith(Result.succeed(1), { retry: false as const })
  })
})
