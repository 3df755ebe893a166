import { isObject, type JsonObject } from "../../internal/json.js"
import { usageIn } from "./usageIn.js"

/**
 * A JSON object under construction. It has no prototype, so that every key of the wire is a plain key, `__proto__` too.
 * It leaves this floor only as a copy: `{ ...draft }`.
 *
 * @internal
 */
export type Draft = Record<string, unknown>

/** @internal */
export const makeDraft = (fields: JsonObject = {}): Draft => {
  const draft: Draft = Object.create(null)
  return Object.assign(draft, fields)
}

/**
 * Whether a value says nothing: null, a blank text, an empty list or object.
 *
 * @internal
 */
export const isEmpty = (value: unknown): boolean =>
  value === null ||
  (typeof value === "string"
    ? value.trim() === ""
    : isObject(value)
    ? hasNoKey(value)
    : Array.isArray(value) && value.length === 0)

const hasNoKey = (value: JsonObject): boolean => {
  for (const _ in value) return false
  return true
}

/**
 * Sets a field from a later event. A value that says nothing does not replace an earlier value.
 *
 * @internal
 */
export const setField = (draft: Draft, key: string, value: unknown): void => {
  const known = draft[key]
  if (value === known || value === undefined) return
  if (known !== undefined && known !== null && isEmpty(value)) return
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
 * Adds the usage of a later event to the usage that is known, also where one event has only some of its counts.
 *
 * @internal
 */
export const setUsage = (draft: Draft, usage: unknown): void => {
  if (!isObject(usage)) return
  const known = draft["usage"]
  const merged = makeDraft(isObject(known) ? known : {})
  for (const key in usage) {
    const value = usage[key]
    const before = merged[key]
    if (!isObject(value) || !isObject(before)) {
      setField(merged, key, value)
      continue
    }
    const details = makeDraft(before)
    setFields(details, value)
    merged[key] = { ...details }
  }
  draft["usage"] = { ...merged }
}

/**
 * Sets only the ids and the usage from an event.
 *
 * @internal
 */
export const addUsage = (draft: Draft, event: unknown): void => {
  if (!isObject(event)) return
  for (const key of ["id", "model", "provider"]) setField(draft, key, event[key])
  setUsage(draft, usageIn(event))
}
