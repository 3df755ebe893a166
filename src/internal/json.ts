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

/**
 * The JSON text of a value that JSON can hold. `JSON.stringify` throws for a value that is nested thousands of levels
 * deep, as a model can write one.
 *
 * @internal
 */
export const jsonText = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? "null"
  } catch {
    return deepJsonText(value)
  }
}

/** A piece of text among the values that are still to be written. */
class Written {
  constructor(readonly text: string) {}
}

const deepJsonText = (root: unknown): string => {
  const texts: Array<string> = []
  const stack: Array<unknown> = [root]
  while (stack.length > 0) {
    const value = stack.pop()
    if (value instanceof Written) texts.push(value.text)
    else if (Array.isArray(value)) {
      texts.push("[")
      stack.push(new Written("]"))
      for (let i = value.length - 1; i >= 0; i--) {
        stack.push(value[i])
        if (i > 0) stack.push(new Written(","))
      }
    } else if (isObject(value)) {
      texts.push("{")
      stack.push(new Written("}"))
      const keys = Object.keys(value)
      for (let i = keys.length - 1; i >= 0; i--) {
        const key = keys[i] ?? ""
        stack.push(value[key], new Written(`${i > 0 ? "," : ""}${JSON.stringify(key)}:`))
      }
    } else texts.push(JSON.stringify(value) ?? "null")
  }
  return texts.join("")
}
