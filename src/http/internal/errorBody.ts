import * as Duration from "effect/Duration"
import type { Availability, PartialAnswer, ResponseError, Status } from "../OpenRouterError.js"
import { errorClassByStatus, OpenRouterDefaultError } from "../OpenRouterError.js"
import { advice, sentence } from "./advice.js"
import { defined, excerpt, isObject, type JsonObject, numberAt, objectAt, parseJson, stringAt } from "./json.js"
import { retryAfter } from "./retryAfter.js"

/**
 * An error as it arrived: an HTTP error, or one inside a 200 body or a stream (`status` undefined).
 *
 * @internal
 */
export interface ErrorSource {
  readonly status: number | undefined
  readonly body: unknown
  readonly text?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly documented: ReadonlyArray<number>
  readonly generationId?: string | undefined
  readonly partial?: PartialAnswer | undefined
  /** Milliseconds since the epoch; needed to turn dates into waits. */
  readonly now?: number | undefined
}

/**
 * Turns any error payload into the class of its status. Never fails: what cannot be read becomes an excerpt.
 *
 * @internal
 */
export const toResponseError = (source: ErrorSource): ResponseError => {
  const inner = innerError(source.body)
  const metadata = metadataOf(inner, source.body)
  const errorType = stringAt(metadata, "error_type") ?? stringAt(inner, "error_type") ??
    stringAt(source.body, "error_type") ?? stringAt(objectAt(source.body, "response"), "error_type")
  const oauth = oauthError(source.body)
  const code = codeOf(inner) ?? oauth?.code
  const status = source.status ?? statusOf(inner, code, errorType)
  const availability: Availability | undefined = objectAt(inner, "availability") ??
    objectAt(source.body, "availability")
  const provider = stringAt(metadata, "provider_name")
  const raw = rawOf(metadata)
  const wait = retryAfter({ availability, headers: source.headers, metadata, now: source.now })
  const what = messageOf(stringAt(inner, "message"), provider, raw) ?? oauth?.message ??
    innermostMessage(source.body, 0) ??
    bodyExcerpt(source.text) ?? noMessage(status)
  const common = defined({
    message: sentence(what, advice({ status, errorType, message: what, retryAfter: wait, availability })),
    code,
    errorType,
    provider,
    raw,
    availability,
    generationId: source.generationId ?? stringAt(source.body, "request_id"),
    metadata: publicMetadata(metadata),
    partial: source.partial
  })
  if (!isStatus(status) || !source.documented.includes(status)) {
    return new OpenRouterDefaultError(defined({ ...common, status: status ?? 200, retryAfter: wait }))
  }
  return make(status, common, wait)
}

const defaultWait = Duration.seconds(1)

type Common = Omit<ConstructorParameters<typeof OpenRouterDefaultError>[0], "status" | "retryAfter">

const make = (status: Status, common: Common, wait: Duration.Duration | undefined): ResponseError => {
  if (status === 429) {
    return new errorClassByStatus[429]({ ...common, status, retryAfter: wait ?? defaultWait })
  }
  // TypeScript cannot call a union of constructors, though each takes the same fields but `status`
  const Class = errorClassByStatus[status] as new(fields: Common & { status: number }) => ResponseError
  return new Class({ ...common, status, ...(wait === undefined ? {} : { retryAfter: wait }) })
}

/**
 * Whether a status has an error class of its own.
 *
 * @internal
 */
export const isStatus = (status: number | undefined): status is Status =>
  status !== undefined && Object.hasOwn(errorClassByStatus, status)

const innerError = (body: unknown): JsonObject | undefined => {
  const error = objectAt(body, "error") ?? objectAt(objectAt(body, "response"), "error")
  return error ?? (isObject(body) ? body : undefined)
}

const metadataOf = (inner: unknown, body: unknown): JsonObject | undefined =>
  objectAt(inner, "metadata") ?? objectAt(body, "metadata")

const codeOf = (inner: unknown): string | number | undefined => numberAt(inner, "code") ?? stringAt(inner, "code")

/** The envelope of RFC 6749. */
const oauthError = (body: unknown): { readonly code: string; readonly message: string } | undefined => {
  const code = stringAt(body, "error")
  const description = stringAt(body, "error_description")
  return code === undefined || description === undefined
    ? undefined
    : { code, message: `${excerpt(description, 2000)} (${code})` }
}

