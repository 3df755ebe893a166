/**
 * Every way a call can fail, as tagged classes: one per HTTP status that OpenRouter documents, one for any other
 * status, and one per failure of the transport. The same failure has the same class everywhere: as an HTTP status,
 * inside a 200 body, or in the middle of a stream.
 *
 * Errors hold only copies of safe values, never a request, a response, headers or a key.
 *
 * @since 0.1.0
 */
import {
  BadGatewayResponseError,
  BadRequestResponseError,
  ConflictResponseError,
  EdgeNetworkTimeoutResponseError,
  ForbiddenResponseError,
  GatewayTimeoutResponseError,
  GoneResponseError,
  InternalServerResponseError,
  NotFoundResponseError,
  OpenRouterDefaultError,
  PayloadTooLargeResponseError,
  PaymentRequiredResponseError,
  ProviderOverloadedResponseError,
  RequestTimeoutResponseError,
  ServiceUnavailableResponseError,
  TooManyRequestsResponseError,
  UnauthorizedResponseError,
  UnprocessableEntityResponseError
} from "./internal/responseErrors.js"
import {
  ConnectionError,
  InvalidRequestError,
  RequestTimeoutError,
  ResponseValidationError,
  StreamEventTooLargeError,
  StreamStalledError,
  StreamTruncatedError
} from "./internal/transportErrors.js"

export * from "../response/partialResponse.js"
export * from "./internal/responseErrors.js"
export * from "./internal/transportErrors.js"

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
 * The failures of any request that OpenRouter did not send.
 *
 * @since 0.1.0
 * @category models
 */
export type TransportError = ConnectionError | RequestTimeoutError | InvalidRequestError | ResponseValidationError

/**
 * The failures of any open stream.
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

/** The class of each tag, but for those of documented statuses. A class that is missing here does not compile. */
const otherClasses: {
  readonly [Tag in Exclude<OpenRouterError, ErrorOfStatus<Status>>["_tag"]]: abstract new(
    ...args: never
  ) => Extract<OpenRouterError, { readonly _tag: Tag }>
} = {
  OpenRouterDefaultError,
  ConnectionError,
  RequestTimeoutError,
  InvalidRequestError,
  ResponseValidationError,
  StreamTruncatedError,
  StreamStalledError,
  StreamEventTooLargeError
}

const classes = [...Object.values(errorClassByStatus), ...Object.values(otherClasses)]

/**
 * Whether a value is an error of this library. The class decides, not the tag: an error of your own may have the same
 * tag.
 *
 * @since 0.1.0
 * @category guards
 */
export const isOpenRouterError = (u: unknown): u is OpenRouterError => classes.some((one) => u instanceof one)
