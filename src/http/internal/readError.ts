import * as Duration from "effect/Duration"
import { identity } from "effect/Function"
import {
  defined,
  excerpt,
  isObject,
  type JsonObject,
  numberAt,
  objectAt,
  parseJson,
  stringAt
} from "../../internal/json.js"
import { printable } from "../../internal/printable.js"
import {
  type Availability,
  errorClassByStatus,
  OpenRouterDefaultError,
  type PartialResponse,
  type ResponseError,
  type Status
} from "../OpenRouterError.js"
import { advice, sentence } from "./errorAdvice.js"
import { innermostMessage, jsonIn, messageOf, noMessage, pageOf, plainText, withoutInput } from "./errorMessage.js"
import { scrubValue } from "./scrub.js"

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
  readonly partial?: PartialResponse | undefined
  /** Milliseconds since the epoch; needed to turn dates into delays. */
  readonly now?: number | undefined
}

/**
 * Turns any error body into an error of the class of its status. It never fails: the error of an unreadable
 * body has an excerpt of it.
 *
 * @internal
 */
export const toResponseError = (source: ErrorSource): ResponseError => {
  const body = firstOf(source.body ?? (source.text === undefined ? undefined : jsonIn(source.text)))
  const inner = innerError(body)
  const metadata = metadataOf(inner, body)
  const errorType = stringAt(metadata, "error_type") ?? stringAt(inner, "error_type") ??
    stringAt(body, "error_type") ?? stringAt(objectAt(body, "response"), "error_type")
  const oauth = oauthError(body)
  const code = codeOf(inner) ?? oauth?.code
  const status = source.status ?? statusOf(inner, code, errorType)
  const availability: Availability | undefined = objectAt(inner, "availability") ?? objectAt(body, "availability")
  const provider = stringAt(metadata, "provider_name")
  const raw = rawOf(metadata)
  const wait = retryAfter({ availability, headers: source.headers, metadata, now: source.now })
  const page = body === undefined ? pageOf(source.text, source.headers) : undefined
  const said = messageOf(stringAt(inner, "message"), { provider, raw, metadata }) ?? oauth?.message ??
    innermostMessage(body) ?? plainText(source.text) ?? noMessage(status)
  const message = withoutInput(said, stringAt(metadata, "flagged_input"))
  const common = defined({
    message: printable(sentence(
      page === "challenge" ? `Cloudflare responded in place of OpenRouter: ${message}` : message,
      advice({ status, errorType, message, retryAfter: wait, availability, metadata, page })
    )),
    code,
    errorType,
    provider,
    raw,
    availability,
    generationId: source.generationId ?? stringAt(body, "request_id"),
    metadata: publicMetadata(metadata),
    partial: source.partial
  })
  if (!isStatus(status) || !source.documented.includes(status)) {
    return new OpenRouterDefaultError(defined({ ...common, status: status ?? 200, retryAfter: wait }))
  }
  return make(status, common, wait)
}

const defaultWait = Duration.seconds(1)

type Common = Omit<ConstructorParameters<typeof OpenRouterDefaultError>[0], "_tag" | "status" | "retryAfter">

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

/** Some providers send a list with one error. */
const firstOf = (body: unknown): unknown => Array.isArray(body) && isObject(body[0]) ? body[0] : body

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
  const candidates = ["http_status", "status", "statusCode"].map((name) => numberAt(inner, name))
  const stated = [numeric, ...candidates].find(isErrorStatus)
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
  // What is JSON within JSON may repeat the id of the account, too
  return typeof raw === "string" ? scrubValue(parseJson(raw)?.value, identity) ?? raw : raw ?? undefined
}

const withheld = new Set(["raw", "headers", "provider_name", "error_type"])

const publicMetadata = (metadata: JsonObject | undefined): JsonObject | undefined => {
  const entries = Object.entries(metadata ?? {}).filter(([key]) => !withheld.has(key))
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/**
 * The delay that the server states. The most specific of its hints counts.
 *
 * @internal
 */
export const retryAfter = (source: {
  readonly availability: Availability | undefined
  readonly headers: Readonly<Record<string, string>> | undefined
  readonly metadata: unknown
  readonly now: number | undefined
}): Duration.Duration | undefined => {
  const headers = lowerCased({ ...objectAt(source.metadata, "headers"), ...source.headers })
  return fromNumber(source.availability?.retry_after, 1000) ??
    fromNumber(headers["retry-after-ms"], 1) ??
    fromNumber(headers["retry-after"], 1000) ??
    fromDate(headers["retry-after"], source.now) ??
    (isUsedUp(headers["x-ratelimit-remaining"]) ? fromReset(headers["x-ratelimit-reset"], source.now) : undefined)
}

const lowerCased = (headers: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))

const longest = Duration.toMillis(Duration.days(365))

const wait = (millis: number): Duration.Duration => Duration.millis(Math.min(Math.max(0, Math.ceil(millis)), longest))

const fromNumber = (value: unknown, unit: number): Duration.Duration | undefined => {
  const n = typeof value === "string" && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value
  return typeof n === "number" && Number.isFinite(n) ? wait(n * unit) : undefined
}

// `Date.parse` finds a date in almost any text, so the text must look like one of HTTP first
const httpDate = /^\s*[A-Z][a-z]+, .*\d\d:\d\d:\d\d GMT\s*$/

const fromDate = (value: unknown, now: number | undefined): Duration.Duration | undefined => {
  const at = typeof value === "string" && httpDate.test(value) ? Date.parse(value) : NaN
  return Number.isNaN(at) || now === undefined ? undefined : wait(at - now)
}

/** The reset time counts only if the limit is used up. */
const isUsedUp = (remaining: unknown): boolean => remaining === undefined || Number(remaining) <= 0

/** OpenRouter sends milliseconds since the epoch; other gateways send seconds. */
const fromReset = (value: unknown, now: number | undefined): Duration.Duration | undefined => {
  const at = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : NaN
  if (!Number.isFinite(at) || at <= 0 || now === undefined) return undefined
  return wait((at < 1e11 ? at * 1000 : at) - now)
}
