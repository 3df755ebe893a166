/** Applies patches and the supplement to OpenRouter's document. */
import { array, at, canonical, isObject, type Json, type JsonObject, object, own, pointer, refuse } from "./json.js"
import type { AddedParameter, Patch } from "./patches.js"
import { componentSchemas, operationObjects } from "./spec.js"

const required = (schema: JsonObject): ReadonlyArray<Json> =>
  Array.isArray(schema["required"]) ? schema["required"] : []

const addValues = (schema: JsonObject, values: ReadonlyArray<string>, place: string): JsonObject => {
  const known = array(schema["enum"], place)
  const twice = values.find((value) => known.includes(value))
  return twice === undefined
    ? { ...schema, enum: [...known, ...values] }
    : refuse(place, `a patch adds the value "${twice}", which the document lists by now`)
}

const addMembers = (schema: JsonObject, members: ReadonlyArray<JsonObject>, place: string): JsonObject => {
  const keyword = ["oneOf", "anyOf"].find((name) => schema[name] !== undefined) ?? refuse(place, "is no union")
  const known = array(schema[keyword], place)
  return members.some((member) => known.some((other) => canonical(other) === canonical(member)))
    ? refuse(place, "a patch adds a member, which the document lists by now")
    : { ...schema, [keyword]: [...known, ...members] }
}

const change = (schema: JsonObject, patch: Patch, place: string): JsonObject => {
  if (patch.values !== undefined) {
    return addValues(schema, patch.values, place)
  }
  if (patch.members !== undefined) {
    return addMembers(schema, patch.members, place)
  }
  const properties = object(schema["properties"], place)
  for (const name of [...patch.optional ?? [], ...patch.only ?? [], ...Object.keys(patch.replace ?? {})]) {
    if (own(properties, name) === undefined) {
      refuse(place, `a patch names "${name}", which is not there`)
    }
  }
  for (const name of Object.keys(patch.add ?? {})) {
    if (own(properties, name) !== undefined) {
      refuse(place, `a patch adds "${name}", which the document describes by now`)
    }
  }
  const isKept = (name: Json): boolean =>
    typeof name === "string" && !(patch.optional ?? []).includes(name) && (patch.only?.includes(name) ?? true)
  const changed = {
    ...schema,
    properties: { ...properties, ...patch.replace, ...patch.add },
    required: required(schema).filter(isKept)
  }
  return canonical(changed) === canonical({ required: [], ...schema })
    ? refuse(place, `a patch changes nothing any more (${patch.why})`)
    : changed
}

/** The document with a changed value at a pointer. */
const replace = (document: Json, keys: ReadonlyArray<string>, f: (value: Json) => Json): Json => {
  const [key, ...rest] = keys
  if (key === undefined) {
    return f(document)
  }
  const name = key.replaceAll("~1", "/").replaceAll("~0", "~")
  if (Array.isArray(document)) {
    return document.map((item: Json, i) => String(i) === name ? replace(item, rest, f) : item)
  }
  return isObject(document)
    ? { ...document, [name]: replace(own(document, name) ?? null, rest, f) }
    : refuse(keys.join("/"), "a patch goes through something that is no object")
}

const places = (document: JsonObject, { in: place, optional }: Patch): ReadonlyArray<string> => {
  if (typeof place === "string") {
    return isObject(at(document, place)) ? [place] : refuse(place, "a patch has lost its place")
  }
  const found = Object.entries(componentSchemas(document)).flatMap(([name, schema]) =>
    place.test(name) &&
      (optional === undefined || optional.some((property) => required(object(schema, name)).includes(property)))
      ? [name]
      : []
  )
  return found.length > 0
    ? found.map((name) => pointer("#/components/schemas", name))
    : refuse(String(place), "a patch has lost its place")
}

export const applyPatches = (document: JsonObject, patches: ReadonlyArray<Patch>): JsonObject =>
  patches.reduce<JsonObject>((patched, patch) =>
    places(patched, patch).reduce<JsonObject>((current, place) =>
      object(
        replace(current, place.split("/").slice(1), (schema) => change(object(schema, place), patch, place)),
        place
      ), patched), document)

export const addParameters = (document: JsonObject, added: ReadonlyArray<AddedParameter>): JsonObject =>
  added.reduce((current, { name, operations, schema }) =>
    operations.reduce<JsonObject>((patched, id) => {
      const [, method, path, operation, place] = operationObjects(patched).find(([other]) => other === id) ??
        refuse(id, `a patch adds the parameter "${name}" to an operation that is not there`)
      const known = array(operation["parameters"] ?? [], place)
      if (known.some((parameter) => object(parameter, place)["name"] === name)) {
        return refuse(place, `a patch adds the parameter "${name}", which the document lists by now`)
      }
      const parameters = [...known, { name, in: "query", schema }]
      return object(replace(patched, ["paths", path, method], () => ({ ...operation, parameters })), place)
    }, current), document)

/** The document together with what it lacks. */
export const supplement = (document: JsonObject, addition: JsonObject): JsonObject => {
  const merge = (a: Json | undefined, b: Json | undefined, place: string): JsonObject => {
    const [left, right] = [object(a ?? {}, place), object(b ?? {}, place)]
    const twice = Object.keys(right).find((key) => Object.hasOwn(left, key))
    return twice === undefined ? { ...left, ...right } : refuse(place, `the supplement repeats "${twice}"`)
  }
  return {
    ...document,
    paths: merge(document["paths"], addition["paths"], "#/paths"),
    components: {
      ...object(document["components"], "#/components"),
      schemas: merge(
        componentSchemas(document),
        object(addition["components"] ?? {}, "#/components")["schemas"],
        "#/components/schemas"
      )
    }
  }
}
