/** Small documents that together hold the whole one: each operation alone, with the schemas that it needs. */
import { generate } from "../../../scripts/generate/generate.js"
import { isObject, type Json, type JsonObject, object } from "../../../scripts/generate/json.js"
import { mentionsOf } from "../../../scripts/generate/mentions.js"
import { inlineShared } from "../../../scripts/generate/shared.js"
import { componentSchemas, operationObjects } from "../../../scripts/generate/spec.js"
import { operationOf, type Tables, tables } from "../../../scripts/generate/tables.js"
import { unformatted } from "./document.js"

export interface Slice {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly document: JsonObject
  /** The output for the unchanged document. */
  readonly output: () => string
}

/** A table whose entries are found but not listed, so that none of them is reported as unused. */
const unlisted = <A>(table: Readonly<Record<string, A>>): Readonly<Record<string, A>> => {
  const hidden: Record<string, A> = {}
  for (const [name, value] of Object.entries(table)) {
    Object.defineProperty(hidden, name, { value, enumerable: false })
  }
  return hidden
}

const renames = unlisted(tables.renames)

const tablesFor = (id: string): Tables => ({
  operations: { [id]: operationOf(tables, id) },
  patches: [],
  statuses: tables.statuses,
  parameters: [],
  renames,
  schemaDocs: {},
  moduleDocs: {},
  fieldDocs: { shared: {}, own: {} }
})

/** The whole output for a slice, or for a changed one. */
export const outputOf = (id: string, document: JsonObject): string =>
  [...generate(inlineShared(document), tablesFor(id), unformatted).files].map(([path, text]) => `${path}\n${text}`)
    .join("\n")

/** An operation without the bodies of its errors, which hand-written code reads. */
const withoutErrors = (operation: JsonObject): JsonObject => ({
  ...operation,
  responses: Object.fromEntries(
    Object.entries(object(operation["responses"], "responses")).map(([status, response]) => [
      status,
      status.startsWith("2") ? response : { description: "" }
    ])
  )
})

const refs = (json: Json | undefined): ReadonlyArray<string> =>
  [...JSON.stringify(json).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name = ""]) => name)

export const slicesOf = (document: JsonObject): ReadonlyArray<Slice> => {
  const schemas = componentSchemas(document)
  const mentions = mentionsOf(schemas)
  const parts = operationObjects(document).map(([id, method, path, json]) => {
    const operation = withoutErrors(json)
    const names = new Set(refs(operation))
    for (const name of names) {
      mentions.get(name)?.forEach((mentioned) => names.add(mentioned))
    }
    const event = operationOf(tables, id).stream?.event
    if (event !== undefined && Object.hasOwn(schemas, event)) names.add(event)
    return { id, method, path, operation, names }
  }).sort((a, b) => a.names.size - b.names.size)
  return parts.map(({ id, method, names, operation, path }) => {
    const slice: JsonObject = {
      servers: document["servers"],
      paths: { [path]: { [method]: operation } },
      components: {
        ...(isObject(document["components"]) ? document["components"] : {}),
        schemas: Object.fromEntries([...names].map((name) => [name, schemas[name]]))
      }
    }
    let output: string | undefined
    return { id, method, path, document: slice, output: () => output ??= outputOf(id, slice) }
  })
}
