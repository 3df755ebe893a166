/** From OpenRouter's document to the text of every generated file. */
import { renames } from "./docs.js"
import { emitEndpoints } from "./emitEndpoints.js"
import { emitSchemas } from "./emitSchemas.js"
import type { JsonObject } from "./json.js"
import { operations } from "./operations.js"
import { applyPatches, supplement } from "./patch.js"
import { patches, statuses } from "./patches.js"
import { read, type Spec } from "./spec.js"

export interface Output {
  readonly spec: Spec
  /** Path from the root of the project to text. */
  readonly files: ReadonlyMap<string, string>
}

/** The document as it should be: with what it lacks, and without what it gets wrong. */
export const correct = (document: JsonObject, addition: JsonObject): JsonObject =>
  applyPatches(supplement(document, addition), patches)

/** `format` brings a file into the style of the project. */
export const generate = (
  document: JsonObject,
  addition: JsonObject,
  format: (path: string, text: string) => string
): Output => {
  const spec = read(correct(document, addition), { operations, renames, statuses })
  const { files: schemas, moduleOf } = emitSchemas(spec)
  const endpoints = emitEndpoints(spec, moduleOf)
  const named = [
    ...[...schemas].map(([name, text]) => [`src/schema/${name}.ts`, text] as const),
    ...[...endpoints].map(([name, text]) => [`src/services/endpoints/${name}.ts`, text] as const)
  ]
  return { spec, files: new Map(named.map(([path, text]) => [path, format(path, text)])) }
}
