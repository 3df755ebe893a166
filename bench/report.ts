/** Tables of figures, as text. */

/** One measured figure per column. A column that does not support the row has no figure. */
export interface Row {
  readonly name: string
  readonly title: string
  readonly digits: number
  readonly cells: { readonly [column: string]: number }
}

/** Rows that share their columns. */
export interface Table {
  readonly name: string
  readonly title: string
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<Row>
}

const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

const head = (title: string, columns: ReadonlyArray<string>): ReadonlyArray<string> => [
  line([title, ...columns]),
  line(["---", ...columns.map(() => "---:")])
]

const body = (columns: ReadonlyArray<string>, { cells, digits, title }: Row): string =>
  line([title, ...columns.map((column) => cells[column]?.toFixed(digits) ?? "–")])

/** A table in Markdown. */
export const markdown = ({ columns, rows, title }: Table): string =>
  [...head(title, columns), ...rows.map((row) => body(columns, row))].join("\n")

/** Prints a table row by row while it is measured. */
export const live = (title: string, columns: ReadonlyArray<string>): (row: Row) => void => {
  console.log(["", ...head(title, columns)].join("\n"))
  return (row) => console.log(body(columns, row))
}
