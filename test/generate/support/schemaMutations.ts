/** Changes of one schema. */
import { isObject, type Json, type JsonObject, without } from "../../../scripts/generate/json.js"
import { members } from "../../../scripts/generate/keywords.js"
import type { SchemaPlace } from "./edit.js"

export interface SchemaMutation {
  readonly name: string
  /** The changed schemas, or none where the change makes no sense. */
  readonly of: (place: SchemaPlace, others: Others) => ReadonlyArray<Json>
  /** Why the output may stay the same, in the words of `ignoredValues` or of the table of keywords. */
  readonly ignored?: (place: SchemaPlace) => boolean
}

export interface Others {
  /** The component that holds the schema. */
  readonly self: string | undefined
  /** Another component. */
  readonly other: string
}

const list = (json: Json | undefined): ReadonlyArray<Json> => Array.isArray(json) ? json : []

const types = (schema: JsonObject): ReadonlyArray<Json> =>
  Array.isArray(schema["type"]) ? schema["type"] : schema["type"] === undefined ? [] : [schema["type"]]

const properties = (schema: JsonObject): JsonObject => isObject(schema["properties"]) ? schema["properties"] : {}

const firstOf = (json: JsonObject): string | undefined => Object.keys(json)[0]

const ref = (name: string): JsonObject => ({ $ref: `#/components/schemas/${name}` })

const unionKey = (schema: JsonObject): string | undefined =>
  ["oneOf", "anyOf"].find((key) => Array.isArray(schema[key]))

/** In what is received, every optional field may be null, and a nullable one absent. */
const mayBeNull = ({ required, role }: SchemaPlace): boolean =>
  (role === "field" && !required) || role === "root" || role === "base" || role === "member"

const allowsNull = (json: Json | undefined): boolean => /"null"|"\$ref"/.test(JSON.stringify(json))

const isPlain = (schema: JsonObject): boolean =>
  schema["type"] !== undefined && schema["enum"] === undefined && schema["const"] === undefined

/** Each keyword that the generator refuses, with a value that it may have. */
const refusedKeywords = Object.entries(members.schema).flatMap(([name, { kind }]) => kind === "refused" ? [name] : [])

const withDiscriminator = (
  schema: JsonObject,
  change: (discriminator: JsonObject) => JsonObject | undefined
): ReadonlyArray<Json> => {
  if (!isObject(schema["discriminator"])) return []
  const changed = change(schema["discriminator"])
  return changed === undefined ? [] : [{ ...schema, discriminator: changed }]
}

const mappingOf = (discriminator: JsonObject): JsonObject =>
  isObject(discriminator["mapping"]) ? discriminator["mapping"] : {}

