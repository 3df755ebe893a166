import { arrayAt, isObject, numberAt, objectAt, stringAt } from "../internal/json.js"
import { isEmptyResponse } from "./readResponse.js"

/**
 * The error that a 200 body carries, or undefined for a good answer. Errors may be all there is, sit in the failed
 * response, or in a choice beside what was generated. An answer that says nothing is one, too.
 *
 * @internal
 */
export const errorInBody = (body: unknown): unknown => {
  if (!isObject(body)) return undefined
  if (body["object"] === "response" && body["status"] === "failed") return failedResponse(body)
  return bareError(body) ?? errorInChoices(body) ?? (isEmptyResponse(body) ? emptyResponseError : undefined)
}

/** What an error may have beside it. With any other field, one of the name `error` is part of a good answer. */
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
 * An error that is all there is: an object, a mere text or `true`, or a message with the code of an error.
 *
 * @internal
 */
export const bareError = (body: unknown): unknown => {
  if (!isObject(body)) return undefined
  const { error } = body
  if (isObject(error)) return body
  if (!Object.keys(body).every((key) => envelope.has(key))) return undefined
  return error === true || stringAt(body, "error") !== undefined || isCoded(body) ? body : undefined
}

/**
 * The error that came where a file was asked for. A file may be JSON, and even tell of an error; so an error is only what
 * has nothing else to tell.
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
 * The error of a response that failed: what it says of it, be it a mere text or nothing.
 *
 * @internal
 */
export const failedResponse = (response: unknown): unknown => ({
  // The metadata of a response is the caller's own
  error_type: stringAt(response, "error_type"),
  availability: objectAt(response, "availability"),
  error: objectAt(response, "error") ?? {
    code: 502,
    message: stringAt(response, "error") ?? "The response failed, and the provider did not say why"
  }
})

/**
 * The error of one of the choices: its own, or how it ended.
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
    message: `The provider ended the answer with an error${
      nativeFinishReason === undefined ? "" : ` (${nativeFinishReason})`
    }`
  }
})

/**
 * The error that stands for an answer without a word or a reason.
 *
 * @internal
 */
export const emptyResponseError: unknown = {
  error: { code: 502, message: "The answer is empty, and the provider did not say why" }
}
