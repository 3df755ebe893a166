import type { PartialResponse } from "../../http/OpenRouterError.js"
import { arrayAt, isObject, objectAt, stringAt } from "../../internal/json.js"
import { readResponse } from "../../response/readResponse.js"
import { refusalIn } from "../../response/refusal.js"

/**
 * The text of a chat completion or a response, and how it ended.
 *
 * @internal
 */
export interface ResponseText {
  readonly response: PartialResponse
  /** The texts that may hold the value, likeliest first. */
  readonly texts: ReadonlyArray<string>
  readonly refusal: string | undefined
  readonly isFiltered: boolean
  readonly isTruncated: boolean
}

/** @internal */
export const readResponseText = (result: unknown): ResponseText => {
  const response = readResponse(result)
  return isObject(result) && Array.isArray(result["output"])
    ? fromResponses(result, response)
    : fromChat(result, response)
}

/** Native finish reasons of providers that mean a limit of tokens, whatever the normalized reason is. */
const truncationReason =
  /^(length|max_?(output_?)?(tokens|length)|model_length|model_context_window_exceeded|token_limit)$/i

const fromChat = (result: unknown, response: PartialResponse): ResponseText => {
  const choice = arrayAt(result, "choices")[0]
  const reasons = [stringAt(choice, "finish_reason") ?? "", stringAt(choice, "native_finish_reason") ?? ""]
  return {
    response,
    texts: [response.text],
    refusal: stringAt(objectAt(choice, "message"), "refusal"),
    isFiltered: reasons[0] === "content_filter",
    isTruncated: reasons.some((reason) => truncationReason.test(reason))
  }
}

const fromResponses = (result: unknown, response: PartialResponse): ResponseText => {
  const messages = arrayAt(result, "output").filter((item) => stringAt(item, "type") === "message")
  const textOf = (message: unknown) =>
    arrayAt(message, "content").filter((part) => stringAt(part, "type") === "output_text").map((part) =>
      stringAt(part, "text") ?? ""
    ).join("")
  const reason = stringAt(objectAt(result, "incomplete_details"), "reason")
  const refusal = refusalIn(arrayAt(result, "output"))
  const last = messages.map(textOf).findLast((text) => text !== "")
  return {
    response,
    texts: last === undefined || last === response.text ? [response.text] : [last, response.text],
    refusal: refusal === "" && response.text !== "" ? undefined : refusal,
    isFiltered: reason === "content_filter",
    isTruncated: reason !== "content_filter" && (reason !== undefined || stringAt(result, "status") === "incomplete")
  }
}
