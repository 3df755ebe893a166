/** The CPU table as a chart: one panel per scenario, one bar per client, and a line for raw fetch. */
import type { Row, Table } from "./report.js"

const panel = { width: 440, name: 158, bars: 220, line: 19, head: 34, foot: 18 }
const margin = 20
const top = 64

/** Longer bars are cut off here. Some clients take twenty times as long as raw fetch; the others could not be compared. */
const longest = 4

const style = `
  .card { fill: #ffffff; stroke: #d8dee6 }
  text { font: 12px -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #57606a }
  .strong, .title { fill: #1f2328; font-weight: 600 }
  .title { font-size: 15px }
  .name { text-anchor: end }
  .peer { fill: #c3cad3 }
  .fetch { fill: #2f6fde }
  .undici { fill: #12a594 }
  .raw { stroke: #cf4f3e; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #30363d }
    text { fill: #9198a1 }
    .strong, .title { fill: #f0f6fc }
    .peer { fill: #4b535d }
    .fetch { fill: #4c8dff }
    .undici { fill: #2cc5b2 }
    .raw { stroke: #f47067 }
  }`

const text = (x: number, y: number, content: string, kind = ""): string =>
  `<text x="${x.toFixed(1)}" y="${y}"${kind === "" ? "" : ` class="${kind}"`}>${content}</text>`

const kindOf = (client: string): string =>
  !/^(effect-openrouter|on Effect 4)/.test(client) ? "peer" : client.endsWith("undici") ? "undici" : "fetch"

/** A bar that is cut off has a slanted end. */
const bar = (left: number, right: number, y: number, isCut: boolean, kind: string): string =>
  `<path class="${kind}" d="M${left} ${y}H${right.toFixed(1)}l${isCut ? -5 : 0} 12H${left}z"/>`

const heightOf = ({ cells }: Row): number => panel.head + Object.keys(cells).length * panel.line + panel.foot

const panelOf = (
  columns: ReadonlyArray<string>,
  { cells, title }: Row,
  x: number,
  y: number
): ReadonlyArray<string> => {
  const bars = columns.flatMap((client) => {
    const figure = cells[client]
    return figure === undefined ? [] : [{ client, figure, kind: kindOf(client) }]
  })
  const end = Math.max(longest, ...bars.flatMap(({ figure, kind }) => kind === "peer" ? [] : [figure]))
  const left = x + panel.name
  const at = (figure: number) => left + Math.min(figure, end) / end * panel.bars
  const top = y + panel.head - 10
  return [
    text(left, y + 12, title, "strong"),
    ...bars.flatMap(({ client, figure, kind }, index) => {
      const line = top + 4 + index * panel.line
      const strong = kind === "peer" ? "" : "strong"
      return [
        text(left - 8, line + 10, client, `name ${strong}`.trim()),
        bar(left, at(figure), line, figure > end, kind),
        text(at(figure) + 6, line + 10, figure.toFixed(2), strong)
      ]
    }),
    `<path class="raw" d="M${at(1)} ${top}V${top + bars.length * panel.line}"/>`
  ]
}

/** The chart as SVG, for light and dark pages. */
export const chart = ({ columns, rows }: Table): string => {
  const parts: Array<string> = []
  let y = top
  for (let i = 0; i < rows.length; i += 2) {
    const pair = rows.slice(i, i + 2)
    pair.forEach((row, column) => parts.push(...panelOf(columns, row, margin + column * panel.width, y)))
    y += Math.max(...pair.map(heightOf))
  }
  const [width, height] = [2 * panel.width + 2 * margin, y + 4]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<style>${style}\n</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    text(margin, 30, "CPU for the same work, raw fetch = 1", "title"),
    text(margin, 48, "Less is better. The dashed line is raw fetch, which checks nothing."),
    ...parts,
    "</svg>\n"
  ].join("\n")
}
