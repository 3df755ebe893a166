/** Reads an error of the API, in a body or an event. */
import { type Fields, fields, isFields, number, objects, parse, text } from "./json.js"

export interface Failure {
  /** The HTTP status, or the one that an error inside a 200 names. */
  readonly status: number | undefined
  /** The message of the API, or the innermost one if the API only reports that a provider failed. */
  readonly message: string
  readonly code: unknown
  readonly provider: string | undefined
  readonly raw: unknown
  readonly errorType: string | undefined
  /** Milliseconds until the retry that the server suggests. */
  readonly wait: number | undefined
}

/** The error in a 200 body or an event, if it has one. */
export const errorIn = (value: unknown): Fields | undefined => {
  const body = fields(value)
  const type = body["type"]
  if (isFields(body["error"])) return body
  if (type === "error" || type === "response.error") return { error: body }
  if (type === "response.failed") {
    const response = fields(body["response"])
    return isFields(response["error"]) ? response : { ...response, error: { code: 502 } }
  }
  const choices = objects(body["choices"])
  const failed = choices.find((choice) => isFields(choice["error"]))
  if (failed !== undefined) return failed
  const stopped = choices.find((choice) => choice["finish_reason"] === "error")
  if (stopped === undefined) return undefined
  return { error: { code: 502, message: text(stopped["native_finish_reason"]) ?? "" } }
}

/** A finished completion without text or finish reason, which is not billed. */
export const silenceIn = (whole: unknown): Fields | undefined => {
  const { choices } = fields(whole)
  const said = ["content", "reasoning", "refusal", "reasoning_details", "tool_calls", "images", "audio"]
  const isSilent = (choice: Fields) =>
    (choice["finish_reason"] ?? null) === null && said.every((field) => isNothing(fields(choice["message"])[field]))
  return Array.isArray(choices) && objects(choices).every(isSilent) ? { error: { code: 502, message: "" } } : undefined
}

const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === "" || Array.isArray(value) && value.length === 0

export const failure = (
  body: unknown,
  http: { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly now: number }
): Failure => {
  const error = fields(fields(body)["error"])
  const metadata = fields(error["metadata"])
  const raw = typeof metadata["raw"] === "string" ? parse(metadata["raw"])?.value ?? metadata["raw"] : metadata["raw"]
  const errorType = text(metadata["error_type"]) ?? text(error["error_type"]) ?? text(fields(body)["error_type"])
  const message = text(error["message"]) ?? ""
  const inner = /^(provider returned error|error|unknown error)\.?$/i.test(message.trim()) ? innermost(raw) : undefined
  return {
    status: http.status ?? stated(error, errorType),
    message: inner ?? message,
    code: error["code"] ?? undefined,
    provider: text(metadata["provider_name"]),
    raw: raw ?? undefined,
    errorType,
    wait: wait(error, { ...fields(metadata["headers"]), ...http.headers }, http.now)
  }
}

const innermost = (raw: unknown): string | undefined => {
  if (typeof raw === "string") {
    const parsed = parse(raw)?.value
    return (isFields(parsed) ? innermost(parsed) : undefined) ?? raw
  }
  if (Array.isArray(raw)) return innermost(raw[0])
  if (!isFields(raw)) return undefined
  return ["message", "error", "detail", "details", "msg"].map((key) => innermost(raw[key]))
    .find((found) => found !== undefined && found !== "")
}

const named: Readonly<Record<string, number>> = {
  invalid_prompt: 400,
  context_length_exceeded: 400,
  invalid_request_error: 400,
  not_found_error: 404,
  rate_limit_exceeded: 429,
  rate_limit_error: 429,
  server_error: 500,
  api_error: 500,
  provider_unavailable: 502,
  timeout: 504,
  provider_overloaded: 529,
  overloaded_error: 529
}

const stated = (error: Fields, errorType: string | undefined): number | undefined => {
  const numeric = [error["code"], error["http_status"], error["status"]].map(Number).find((n) => n >= 400 && n < 600)
  return numeric ?? named[errorType ?? ""] ?? named[String(error["code"])] ?? named[String(error["type"])]
}

const wait = (error: Fields, headers: Fields, now: number): number | undefined => {
  const asked = number(fields(error["availability"])["retry_after"])
  if (asked !== undefined) return asked * 1000
  const value = (name: string) =>
    Number(Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1] ?? NaN)
  if (value("retry-after") >= 0) return value("retry-after") * 1000
  return value("x-ratelimit-reset") > 1e11 && !(value("x-ratelimit-remaining") > 0)
    ? Math.max(0, value("x-ratelimit-reset") - now)
    : undefined
}