export const schemaMutations: ReadonlyArray<SchemaMutation> = [
  // --- keywords ---
  { name: "an unknown keyword", of: ({ schema }) => [{ ...schema, newKeyword: true }] },
  { name: "an unknown extension", of: ({ schema }) => [{ ...schema, "x-new": true }] },
  {
    name: "a refused keyword",
    of: ({ path, schema }) => {
      const name = refusedKeywords[JSON.stringify(path).length % refusedKeywords.length]
      return name === undefined ? [] : [{ ...schema, [name]: true }]
    }
  },
  { name: "prose", of: ({ schema }) => [{ ...schema, description: "new", title: "new" }], ignored: () => true },
  {
    name: "a limit",
    of: ({ schema }) => [{ ...schema, maxLength: 7, minimum: 1, pattern: "a" }],
    ignored: () => true
  },
  {
    name: "deprecated",
    of: ({ schema }) => [
      schema["deprecated"] === true ? without(schema, "deprecated") : { ...schema, deprecated: true }
    ],
    // A schema that is only a part of others, or the message of a stream, has no comment
    ignored: ({ role }) => role === "base" || role === "root"
  },
  { name: "an unknown format", of: ({ schema }) => [{ ...schema, format: "byte" }] },
  {
    name: "the format of a file",
    of: ({ schema }) => isPlain(schema) && types(schema).includes("string") ? [{ ...schema, format: "binary" }] : []
  },

  // --- types ---
  {
    name: "another type",
    of: ({ schema }) =>
      isPlain(schema) && schema["properties"] === undefined
        ? [{
          ...without(without(schema, "items"), "format"),
          type: types(schema).includes("boolean") ? "string" : "boolean"
        }]
        : []
  },
  {
    name: "another type beside the same keywords",
    of: ({ schema }) => types(schema).includes("boolean") ? [] : [{ ...schema, type: "boolean" }]
  },
  {
    name: "no type",
    of: ({ schema }) => schema["type"] === undefined ? [] : [without(schema, "type")],
    // The properties or the values say the same
    ignored: ({ schema }) => !isPlain(schema) || schema["properties"] !== undefined
  },
  { name: "an unknown type", of: ({ schema }) => [{ ...schema, type: "tuple" }] },
  { name: "an empty list of types", of: ({ schema }) => [{ ...schema, type: [] }] },
  {
    name: "null as another type",
    of: ({ schema }) =>
      schema["type"] === undefined
        ? []
        : [{
          ...schema,
          type: types(schema).includes("null")
            ? types(schema).filter((type) => type !== "null")
            : [...types(schema), "null"]
        }],
    ignored: mayBeNull
  },
  {
    name: "number for integer",
    of: ({ schema }) => schema["type"] === "integer" ? [{ ...schema, type: "number" }] : [],
    ignored: () => true
  },
  { name: "nothing but null", of: ({ schema }) => schema["type"] === "null" ? [] : [{ const: null }] },
  { name: "anything", of: ({ role, schema }) => Object.keys(schema).length === 0 || role === "change" ? [] : [{}] },
  { name: "a boolean schema", of: ({ role }) => role === "rest" ? [] : [true] },

  // --- references ---
  {
    name: "a reference to another schema",
    of: ({ schema }, { other }) =>
      schema["$ref"] === undefined || schema["$ref"] === ref(other)["$ref"] ? [] : [ref(other)]
  },
  { name: "a reference to nothing", of: () => [ref("Nothing")] },
  { name: "a reference to another document", of: () => [{ $ref: "other.json#/A" }] },
  { name: "a reference to itself", of: (_, { self }) => self === undefined ? [] : [ref(self)] },
  {
    name: "a keyword beside a reference",
    of: ({ schema }) => schema["$ref"] === undefined ? [] : [{ ...schema, enum: ["a"] }]
  },

  // --- objects ---
  {
    name: "a new property",
    of: ({ schema }) =>
      schema["properties"] === undefined
        ? []
        : [{ ...schema, properties: { ...properties(schema), a_new_field: { type: "string" } } }]
  },
  {
    name: "a property with the name of a prototype",
    of: ({ schema }) =>
      schema["properties"] === undefined
        ? []
        : [{
          ...schema,
          properties: Object.fromEntries([...Object.entries(properties(schema)), ["__proto__", { type: "string" }]])
        }]
  },
  {
    name: "a renamed property",
    of: ({ schema }) => {
      const first = firstOf(properties(schema))
      return first === undefined
        ? []
        : [{
          ...schema,
          properties: { ...without(properties(schema), first), renamed_field: properties(schema)[first] ?? {} },
          required: list(schema["required"]).map((name) => name === first ? "renamed_field" : name)
        }]
    }
  },
  {
    name: "a property less",
    of: ({ schema }) => {
      const last = Object.keys(properties(schema)).at(-1)
      return last === undefined
        ? []
        : [{
          ...schema,
          properties: without(properties(schema), last),
          required: list(schema["required"]).filter((name) => name !== last)
        }]
    }
  },
  { name: "a required property without description", of: ({ schema }) => [{ ...schema, required: ["a_new_field"] }] },
  {
    name: "an optional property that becomes required",
    of: ({ schema }) =>
      Object.keys(properties(schema)).filter((name) => !list(schema["required"]).includes(name)).slice(0, 1)
        .map((name) => ({ ...schema, required: [...list(schema["required"]), name] })),
    ignored: ({ schema }) => allowsNull(schema["properties"])
  },
  {
    name: "a required property that becomes optional",
    of: ({ schema }) =>
      list(schema["required"]).length === 0 ? [] : [{ ...schema, required: list(schema["required"]).slice(1) }],
    ignored: ({ schema }) => allowsNull(schema["properties"])
  },
  {
    name: "other properties",
    of: ({ schema }) => schema["properties"] === undefined ? [] : [{ ...schema, additionalProperties: false }],
    ignored: ({ schema }) =>
      typeof schema["additionalProperties"] === "boolean" || schema["additionalProperties"] === undefined
  },
  {
    name: "other properties with a type",
    of: ({ schema }) => schema["type"] === "object" ? [{ ...schema, additionalProperties: { type: "boolean" } }] : [],
    ignored: ({ schema }) => isObject(schema["additionalProperties"]) && schema["properties"] !== undefined
  },

  // --- arrays ---
  {
    name: "other items",
    of: ({ schema }) => schema["items"] === undefined ? [] : [{ ...schema, items: { type: "boolean" } }]
  },
  {
    name: "items of no type",
    of: ({ schema }) =>
      isObject(schema["items"]) && Object.keys(schema["items"]).length > 0 ? [without(schema, "items")] : []
  },
  { name: "a list", of: ({ role, schema }) => role === "change" ? [] : [{ type: "array", items: schema }] },

  // --- enums ---
  {
    name: "another value",
    of: ({ schema }) => Array.isArray(schema["enum"]) ? [{ ...schema, enum: [...schema["enum"], "a_new_value"] }] : []
  },
  {
    name: "a value less",
    of: ({ schema }) => list(schema["enum"]).length > 1 ? [{ ...schema, enum: list(schema["enum"]).slice(1) }] : []
  },
  { name: "no values", of: ({ schema }) => schema["enum"] === undefined ? [] : [{ ...schema, enum: [] }] },
  {
    name: "a value of another type",
    of: ({ schema }) => Array.isArray(schema["enum"]) ? [{ ...schema, enum: [...schema["enum"], 1.5] }] : []
  },
  {
    name: "a value that is an object",
    of: ({ schema }) => Array.isArray(schema["enum"]) ? [{ ...schema, enum: [...schema["enum"], {}] }] : []
  },
  {
    name: "any value",
    of: ({ schema }) => schema["enum"] === undefined ? [] : [without(schema, "enum")]
  },
  {
    name: "another constant",
    of: ({ schema }) => schema["const"] === undefined ? [] : [{ ...schema, const: schema["const"] !== true }]
  },
  {
    name: "a constant beside an enum",
    of: ({ schema }) => schema["enum"] === undefined ? [] : [{ ...schema, const: "a" }]
  },
  {
    name: "an enum",
    of: ({ schema }) =>
      schema["type"] === "string" && isPlain(schema) && schema["format"] !== "binary"
        ? [{ type: "string", enum: ["a", "b"] }]
        : []
  },

  // --- unions ---
  {
    name: "another member",
    of: ({ schema }) => {
      const key = unionKey(schema)
      return key === undefined ? [] : [{ ...schema, [key]: [...list(schema[key]), { type: "boolean" }] }]
    }
  },
  {
    name: "a member less",
    of: ({ schema }) => {
      const key = unionKey(schema)
      return key === undefined || list(schema[key]).length < 2
        ? []
        : [{ ...schema, [key]: list(schema[key]).slice(0, -1) }]
    },
    ignored: (place) => mayBeNull(place) && allowsNull(place.schema)
  },
  {
    name: "no members",
    of: ({ schema }) => {
      const key = unionKey(schema)
      return key === undefined ? [] : [{ ...schema, [key]: [] }]
    }
  },
  {
    name: "anyOf for oneOf",
    of: ({ schema }) => schema["oneOf"] === undefined ? [] : [{ ...without(schema, "oneOf"), anyOf: schema["oneOf"] }],
    ignored: () => true
  },
  {
    name: "a union of it and another type",
    of: ({ role, schema }) =>
      role === "change" || Object.keys(schema).length === 0 || types(schema).includes("boolean")
        ? []
        : [{ anyOf: [schema, { type: "boolean" }] }]
  },
  {
    name: "another discriminator",
    of: ({ schema }) => withDiscriminator(schema, (discriminator) => ({ ...discriminator, propertyName: "a_new_tag" }))
  },
  {
    name: "a swapped mapping",
    of: ({ schema }) =>
      withDiscriminator(schema, (discriminator) => {
        const [[a, toA] = [], [b, toB] = []] = Object.entries(mappingOf(discriminator))
        return a === undefined || b === undefined || toA === toB
          ? undefined
          : { ...discriminator, mapping: { ...mappingOf(discriminator), [a]: toB, [b]: toA } }
      })
  },
  {
    name: "a mapping to nothing",
    of: ({ schema }) =>
      withDiscriminator(schema, (discriminator) => ({
        ...discriminator,
        mapping: { ...mappingOf(discriminator), a_new_tag: ref("Nothing")["$ref"] }
      }))
  },
  {
    name: "a mapping of a new value",
    of: ({ schema }) =>
      withDiscriminator(schema, (discriminator) => {
        const first = firstOf(mappingOf(discriminator))
        return first === undefined
          ? undefined
          : { ...discriminator, mapping: { ...mappingOf(discriminator), a_new_tag: mappingOf(discriminator)[first] } }
      })
  },
  {
    name: "no mapping",
    of: ({ schema }) => withDiscriminator(schema, (discriminator) => without(discriminator, "mapping")),
    ignored: () => true
  },
  {
    name: "a new member of the discriminator",
    of: ({ schema }) => withDiscriminator(schema, (old) => ({ ...old, defaultMapping: "A" }))
  },

  // --- allOf ---
  {
    name: "three parts",
    of: ({ schema }) =>
      schema["allOf"] === undefined ? [] : [{ ...schema, allOf: [...list(schema["allOf"]), { type: "object" }] }]
  },
  {
    name: "one part",
    of: ({ schema }) => schema["allOf"] === undefined ? [] : [{ ...schema, allOf: list(schema["allOf"]).slice(0, 1) }]
  },
  {
    name: "allOf over the same",
    of: ({ role, schema }) => role === "change" ? [] : [{ allOf: [schema, { description: "same" }] }],
    ignored: () => true
  }
]
