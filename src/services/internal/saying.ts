import type { PartialResponse } from "../../http/OpenRouterError.js"
import { arrayAt, isObject, objectAt, stringAt } from "../../internal/json.js"
import { readResponse } from "../../response/readResponse.js"

/**
 * How an answer of either API ended, and in which words.
 *
 * @internal
 */
export interface Saying {
  readonly answer: PartialResponse
  /** The texts that may hold the value, likeliest first. */
  readonly texts: ReadonlyArray<string>
  readonly refusal: string | undefined
  readonly wasFiltered: boolean
  readonly wasCut: boolean
}

/** @internal */
export const sayingOf = (result: unknown): Saying => {
  const answer = readResponse(result)
  return isObject(result) && Array.isArray(result["output"]) ? ofResponse(result, answer) : ofChat(result, answer)
}

/** What the normalised reason hides, as providers spell it. */
const cut = /^(length|max_?(output_?)?(tokens|length)|model_length|model_context_window_exceeded|token_limit)$/i

const ofChat = (result: unknown, answer: PartialResponse): Saying => {
  const choice = arrayAt(result, "choices")[0]
  const reasons = [stringAt(choice, "finish_reason") ?? "", stringAt(choice, "native_finish_reason") ?? ""]
  return {
    answer,
    texts: [answer.text],
    refusal: stringAt(objectAt(choice, "message"), "refusal"),
    wasFiltered: reasons[0] === "content_filter",
    wasCut: reasons.some((reason) => cut.test(reason))
  }
}

const ofResponse = (result: unknown, answer: PartialResponse): Saying => {
  const messages = arrayAt(result, "output").filter((item) => stringAt(item, "type") === "message")
  const parts = (message: unknown, type: string, key: string) =>
    arrayAt(message, "content").filter((part) => stringAt(part, "type") === type).map((part) =>
      stringAt(part, key) ?? ""
    )
  const reason = stringAt(objectAt(result, "incomplete_details"), "reason")
  const refusal = messages.flatMap((message) => parts(message, "refusal", "refusal")).join("")
  const last = messages.map((message) => parts(message, "output_text", "text").join("")).findLast((text) => text !== "")
  return {
    answer,
    texts: last === undefined || last === answer.text ? [answer.text] : [last, answer.text],
    refusal: refusal === "" ? undefined : refusal,
    wasFiltered: reason === "content_filter",
    wasCut: reason !== "content_filter" && (reason !== undefined || stringAt(result, "status") === "incomplete")
  }
}
