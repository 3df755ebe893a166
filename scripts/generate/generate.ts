/** From OpenRouter's document to the text of every generated file. */
import { emitEndpoints } from "./emitEndpoints.js"
import { emitSchemas } from "./emitSchemas.js"
import { type FieldRecord, makeFieldDocs } from "./fieldDocs.js"
import type { JsonObject } from "./json.js"
import { addParameters, applyPatches, supplement } from "./patch.js"
import { checkDocument } from "./security.js"
import { inlineShared } from "./shared.js"
import { read, type Spec } from "./spec.js"
import type { Tables } from "./tables.js"

export interface Output {
  readonly spec: Spec
  /** Path from the root of the project to text. */
  readonly files: ReadonlyMap<string, string>
  /** The module of a schema. */
  readonly moduleOf: (name: string) => string
  /** Every field that should have a sentence. */
  readonly fields: ReadonlyArray<FieldRecord>
}

/** The document as it should be: with what it lacks, and without what it gets wrong. */
export const correct = (document: JsonObject, addition: JsonObject, tables: Tables): JsonObject => {
  checkDocument(document)
  return addParameters(applyPatches(supplement(inlineShared(document), addition), tables.patches), tables.parameters)
}

/** Reads a corrected document and writes it down; `format` brings a file into the style of the project. */
export const generate = (
  document: JsonObject,
  tables: Tables,
  format: (path: string, text: string) => string
): Output => {
  const spec = read(document, tables)
  const fieldDocs = makeFieldDocs(tables, spec.definitions)
  const { files: schemas, moduleOf } = emitSchemas(spec, tables, fieldDocs)
  const endpoints = emitEndpoints(spec, tables, moduleOf, fieldDocs)
  const fields = fieldDocs.finish()
  const named = [
    ...[...schemas].map(([name, text]) => [`src/schema/${name}.ts`, text] as const),
    ...[...endpoints].map(([name, text]) => [`src/services/endpoints/${name}.ts`, text] as const)
  ]
  return { spec, files: new Map(named.map(([path, text]) => [path, format(path, text)])), moduleOf, fields }
}
