import { LongNumber } from "../../internal/longNumbers.js"
import { bigintMark } from "../../internal/refusal.js"
import {
  annotated,
  type Building,
  type Form,
  isObject,
  type Json,
  listAt,
  type Path,
  readingTexts,
  Refusal,
  same
} from "./jsonForm.js"

const asNumber = (value: unknown): unknown => value instanceof LongNumber ? value.number ?? value : value

const asBigint = (value: unknown): unknown =>
  value instanceof LongNumber ? value.integer ?? value : Number.isSafeInteger(value) ? BigInt(Number(value)) : value

const asText = (value: unknown): unknown => value instanceof LongNumber ? value.text : value

const checks: { readonly [type: string]: (value: unknown) => boolean } = {
  string: (value) => typeof asText(value) === "string",
  number: (value) => typeof asNumber(value) === "number",
  integer: (value) => Number.isInteger(asNumber(value)),
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null
}

/** @internal */
export const isLeafType = (type: unknown): type is string => typeof type === "string" && Object.hasOwn(checks, type)

/** @internal */
export const leaf = (type: string, json: Json, { strict }: Building): Form => {
  const isBigint = json[bigintMark] === true && type === "integer"
  const accepts = isBigint ? (value: unknown) => typeof asBigint(value) === "bigint" : checks[type] ?? (() => false)
  return {
    schema: annotated({ type }, json, strict),
    accepts,
    restore: isBigint ? asBigint : type === "string" ? asText : asNumber,
    begins: accepts,
    readTexts: type === "string" || type === "null" ? same : readingTexts(accepts)
  }
}

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
    restore: (value, within) => within.anything(value),
    begins: () => true,
    readTexts: same
  }
}

/** The length comes first: to compare a string that grows would copy all of it each time. */
const isStartOf = (value: unknown, whole: unknown): boolean =>
  typeof value === "string" && typeof whole === "string" && value.length < whole.length && whole.startsWith(value)

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
  const accepts = (value: unknown) => values.includes(asNumber(value)) || values.includes(asText(value))
  return {
    schema: annotated(type === "null" ? { type } : { type: named, enum: values }, json, building.strict),
    accepts,
    restore: type === "string" ? asText : asNumber,
    begins: (value) => accepts(value) || values.some((whole) => isStartOf(value, whole)),
    readTexts: type === "string" || type === "null" ? same : readingTexts(accepts)
  }
}
