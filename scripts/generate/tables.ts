/** All that the generator knows about OpenRouter in addition to the document. */
import { moduleDocs, renames, schemaDocs } from "./docs.js"
import { examples } from "./examples.js"
import type { FieldTables } from "./fieldDocs.js"
import { fieldDocs } from "./fields/index.js"
import { own, refuse } from "./json.js"
import * as newer from "./newer.js"
import { type Operation, operations } from "./operations.js"
import { type AddedParameter, type DocumentedStatus, type Patch, patches, statuses } from "./patches.js"
import { supplementary } from "./supplement.js"

export interface Tables {
  readonly operations: Readonly<Record<string, Operation>>
  /** Ids of the operations that come from supplement.json. */
  readonly supplied?: ReadonlySet<string> | undefined
  readonly patches: ReadonlyArray<Patch>
  readonly statuses: ReadonlyArray<DocumentedStatus>
  readonly parameters: ReadonlyArray<AddedParameter>
  readonly renames: Readonly<Record<string, string>>
  readonly schemaDocs: Readonly<Record<string, string>>
  readonly moduleDocs: Readonly<Record<string, string>>
  readonly fieldDocs: FieldTables
  /** Examples by the name of their row. */
  readonly examples?: Readonly<Record<string, string>> | undefined
}

export const tables: Tables = {
  operations: { ...operations, ...supplementary },
  patches: [...patches, ...newer.patches],
  statuses: [...statuses, ...newer.statuses],
  parameters: newer.parameters,
  renames,
  schemaDocs,
  moduleDocs,
  fieldDocs,
  examples
}

/** The file that names an operation: supplement.ts for the operations of supplement.json. */
export const fileOf = (tables: Tables, id: string): string =>
  tables.supplied?.has(id) === true || Object.hasOwn(supplementary, id) ? "supplement.ts" : "operations.ts"

export const operationOf = (tables: Tables, id: string): Operation =>
  own(tables.operations, id) ??
    refuse(id, `the operation has no name; add it to scripts/generate/${fileOf(tables, id)}`)
