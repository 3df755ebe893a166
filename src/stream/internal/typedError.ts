import { bareError } from "../../http/internal/findError.js"
import { isObject } from "../../http/internal/json.js"

/**
 * An event that is an error as a whole, where events have types: one of type `error`, nested, flat or with a mere
 * text, or one without a type that has nothing else to say.
 *
 * @internal
 */
export const typedError = (event: unknown): unknown => {
  if (!isObject(event)) return undefined
  const { type } = event
  return type === "error" ? event : type === undefined ? bareError(event) : undefined
}
