import * as Duration from "effect/Duration"
import { excerpt, objectAt, stringAt } from "../../internal/json.js"
import type { Availability } from "../OpenRouterError.js"
import { type Page, textsAt } from "./errorMessage.js"

/**
 * One sentence about what to do about an error.
 *
 * @internal
 */
export const advice = (error: {
  readonly status: number | undefined
  readonly errorType: string | undefined
  readonly message: string
  readonly retryAfter: Duration.Duration | undefined
  readonly availability: Availability | undefined
  readonly metadata: unknown
  readonly page: Page | undefined
}): string | undefined => {
  const fallbacks = textsAt(error.availability, "fallback_models")
  if (fallbacks.length > 0) return `Models that can respond instead: ${fallbacks.join(", ")}`
  const wait = error.retryAfter === undefined ? undefined : `Retry after ${Duration.format(error.retryAfter)}`
  const stated = statedAdvice(error.metadata, error.availability)
  if (stated !== undefined) return wait === undefined ? stated : `${wait}. ${stated}`
  switch (error.status) {
    case 400:
      return adviceFor400(error.errorType, error.message)
    case 401:
      return "Check the API key: https://openrouter.ai/settings/keys"
    case 402:
      return "Add credits at https://openrouter.ai/settings/credits, or lower the request's output token limit"
    case 403:
      if (error.page !== undefined) return adviceForPage[error.page]
      if (textsAt(error.metadata, "reasons").length > 0) {
        return "Change the input, or pick a model that is not moderated"
      }
      if (isAdvice.test(error.message)) return undefined
      return /code_verifier|\bcode\b/i.test(error.message)
        ? "Start the login again: a code is valid once, for ten minutes"
        : "Check the permissions of the key, and the guardrails and the moderation of the account"
    case 404:
      return adviceFor404(error.message)
    case 408:
    case 504:
    case 524:
      return wait ??
        "The generation may go on and be charged. Stream the response: events keep the connection open while it lasts"
    case 409:
      return "Read the resource again before changing it"
    case 410:
      return "The endpoint was removed: use another one"
    case 413:
      return "Send a smaller request: pass files and images by URL"
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

/**
 * What the server advises. It knows the reason, so advice of our own might contradict it.
 */
const statedAdvice = (metadata: unknown, availability: unknown): string | undefined => {
  const hint = stringAt(metadata, "remedy_hint")
  const constraint = objectAt(availability, "constraint")
  const limits = [stringAt(constraint, "field"), stringAt(constraint, "detail")].filter((text) => text !== undefined)
  const docs = stringAt(availability, "docs_url")
  const parts = [
    hint === undefined ? undefined : withoutPeriod(hint),
    limits.length === 0 ? undefined : withoutPeriod(limits.join(": ")),
    docs === undefined ? undefined : `See ${docs}`
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : excerpt(parts.join(". "), 1000)
}

const withoutPeriod = (text: string): string => text.trim().replace(/\.$/, "")

/** A message that says what to do, as those of guardrails, of routing and of models that moved often do. */
const isAdvice = /https?:\/\/|\b(please|use the|try|visit|configure|enable|switch to)\b/i

const adviceForPage: { readonly [P in Page]: string } = {
  challenge: "Retry later or from another network: data centers, proxies and VPNs are challenged most often",
  other: "It is a page, so it may come from a proxy or a firewall on the way: check the network and the base URL"
}

const adviceFor400 = (errorType: string | undefined, message: string): string => {
  if (/not a valid model/i.test(message)) return "List the valid models with Models.list"
  if (errorType === "context_length_exceeded" || /context length|maximum context/i.test(message)) {
    return "Shorten the input, or pick a model with a larger context"
  }
  return "Correct the request: the same request will fail again"
}

const adviceFor404 = (message: string): string | undefined => {
  if (isAdvice.test(message)) return undefined
  if (/guardrail/i.test(message)) return "Change the guardrails of the key or the workspace, or pick another model"
  if (/data policy|privacy/i.test(message)) return "Adjust the data policy at https://openrouter.ai/settings/privacy"
  if (/no (allowed )?(endpoints|providers)|support/i.test(message)) {
    return "Relax the provider preferences, or pick a model whose endpoints fit: Endpoints.list"
  }
  if (/generation/i.test(message)) return "Wait some seconds: a generation can be read shortly after its call"
  return "Check the ids in the request, and that the key has access to them"
}

/**
 * Joins a problem and its remedy.
 *
 * @internal
 */
export const sentence = (problem: string, remedy: string | undefined): string => {
  const trimmed = problem.trim()
  if (remedy === undefined) return trimmed
  return `${trimmed}${/[.!?…:]$/.test(trimmed) ? "" : "."} ${remedy}.`
}
