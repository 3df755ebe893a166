/**
 * Every way a call can fail, as tagged classes: one per HTTP status that OpenRouter documents, one for any other
 * status, and one per failure that happens on this side of the wire. The same class stands for the same failure
 * wherever it shows up: as an HTTP status, inside a 200 body, or in the middle of a stream.
 *
 * They hold copies of safe values only, never a request, a response, a header bag or a key.
 *
 * @since 0.1.0
 */
import type { Duration } from "effect/Duration"
import * as Schema from "effect/Schema"

/**
 * A tool call of an answer that did not finish; `arguments` is the JSON text received so far.
 *
 * @since 0.1.0
 * @category models
 */
export interface PartialToolCall {
  readonly id: string
  readonly name: string
  readonly arguments: string
}

/**
 * What had arrived of an answer when it failed: text, reasoning, tool calls, and the usage when it was reported.
 * `cost` is in USD; `result` is the answer so far in the shape of the API that sent it.
 *
 * @since 0.1.0
 * @category models
 */
export interface PartialAnswer {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: ReadonlyArray<PartialToolCall>
  readonly generationId?: string | undefined
  readonly model?: string | undefined
  readonly finishReason?: string | undefined
  readonly inputTokens?: number | undefined
  readonly outputTokens?: number | undefined
  readonly cost?: number | undefined
  readonly result: unknown
}

const PartialAnswer: Schema.Schema<PartialAnswer> = Schema.Struct({
  text: Schema.String,
  reasoning: Schema.String,
  toolCalls: Schema.Array(Schema.Struct({ id: Schema.String, name: Schema.String, arguments: Schema.String })),
  generationId: Schema.optional(Schema.String),
  model: Schema.optional(Schema.String),
  finishReason: Schema.optional(Schema.String),
  inputTokens: Schema.optional(Schema.Number),
  outputTokens: Schema.optional(Schema.Number),
  cost: Schema.optional(Schema.Number),
  result: Schema.Unknown
})

/**
 * OpenRouter's own word on whether and where the same request could succeed (`error.availability`).
 *
 * @since 0.1.0
 * @category models
 */
export interface Availability {
  readonly code?: string | undefined
  readonly retryable?: boolean | undefined
  readonly retry_after?: number | null | undefined
  readonly requested_models?: ReadonlyArray<string> | undefined
  readonly affected_providers?: ReadonlyArray<string> | undefined
  readonly fallback_models?: ReadonlyArray<string> | undefined
  readonly docs_url?: string | undefined
  readonly [field: string]: unknown
}

type ResponseErrorFields<Status extends number> = {
  readonly status: Schema.Schema<Status>
  readonly message: typeof Schema.String
  readonly code: Schema.optional<Schema.Schema<string | number>>
  readonly errorType: Schema.optional<typeof Schema.String>
  readonly provider: Schema.optional<typeof Schema.String>
  readonly raw: Schema.optional<typeof Schema.Unknown>
  readonly availability: Schema.optional<Schema.Schema<Availability>>
  readonly retryAfter: Schema.optional<Schema.Schema<Duration, number>>
  readonly generationId: Schema.optional<typeof Schema.String>
  readonly metadata: Schema.optional<Schema.Schema<{ readonly [key: string]: unknown }>>
  readonly partial: Schema.optional<Schema.Schema<PartialAnswer>>
}

const fields = <Status extends number>(status: Schema.Schema<Status>): ResponseErrorFields<Status> => ({
  status,
  message: Schema.String,
  code: Schema.optional(Schema.Union(Schema.String, Schema.Number)),
  errorType: Schema.optional(Schema.String),
  provider: Schema.optional(Schema.String),
  raw: Schema.optional(Schema.Unknown),
  availability: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  retryAfter: Schema.optional(Schema.DurationFromMillis),
  generationId: Schema.optional(Schema.String),
  metadata: Schema.optional(Schema.Record({ key: Schema.String, value: Schema.Unknown })),
  partial: Schema.optional(PartialAnswer)
})

const responseError = <S extends number>(status: S) => fields<S>(Schema.Literal(status))

/**
 * 400. The request was refused: a parameter, the model id or the context length is wrong. Not worth retrying.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadRequestResponseError extends Schema.TaggedError<BadRequestResponseError>()(
  "BadRequestResponseError",
  responseError(400)
) {}

/**
 * 401. The API key is missing, wrong or disabled.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnauthorizedResponseError extends Schema.TaggedError<UnauthorizedResponseError>()(
  "UnauthorizedResponseError",
  responseError(401)
) {}

/**
 * 402. The account or the key has too few credits for this request.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentRequiredResponseError extends Schema.TaggedError<PaymentRequiredResponseError>()(
  "PaymentRequiredResponseError",
  responseError(402)
) {}

/**
 * 403. The key may not do this, or a guardrail or moderation flagged the input.
 *
 * @since 0.1.0
 * @category errors
 */
