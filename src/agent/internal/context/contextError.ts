/** The error of a request that is too long for the context of its model. */
import { isObject, stringAt } from "../../../internal/json.js"

/**
 * Whether a request was refused because it is too long. Older responses say so in their text alone.
 *
 * @internal
 */
export const isContextError = (error: unknown): boolean => {
  if (!isObject(error) || error["status"] !== 400 && error["status"] !== 413) return false
  const errorType = stringAt(error, "errorType")
  return errorType === undefined
    ? contextTexts.test(stringAt(error, "message") ?? "")
    : errorType === "context_length_exceeded"
}

const contextTexts = /context length|context window|maximum context|prompt is too long|too many tokens/i

/**
 * The limit that such an error names, in tokens. It is that of the endpoint, which can be below that of the model.
 *
 * @internal
 */
export const namedLimit = (error: unknown): number | undefined => {
  const found = /(?:context length|context window|maximum)[^.]*?\b(\d[\d,]{2,})\b/i.exec(
    stringAt(error, "message") ?? ""
  )
  const limit = Number(found?.[1]?.replaceAll(",", ""))
  return Number.isFinite(limit) && limit > 0 ? limit : undefined
}
