/** OpenAPI 3.1 schema objects to the generator's model. Every keyword is either read or known to be irrelevant. */
import { array, isObject, type Json, type JsonObject, object, pointer, refuse, string, strings } from "./json.js"
import type { Field, Ir, Struct } from "./model.js"

const structural = new Set([
  "$ref",
  "additionalProperties",
  "allOf",
  "anyOf",
  "const",
  "discriminator",
  "enum",
  "format",
  "items",
  "oneOf",
  "properties",
  "required",
  "type"
])

// Prose, and limits that the server enforces: they change more often than the shape.
const irrelevant = new Set([
  "default",
  "deprecated",
  "description",
  "example",
  "examples",
  "exclusiveMaximum",
  "exclusiveMinimum",
  "maxItems",
  "maxLength",
  "maxProperties",
  "maximum",
  "minItems",
  "minLength",
  "minProperties",
  "minimum",
  "multipleOf",
  "pattern",
  "title",
  "uniqueItems"
])

const checkKeywords = (schema: JsonObject, at: string): void => {
  for (const key of Object.keys(schema)) {
    if (!structural.has(key) && !irrelevant.has(key) && !key.startsWith("x-")) {
      refuse(at, `unknown keyword "${key}"`)
    }
  }
}

export interface Parser {
  /** The type of a schema object. */
  readonly parse: (schema: Json | undefined, at: string) => Ir
}

