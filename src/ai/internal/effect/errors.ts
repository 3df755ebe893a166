/** The errors of `@effect/ai`. Effect 3 has a class for each kind, Effect 4 one class with a reason. */
import * as AiError from "@effect/ai/AiError"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { OpenRouterError } from "../../../http/OpenRouterError.js"
import type { ConfigError } from "../../../internal/effect/config.js"
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
 * The error of `@effect/ai` for one of this library. It holds no request, no header and no key.
 *
 * @internal
 */
export const toAiError = ({ method, module, url }: Place, error: OpenRouterError | ConfigError): AiError.AiError => {
  const at = { module, method, description: error.message }
  const request = { method: "POST", url, urlParams: [], hash: Option.none(), headers: {} } as const
  if ("status" in error) {
    const headers: Record<string, string> = error.retryAfter === undefined
      ? {}
      : { "retry-after": String(Math.ceil(Duration.toSeconds(error.retryAfter))) }
    const response = { status: error.status, headers }
    return new AiError.HttpResponseError({ ...at, reason: "StatusCode", request, response })
  }
  switch (error._tag) {
    case "ConnectionError":
    case "RequestTimeoutError":
    case "StreamStalledError":
    case "StreamTruncatedError":
      return new AiError.HttpRequestError({ ...at, reason: "Transport", request, cause: error })
    case "InvalidRequestError":
      return new AiError.MalformedInput({ ...at, cause: error })
    case "ResponseValidationError":
    case "StreamEventTooLargeError":
      return new AiError.MalformedOutput({ ...at, cause: error })
    default:
      return new AiError.UnknownError({ ...at, cause: error })
  }
}

/**
 * The prompt, a tool or a schema cannot be sent.
 *
 * @internal
 */
export const invalidInput = ({ method, module }: Place, description: string): AiError.AiError =>
  new AiError.MalformedInput({ module, method, description })

/**
 * The response cannot be read.
 *
 * @internal
 */
export const invalidOutput = ({ method, module }: Place, description: string): AiError.AiError =>
  new AiError.MalformedOutput({ module, method, description })

/**
 * The response has no value that fits.
 *
 * @internal
 */
export const unfit = ({ method, module }: Place, error: ReadError): AiError.AiError =>
  new AiError.MalformedOutput({ module, method, description: error.message, cause: error })
