/** Changes of JSON documents at a place, which leave the original as it is. */
import { isObject, type Json, type JsonObject } from "../../../scripts/generate/json.js"

export type Path = ReadonlyArray<string | number>

/** The same document with another value at a path; `undefined` takes the value away. */
export const edit = (json: Json, [key, ...rest]: Path, change: (value: Json | undefined) => Json | undefined): Json => {
  if (Array.isArray(json)) {
    return json.flatMap((item: Json, i) => {
      const changed = i !== key ? item : rest.length === 0 ? change(item) : edit(item, rest, change)
      return changed === undefined ? [] : [changed]
    })
  }
  const object = isObject(json) ? json : {}
  const name = String(key)
  const changed = rest.length === 0 ? change(object[name]) : edit(object[name] ?? {}, rest, change)
  const entries = Object.entries(object).flatMap(([other, value]) =>
    other !== name ? [[other, value] as const] : changed === undefined ? [] : [[other, changed] as const]
  )
  return Object.fromEntries(
    changed === undefined || Object.hasOwn(object, name) ? entries : [...entries, [name, changed] as const]
  )
}

type Role = "root" | "field" | "items" | "member" | "base" | "change" | "rest"

export interface SchemaPlace {
  readonly path: Path
  readonly schema: JsonObject
  /** What the schema is in the schema around it. */
  readonly role: Role
  /** The property, for a field, and whether it is required. */
  readonly field: string | undefined
  readonly required: boolean
}

/** A place where the generator must not overlook a change. */
type Visit = (place: SchemaPlace) => void

/**
 * Visits every schema that counts in a document, from a schema of an operation on. Properties that an allOf replaces do
 * not count, nor the type of further properties beside named ones.
 */
export const visitSchemas = (schemas: JsonObject, start: JsonObject, path: Path, visit: Visit): void => {
  const seen = new Set<string>()
  const go = (place: SchemaPlace, replaced: ReadonlyArray<string>): void => {
    const { path, role, schema } = place
    const id = JSON.stringify([path, role === "base", replaced])
    if (seen.has(id)) return
    seen.add(id)
    if (role !== "base" || schema["$ref"] === undefined) visit(place)
    const step = (json: Json | undefined, more: Path, role: Role, without: ReadonlyArray<string> = []): void => {
      if (isObject(json)) {
        go({ path: [...path, ...more], schema: json, role, field: undefined, required: false }, without)
      }
    }
    const list = (key: string): ReadonlyArray<Json> => Array.isArray(schema[key]) ? schema[key] : []
    const properties = Object.entries(isObject(schema["properties"]) ? schema["properties"] : {})
    for (const [name, json] of properties) {
      if (isObject(json) && !replaced.includes(name)) {
        const required = list("required").includes(name)
        go({ path: [...path, "properties", name], schema: json, role: "field", field: name, required }, [])
      }
    }
    if (typeof schema["$ref"] === "string") {
      const name = schema["$ref"].slice(schema["$ref"].lastIndexOf("/") + 1)
      const target = schemas[name]
      if (isObject(target)) {
        const inner: Role = role === "base" ? "base" : "root"
        go({
          path: ["components", "schemas", name],
          schema: target,
          role: inner,
          field: undefined,
          required: false
        }, replaced)
      }
    }
    step(schema["items"], ["items"], "items")
    if (properties.length === 0) step(schema["additionalProperties"], ["additionalProperties"], "rest")
    for (const key of ["oneOf", "anyOf"]) {
      list(key).forEach((json, i) => step(json, [key, i], "member"))
    }
    const [base, change] = list("allOf")
    const changed = isObject(change) && isObject(change["properties"]) ? Object.keys(change["properties"]) : []
    step(base, ["allOf", 0], "base", [...replaced, ...changed])
    step(change, ["allOf", 1], "change", replaced)
  }
  go({ path, schema: start, role: "root", field: undefined, required: false }, [])
}
