/** Everything about OpenRouter that the generator is told besides the document. */
import { moduleDocs, renames, schemaDocs } from "./docs.js"
import { refuse } from "./json.js"
import * as newer from "./newer.js"
import { type Operation, operations } from "./operations.js"
import { type AddedParameter, type DocumentedStatus, type Patch, patches, statuses } from "./patches.js"
import { supplementary } from "./supplement.js"

export interface Tables {
  readonly operations: Readonly<Record<string, Operation>>
  readonly patches: ReadonlyArray<Patch>
  readonly statuses: ReadonlyArray<DocumentedStatus>
  readonly parameters: ReadonlyArray<AddedParameter>
  readonly renames: Readonly<Record<string, string>>
  readonly schemaDocs: Readonly<Record<string, string>>
  readonly moduleDocs: Readonly<Record<string, string>>
}

export const tables: Tables = {
  operations: { ...operations, ...supplementary },
  patches: [...patches, ...newer.patches],
  statuses: [...statuses, ...newer.statuses],
  parameters: newer.parameters,
  renames,
  schemaDocs,
  moduleDocs
}

export const operationOf = (tables: Tables, id: string): Operation =>
  tables.operations[id] ?? refuse(id, "the operation has no name; add it to operations.ts")
