/** Kinds of failures of an HTTP client. Effect 4 has one class with a `reason`. */
import * as HttpClientError from "@effect/platform/HttpClientError"
import type { HttpClientRequest } from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"

/** @internal */
export type HttpFailure = HttpClientError.HttpClientError

/**
 * The response of a client that turns bad statuses into failures.
 *
 * @internal
 */
export const responseOf = (error: HttpFailure): HttpClientResponse | undefined =>
  error._tag === "ResponseError" && error.reason === "StatusCode" ? error.response : undefined

/** @internal */
export const isEmptyBody = (error: HttpFailure): boolean =>
  error._tag === "ResponseError" && error.reason === "EmptyBody"

/**
 * Whether a request could be written at all: not if its URL or its body is invalid.
 *
 * @internal
 */
export const wasEncoded = (error: HttpFailure): boolean =>
  error._tag !== "RequestError" || (error.reason !== "InvalidUrl" && error.reason !== "Encode")

/** @internal */
export const transportFailure = (request: HttpClientRequest, cause: unknown): HttpFailure =>
  new HttpClientError.RequestError({ request, reason: "Transport", cause })

/** @internal */
export const encodeFailure = (request: HttpClientRequest, cause: unknown): HttpFailure =>
  new HttpClientError.RequestError({ request, reason: "Encode", cause })

/**
 * The failure of a body that cannot be read.
 *
 * @internal
 */
export type BodyFailure = HttpClientError.ResponseError

/** @internal */
export const bodyFailure = (request: HttpClientRequest, response: HttpClientResponse, cause: unknown): BodyFailure =>
  new HttpClientError.ResponseError({ request, response, reason: "Decode", cause })