export class ForbiddenResponseError extends Schema.TaggedError<ForbiddenResponseError>()(
  "ForbiddenResponseError",
  responseError(403)
) {}

/**
 * 404. The model, resource or route does not exist, or no provider fits the request.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFoundResponseError extends Schema.TaggedError<NotFoundResponseError>()(
  "NotFoundResponseError",
  responseError(404)
) {}

/**
 * 408. OpenRouter gave up waiting for the request or the provider.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTimeoutResponseError extends Schema.TaggedError<RequestTimeoutResponseError>()(
  "RequestTimeoutResponseError",
  responseError(408)
) {}

/**
 * 409. The resource exists already or has changed since it was read.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConflictResponseError extends Schema.TaggedError<ConflictResponseError>()(
  "ConflictResponseError",
  responseError(409)
) {}

/**
 * 410. The endpoint has been withdrawn.
 *
 * @since 0.1.0
 * @category errors
 */
export class GoneResponseError extends Schema.TaggedError<GoneResponseError>()(
  "GoneResponseError",
  responseError(410)
) {}

/**
 * 413. The request body is larger than OpenRouter accepts.
 *
 * @since 0.1.0
 * @category errors
 */
export class PayloadTooLargeResponseError extends Schema.TaggedError<PayloadTooLargeResponseError>()(
  "PayloadTooLargeResponseError",
  responseError(413)
) {}

/**
 * 422. The request is well formed but its content fails validation.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnprocessableEntityResponseError extends Schema.TaggedError<UnprocessableEntityResponseError>()(
  "UnprocessableEntityResponseError",
  responseError(422)
) {}

/**
 * 429. A rate limit was hit, OpenRouter's own or the provider's. `retryAfter` is the wait that the server named, or
 * one second where it named none.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyRequestsResponseError extends Schema.TaggedError<TooManyRequestsResponseError>()(
  "TooManyRequestsResponseError",
  { ...responseError(429), retryAfter: Schema.DurationFromMillis }
) {}

/**
 * 500. OpenRouter failed.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalServerResponseError extends Schema.TaggedError<InternalServerResponseError>()(
  "InternalServerResponseError",
  responseError(500)
) {}

/**
 * 502. The provider failed or answered with something unusable.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadGatewayResponseError extends Schema.TaggedError<BadGatewayResponseError>()(
  "BadGatewayResponseError",
  responseError(502)
) {}

/**
 * 503. No provider can take the request now.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServiceUnavailableResponseError extends Schema.TaggedError<ServiceUnavailableResponseError>()(
  "ServiceUnavailableResponseError",
  responseError(503)
) {}

/**
 * 504. The provider did not answer in time.
 *
 * @since 0.1.0
 * @category errors
 */
export class GatewayTimeoutResponseError extends Schema.TaggedError<GatewayTimeoutResponseError>()(
  "GatewayTimeoutResponseError",
  responseError(504)
) {}

/**
 * 524. The network edge gave up waiting for the answer.
 *
 * @since 0.1.0
 * @category errors
 */
export class EdgeNetworkTimeoutResponseError extends Schema.TaggedError<EdgeNetworkTimeoutResponseError>()(
  "EdgeNetworkTimeoutResponseError",
  responseError(524)
) {}

/**
 * 529. The provider is overloaded.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProviderOverloadedResponseError extends Schema.TaggedError<ProviderOverloadedResponseError>()(
  "ProviderOverloadedResponseError",
  responseError(529)
) {}

/**
 * Any status that the endpoint does not document, and failures without a status of their own.
 *
 * @since 0.1.0
 * @category errors
 */
export class OpenRouterDefaultError extends Schema.TaggedError<OpenRouterDefaultError>()(
  "OpenRouterDefaultError",
  fields(Schema.Number)
) {}

