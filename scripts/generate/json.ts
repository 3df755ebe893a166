/** Reading of untyped JSON documents, with refusals that name the place. */

export type Json = null | boolean | number | string | ReadonlyArray<Json> | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/** The generator met something that it does not understand or may not guess. */
export class Refusal extends Error {
  override readonly name = "Refusal"
}

export const refuse = (at: string, problem: string): never => {
  throw new Refusal(`${at}: ${problem}`)
}

export const isObject = (json: unknown): json is JsonObject =>
  typeof json === "object" && json !== null && !Array.isArray(json)

export const object = (json: Json | undefined, at: string): JsonObject =>
  isObject(json) ? json : refuse(at, "expected an object")

export const array = (json: Json | undefined, at: string): ReadonlyArray<Json> =>
  Array.isArray(json) ? json : refuse(at, "expected an array")

export const string = (json: Json | undefined, at: string): string =>
  typeof json === "string" ? json : refuse(at, "expected a string")

export const strings = (json: Json | undefined, at: string): ReadonlyArray<string> =>
  array(json, at).map((item) => string(item, at))

/** The value under a key that the table itself has: `constructor` and the like are names as any other. */
export const own = <A>(table: Readonly<Record<string, A>>, key: string): A | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined

/** The same object without one member. */
export const without = (json: JsonObject, key: string): JsonObject =>
  Object.fromEntries(Object.entries(json).filter(([name]) => name !== key))

/** JSON text with sorted keys: equal for equal documents. */
export const canonical = (json: unknown): string =>
  JSON.stringify(json, (_, value: unknown) =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : value)

export const pointer = (at: string, ...keys: ReadonlyArray<string | number>): string =>
  [at, ...keys.map((key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1"))].join("/")

/** The value under a JSON pointer (`#/a/b`), or `undefined`. */
export const at = (document: Json, ref: string): Json | undefined => {
  let current: Json | undefined = document
  for (const part of ref.split("/").slice(1)) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~")
    current = Array.isArray(current) ? current[Number(key)] : isObject(current) ? own(current, key) : undefined
  }
  return current
}
