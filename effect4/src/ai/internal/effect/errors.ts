/** The errors of `effect/ai`. Effect 3 has a class for each kind, Effect 4 one class with a reason. */
import * as AiError from "effect/ai/AiError"
import type { OpenRouterError } from "../../../http/OpenRouterError.js"
import type { ConfigError } from "../../../internal/effect/config.js"
import { defined } from "../../../internal/json.js"
import type { ReadError } from "../../../services/StructuredOutput.js"

/**
 * What was called. `url` has no query, and no key.
 *
 * @internal
 */
export interface Place {
  readonly module: string
  readonly method: string
  readonly url: string
}

/**
 * The error of `effect/ai` for one of this library. It holds no request, no header and no key.
 *
 * @internal
 */
export const toAiError = (place: Place, error: OpenRouterError | ConfigError): AiError.AiError =>
  made(place, "status" in error ? ofStatus(error) : reasonOf(place, error))

const made = ({ method, module }: Place, reason: AiError.AiErrorReason): AiError.AiError =>
  AiError.make({ module, method, reason })

type OfStatus = Extract<OpenRouterError, { readonly status: number }>

const ofStatus = (error: OfStatus): AiError.AiErrorReason => {
  const { message: description, retryAfter, status } = error
  const metadata = {
    openrouter: defined({
      errorCode: error.code,
      errorType: error.errorType,
      generationId: error.generationId,
      provider: error.provider
    })
  }
  const common = { description, metadata, http: { response: { status, headers: {} } } }
  switch (status) {
    case 401:
      return new AiError.AuthenticationError({ ...common, kind: "InvalidKey" })
    case 402:
      return new AiError.QuotaExhaustedError(common)
    case 403:
      return error.errorType?.includes("moderation") === true
        ? new AiError.ContentPolicyError(common)
        : new AiError.AuthenticationError({ ...common, kind: "InsufficientPermissions" })
    case 429:
      return new AiError.RateLimitError({ ...common, ...(retryAfter === undefined ? {} : { retryAfter }) })
    case 408:
      return new AiError.InternalProviderError(common)
    default:
      return status >= 500
        ? new AiError.InternalProviderError(common)
        : new AiError.InvalidRequestError(common)
  }
}

const reasonOf = (
  { url }: Place,
  error: Exclude<OpenRouterError | ConfigError, OfStatus>
): AiError.AiErrorReason => {
  const { message: description } = error
  switch (error._tag) {
    case "ConnectionError":
    case "RequestTimeoutError":
    case "StreamStalledError":
    case "StreamTruncatedError":
      return new AiError.NetworkError({ reason: "TransportError", method: "POST", url, description, cause: error })
    case "InvalidRequestError":
      return new AiError.InvalidRequestError({ description })
    case "ResponseValidationError":
    case "StreamEventTooLargeError":
      return new AiError.InvalidResponseError({ description })
    default:
      return new AiError.AuthenticationError({ kind: "MissingKey", description })
  }
}

/**
 * The prompt, a tool or a schema cannot be sent.
 *
 * @internal
 */
export const invalidInput = (place: Place, description: string): AiError.AiError =>
  made(place, new AiError.InvalidUserInputError({ description }))

/**
 * The response cannot be read.
 *
 * @internal
 */
export const invalidOutput = (place: Place, description: string): AiError.AiError =>
  made(place, new AiError.InvalidOutputError({ description }))

/**
 * The response has no value that fits.
 *
 * @internal
 */
export const unfit = (place: Place, error: ReadError): AiError.AiError =>
  made(
    place,
    error._tag === "StructuredOutputRefusedError"
      ? new AiError.ContentPolicyError({ description: error.message })
      : new AiError.StructuredOutputError({ description: error.message, responseText: error.text })
  )
