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
 * Any JSON value. Strict mode has no word for it.
 *
 * @internal
 */
export const anything = (json: unknown, path: Path, { strict }: Building): Form => {
  if (strict) throw new Refusal(path, "any value may stand here, but each place needs a type", true)
  // effect names what it knows by an id, and titles it with its TypeScript type
  const { title, ...rest } = isObject(json) ? json : {}
  return {
    schema: annotated({}, rest["$id"] === undefined ? { ...rest, title } : rest, strict),
    accepts: () => true,
    restore: same
  }
}

const typeOf = (value: unknown): string => value === null ? "null" : typeof value

/**
 * A choice among values. Each type of value gets a schema of its own, as providers want one type beside an `enum`.
 *
 * @internal
 */
export const choice = (json: Json, path: Path, building: Building): Form => {
  const values = Object.hasOwn(json, "const") ? [json["const"]] : listAt(json, "enum")
  const types = [...new Set(values.map(typeOf))]
  const [type] = types
  if (type === undefined) throw new Refusal(path, "no value can stand here")
  if (!types.every(isLeafType)) throw new Refusal(path, "a choice among objects or lists; use a union of their schemas")
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
