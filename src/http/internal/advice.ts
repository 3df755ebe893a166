import * as Duration from "effect/Duration"
import type { Availability } from "../OpenRouterError.js"

/**
 * What a person who reads the error can do about it, in one sentence.
 *
 * @internal
 */
export const advice = (error: {
  readonly status: number | undefined
  readonly errorType: string | undefined
  readonly message: string
  readonly retryAfter: Duration.Duration | undefined
  readonly availability: Availability | undefined
}): string | undefined => {
  const fallbacks = error.availability?.fallback_models
  if (Array.isArray(fallbacks) && fallbacks.length > 0) {
    return `Models that could answer instead: ${fallbacks.join(", ")}`
  }
  const wait = error.retryAfter === undefined ? undefined : `Retry after ${Duration.format(error.retryAfter)}`
  switch (error.status) {
    case 400:
      return adviceFor400(error.errorType, error.message)
    case 401:
      return "Check the API key: https://openrouter.ai/settings/keys"
    case 402:
      return "Add credits at https://openrouter.ai/settings/credits, or lower the request's output token limit"
    case 403:
      return /code_verifier|\bcode\b/i.test(error.message)
        ? "Start the login again: a code works once, for ten minutes"
        : "Check what the key may do, and the guardrails and moderation of the account"
    case 404:
      return adviceFor404(error.message)
    case 408:
    case 504:
    case 524:
      return wait ?? "Retry, or stream the answer so that a long generation keeps the connection alive"
    case 409:
      return "Read the resource again before changing it"
    case 410:
      return "The endpoint is gone for good"
    case 413:
      return "Send less: files and images can be passed by URL"
    case 422:
      return "Correct the fields that the message names"
    case 429:
      return wait ?? "Retry later, or allow other providers and fallback models"
    case 500:
    case 502:
    case 503:
    case 529:
      return wait ?? "Retry, or allow other providers and fallback models"
    default:
      return wait
  }
}

const adviceFor400 = (errorType: string | undefined, message: string): string => {
  if (/not a valid model/i.test(message)) return "List the valid ones with Models.list"
  if (errorType === "context_length_exceeded" || /context length|maximum context/i.test(message)) {
    return "Shorten the input, or pick a model with a larger context"
  }
  return "Correct the request: sent as it is, it will fail again"
}

const adviceFor404 = (message: string): string => {
  if (/data policy|privacy/i.test(message)) return "Adjust the data policy at https://openrouter.ai/settings/privacy"
  if (/no (allowed )?(endpoints|providers)|support/i.test(message)) {
    return "Relax the provider preferences, or pick a model whose endpoints fit: Endpoints.list"
  }
  if (/generation/i.test(message)) return "A generation can be read some seconds after its call"
  return "Check the ids in the request, and that the key may see what they name"
}

/** @internal */
export const sentence = (what: string, then: string | undefined): string => {
  const trimmed = what.trim()
  if (then === undefined) return trimmed
  return `${trimmed}${/[.!?…:]$/.test(trimmed) ? "" : "."} ${then}.`
}
