/** The digest of the last document: hashes that show what changed, and no text of the document. */
import { createHash } from "node:crypto"
import { canonical, isObject, type Json, type JsonObject, own } from "./json.js"
import { inlineShared } from "./shared.js"
import { componentSchemas, operationObjects } from "./spec.js"

export interface Digest {
  /** The date of the first generation from this document, as `YYYY-MM-DD`. */
  readonly date: string
  readonly sha256: string
  /** Hashes of the structure, by operation id and by schema name. */
  readonly operations: Readonly<Record<string, string>>
  readonly schemas: Readonly<Record<string, string>>
}

const prose = new Set(["description", "summary", "example", "examples", "title"])

/** A schema or operation without its prose. A property that has the name of a prose keyword is kept. */
const structure = (json: Json, isNames = false): Json =>
  Array.isArray(json)
    ? json.map((item: Json) => structure(item))
    : isObject(json)
    ? Object.fromEntries(
      Object.entries(json).flatMap(([key, value]) =>
        value === undefined || (prose.has(key) && !isNames)
          ? []
          : [[key, structure(value, !isNames && (key === "properties" || key === "mapping"))]]
      )
    )
    : json

const short = (json: Json): string => createHash("sha256").update(canonical(structure(json))).digest("hex").slice(0, 12)

const sorted = (entries: ReadonlyArray<readonly [string, string]>): Readonly<Record<string, string>> =>
  Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)))

export const digest = (document: JsonObject, date: string): Digest => ({
  date,
  sha256: createHash("sha256").update(canonical(document)).digest("hex"),
  operations: sorted(
    operationObjects(inlineShared(document)).map((
      [id, method, path, operation]
    ) => [id, short([method, path, operation])])
  ),
  schemas: sorted(
    Object.entries(componentSchemas(document)).map(([name, schema]) => [name, short(schema ?? null)])
  )
})

const compare = (
  kind: string,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>
): ReadonlyArray<string> => [
  ...Object.keys(after).filter((name) => own(before, name) === undefined).map((name) => `added    ${kind} ${name}`),
  ...Object.keys(before).filter((name) => own(after, name) === undefined).map((name) => `removed  ${kind} ${name}`),
  ...Object.keys(after).filter((name) => own(before, name) !== undefined && before[name] !== after[name])
    .map((name) => `altered  ${kind} ${name}`)
]

/** One line for each operation and schema that was added, removed or altered. */
export const changes = (before: Digest, after: Digest): ReadonlyArray<string> => [
  ...compare("operation", before.operations, after.operations),
  ...compare("schema", before.schemas, after.schemas)
]
