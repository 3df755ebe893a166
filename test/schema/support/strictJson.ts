/** Strict JSON Schema, read without the library: what it allows, and values that satisfy it. */
import { Ajv2020 } from "ajv/dist/2020.js"
import * as FastCheck from "effect/FastCheck"

type Json = { readonly [keyword: string]: unknown }

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const objectAt = (json: Json, key: string): Json => {
  const value = json[key]
  return isObject(value) ? value : {}
}

const listAt = (json: Json, key: string): ReadonlyArray<unknown> => {
  const value = json[key]
  return Array.isArray(value) ? value : []
}

const allowed = new Set([
  "type",
  "description",
  "properties",
  "required",
  "additionalProperties",
  "items",
  "minItems",
  "enum",
  "anyOf",
  "format",
  "$ref",
  "$defs"
])

/** Whatever a provider that takes strict schemas would refuse, by its place. */
export const breaches = (root: Json): ReadonlyArray<string> => {
  const found: Array<string> = []
  const at = (json: unknown, path: string, isRoot = false): void => {
    if (!isObject(json)) {
      found.push(`${path}: not a schema`)
      return
    }
    for (const keyword of Object.keys(json)) {
      if (!allowed.has(keyword)) found.push(`${path}: ${keyword}`)
    }
    if (json["$ref"] !== undefined && Object.keys(json).length > 1) found.push(`${path}: words beside a reference`)
    if (json["type"] === undefined && json["anyOf"] === undefined && json["$ref"] === undefined) {
      found.push(`${path}: no type`)
    }
    if (json["minItems"] !== undefined && json["minItems"] !== 0 && json["minItems"] !== 1) {
      found.push(`${path}: minItems ${String(json["minItems"])}`)
    }
    if (json["type"] === "object") {
      const names = Object.keys(objectAt(json, "properties"))
      if (json["additionalProperties"] !== false) found.push(`${path}: open`)
      if (names.join() !== listAt(json, "required").join()) found.push(`${path}: optional properties`)
    }
    if (isRoot && json["type"] !== "object") found.push(`${path}: the root is no object`)
    for (const [name, schema] of Object.entries(objectAt(json, "properties"))) at(schema, `${path}.${name}`)
    for (const [name, schema] of Object.entries(objectAt(json, "$defs"))) at(schema, `${path}#${name}`)
    listAt(json, "anyOf").forEach((schema, index) => at(schema, `${path}|${index}`))
    if (json["type"] === "array") at(json["items"], `${path}[]`)
  }
  at(root, "", true)
  return found
}

/** Values that satisfy a strict schema. */
export const valuesOf = (root: Json): FastCheck.Arbitrary<unknown> => {
  const definitions = objectAt(root, "$defs")
  const of = (json: unknown, depth: number): FastCheck.Arbitrary<unknown> => {
    if (!isObject(json)) throw new Error("not a schema")
    const ref = json["$ref"]
    if (typeof ref === "string") return of(definitions[ref.replace("#/$defs/", "")], depth + 1)
    const members = listAt(json, "anyOf")
    if (members.length > 0) {
      const ends = depth > 6 ? members.filter((member) => isObject(member) && member["type"] === "null") : []
      return FastCheck.oneof(...(ends.length > 0 ? ends : members).map((member) => of(member, depth + 1)))
    }
    const choices = listAt(json, "enum")
    if (choices.length > 0) return FastCheck.constantFrom(...choices)
    switch (json["type"]) {
      case "string":
        return json["format"] === "date-time"
          ? FastCheck.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) =>
            date.toISOString()
          )
          : FastCheck.string()
      case "integer":
        return FastCheck.integer()
      case "number":
        return FastCheck.double({ noNaN: true, noDefaultInfinity: true })
      case "boolean":
        return FastCheck.boolean()
      case "null":
        return FastCheck.constant(null)
      case "array":
        return depth > 6 && json["minItems"] === undefined
          ? FastCheck.constant([])
          : FastCheck.array(of(json["items"], depth + 1), { minLength: Number(json["minItems"] ?? 0), maxLength: 2 })
      default:
        return FastCheck.record(
          Object.fromEntries(
            Object.entries(objectAt(json, "properties")).map(([name, schema]) => [name, of(schema, depth + 1)])
          )
        )
    }
  }
  return of(root, 0)
}

/** What a validator that is not ours says about a value: nothing where it is valid. */
export const complaints = (schema: Json): (value: unknown) => ReadonlyArray<string> => {
  const ajv = new Ajv2020({ strict: true, strictTuples: false, strictRequired: false, validateFormats: false })
  const validate = ajv.compile(schema)
  return (value) =>
    validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ""}`)
}
