/** OpenAPI 3.1 schema objects to the generator's model. Every keyword is either read or known to be irrelevant. */
import {
  array,
  isObject,
  type Json,
  type JsonObject,
  object,
  pointer,
  refuse,
  string,
  strings,
  without
} from "./json.js"
import { checkFormat, checkMembers } from "./keywords.js"
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

/** The keywords that only mean something beside a type. */
const keywordsOf: Readonly<Record<string, ReadonlyArray<string>>> = {
  object: ["additionalProperties", "properties", "required"],
  array: ["items"]
}

const types = ["array", "boolean", "integer", "null", "number", "object", "string"]

/** How a union says which member a value is. */
export interface Discriminator {
  readonly at: string
  readonly property: string
  /** Values of the property with the names of the schemas that they stand for. */
  readonly mapping: ReadonlyArray<readonly [value: string, name: string]>
  readonly members: ReadonlyArray<Ir>
}

export interface Parser {
  /** The type of a schema object. */
  readonly parse: (schema: Json | undefined, at: string) => Ir
  /** What all unions that were parsed say of their members. */
  readonly discriminators: ReadonlyArray<Discriminator>
}

/** `component` gives the schema object behind a name. */
export const make = (component: (name: string, at: string) => Json): Parser => {
  const discriminators: Array<Discriminator> = []

  const parse = (json: Json | undefined, at: string): Ir => {
    const schema = object(json, at)
    checkMembers("schema", schema, at)
    if (schema["deprecated"] === true) {
      refuse(at, "is deprecated; the generator says so of fields, parameters, operations and named schemas only")
    }
    if (schema["x-openrouter-type"] !== undefined) {
      refuse(at, "\"x-openrouter-type\" outside of a parameter")
    }
    if (schema["$ref"] !== undefined) {
      onlyBeside(schema, ["$ref"], at)
      const name = refName(string(schema["$ref"], at), at)
      component(name, at)
      return { kind: "ref", name }
    }
    if (schema["allOf"] !== undefined) {
      return parseAllOf(schema, at)
    }
    for (const keyword of ["oneOf", "anyOf"]) {
      if (schema[keyword] !== undefined) {
        return parseUnion(schema, keyword, at)
      }
    }
    if (schema["discriminator"] !== undefined) {
      refuse(at, "a discriminator without a union")
    }
    if (schema["const"] !== undefined || schema["enum"] !== undefined) {
      return parseEnum(schema, at)
    }
    return parseTyped(schema, at)
  }

  const parseUnion = (schema: JsonObject, keyword: string, at: string): Ir => {
    onlyBeside(schema, [keyword, "discriminator"], at)
    const members = array(schema[keyword], at).map((member, i) => parse(member, pointer(at, keyword, i)))
    if (members.length === 0) {
      refuse(at, "a union without members allows nothing")
    }
    if (schema["discriminator"] === undefined) {
      return { kind: "union", members }
    }
    const here = pointer(at, "discriminator")
    const discriminator = object(schema["discriminator"], here)
    checkMembers("discriminator", discriminator, here)
    const property = string(discriminator["propertyName"], here)
    discriminators.push({
      at: here,
      property,
      mapping: Object.entries(object(discriminator["mapping"] ?? {}, here)).map(([value, target]) => {
        const text = string(target, here)
        return [value, text.includes("/") ? refName(text, here) : text]
      }),
      members
    })
    return { kind: "union", members, discriminator: property }
  }

  const parseEnum = (schema: JsonObject, at: string): Ir => {
    onlyBeside(schema, schema["const"] === undefined ? ["enum", "type", "format"] : ["const", "type", "format"], at)
    const declared = typesOf(schema, at)
    if (schema["format"] !== undefined) {
      checkFormat(string(schema["format"], at), declared ?? [], at)
    }
    const values = schema["const"] === undefined ? array(schema["enum"], at) : [schema["const"]]
    const names = values.map((value) => typeName(value, at))
    if (values.length === 0) {
      refuse(at, "an enum without values allows nothing; patch it")
    }
    const stray = values.findIndex((_, i) => declared !== undefined && !declared.some((type) => covers(type, names[i])))
    if (stray >= 0) {
      refuse(at, `the value ${JSON.stringify(values[stray])} is none of type ${declared?.join(" or ")}; patch one`)
    }
    const unused = declared?.find((type) => !names.some((name) => covers(type, name)))
    if (unused !== undefined) {
      refuse(at, `type "${unused}", which no value of the enum has; patch one of them`)
    }
    const kinds = new Set(names.filter((name) => name !== "null").map((name) => name === "integer" ? "number" : name))
    if (kinds.size > 1) {
      refuse(at, `an enum of several types (${[...kinds].join(", ")}); write it as a union of enums by a patch`)
    }
    const literals = values.flatMap((value) =>
      typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? [value] : []
    )
    if (literals.length === 0) {
      return { kind: "null" }
    }
    const type: Ir = { kind: "literals", values: [...new Set(literals)] }
    return names.includes("null") ? { kind: "nullable", of: type } : type
  }

  const parseTyped = (schema: JsonObject, at: string): Ir => {
    const isObjectByFields = schema["type"] === undefined &&
      (schema["properties"] !== undefined || schema["required"] !== undefined)
    const declared = isObjectByFields ? ["object"] : typesOf(schema, at) ?? []
    for (const [type, keywords] of Object.entries(keywordsOf)) {
      const stray = keywords.find((keyword) => schema[keyword] !== undefined)
      if (stray !== undefined && !declared.includes(type)) {
        refuse(at, `"${stray}" beside ${declared.length === 0 ? "no type" : `type ${declared.join(" or ")}`}`)
      }
    }
    if (schema["format"] !== undefined) {
      checkFormat(string(schema["format"], at), declared, at)
    }
    const members = declared.filter((type) => type !== "null").map((type) => parsePrimitive(schema, type, at))
    const [only, ...more] = members
    if (only === undefined) {
      return declared.length === 0 ? { kind: "unknown" } : { kind: "null" }
    }
    const type: Ir = more.length === 0 ? only : { kind: "union", members }
    return declared.includes("null") ? { kind: "nullable", of: type } : type
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
        type: parse(
          isObject(property) ? without(property, "deprecated") : property,
          pointer(at, "properties", name)
        ),
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
    const here = pointer(at, "allOf", 1)
    const changes = object(patch, here)
    checkMembers("schema", changes, here)
    if (changes["deprecated"] === true) {
      refuse(here, "is deprecated; say so beside allOf")
    }
    onlyBeside(changes, ["properties", "required", "additionalProperties", "type"], here)
    const isEmpty = Object.keys(object(changes["properties"] ?? {}, here)).length === 0 &&
      changes["required"] === undefined && changes["additionalProperties"] === undefined
    const declared = typesOf(changes, here)
    const baseAt = pointer(at, "allOf", 0)
    if (isEmpty && declared === undefined) {
      return parse(base, baseAt)
    }
    const isNullable = allowsNull(parse(base, baseAt))
    const struct = structOf(base, baseAt)
    const stray = declared?.find((type) => type !== "object" && !(type === "null" && isNullable))
    if (stray !== undefined || declared?.includes("object") === false) {
      refuse(here, `type ${declared?.join(" or ")}, which the schema that it changes does not have`)
    }
    const staysNullable = isNullable && (declared?.includes("null") ?? true)
    if (isEmpty && staysNullable === isNullable) {
      return parse(base, baseAt)
    }
    const type: Ir = merge(struct, changes, here)
    return staysNullable ? { kind: "nullable", of: type } : type
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

  const allowsNull = (type: Ir): boolean =>
    type.kind === "null" || type.kind === "nullable" ||
    (type.kind === "union" && type.members.some(allowsNull)) ||
    (type.kind === "ref" && allowsNull(parse(component(type.name, type.name), `#/components/schemas/${type.name}`)))

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

  return { parse, discriminators }
}

/** The types that a schema declares, or `undefined` if it declares none. */
const typesOf = (schema: JsonObject, at: string): ReadonlyArray<string> | undefined => {
  const declared = schema["type"]
  if (declared === undefined) {
    return undefined
  }
  const names = typeof declared === "string" ? [declared] : strings(declared, at)
  const unknown = names.find((name) => !types.includes(name))
  if (unknown !== undefined) {
    refuse(at, `unknown type "${unknown}"`)
  }
  return names.length === 0 ? refuse(at, "an empty list of types allows nothing") : [...new Set(names)]
}

const typeName = (value: Json | undefined, at: string): string =>
  value === null
    ? "null"
    : typeof value === "number"
    ? Number.isInteger(value) ? "integer" : "number"
    : typeof value === "string" || typeof value === "boolean"
    ? typeof value
    : refuse(at, `enum value ${JSON.stringify(value)}`)

const covers = (type: string, name: string | undefined): boolean =>
  type === name || (type === "number" && name === "integer")

export const onlyBeside = (schema: JsonObject, allowed: ReadonlyArray<string>, at: string): void => {
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
