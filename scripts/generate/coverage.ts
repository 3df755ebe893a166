/** How many fields have a sentence, and which have none. */
import type { FieldRecord } from "./fieldDocs.js"
import { areaOf, areas, floors } from "./fields/areas.js"
import { at, isObject, type Json, type JsonObject, own } from "./json.js"
import { operationObjects } from "./spec.js"

export interface Coverage {
  readonly area: string
  readonly direction: "sent" | "received"
  readonly fields: number
  readonly described: number
  readonly floor: number
}

export const coverageOf = (records: ReadonlyArray<FieldRecord>): ReadonlyArray<Coverage> =>
  areas.flatMap((area) =>
    (["sent", "received"] as const).map((direction) => {
      const group = records.filter(({ isSent, module }) => areaOf(module) === area && isSent === (direction === "sent"))
      return {
        area,
        direction,
        fields: group.length,
        described: group.filter(({ sentence }) => sentence !== undefined).length,
        floor: floors[area]?.[direction] ?? 100
      }
    })
  )

export const isBelowFloor = ({ described, fields, floor }: Coverage): boolean => described * 100 < floor * fields

export const coverageLine = (coverage: Coverage): string => {
  const { area, described, direction, fields, floor } = coverage
  const percent = fields === 0 ? 100 : Math.floor(described * 100 / fields)
  return `${`${area}, ${direction}`.padEnd(22)} ${String(described).padStart(5)} of ${String(fields).padStart(5)} ` +
    `fields have a sentence, ${percent} %${isBelowFloor(coverage) ? `; the floor is ${floor} %` : ""}`
}

const told = [
  "default",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "minItems",
  "maxItems",
  "maxLength",
  "format",
  "enum"
]

/** The property of a schema, through references and combinations. */
const propertyOf = (document: JsonObject, schema: Json | undefined, name: string, depth = 0): Json | undefined => {
  if (!isObject(schema) || depth > 5) {
    return undefined
  }
  const properties = isObject(schema["properties"]) ? schema["properties"] : {}
  const found = own(properties, name)
  if (found !== undefined) {
    return found
  }
  const inner = [
    typeof schema["$ref"] === "string" ? at(document, schema["$ref"]) : undefined,
    schema["items"],
    schema["additionalProperties"],
    ...["allOf", "anyOf", "oneOf"].flatMap((key) => Array.isArray(schema[key]) ? [...schema[key]] : []),
    ...Object.values(properties)
  ]
  for (const candidate of inner) {
    const property = propertyOf(document, candidate, name, depth + 1)
    if (property !== undefined) {
      return property
    }
  }
  return undefined
}

const parameterOf = (document: JsonObject, operationId: string, name: string): Json | undefined => {
  const operation = operationObjects(document).find(([id]) => id === operationId)?.[3]
  const parameters = Array.isArray(operation?.["parameters"]) ? operation["parameters"] : []
  return parameters.find((parameter: Json) => isObject(parameter) && parameter["name"] === name)
}

/** What the document says about a field, for whoever writes its sentence. It gets into no file. */
const hintOf = (document: JsonObject, { name, pointer }: FieldRecord): string => {
  const found = pointer.startsWith("#")
    ? propertyOf(document, at(document, pointer), name)
    : parameterOf(document, pointer, name)
  if (!isObject(found)) {
    return ""
  }
  const schema = isObject(found["schema"]) ? { ...found, ...found["schema"] } : found
  const target = typeof schema["$ref"] === "string" ? at(document, schema["$ref"]) : undefined
  const facts = told.flatMap((key) => schema[key] === undefined ? [] : [`${key} ${JSON.stringify(schema[key])}`])
  const description = found["description"] ?? schema["description"] ?? (isObject(target) ? target["description"] : "")
  return [...facts, ...(typeof description === "string" ? [description.replace(/\s+/g, " ")] : [])].join("; ")
}

/** The fields without a sentence, by area: names that occur often first, then each field. */
export const missingLines = (
  records: ReadonlyArray<FieldRecord>,
  document: JsonObject,
  only: string | undefined
): ReadonlyArray<string> =>
  areas.filter((area) => only === undefined || only === "" || area === only).flatMap((area) => {
    const missing = records.filter(({ module, sentence }) => areaOf(module) === area && sentence === undefined)
    const everywhere = records.filter(({ sentence }) => sentence === undefined)
    const names = [...new Set(missing.map(({ name }) => name))].map((name) =>
      [name, everywhere.filter((record) => record.name === name).length] as const
    ).sort(([, a], [, b]) => b - a)
    return [
      "",
      `${area}: ${missing.length} fields without a sentence. Names and how often they lack one in all areas:`,
      names.map(([name, count]) => `${name} ${count}`).join(", "),
      ...missing.map((record) => {
        const hint = hintOf(document, record)
        return `${record.path}: ${record.type} ${record.isSent ? "(sent)" : ""}${hint === "" ? "" : `  // ${hint}`}`
      })
    ]
  })
