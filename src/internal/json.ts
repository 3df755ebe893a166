/** Careful reading of JSON that nobody has checked: every step may find something else than expected. */

/** @internal */
export type JsonObject = { readonly [key: string]: unknown }

/** @internal */
export const isObject = (u: unknown): u is JsonObject => typeof u === "object" && u !== null && !Array.isArray(u)

/** @internal */
export const objectAt = (u: unknown, key: string): JsonObject | undefined => {
  const value = isObject(u) ? u[key] : undefined
  return isObject(value) ? value : undefined
}

/** @internal */
export const stringAt = (u: unknown, key: string): string | undefined => {
  const value = isObject(u) ? u[key] : undefined
  return typeof value === "string" && value !== "" ? value : undefined
}

/** @internal */
export const numberAt = (u: unknown, key: string): number | undefined => {
  const value = isObject(u) ? u[key] : undefined
  return typeof value === "number" && Number.isFinite(value) ? value : undefined
}

/** @internal */
export const arrayAt = (u: unknown, key: string): ReadonlyArray<unknown> => {
  const value = isObject(u) ? u[key] : undefined
  return Array.isArray(value) ? value : []
}

/** @internal */
export const parseJson = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** @internal */
export const excerpt = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters in all)`

/**
 * The same object without the fields that are undefined, so that a printed error shows what there is.
 *
 * @internal
 */
export const defined = <A extends object>(fields: A): A => {
  for (const key of Object.keys(fields)) {
    if (Reflect.get(fields, key) === undefined) Reflect.deleteProperty(fields, key)
  }
  return fields
}
