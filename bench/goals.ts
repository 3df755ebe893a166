/** The goals of this library, and the reasons for those that it misses. */
import type { Row, Table } from "./report.js"

const fetch = "effect-openrouter, fetch"
const undici = "effect-openrouter, undici"
const fetch4 = "on Effect 4, fetch"
const undici4 = "on Effect 4, undici"
const entry = "effect-openrouter"
const modules = "effect-openrouter, by its modules"
const modules4 = "on Effect 4, by its modules"
const agent = "@openrouter/agent"

/** The highest allowed figure of `client` in the row `row`. With `of`, the ratio to the figure of the client `of`. */
interface Goal {
  readonly row: string
  readonly client: string
  readonly of?: string
  readonly most: number
}

/** The same row for each way to use this library: with Effect 3 and with Effect 4, over `fetch` and over undici. */
const row = (row: string, most: readonly [number, number, number, number], of?: string): ReadonlyArray<Goal> =>
  [fetch, undici, fetch4, undici4].map((client, index) => ({
    row,
    client,
    most: most[index] ?? NaN,
    ...(of === undefined ? {} : { of })
  }))

const goals: ReadonlyArray<Goal> = [
  ...row("chatStream", [1.35, 1.15, 1.35, 1.15]),
  ...row("chatCoalesced", [1.2, 1.2, 1.2, 1.2]),
  ...row("responsesStream", [1.25, 1.1, 1.25, 1.1]),
  ...row("fan200", [1.8, 1.4, 1.3, 1.1]),
  ...row("fan200ForEach", [1.5, 1.4, 1.3, 1.1]),
  ...row("sequential", [1.9, 0.85, 1.5, 0.8]),
  ...row("concurrent", [1.65, 0.65, 1.35, 0.6]),
  ...row("models", [1.05, 1, 1, 0.95]),
  ...row("agent", [0.8, 0.6, 0.7, 0.5], agent),
  ...row("heap", [15, 15, 15, 15]),
  ...row("pushed", [5, 5, 5, 5]),
  ...row("connections", [0, 0, 0, 0]),
  { row: "importRatio", client: modules, most: 1.1 },
  { row: "bundle", client: entry, most: 95 },
  { row: "bundle", client: modules, most: 95 },
  { row: "bundle", client: modules4, most: 64 }
]

/**
 * The reason for a missed goal, by row. Written by hand from the output of `bench/floors.ts` and of `bench/profile.ts`. "Effect
 * alone" sends the same requests through Effect's HTTP client, reads the same bytes, and checks and keeps nothing.
 */
const reasonsByRow: { readonly [row: string]: string } = {
  chatStream:
    "The library validates each event and keeps it for the error of a stream that fails. This takes a fifth of the CPU. " +
    "Each read runs in a fiber, which takes another tenth.",
  chatCoalesced:
    "Effect alone takes 1.53 over fetch and 1.26 over undici. Without validation, the library takes 1.38; without the " +
    "accumulator, which keeps a paid response that breaks off, 1.10. Much of a repetition passes before V8 has compiled " +
    "the code: in one that is four times as long, Effect 4 over undici takes 1.21.",
  responsesStream: "The reasons are those of the chat stream.",
  fan200:
    "Each read has only one event, and each read wakes a fiber. Effect alone takes 1.59 over fetch and 1.23 over undici, " +
    "beside 1.81 and 1.45 of the library in the same run. Without Effect, the library takes 0.99.",
  sequential:
    "Effect alone takes 0.86 over undici, beside 1.20 of the library in the same run. The library takes 6 % of the CPU " +
    "time of a request, Effect's runtime 11 %, and the collection of their garbage as much again. To let `fetch` itself " +
    "refuse redirects would take about 10 % less on Node, but its error does not say where the redirect points to, and in " +
    "browsers not even that there was one.",
  concurrent:
    "Effect alone takes 1.37 over fetch and 0.69 over undici, and on Effect 4 1.60 and 0.67; the library in the same run " +
    "1.80 and 0.97, and on Effect 4 1.25 and 0.72.",
  agent:
    "Beside @openrouter/agent, Effect alone takes 1.03 over fetch and 0.53 over undici. The library validates each turn, " +
    "keeps it as state that can be stored and resumed, and emits its events. This takes a third of the CPU. Half of that " +
    "third is Effect's runtime and garbage collection.",
  models:
    "Effect alone takes 1.33 over fetch and 0.99 over undici, and on Effect 4 1.10 and 0.97; the library in the same run " +
    "1.56 and 1.25, and without validation 1.41. The figures depend on the machine: raw fetch is quick where memory is, " +
    "and the text has 580 KB.",
  importRatio:
    "Node takes half a millisecond for each module or more, and the library has 36 modules. As one module, its import takes 1.13.",
  bundle:
    "Effect and its HTTP client alone have 79 KiB. The library without them has 50 KiB, and 33 KiB by its modules. With " +
    "the main entry, esbuild also keeps the parts of the namespace `Chat` that the program does not use. Rollup makes a " +
    "bundle of 107 KiB from both programs. The largest module of the library is the one that executes requests: 36 KiB " +
    "before gzip."
}

/** A goal with its measured figure. */
interface Verdict extends Goal {
  readonly title: string
  readonly measured: string
  readonly isMet: boolean
}

const judge = (goal: Goal, { cells, digits, title }: Row): ReadonlyArray<Verdict> => {
  const divisor = goal.of === undefined ? 1 : cells[goal.of]
  const figure = cells[goal.client]
  if (figure === undefined || divisor === undefined) return []
  const measured = (figure / divisor).toFixed(digits)
  return [{ ...goal, title, measured, isMet: Number(measured) <= goal.most }]
}

const lineOf = ({ client, isMet, measured, most, of, title }: Verdict): string =>
  `| ${title}${of === undefined ? "" : `, ${of} = 1`} | ${client} | ${most} | ${measured} | ${
    isMet ? "met" : "missed"
  } |`

/** The goals with their figures, and the reasons for missed goals. Leaves out goals whose row was not measured. */
export const goalsBeside = (tables: ReadonlyArray<Table>): string => {
  const rows = new Map(tables.flatMap((table) => table.rows).map((row) => [row.name, row] as const))
  const verdicts = goals.flatMap((goal) => {
    const row = rows.get(goal.row)
    return row === undefined ? [] : judge(goal, row)
  })
  const missed = new Map(verdicts.filter(({ isMet }) => !isMet).map(({ row, title }) => [row, title] as const))
  const reasons = [...missed].flatMap(([row, title]) => {
    const reason = reasonsByRow[row]
    return reason === undefined ? [] : [`- ${title}: ${reason}`]
  })
  return [
    "| goal | of | at most | measured | |",
    "| --- | --- | ---: | ---: | --- |",
    ...verdicts.map(lineOf),
    ...(reasons.length === 0 ? [] : ["", "Why goals are missed:", "", ...reasons])
  ].join("\n")
}
