/** Which components each component refers to. */
import { isObject, type Json, type JsonObject, refuse } from "./json.js"
import { refName } from "./parse.js"

export type Mentions = ReadonlyMap<string, ReadonlyArray<string>>

const values = new Set(["const", "default", "discriminator", "enum", "example", "examples"])

/** The names in the references of a schema. `isNames` is set for an object whose keys are names, not keywords. */
const mentioned = (json: Json | undefined, isNames = false): ReadonlyArray<string> =>
  Array.isArray(json)
    ? json.flatMap((item: Json) => mentioned(item))
    : !isObject(json)
    ? []
    : Object.entries(json).flatMap(([key, value]) =>
      isNames
        ? mentioned(value)
        : key === "$ref" && typeof value === "string"
        ? [refName(value, value)]
        : values.has(key)
        ? []
        : mentioned(value, key === "properties")
    )

export const mentionsOf = (schemas: JsonObject): Mentions =>
  new Map(Object.entries(schemas).map(([name, schema]) => [name, [...new Set(mentioned(schema))]]))

/** Refuses schemas that contain themselves: their constants would need each other before either exists. */
export const checkRecursion = (mentions: Mentions): void => {
  const finished = new Set<string>()
  for (const start of mentions.keys()) {
    const path: Array<{ readonly name: string; readonly rest: Array<string> }> = []
    const enter = (name: string): void => {
      const loop = path.findIndex((step) => step.name === name)
      if (loop >= 0) {
        const names = [...path.slice(loop).map((step) => step.name), name]
        refuse(
          `#/components/schemas/${name}`,
          `recursive: ${names.join(" -> ")}; end it by a patch, with \`{}\` in place of one of the references`
        )
      }
      if (!finished.has(name)) {
        path.push({ name, rest: [...mentions.get(name) ?? []] })
      }
    }
    enter(start)
    while (path.length > 0) {
      const step = path[path.length - 1]
      const next = step?.rest.pop()
      if (next !== undefined) {
        enter(next)
      } else {
        path.pop()
        finished.add(step?.name ?? start)
      }
    }
  }
}
