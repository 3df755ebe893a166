/** The figures as a table and as a chart. */
export interface Table {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<{
    readonly title: string
    readonly cells: { readonly [column: string]: { readonly cpu: number; readonly wall: number } }
  }>
}

const line = (cells: ReadonlyArray<string>): string => `| ${cells.join(" | ")} |`

export const tableOf = ({ columns, rows }: Table): string =>
  [
    line(["CPU, raw fetch = 1", ...columns]),
    line(["---", ...columns.map(() => "---:")]),
    ...rows.map(({ cells, title }) => line([title, ...columns.map((column) => cells[column]?.cpu.toFixed(2) ?? "–")]))
  ].join("\n")

export const write = (_table: Table): void => {}
