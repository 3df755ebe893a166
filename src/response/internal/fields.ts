import type { JsonObject } from "../../internal/json.js"

/**
 * A JSON object under construction.
 *
 * @internal
 */
export type Draft = Record<string, unknown>

/**
 * Takes over a field of a later event. What is null or empty there does not undo what was known before.
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
 * Takes over all fields but the named ones.
 *
 * @internal
 */
export const setFields = (draft: Draft, source: JsonObject, except?: ReadonlySet<string>): void => {
  for (const key in source) {
    const value = source[key]
    // Most events repeat most fields
    if (value === draft[key] || except?.has(key) === true) continue
    setField(draft, key, value)
  }
}
