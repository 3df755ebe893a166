/**
 * The errors that OpenRouter sends: one class per status that it documents, and one for every other.
 *
 * @since 0.1.0
 */
import type { Duration } from "effect/Duration"
import * as Schema from "effect/Schema"
import { PartialResponse } from "../../response/partialResponse.js"

/**
 * OpenRouter's statement whether and where the same request could succeed (`error.availability`).
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
  /** What happened, and what to do. */
  readonly message: typeof Schema.String
  /** The code that OpenRouter sent; often the status again. */
  readonly code: Schema.optional<Schema.Schema<string | number>>
  /** The kind of the error, finer than its status. */
  readonly errorType: Schema.optional<typeof Schema.String>
  /** The provider that failed. */
  readonly provider: Schema.optional<typeof Schema.String>
  /** The provider's own error, parsed if it is JSON. */
  readonly raw: Schema.optional<typeof Schema.Unknown>
  /** Whether and where the same request could succeed. */
  readonly availability: Schema.optional<Schema.Schema<Availability>>
  /** How long to wait before sending the request again. */
  readonly retryAfter: Schema.optional<Schema.Schema<Duration, number>>
  /** The id to look up the cost by, with `Generations.settle`. */
  readonly generationId: Schema.optional<typeof Schema.String>
  /** Other fields that OpenRouter sent with the error. */
  readonly metadata: Schema.optional<Schema.Schema<{ readonly [key: string]: unknown }>>
  /** The part of the response that had arrived. */
  readonly partial: Schema.optional<Schema.Schema<PartialResponse>>
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
  partial: Schema.optional(PartialResponse)
})

const responseError = <S extends number>(status: S) => fields<S>(Schema.Literal(status))

/**
 * Status 400: The request was refused: a parameter, the model id or the context length is wrong. Not worth retrying.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadRequestResponseError extends Schema.TaggedError<BadRequestResponseError>()(
  "BadRequestResponseError",
  responseError(400)
) {}

/**
 * Status 401: The API key is missing, wrong or disabled.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnauthorizedResponseError extends Schema.TaggedError<UnauthorizedResponseError>()(
  "UnauthorizedResponseError",
  responseError(401)
) {}

/**
 * Status 402: The account or the key has too few credits for this request.
 *
 * @since 0.1.0
 * @category errors
 */
export class PaymentRequiredResponseError extends Schema.TaggedError<PaymentRequiredResponseError>()(
  "PaymentRequiredResponseError",
  responseError(402)
) {}

/**
 * Status 403: The key may not do this, or a guardrail or moderation flagged the input.
 *
 * @since 0.1.0
 * @category errors
 */
export class ForbiddenResponseError extends Schema.TaggedError<ForbiddenResponseError>()(
  "ForbiddenResponseError",
  responseError(403)
) {}

/**
 * Status 404: The model, resource or route does not exist, or no provider fits the request.
 *
 * @since 0.1.0
 * @category errors
 */
export class NotFoundResponseError extends Schema.TaggedError<NotFoundResponseError>()(
  "NotFoundResponseError",
  responseError(404)
) {}

/**
 * Status 408: OpenRouter stopped waiting for the request or the provider.
 *
 * @since 0.1.0
 * @category errors
 */
export class RequestTimeoutResponseError extends Schema.TaggedError<RequestTimeoutResponseError>()(
  "RequestTimeoutResponseError",
  responseError(408)
) {}

/**
 * Status 409: The resource exists already or has changed since it was read.
 *
 * @since 0.1.0
 * @category errors
 */
export class ConflictResponseError extends Schema.TaggedError<ConflictResponseError>()(
  "ConflictResponseError",
  responseError(409)
) {}

/**
 * Status 410: The endpoint has been withdrawn.
 *
 * @since 0.1.0
 * @category errors
 */
export class GoneResponseError extends Schema.TaggedError<GoneResponseError>()(
  "GoneResponseError",
  responseError(410)
) {}

/**
 * Status 413: The request body is larger than OpenRouter accepts.
 *
 * @since 0.1.0
 * @category errors
 */
export class PayloadTooLargeResponseError extends Schema.TaggedError<PayloadTooLargeResponseError>()(
  "PayloadTooLargeResponseError",
  responseError(413)
) {}

/**
 * Status 422: The request is well formed but its content fails validation.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnprocessableEntityResponseError extends Schema.TaggedError<UnprocessableEntityResponseError>()(
  "UnprocessableEntityResponseError",
  responseError(422)
) {}

/**
 * Status 429: A rate limit was hit, OpenRouter's own or the provider's. `retryAfter` is the wait that the server stated, or
 * one second if it stated none.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooManyRequestsResponseError extends Schema.TaggedError<TooManyRequestsResponseError>()(
  "TooManyRequestsResponseError",
  { ...responseError(429), retryAfter: Schema.DurationFromMillis }
) {}

/**
 * Status 500: OpenRouter failed.
 *
 * @since 0.1.0
 * @category errors
 */
export class InternalServerResponseError extends Schema.TaggedError<InternalServerResponseError>()(
  "InternalServerResponseError",
  responseError(500)
) {}

/**
 * Status 502: The provider failed, or its response cannot be used.
 *
 * @since 0.1.0
 * @category errors
 */
export class BadGatewayResponseError extends Schema.TaggedError<BadGatewayResponseError>()(
  "BadGatewayResponseError",
  responseError(502)
) {}

/**
 * Status 503: No provider can take the request now.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServiceUnavailableResponseError extends Schema.TaggedError<ServiceUnavailableResponseError>()(
  "ServiceUnavailableResponseError",
  responseError(503)
) {}

/**
 * Status 504: The provider did not respond in time.
 *
 * @since 0.1.0
 * @category errors
 */
export class GatewayTimeoutResponseError extends Schema.TaggedError<GatewayTimeoutResponseError>()(
  "GatewayTimeoutResponseError",
  responseError(504)
) {}

/**
 * Status 524: The network edge stopped waiting for the response.
 *
 * @since 0.1.0
 * @category errors
 */
export class EdgeNetworkTimeoutResponseError extends Schema.TaggedError<EdgeNetworkTimeoutResponseError>()(
  "EdgeNetworkTimeoutResponseError",
  responseError(524)
) {}

/**
 * Status 529: The provider is overloaded.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProviderOverloadedResponseError extends Schema.TaggedError<ProviderOverloadedResponseError>()(
  "ProviderOverloadedResponseError",
  responseError(529)
) {}

/**
 * Any status that the endpoint does not document, and failures without a status of their own. Also a redirect:
 * redirects are not followed, because the request and the key would go along. Browsers hide the status of a redirect,
 * so it is 0 there.
 *
 * @since 0.1.0
 * @category errors
 */
export class OpenRouterDefaultError extends Schema.TaggedError<OpenRouterDefaultError>()(
  "OpenRouterDefaultError",
  fields(Schema.Number)
) {}
