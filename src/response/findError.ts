import { arrayAt, isObject, numberAt, objectAt, stringAt } from "../internal/json.js"
import { isEmptyResponse } from "./readResponse.js"

/**
 * The error that a 200 body carries; undefined for a good response. An error is the whole body, a field of a failed
 * response, or a field of a choice beside its output. An empty response is an error, too.
 *
 * @internal
 */
export const errorInBody = (body: unknown): unknown => {
  if (!isObject(body)) return undefined
  if (body["object"] === "response" && body["status"] === "failed") return failedResponse(body)
  return bareError(body) ?? errorInChoices(body) ?? (isEmptyResponse(body) ? emptyResponseError : undefined)
}

/** The fields that a body with an error may have. A body with any other field is a good response. */
const envelope: ReadonlySet<string> = new Set([
  "error",
  "code",
  "status",
  "statusCode",
  "message",
  "type",
  "error_type",
  "error_description",
  "detail",
  "metadata",
  "user_id",
  "request_id",
  "openrouter_metadata"
])

/**
 * A body that is an error as a whole: `error` is an object, a text or `true`, or there is a message with an error code.
 *
 * @internal
 */
export const bareError = (body: unknown): unknown => {
  if (!isObject(body)) return undefined
  const { error } = body
  if (isObject(error)) return isJob(body) ? undefined : body
  if (!Object.keys(body).every((key) => envelope.has(key))) return undefined
  return error === true || stringAt(body, "error") !== undefined || isCoded(body) ? body : undefined
}

/** Whether a body is the state of a job, such as a video. The error of a job is a part of its state. */
const isJob = (body: unknown): boolean =>
  stringAt(body, "id") !== undefined && stringAt(body, "status") !== undefined &&
  isObject(body) && ("polling_url" in body || "unsigned_urls" in body)

/**
 * The error that came in place of a file. A file may be JSON and have a field `error`, so only a body without other
 * fields is an error.
 *
 * @internal
 */
export const errorInFile = (file: unknown): unknown =>
  isObject(file) && Object.keys(file).every((key) => envelope.has(key)) ? bareError(file) : undefined

const isCoded = (body: unknown): boolean =>
  stringAt(body, "message") !== undefined &&
  ["code", "status", "statusCode"].some((key) => {
    const code = numberAt(body, key) ?? 0
    return code >= 400 && code <= 599
  })

/**
 * The error of a failed response, which may state an object, only a text, or nothing.
 *
 * @internal
 */
export const failedResponse = (response: unknown): unknown => ({
  // The metadata of a response belongs to the caller, so it is left out
  error_type: stringAt(response, "error_type"),
  availability: objectAt(response, "availability"),
  error: objectAt(response, "error") ?? {
    code: 502,
    message: stringAt(response, "error") ?? "The response failed, and the provider did not say why"
  }
})

/**
 * The error of one of the choices: its field `error`, or a finish reason `error`.
 *
 * @internal
 */
export const errorInChoices = (body: unknown): unknown => {
  const choices = arrayAt(body, "choices")
  const failed = choices.find((choice) => objectAt(choice, "error") !== undefined)
  if (failed !== undefined) return failed
  const stopped = choices.find((choice) => stringAt(choice, "finish_reason") === "error")
  return stopped === undefined ? undefined : providerStopped(stringAt(stopped, "native_finish_reason"))
}

const providerStopped = (nativeFinishReason: string | undefined): unknown => ({
  error: {
    code: 502,
    message: `The provider ended the response with an error${
      nativeFinishReason === undefined ? "" : ` (${nativeFinishReason})`
    }`
  }
})

/**
 * The error of an empty response.
 *
 * @internal
 */
export const emptyResponseError: unknown = {
  error: { code: 502, message: "The response is empty, and the provider did not say why" }
}
