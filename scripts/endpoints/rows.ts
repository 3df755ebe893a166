/** The rows of the library, with the names that users call them by and the names of their types. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { Row } from "../../src/http/row.js"
import * as Library from "../../src/index.js"

export interface Listed {
  readonly row: Row
  /** As it is called, such as `Models.list`. */
  readonly called: string
  readonly request: string
  readonly response: string
}

export const root = fileURLToPath(new URL("../..", import.meta.url))

const isRow = (u: unknown): u is Row =>
  typeof u === "function" && "operationId" in u && "path" in u && "auth" in u && "success" in u

/** Method and path as on the wire, below the host's `/api/v1`, or from `/api` on where the row is elsewhere. */
export const requestOf = ({ base, method, path }: Row): string =>
  `${method} ${base === undefined ? "" : base.replace("..", "/api")}${path}`

/** The first two type arguments of each row of a generated module. */
const typesOf = (source: string): ReadonlyMap<string, readonly [params: string, answer: string | undefined]> =>
  new Map(
    [...source.matchAll(/const (\w+): (?:Endpoint|EventStream)\.(\w+)<([^=]+)> = /g)].map(
      ([, name = "", kind, text = ""]) => {
        const [params = "void", answer] = text.split(",").map((type) => type.trim())
        const hasAnswer = kind !== "EmptyEndpoint" && kind !== "BinaryEndpoint"
        return [name.replace(/_$/, ""), [params.replace(" | void", "?"), hasAnswer ? answer : undefined]]
      }
    )
  )

const answerless = { binary: "bytes", empty: "nothing" }

const list = (): ReadonlyArray<Listed> => {
  const seen = new Set<Row>()
  return Object.entries(Library).flatMap(([namespace, module]) => {
    const rows = Object.entries(module).flatMap(([name, value]: [string, unknown]) =>
      isRow(value) ? [{ name, value }] : []
    )
    if (rows.length === 0) return []
    const types = typesOf(readFileSync(`${root}src/services/endpoints/${namespace}.ts`, "utf8"))
    return rows.flatMap(({ name, value: row }): ReadonlyArray<Listed> => {
      if (seen.has(row)) return []
      seen.add(row)
      const [params = "", answer] = types.get(name) ?? []
      const response = answer ?? (row.success === "binary" || row.success === "empty" ? answerless[row.success] : "")
      return [{ row, called: `${namespace}.${name}`, request: params === "void" ? "" : params, response }]
    })
  }).sort((a, b) => a.called < b.called ? -1 : 1)
}

export const rows: ReadonlyArray<Listed> = list()
