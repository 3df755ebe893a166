/** Applies patches and the supplement to OpenRouter's document. */
import { at, canonical, isObject, type Json, type JsonObject, object, pointer, refuse } from "./json.js"
import type { Patch } from "./patches.js"
import { componentSchemas } from "./spec.js"

const required = (schema: JsonObject): ReadonlyArray<Json> =>
  Array.isArray(schema["required"]) ? schema["required"] : []

const change = (schema: JsonObject, patch: Patch, place: string): JsonObject => {
  const properties = object(schema["properties"], place)
  for (const name of [...patch.optional ?? [], ...patch.only ?? [], ...Object.keys(patch.replace ?? {})]) {
    if (properties[name] === undefined) {
      refuse(place, `a patch names "${name}", which is not there`)
    }
  }
  for (const name of Object.keys(patch.add ?? {})) {
    if (properties[name] !== undefined) {
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
    ? { ...document, [name]: replace(document[name] ?? null, rest, f) }
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
