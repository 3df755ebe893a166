import { isObject } from "./json.js"

/**
 * JSON text that is the same for equal values, whatever the order of their keys; `undefined` for a value that JSON cannot
 * hold, such as a cycle.
 *
 * @internal
 */
export const canonicalJson = (value: unknown): string | undefined => {
  try {
    // The first pass applies `toJSON` and drops what JSON leaves out, so that the second one sees plain data
    return JSON.stringify(JSON.parse(JSON.stringify(value)), (_, part: unknown) => isObject(part) ? sorted(part) : part)
  } catch {
    return undefined
  }
}

const sorted = (object: object): object => Object.fromEntries(Object.entries(object).sort(byKey))

const byKey = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number => one < other ? -1 : 1

/**
 * Whether two values are the same JSON.
 *
 * @internal
 */
export const isSameJson = (one: unknown, other: unknown): boolean => {
  const text = canonicalJson(one)
  return text !== undefined && text === canonicalJson(other)
}
