import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import {
  BadGatewayResponseError,
  BadRequestResponseError,
  ConnectionError,
  InvalidRequestError,
  OpenRouterDefaultError,
  type PartialResponse,
  RequestTimeoutError,
  ResponseValidationError,
  StreamStalledError,
  StreamTruncatedError,
  TooManyRequestsResponseError
} from "../../src/http/OpenRouterError.js"
import { isRetryable, isSafeToRepeat, retryAfter } from "../../src/http/Retry.js"

const message = "No."

const partial: PartialResponse = { text: "", reasoning: "", toolCalls: [], result: undefined }

const limited = new TooManyRequestsResponseError({ status: 429, message, retryAfter: Duration.seconds(3) })

const connection = (phase: "connect" | "body", code?: string) =>
  new ConnectionError({ phase, message, ...(code === undefined ? {} : { code }) })

describe("isRetryable", () => {
  it("depends on the status", () => {
    assert.isTrue(isRetryable(limited))
    assert.isTrue(isRetryable(new OpenRouterDefaultError({ status: 529, message })))
    assert.isFalse(isRetryable(new OpenRouterDefaultError({ status: 200, message })))
    assert.isFalse(isRetryable(new BadRequestResponseError({ status: 400, message })))
  })

  it("prefers OpenRouter's own flag", () => {
    assert.isFalse(
      isRetryable(new BadGatewayResponseError({ status: 502, message, availability: { retryable: false } }))
    )
    assert.isTrue(isRetryable(new BadRequestResponseError({ status: 400, message, availability: { retryable: true } })))
    assert.isTrue(isRetryable(new BadGatewayResponseError({ status: 502, message, availability: { code: "x" } })))
  })

  it("is false once there is output", () => {
    const after = (more: Partial<PartialResponse>) =>
      isRetryable(new BadGatewayResponseError({ status: 502, message, partial: { ...partial, ...more } }))
    assert.isTrue(after({}))
    assert.isFalse(after({ text: "Once" }))
    assert.isFalse(after({ reasoning: "hm" }))
    assert.isFalse(after({ toolCalls: [{ id: "1", name: "look", arguments: "" }] }))
  })

  it("is true for connections that were not made, and for no other failure of the client", () => {
    assert.isTrue(isRetryable(connection("connect")))
    assert.isFalse(isRetryable(connection("body")))
    assert.isFalse(isRetryable(new RequestTimeoutError({ message, timeout: Duration.seconds(1) })))
    assert.isFalse(isRetryable(new InvalidRequestError({ message })))
    assert.isFalse(isRetryable(new ResponseValidationError({ message, issues: [] })))
    assert.isFalse(isRetryable(new StreamTruncatedError({ message })))
    assert.isFalse(isRetryable(new StreamStalledError({ message, idleTimeout: Duration.seconds(1) })))
  })
})

describe("isSafeToRepeat", () => {
  it("is true only if the server cannot have acted", () => {
    assert.isTrue(isSafeToRepeat(limited))
    assert.isFalse(isSafeToRepeat(new BadGatewayResponseError({ status: 502, message })))
    assert.isTrue(isSafeToRepeat(connection("connect", "ECONNREFUSED")))
    assert.isFalse(isSafeToRepeat(connection("connect", "ECONNRESET")))
    assert.isFalse(isSafeToRepeat(connection("connect")))
  })

  it("is never true if isRetryable is false", () =>
    assert.isFalse(
      isSafeToRepeat(
        new TooManyRequestsResponseError({
          status: 429,
          message,
          retryAfter: Duration.zero,
          availability: { retryable: false }
        })
      )
    ))
})

describe("retryAfter", () => {
  it("is the wait that the server sent", () => {
    assert.deepStrictEqual(retryAfter(limited), Duration.seconds(3))
    assert.isUndefined(retryAfter(new BadGatewayResponseError({ status: 502, message })))
    assert.isUndefined(retryAfter(connection("connect")))
  })
})
