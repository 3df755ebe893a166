import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import {
  BadGatewayResponseError,
  BadRequestResponseError,
  ConnectionError,
  EdgeNetworkTimeoutResponseError,
  GatewayTimeoutResponseError,
  InvalidRequestError,
  OpenRouterDefaultError,
  type PartialResponse,
  RequestTimeoutError,
  RequestTimeoutResponseError,
  ResponseValidationError,
  StreamStalledError,
  StreamTruncatedError,
  TooManyRequestsResponseError
} from "../../src/http/OpenRouterError.js"
import { isRetryable, isSafeToRepeat, isTransient, retryAfter } from "../../src/http/Retry.js"

const message = "No."

const partial: PartialResponse = { text: "", reasoning: "", toolCalls: [], result: undefined }

const limited = new TooManyRequestsResponseError({ status: 429, message, retryAfter: Duration.seconds(3) })

const connection = (phase: ConnectionError["phase"], code?: string) =>
  new ConnectionError({ phase, message, ...(code === undefined ? {} : { code }) })

describe("isRetryable", () => {
  it("depends on the status", () => {
    assert.isTrue(isRetryable(limited))
    assert.isTrue(isRetryable(new OpenRouterDefaultError({ status: 529, message })))
    assert.isFalse(isRetryable(new OpenRouterDefaultError({ status: 200, message })))
    assert.isFalse(isRetryable(new BadRequestResponseError({ status: 400, message })))
  })

  it("is false for requests that took too long, whatever OpenRouter says of them", () => {
    for (const availability of [{}, { retryable: true }]) {
      assert.isFalse(isRetryable(new RequestTimeoutResponseError({ status: 408, message, availability })))
      assert.isFalse(isRetryable(new GatewayTimeoutResponseError({ status: 504, message, availability })))
      assert.isFalse(isRetryable(new EdgeNetworkTimeoutResponseError({ status: 524, message, availability })))
      assert.isFalse(isRetryable(new OpenRouterDefaultError({ status: 524, message, availability })))
    }
  })

  it("prefers OpenRouter's own flag", () => {
    assert.isFalse(
      isRetryable(new BadGatewayResponseError({ status: 502, message, availability: { retryable: false } }))
    )
    assert.isTrue(isRetryable(new BadRequestResponseError({ status: 400, message, availability: { retryable: true } })))
    assert.isTrue(isRetryable(new BadGatewayResponseError({ status: 502, message, availability: { code: "x" } })))
  })

  it("is false once there is output, or anything that may be charged", () => {
    const after = (more: Partial<PartialResponse>) =>
      isRetryable(new BadGatewayResponseError({ status: 502, message, partial: { ...partial, ...more } })) &&
      isRetryable(
        new TooManyRequestsResponseError({ ...limited, message, partial: { ...partial, ...more } })
      ) &&
      isRetryable(
        new BadRequestResponseError({
          status: 400,
          message,
          availability: { retryable: true },
          partial: { ...partial, ...more }
        })
      )
    assert.isTrue(after({}))
    assert.isTrue(after({ cost: 0, inputTokens: 0, outputTokens: 0 }))
    assert.isTrue(after({ cost: 0, inputTokens: 12 }))
    assert.isFalse(after({ inputTokens: 12 }))
    assert.isFalse(after({ outputTokens: 1, cost: 0 }))
    assert.isFalse(after({ cost: 0.000_001 }))
    assert.isFalse(after({ cost: 0, result: { usage: { cost: 0, cost_details: { upstream_inference_cost: 0.1 } } } }))
    assert.isFalse(after({ result: { data: [{ b64_json: "aGk=" }] } }))
    assert.isFalse(after({ text: "Once" }))
    assert.isFalse(after({ reasoning: "hm" }))
    assert.isFalse(after({ toolCalls: [{ id: "1", name: "look", arguments: "" }] }))
  })

  it("is true for connections that were not made, and for no other failure of the client", () => {
    assert.isTrue(isRetryable(connection("connect")))
    assert.isFalse(isRetryable(connection("response", "ECONNRESET")))
    assert.isFalse(isRetryable(connection("body")))
    assert.isFalse(isRetryable(new RequestTimeoutError({ message, timeout: Duration.seconds(1) })))
    assert.isFalse(isRetryable(new InvalidRequestError({ message })))
    assert.isFalse(isRetryable(new ResponseValidationError({ message, issues: [] })))
    assert.isFalse(isRetryable(new StreamTruncatedError({ message })))
    assert.isFalse(isRetryable(new StreamStalledError({ message, idleTimeout: Duration.seconds(1) })))
  })
})

describe("isTransient", () => {
  it("depends on the cause alone, whatever was paid", () => {
    const partialText = { ...partial, text: "Once", cost: 1 }
    assert.isTrue(isTransient(new BadGatewayResponseError({ status: 502, message, partial: partialText })))
    assert.isTrue(isTransient(new GatewayTimeoutResponseError({ status: 504, message })))
    assert.isTrue(isTransient(new StreamTruncatedError({ message, partial: partialText })))
    assert.isTrue(isTransient(new RequestTimeoutError({ message, timeout: Duration.seconds(1) })))
    for (const phase of ["connect", "response", "body"] as const) assert.isTrue(isTransient(connection(phase)))
    assert.isFalse(isTransient(new BadRequestResponseError({ status: 400, message })))
    assert.isFalse(isTransient(new ResponseValidationError({ message, issues: [] })))
  })

  it("prefers OpenRouter's own flag", () => {
    const stated = (retryable: boolean) => ({ message, availability: { retryable } })
    assert.isFalse(isTransient(new GatewayTimeoutResponseError({ status: 504, ...stated(false) })))
    assert.isTrue(isTransient(new BadRequestResponseError({ status: 400, ...stated(true) })))
  })
})

describe("isSafeToRepeat", () => {
  it("is true only if the server cannot have acted", () => {
    assert.isTrue(isSafeToRepeat(limited))
    assert.isFalse(isSafeToRepeat(new BadGatewayResponseError({ status: 502, message })))
    assert.isTrue(isSafeToRepeat(connection("connect", "ECONNREFUSED")))
    assert.isFalse(isSafeToRepeat(new OpenRouterDefaultError({ status: 529, message })))
    assert.isFalse(isSafeToRepeat(connection("response", "ECONNRESET")))
    assert.isFalse(isSafeToRepeat(connection("body")))
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
