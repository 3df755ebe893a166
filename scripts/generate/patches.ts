/**
 * Where OpenRouter's document and OpenRouter's answers disagree. Each patch says what it changes and why; a patch that no
 * longer finds its place stops the generator, so that none outlives its reason.
 */
import { at, isObject, type Json, type JsonObject, object, refuse } from "./json.js"

export interface Patch {
  readonly why: string
  /** The schema object that is changed, as a JSON pointer. */
  readonly in: string
  /** Properties that are not always there. */
  readonly optional?: ReadonlyArray<string>
  /** Properties that can be null. */
  readonly nullable?: ReadonlyArray<string>
  /** Properties that the document does not know, all optional. */
  readonly add?: JsonObject
}

export const patches: ReadonlyArray<Patch> = [
  {
    why: "The document's own examples of video models leave these out.",
    in: "#/components/schemas/VideoModel",
    optional: ["creativity", "upscale_factor"]
  },
  {
    why: "Lists that were not asked for a page carry neither; so do the document's own examples.",
    in: "#/components/schemas/ModelsListResponse",
    optional: ["total_count", "links"]
  },
  {
    why: "Generations made before workspaces existed have none; neither has the document's own example.",
    in: "#/components/schemas/GenerationResponse/properties/data",
    optional: ["workspace_id"]
  },
  ...["File", "FileDeleted", "FileList"].flatMap((shape) =>
    ["OpenRouter", "OpenAI", "Anthropic"].map((provider): Patch => ({
      why: "The property that names the shape of a file is left out, as in the document's own examples.",
      in: `#/components/schemas/${provider}${shape}`,
      optional: ["_shape"]
    }))
  )
]

const apply = (schema: JsonObject, patch: Patch): JsonObject => {
  const properties = object(schema["properties"], patch.in)
  const property = (name: string): JsonObject =>
    isObject(properties[name]) ? properties[name] : refuse(patch.in, `a patch names "${name}", which is not there`)
  for (const name of patch.optional ?? []) {
    property(name)
  }
  for (const name of Object.keys(patch.add ?? {})) {
    if (properties[name] !== undefined) {
      refuse(patch.in, `a patch adds "${name}", which the document describes by now`)
    }
  }
  const required = Array.isArray(schema["required"]) ? schema["required"] : []
  for (const name of patch.optional ?? []) {
    if (!required.includes(name)) {
      refuse(patch.in, `a patch makes "${name}" optional, which it is by now`)
    }
  }
  return {
    ...schema,
    properties: {
      ...properties,
      ...Object.fromEntries(
        (patch.nullable ?? []).map((name) => [name, { anyOf: [property(name), { type: "null" }] }])
      ),
      ...patch.add
    },
    required: required.filter((name) => typeof name !== "string" || !(patch.optional ?? []).includes(name))
  }
}

/** The document with a changed schema object at a pointer. */
const replace = (document: Json, keys: ReadonlyArray<string>, f: (schema: Json) => Json): Json => {
  const [key, ...rest] = keys
  if (key === undefined) {
    return f(document)
  }
  if (Array.isArray(document)) {
    return document.map((item: Json, i) => String(i) === key ? replace(item, rest, f) : item)
  }
  return isObject(document) ? { ...document, [key]: replace(document[key] ?? null, rest, f) } : document
}

export const applyPatches = (document: Json, all: ReadonlyArray<Patch>): Json =>
  all.reduce((patched, patch) => {
    if (!isObject(at(patched, patch.in))) {
      refuse(patch.in, "a patch has lost its place")
    }
    return replace(patched, patch.in.split("/").slice(1), (schema) => apply(object(schema, patch.in), patch))
  }, document)
