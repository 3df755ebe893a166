import { type JsonObject, objectAt } from "../../internal/json.js"

/**
 * The usage that a body or an event reports: beside the output, or within the error.
 *
 * @internal
 */
export const usageIn = (source: unknown): JsonObject | undefined => {
  const usage = objectAt(source, "usage")
  if (usage !== undefined) return usage
  const error = objectAt(source, "error")
  return objectAt(error, "usage") ?? objectAt(objectAt(error, "metadata"), "usage")
}
