import {
  annotated,
  type Building,
  type Form,
  isObject,
  type Json,
  listAt,
  type Path,
  Refusal,
  same
} from "./jsonForm.js"

const checks: { readonly [type: string]: (value: unknown) => boolean } = {
  string: (value) => typeof value === "string",
  number: (value) => typeof value === "number",
  integer: (value) => typeof value === "number" && Number.isInteger(value),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null
}

/** @internal */
export const isLeafType = (type: unknown): type is string => typeof type === "string" && Object.hasOwn(checks, type)

/** @internal */
export const leaf = (type: string, json: Json, { strict }: Building): Form => ({
  schema: annotated({ type }, json, strict),
  accepts: checks[type] ?? (() => false),
  restore: same
})

/**
 * Any JSON value. Strict mode cannot express it.
 *
 * @internal
 */
export const anything = (json: unknown, path: Path, { strict }: Building): Form => {
  if (strict) throw new Refusal(path, "a value of any type is allowed here, but strict mode requires a type", true)
  // Effect gives its own schemas an $id, and their TypeScript type as the title
  const { title, ...rest } = isObject(json) ? json : {}
  return {
    schema: annotated({}, rest["$id"] === undefined ? { ...rest, title } : rest, strict),
    accepts: () => true,
    restore: same
  }
}

const typeOf = (value: unknown): string => value === null ? "null" : typeof value

/**
 * One of several values. Each type of value gets its own schema, because providers require one type beside an `enum`.
 *
 * @internal
 */
export const choice = (json: Json, path: Path, building: Building): Form => {
  const values = Object.hasOwn(json, "const") ? [json["const"]] : listAt(json, "enum")
  const types = [...new Set(values.map(typeOf))]
  const [type] = types
  if (type === undefined) throw new Refusal(path, "no value is valid here")
  if (!types.every(isLeafType)) throw new Refusal(path, "an enum has objects or arrays; use a union of their schemas")
  if (types.length > 1) {
    const { description, title } = json
    const anyOf = types.map((type) => ({ enum: values.filter((value) => typeOf(value) === type) }))
    return building.form({ description, title, anyOf }, path)
  }
  const named = json["type"] === "integer" ? "integer" : type
  return {
    schema: annotated(type === "null" ? { type } : { type: named, enum: values }, json, building.strict),
    accepts: (value) => values.includes(value),
    restore: same
  }
}
