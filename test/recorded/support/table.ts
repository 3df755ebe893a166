/** How many of each kind passed. */
import { grouped } from "../reading/json.js"

export interface Result {
  readonly kind: string
  readonly way: string
  readonly complaints: ReadonlyArray<string>
}

export const table = (results: ReadonlyArray<Result>): string => {
  const ways = [...new Set(results.map(({ way }) => way))]
  const count = (some: ReadonlyArray<Result>): string =>
    some.length === 0 ? "" : `${some.filter(({ complaints }) => complaints.length === 0).length} of ${some.length}`
  const row = (name: string, some: ReadonlyArray<Result>) => [
    name,
    ...ways.map((way) => count(some.filter((result) => result.way === way)))
  ]
  const rows = [
    ["passed", ...ways],
    ...grouped(results, ({ kind }) => kind).map((some) => row(some[0]?.kind ?? "", some))
      .sort(([a = ""], [b = ""]) => a < b ? -1 : 1),
    row("all", results)
  ]
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0))) ?? []
  return rows.map((cells) =>
    cells.map((cell, column) => column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))
      .join("   ").trimEnd()
  ).join("\n")
}
