import { isObject, type JsonObject } from "../../internal/json.js"

/**
 * A JSON object under construction.
 *
 * @internal
 */
export type Draft = Record<string, unknown>

/**
 * Sets a field from a later event. A null or empty value does not replace an earlier value.
 *
 * @internal
 */
export const setField = (draft: Draft, key: string, value: unknown): void => {
  const known = draft[key]
  if (value === known || value === undefined) return
  if ((value === null || value === "") && known !== undefined && known !== null) return
  draft[key] = value
}

/**
 * Sets all fields from a later event, except the named ones.
 *
 * @internal
 */
export const setFields = (draft: Draft, source: JsonObject, except?: ReadonlySet<string>): void => {
  for (const key in source) {
    const value = source[key]
    // Fast path: most events repeat most fields
    if (value === draft[key] || except?.has(key) === true) continue
    setField(draft, key, value)
  }
}

/**
 * Sets only the ids and the usage from an event.
 *
 * @internal
 */
export const addUsage = (draft: Draft, event: unknown): void => {
  if (!isObject(event)) return
  for (const key of ["id", "model", "provider"]) setField(draft, key, event[key])
  if (isObject(event["usage"])) setField(draft, "usage", event["usage"])
}
