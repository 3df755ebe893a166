import * as Duration from "effect/Duration"
import type * as Script from "../Script.js"
import type { ErrorDetails, Fail, FailureForm } from "./connectionParts.js"
import type { Api } from "./recording.js"

/** @internal */
export const userId = "user_scripted"

const words: { readonly [status: number]: string } = {
  400: "The request is not valid",
  401: "Missing or wrong API key",
  402: "Too few credits for this request",
  403: "Not allowed",
  404: "Not found",
  408: "The request took too long",
  409: "Conflict",
  410: "Gone",
  413: "The request is too large",
  422: "The request cannot be processed",
  429: "Rate limit exceeded",
  500: "Internal server error",
  502: "Provider returned error",
  503: "No provider is available",
  504: "The provider took too long",
  524: "The edge gave up waiting",
  529: "The provider is overloaded"
}

const messageOf = (status: number, details: ErrorDetails): string =>
  details.message ?? (details.raw === undefined ? words[status] ?? `Error ${status}` : "Provider returned error")

/** What OpenRouter calls the failures of each status in `error_type`. */
const errorTypes: { readonly [status: number]: string } = {
  400: "invalid_request",
  401: "authentication",
  402: "payment_required",
  403: "permission_denied",
  404: "not_found",
  408: "timeout",
  413: "payload_too_large",
  422: "unprocessable",
  429: "rate_limit_exceeded",
  500: "server",
  502: "provider_unavailable",
  503: "provider_unavailable",
  504: "timeout",
  524: "timeout",
  529: "provider_overloaded"
}

const anthropicTypes: { readonly [status: number]: string } = {
  400: "invalid_request_error",
  401: "authentication_error",
  402: "billing_error",
  403: "permission_error",
  404: "not_found_error",
  408: "timeout_error",
  413: "invalid_request_error",
  422: "invalid_request_error",
  429: "rate_limit_error",
  504: "timeout_error",
  524: "timeout_error",
  529: "overloaded_error"
}

const present = (fields: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

const metadataOf = (details: ErrorDetails): { readonly [name: string]: unknown } =>
  present({
    provider_name: details.provider,
    raw: details.raw,
    error_type: details.errorType,
    ...details.metadata
  })

/**
 * The form that a script gives for a failure. Throws when the API does not have it, because another form in its place
 * would test something else.
 *
 * @internal
 */
export const failureForm = <Form extends FailureForm>(
  api: Api,
  forms: FailureForms<Form>,
  { as }: Fail
): Form | undefined => {
  if (as === undefined || isIn(forms, as)) return as
  const names = Object.keys(forms)
  const known = names.length === 0 ? "it has one form only" : `it has ${names.join(", ")}`
  throw new Error(
    `Script.fail: the API "${api}" has no failure of the form "${as}"; ${known}. Change \`as\` or leave it out.`
  )
}

/**
 * The forms of failure that an API has.
 *
 * @internal
 */
export type FailureForms<Form extends FailureForm> = { readonly [Name in Form]?: true }

const isIn = <Form extends FailureForm>(forms: FailureForms<Form>, form: FailureForm): form is Form =>
  Object.hasOwn(forms, form)

/**
 * The error object of chat completions, which all other endpoints but messages share.
 *
 * @internal
 */
export const chatError = (status: number, details: ErrorDetails): { readonly [name: string]: unknown } => {
  const metadata = metadataOf(details)
  return present({
    code: details.code ?? status,
    message: messageOf(status, details),
    metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
    availability: details.availability
  })
}

/**
 * The error of a failed response: its code is a word, the canonical type stands beside it.
 *
 * @internal
 */
export const responsesError = (
  status: number,
  details: ErrorDetails
): { readonly error: { readonly [name: string]: unknown }; readonly errorType: string } => ({
  error: {
    ...chatError(status, { ...details, errorType: undefined }),
    code: String(
      details.code ?? (status === 429 ? "rate_limit_exceeded" : status < 500 ? "invalid_prompt" : "server_error")
    )
  },
  errorType: details.errorType ?? errorTypes[status] ?? "unmapped"
})

/** @internal */
export const messagesError = (status: number, details: ErrorDetails): { readonly [name: string]: unknown } => {
  const metadata = metadataOf({ ...details, errorType: undefined })
  return present({
    type: String(details.code ?? anthropicTypes[status] ?? "api_error"),
    message: messageOf(status, details),
    error_type: details.errorType ?? errorTypes[status],
    metadata: Object.keys(metadata).length === 0 ? undefined : metadata,
    availability: details.availability
  })
}

/**
 * The body and the headers of an error by status, in the envelope of the API.
 *
 * @internal
 */
export const errorResponse = (
  failure: Script.Failure,
  api: Api | undefined,
  now: number
): { readonly headers: { readonly [name: string]: string }; readonly body: unknown } => {
  const limits = failure.rateLimit === undefined ? {} : rateLimitHeaders(failure.rateLimit, now)
  const details: ErrorDetails = failure.rateLimit === undefined
    ? failure
    : { ...failure, metadata: { headers: limits, ...failure.metadata } }
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(limits)) headers[name.toLowerCase()] = value
  if (failure.retryAfter !== undefined) headers["retry-after"] = String(Duration.toSeconds(failure.retryAfter))
  const body = api === "messages"
    ? { type: "error", error: messagesError(failure.status, details), request_id: null }
    : { error: chatError(failure.status, details), user_id: userId }
  return { headers, body }
}

const rateLimitHeaders = (
  limit: NonNullable<Script.ErrorOptions["rateLimit"]>,
  now: number
): { readonly [name: string]: string } => ({
  "X-RateLimit-Limit": String(limit.limit),
  "X-RateLimit-Remaining": String(limit.remaining ?? 0),
  "X-RateLimit-Reset": String(now + Duration.toMillis(limit.resetAfter))
})
