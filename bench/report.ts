import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { fileURLToPath } from "node:url"

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

const color = (column: string): string => column.startsWith("effect-openrouter") ? "#2f6fde" : "#9aa4b2"

/** A bar for each figure, scenario by scenario, with a line where raw fetch is. */
export const chartOf = ({ columns, rows }: Table): string => {
  const [left, width, bar] = [230, 560, 16]
  const figures = rows.flatMap(({ cells }) => Object.values(cells).map(({ cpu }) => cpu))
  const scale = width / Math.max(1, ...figures)
  const parts: Array<string> = []
  let y = 0
  const text = (x: number, value: string, more = "") => parts.push(`<text x="${x}" y="${y}" ${more}>${value}</text>`)
  for (const { cells, title } of rows) {
    y += 28
    text(8, title, "font-weight=\"bold\"")
    for (const column of columns) {
      const cpu = cells[column]?.cpu
      if (cpu === undefined) continue
      y += bar + 4
      text(left - 8, column, "text-anchor=\"end\"")
      parts.push(
        `<rect x="${left}" y="${y - 12}" width="${(cpu * scale).toFixed(1)}" height="${bar}" fill="${color(column)}"/>`
      )
      text(left + cpu * scale + 6, cpu.toFixed(2))
    }
  }
  const raw = left + scale
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="860" height="${y + 24}" font-family="sans-serif" font-size="12">`,
    `<rect width="100%" height="100%" fill="white"/>`,
    ...parts,
    `<line x1="${raw}" x2="${raw}" y1="12" y2="${y + 8}" stroke="#c0392b" stroke-dasharray="4 3"/>`,
    "</svg>\n"
  ].join("\n")
}

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const versions = (): string => {
  const { dependencies }: { readonly dependencies: Record<string, string> } = JSON.parse(
    readFileSync(at("package.json"), "utf8")
  )
  return Object.entries(dependencies).map(([name, version]) => `${name} ${version}`).join(", ")
}

/** Renews `docs/benchmarks.md` and its chart. */
export const write = (table: Table): void => {
  const date = new Date().toISOString().slice(0, 10)
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: at("."), encoding: "utf8" }).trim()
  const machine = `Node ${process.version}, ${cpus().length} cores`
  writeFileSync(at("../docs/benchmarks.svg"), chartOf(table))
  writeFileSync(
    at("../docs/benchmarks.md"),
    `# Benchmarks\n\n${date}, ${commit}, ${machine}; ${versions()}.\n\n` +
      `CPU that a client takes for the same work, compared with a bare \`fetch\` loop that checks nothing. Over ` +
      `loopback; medians of the ratios within each repetition. \`npm run bench\` measures it.\n\n${
        tableOf(table)
      }\n\n` +
      `![The table as a chart](benchmarks.svg)\n`
  )
}