/** `component` gives the schema object behind a name. */
export const make = (component: (name: string, at: string) => Json): Parser => {
  const parse = (json: Json | undefined, at: string): Ir => {
    const schema = object(json, at)
    checkKeywords(schema, at)
    if (schema["$ref"] !== undefined) {
      return { kind: "ref", name: refName(string(schema["$ref"], at), at) }
    }
    if (schema["allOf"] !== undefined) {
      return parseAllOf(schema, at)
    }
    for (const keyword of ["oneOf", "anyOf"]) {
      if (schema[keyword] !== undefined) {
        return parseUnion(schema, keyword, at)
      }
    }
    if (schema["const"] !== undefined || schema["enum"] !== undefined) {
      return parseEnum(schema, at)
    }
    return parseTyped(schema, at)
  }

  const parseUnion = (schema: JsonObject, keyword: string, at: string): Ir => {
    onlyBeside(schema, [keyword, "discriminator"], at)
    const discriminator = schema["discriminator"]
    return {
      kind: "union",
      members: array(schema[keyword], at).map((member, i) => parse(member, pointer(at, keyword, i))),
      discriminator: discriminator === undefined
        ? undefined
        : string(object(discriminator, at)["propertyName"], pointer(at, "discriminator"))
    }
  }

  const parseEnum = (schema: JsonObject, at: string): Ir => {
    onlyBeside(schema, ["const", "enum", "type", "format"], at)
    const values = schema["const"] !== undefined ? [schema["const"]] : array(schema["enum"], at)
    const literals = values.flatMap((value) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean"
        ? [value]
        : value === null
        ? []
        : refuse(at, `enum value ${JSON.stringify(value)}`)
    )
    const type: Ir = { kind: "literals", values: literals }
    return literals.length < values.length ? { kind: "nullable", of: type } : type
  }

  const parseTyped = (schema: JsonObject, at: string): Ir => {
    const declared = schema["type"]
    const types = declared === undefined
      ? schema["properties"] !== undefined || schema["required"] !== undefined ? ["object"] : []
      : typeof declared === "string"
      ? [declared]
      : strings(declared, at)
    const members = types.filter((type) => type !== "null").map((type) => parsePrimitive(schema, type, at))
    const [only, ...more] = members
    if (only === undefined) {
      return types.length === 0 ? { kind: "unknown" } : { kind: "null" }
    }
    const type: Ir = more.length === 0 ? only : { kind: "union", members }
    return types.includes("null") ? { kind: "nullable", of: type } : type
  }

  const parsePrimitive = (schema: JsonObject, type: string, at: string): Ir => {
    switch (type) {
      case "string":
        return schema["format"] === "binary" ? { kind: "file" } : { kind: "string" }
      case "integer":
      case "number":
        return { kind: "number" }
      case "boolean":
        return { kind: "boolean" }
      case "array":
        return { kind: "array", item: parse(schema["items"] ?? {}, pointer(at, "items")) }
      case "object":
        return parseObject(schema, at)
      default:
        return refuse(at, `unknown type "${type}"`)
    }
  }

  const parseObject = (schema: JsonObject, at: string): Ir => {
    const struct = parseStruct(schema, at)
    return struct.fields.length === 0 && struct.rest !== undefined
      ? { kind: "record", value: struct.rest }
      : struct.fields.length === 0
      ? { kind: "record", value: { kind: "unknown" } }
      : struct
  }

  const parseStruct = (schema: JsonObject, at: string): Struct => {
    const properties = object(schema["properties"] ?? {}, at)
    const required = new Set(schema["required"] === undefined ? [] : strings(schema["required"], at))
    for (const name of required) {
      if (!Object.hasOwn(properties, name)) {
        refuse(at, `requires "${name}" but does not describe it`)
      }
    }
    const additional = schema["additionalProperties"]
    return {
      kind: "struct",
      fields: Object.entries(properties).map(([name, property]): Field => ({
        name,
        optional: !required.has(name),
        deprecated: isObject(property) && property["deprecated"] === true,
        type: parse(property, pointer(at, "properties", name)),
        tag: false
      })),
      rest: additional === undefined || typeof additional === "boolean"
        ? undefined
        : parse(additional, pointer(at, "additionalProperties"))
    }
  }

  const parseAllOf = (schema: JsonObject, at: string): Ir => {
    onlyBeside(schema, ["allOf"], at)
    const parts = array(schema["allOf"], at)
    const [base, patch, ...others] = parts
    if (base === undefined || patch === undefined || others.length > 0) {
      return refuse(at, `allOf of ${parts.length} parts`)
    }
    const changes = object(patch, pointer(at, "allOf", 1))
    checkKeywords(changes, pointer(at, "allOf", 1))
    const isEmpty = Object.keys(object(changes["properties"] ?? {}, at)).length === 0 &&
      changes["required"] === undefined && changes["additionalProperties"] === undefined
    if (isEmpty) {
      onlyBeside(changes, ["properties", "type"], pointer(at, "allOf", 1))
      return parse(base, pointer(at, "allOf", 0))
    }
    onlyBeside(changes, ["properties", "required", "additionalProperties", "type"], pointer(at, "allOf", 1))
    return merge(structOf(base, pointer(at, "allOf", 0)), changes, pointer(at, "allOf", 1))
  }

  const merge = (base: Struct, changes: JsonObject, at: string): Struct => {
    const required = new Set(changes["required"] === undefined ? [] : strings(changes["required"], at))
    const patch = parseStruct({ ...changes, required: [] }, at)
    for (const name of required) {
      if (![...base.fields, ...patch.fields].some((field) => field.name === name)) {
        refuse(at, `requires "${name}" but does not describe it`)
      }
    }
    const kept = base.fields.map((field): Field => {
      const changed = patch.fields.find(({ name }) => name === field.name)
      return {
        ...field,
        tag: false,
        optional: field.optional && !required.has(field.name),
        deprecated: field.deprecated || changed?.deprecated === true,
        type: changed?.type ?? field.type
      }
    })
    const added = patch.fields.filter((field) => !base.fields.some(({ name }) => name === field.name))
    return {
      kind: "struct",
      fields: [...kept, ...added.map((field) => ({ ...field, optional: !required.has(field.name) }))],
      rest: patch.rest ?? base.rest
    }
  }

  const structOf = (json: Json, at: string): Struct => {
    const type = parse(json, at)
    const inner = type.kind === "nullable" ? type.of : type
    switch (inner.kind) {
      case "struct":
        return inner
      case "record":
        return { kind: "struct", fields: [], rest: inner.value }
      case "ref":
        return structOf(component(inner.name, at), `#/components/schemas/${inner.name}`)
      case "string":
      case "number":
      case "boolean":
      case "null":
      case "unknown":
      case "file":
      case "literals":
      case "array":
      case "nullable":
      case "union":
      case "open":
        return refuse(at, `allOf over ${inner.kind}`)
    }
  }

  return { parse }
}

const onlyBeside = (schema: JsonObject, allowed: ReadonlyArray<string>, at: string): void => {
  for (const key of Object.keys(schema)) {
    if (structural.has(key) && !allowed.includes(key)) {
      refuse(at, `"${key}" beside ${allowed.map((name) => `"${name}"`).join(", ")}`)
    }
  }
}

export const refName = (ref: string, at: string): string => {
  const name = /^#\/components\/schemas\/([A-Za-z0-9_]+)$/.exec(ref)?.[1]
  return name ?? refuse(at, `reference "${ref}"`)
}