const isErrorStatus = (n: number | undefined): n is number => n !== undefined && n >= 400 && n <= 599

const statusOf = (
  inner: unknown,
  code: string | number | undefined,
  errorType: string | undefined
): number | undefined => {
  const numeric = Number(code)
  const fields = ["http_status", "status", "statusCode"].map((name) => numberAt(inner, name))
  const stated = [numeric, ...fields].find(isErrorStatus)
  return stated ?? [errorType, String(code), stringAt(inner, "type")].map(namedStatus).find(isErrorStatus)
}

const namedStatus = (name: string | undefined): number | undefined =>
  name !== undefined && Object.hasOwn(statusByName, name) ? statusByName[name] : undefined

/** OpenRouter's canonical error types, the Responses API's codes and Anthropic's types, as statuses. */
const statusByName: Readonly<Record<string, number>> = {
  context_length_exceeded: 400,
  max_tokens_exceeded: 400,
  token_limit_exceeded: 400,
  string_too_long: 400,
  invalid_request: 400,
  invalid_request_error: 400,
  invalid_prompt: 400,
  invalid_image: 400,
  image_too_large: 400,
  image_too_small: 400,
  unsupported_image_format: 400,
  image_not_found: 400,
  image_download_failed: 400,
  authentication: 401,
  authentication_error: 401,
  payment_required: 402,
  billing_error: 402,
  insufficient_quota: 402,
  permission_denied: 403,
  permission_error: 403,
  content_policy_violation: 403,
  refusal: 403,
  not_found: 404,
  not_found_error: 404,
  payload_too_large: 413,
  request_too_large: 413,
  unprocessable: 422,
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  server: 500,
  server_error: 500,
  api_error: 500,
  provider_unavailable: 502,
  timeout: 504,
  timeout_error: 504,
  provider_overloaded: 529,
  overloaded_error: 529
}

const rawOf = (metadata: unknown): unknown => {
  const raw = isObject(metadata) ? metadata["raw"] : undefined
  return typeof raw === "string" ? parseJson(raw)?.value ?? raw : raw ?? undefined
}

const withheld = new Set(["raw", "headers", "provider_name", "error_type"])

const publicMetadata = (metadata: JsonObject | undefined): JsonObject | undefined => {
  const entries = Object.entries(metadata ?? {}).filter(([key]) => !withheld.has(key))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

const saysNothing = /^((provider returned error|error|unknown error)\.?)?$/i

const messageOf = (message: string | undefined, provider: string | undefined, raw: unknown): string | undefined => {
  if (message !== undefined && !saysNothing.test(message.trim())) {
    return excerpt(message, 2000)
  }
  const upstream = innermostMessage(raw, 0)
  if (upstream === undefined) return message?.trim() === "" ? undefined : message
  return provider === undefined ? upstream : `${provider}: ${upstream}`
}

const innermostMessage = (raw: unknown, depth: number): string | undefined => {
  if (typeof raw === "string") {
    const parsed = depth < 4 && /^\s*[[{]/.test(raw) ? parseJson(raw) : undefined
    return (parsed && innermostMessage(parsed.value, depth + 1)) ??
      (raw.trim() === "" ? undefined : excerpt(raw.trim(), 500))
  }
  if (Array.isArray(raw)) return raw.length === 0 || depth >= 4 ? undefined : innermostMessage(raw[0], depth + 1)
  if (!isObject(raw) || depth >= 4) return undefined
  return ["message", "error", "detail", "details", "msg", "error_description"]
    .map((key) => raw[key] === undefined ? undefined : innermostMessage(raw[key], depth + 1))
    .find((text) => text !== undefined)
}

const bodyExcerpt = (text: string | undefined): string | undefined => {
  // The limit keeps the work small, as a page without ends to its tags is searched again for each of them
  const plain = text?.slice(0, 16_000).replace(/<(script|style)[\s\S]*?<\/\1>/gi, " ").replace(/<[^<>]*>/g, " ")
    .replace(/\s+/g, " ").trim()
  if (text === undefined || plain === undefined || plain === "") return undefined
  return plain.length <= 500 ? plain : `${plain.slice(0, 500)}… (${text.length} characters in all)`
}

const noMessage = (status: number | undefined): string =>
  status === undefined
    ? "OpenRouter reported an error and did not say which"
    : `OpenRouter answered with status ${status} and no message`
