/** Kinds of failures of an HTTP client. Effect 3 has a class for each, Effect 4 one class with a `reason`. */
import * as HttpClientError from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"

/** @internal */
export type HttpFailure = HttpClientError.HttpClientError

/**
 * The response of a client that turns bad statuses into failures.
 *
 * @internal
 */
export const responseOf = ({ reason }: HttpFailure): HttpClientResponse | undefined =>
  reason._tag === "StatusCodeError" ? reason.response : undefined

/** @internal */
export const isEmptyBody = ({ reason }: HttpFailure): boolean => reason._tag === "EmptyBodyError"

/**
 * Whether a request could be written at all: not if its URL or its body is invalid.
 *
 * @internal
 */
export const wasEncoded = ({ reason }: HttpFailure): boolean =>
  reason._tag !== "InvalidUrlError" && reason._tag !== "EncodeError"

/** @internal */
export const transportFailure = (request: HttpClientRequest, cause: unknown): HttpFailure =>
  new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })

/** @internal */
export const encodeFailure = (request: HttpClientRequest, cause: unknown): HttpFailure =>
  new HttpClientError.HttpClientError({ reason: new HttpClientError.EncodeError({ request, cause }) })

/**
 * The failure of a body that cannot be read.
 *
 * @internal
 */
export type BodyFailure = HttpClientError.HttpClientError

/** @internal */
export const bodyFailure = (request: HttpClientRequest, response: HttpClientResponse, cause: unknown): BodyFailure =>
  new HttpClientError.HttpClientError({ reason: new HttpClientError.DecodeError({ request, response, cause }) })
