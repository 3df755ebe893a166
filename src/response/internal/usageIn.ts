import { type JsonObject, numberAt, objectAt, stringAt } from "../../internal/json.js"

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

/**
 * A number of the usage, which some servers send as text.
 *
 * @internal
 */
export const countAt = (usage: unknown, key: string): number | undefined => {
  const text = stringAt(usage, key)
  const number = text === undefined || text.trim() === "" ? NaN : Number(text)
  return Number.isFinite(number) ? number : numberAt(usage, key)
}
