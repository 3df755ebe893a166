/** Everything about OpenRouter that the generator is told besides the document. */
import { moduleDocs, renames, schemaDocs } from "./docs.js"
import { refuse } from "./json.js"
import { type Operation, operations } from "./operations.js"
import { type DocumentedStatus, type Patch, patches, statuses } from "./patches.js"

export interface Tables {
  readonly operations: Readonly<Record<string, Operation>>
  readonly patches: ReadonlyArray<Patch>
  readonly statuses: ReadonlyArray<DocumentedStatus>
  readonly renames: Readonly<Record<string, string>>
  readonly schemaDocs: Readonly<Record<string, string>>
  readonly moduleDocs: Readonly<Record<string, string>>
}

export const tables: Tables = { operations, patches, statuses, renames, schemaDocs, moduleDocs }

export const operationOf = (tables: Tables, id: string): Operation =>
  tables.operations[id] ?? refuse(id, "the operation has no name; add it to operations.ts")
