import { arrayAt, type JsonObject, stringAt } from "../../internal/json.js"
import { contentParts } from "./contentParts.js"

/**
 * The readable reasoning of a message, or of a delta of one. Providers send it under several names, often under two at
 * once; it is read once.
 *
 * @internal
 */
export const reasoningIn = (message: JsonObject): string =>
  stringAt(message, "reasoning") ?? stringAt(message, "reasoning_content") ??
    (contentParts(message["content"])?.reasoning || arrayAt(message, "reasoning_details").map(readable).join(""))

const readable = (detail: unknown): string => {
  const type = stringAt(detail, "type")
  return type === "reasoning.text"
    ? stringAt(detail, "text") ?? ""
    : type === "reasoning.summary"
    ? stringAt(detail, "summary") ?? ""
    : ""
}