/**
 * The connection could not be made, or broke before the answer was complete. `partial` holds what had arrived.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConnectionError extends Schema.TaggedError<ConnectionError>()("ConnectionError", {
  message: Schema.String,
  phase: Schema.Literal("connect", "body"),
  code: Schema.optional(Schema.String),
  received: Schema.optional(Schema.String),
  partial: Schema.optional(PartialAnswer)
}) {}

/**
 * The `timeout` of the client or of the call ran out before the answer was there. Other than
 * `RequestTimeoutResponseError`, this clock runs on this side.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTimeoutError extends Schema.TaggedError<RequestTimeoutError>()("RequestTimeoutError", {
  message: Schema.String,
  timeout: Schema.DurationFromMillis
}) {}

/**
 * The request was not sent because it cannot be right: a body that is not JSON, an empty path parameter.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidRequestError extends Schema.TaggedError<InvalidRequestError>()("InvalidRequestError", {
  message: Schema.String,
  parameter: Schema.optional(Schema.String)
}) {}

/**
 * The answer is not what the endpoint promises. `issues` names each place by path; `received` is an excerpt of the
 * body, so that a paid answer is not lost.
 *
 * @since 0.1.0
 * @category errors
 */
export class ResponseValidationError extends Schema.TaggedError<ResponseValidationError>()("ResponseValidationError", {
  message: Schema.String,
  issues: Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String })),
  received: Schema.optional(Schema.String),
  generationId: Schema.optional(Schema.String),
  partial: Schema.optional(PartialAnswer)
}) {}

/**
 * A stream ended before its terminal event; `partial` is what had arrived.
 *
 * @since 0.1.0
 * @category errors
 */
export class StreamTruncatedError extends Schema.TaggedError<StreamTruncatedError>()("StreamTruncatedError", {
  message: Schema.String,
  generationId: Schema.optional(Schema.String),
  partial: Schema.optional(PartialAnswer)
}) {}

/**
 * A stream sent nothing, not even a keep-alive comment, for `idleTimeout`; `partial` is what had arrived.
 *
 * @since 0.1.0
 * @category errors
 */
export class StreamStalledError extends Schema.TaggedError<StreamStalledError>()("StreamStalledError", {
  message: Schema.String,
  idleTimeout: Schema.DurationFromMillis,
  generationId: Schema.optional(Schema.String),
  partial: Schema.optional(PartialAnswer)
}) {}

/**
 * One server-sent event grew past `maxEventSize` bytes, so the stream was given up; `partial` is what had arrived.
 *
 * @since 0.1.0
 * @category errors
 */
export class StreamEventTooLargeError extends Schema.TaggedError<StreamEventTooLargeError>()(
  "StreamEventTooLargeError",
  {
    message: Schema.String,
    maxEventSize: Schema.Number,
    generationId: Schema.optional(Schema.String),
    partial: Schema.optional(PartialAnswer)
  }
) {}

/**
 * The class of each documented status.
 *
 * @since 0.1.0
 * @category tables
 */
export const errorClassByStatus = {
  400: BadRequestResponseError,
  401: UnauthorizedResponseError,
  402: PaymentRequiredResponseError,
  403: ForbiddenResponseError,
  404: NotFoundResponseError,
  408: RequestTimeoutResponseError,
  409: ConflictResponseError,
  410: GoneResponseError,
  413: PayloadTooLargeResponseError,
  422: UnprocessableEntityResponseError,
  429: TooManyRequestsResponseError,
  500: InternalServerResponseError,
  502: BadGatewayResponseError,
  503: ServiceUnavailableResponseError,
  504: GatewayTimeoutResponseError,
  524: EdgeNetworkTimeoutResponseError,
  529: ProviderOverloadedResponseError
} as const

/**
 * A status that has an error class of its own.
 *
 * @since 0.1.0
 * @category models
 */
export type Status = keyof typeof errorClassByStatus

/**
 * The error that stands for a status.
 *
 * @since 0.1.0
 * @category models
 */
export type ErrorOfStatus<S extends Status> = S extends Status ? InstanceType<(typeof errorClassByStatus)[S]> : never

/**
 * An error that OpenRouter sent, whatever its status.
 *
 * @since 0.1.0
 * @category models
 */
export type ResponseError = ErrorOfStatus<Status> | OpenRouterDefaultError

/**
 * What can go wrong with any request on this side of the wire.
 *
 * @since 0.1.0
 * @category models
 */
export type TransportError = ConnectionError | RequestTimeoutError | InvalidRequestError | ResponseValidationError

/**
 * What can go wrong with any stream once it is open.
 *
 * @since 0.1.0
 * @category models
 */
export type StreamError =
  | ConnectionError
  | ResponseValidationError
  | StreamTruncatedError
  | StreamStalledError
  | StreamEventTooLargeError

/**
 * Any failure of this library.
 *
 * @since 0.1.0
 * @category models
 */
export type OpenRouterError = ResponseError | TransportError | StreamError
