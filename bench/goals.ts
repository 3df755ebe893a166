/** The goals of this library, and the reasons for those that it misses. */
import type { Row, Table } from "./report.js"

const fetch = "effect-openrouter, fetch"
const undici = "effect-openrouter, undici"
const entry = "effect-openrouter"
const modules = "effect-openrouter, by its modules"
const agent = "@openrouter/agent"

/** The most that `client` may have in the row `row`: as a figure, or as a ratio to the client `of`. */
interface Goal {
  readonly row: string
  readonly client: string
  readonly of?: string
  readonly most: number
}

const goals: ReadonlyArray<Goal> = [
  { row: "chatStream", client: fetch, most: 1.35 },
  { row: "chatStream", client: undici, most: 1.15 },
  { row: "responsesStream", client: fetch, most: 1.25 },
  { row: "responsesStream", client: undici, most: 1.1 },
  { row: "fan200", client: fetch, most: 1.6 },
  { row: "fan200", client: undici, most: 1.3 },
  { row: "sequential", client: fetch, most: 1.5 },
  { row: "sequential", client: undici, most: 0.75 },
  { row: "concurrent", client: fetch, most: 1.5 },
  { row: "concurrent", client: undici, most: 0.75 },
  { row: "models", client: fetch, most: 1.1 },
  { row: "models", client: undici, most: 1.05 },
  { row: "agent", client: fetch, of: agent, most: 0.7 },
  { row: "agent", client: undici, of: agent, most: 0.5 },
  { row: "heap", client: fetch, most: 15 },
  { row: "heap", client: undici, most: 15 },
  { row: "pushed", client: fetch, most: 5 },
  { row: "pushed", client: undici, most: 5 },
  { row: "connections", client: fetch, most: 0 },
  { row: "connections", client: undici, most: 0 },
  { row: "importRatio", client: modules, most: 1.1 },
  { row: "bundle", client: entry, most: 92 },
  { row: "bundle", client: modules, most: 92 }
]

/** Why a goal is missed, by row. Written by hand, from the output of `bench/profile.ts`. */
const reasonsByRow: { readonly [row: string]: string } = {
  chatStream:
    "Checking each event, and keeping it for the error of a failed stream, takes a fifth of the CPU. A read in a fiber takes another tenth.",
  responsesStream: "See the chat stream.",
  fan200:
    "Each read has one event and wakes a fiber. Of the time beyond raw fetch, Effect's runtime takes more than half, " +
    "garbage collection a quarter, and the library a sixth.",
  sequential:
    "The library takes 6 % of a request and Effect's runtime 11 %; collecting their garbage takes as much again. Node " +
    "takes the rest: `fetch`, sockets, and the signal that can interrupt a request.",
  concurrent: "See chats one after another.",
  agent:
    "Each turn is checked, kept as state that can be stored and resumed, and emitted as events. This takes a third of " +
    "the CPU; half of that is Effect's runtime and garbage collection.",
  models:
    "The list is parsed once; the check takes a fifth of that time. Garbage collection takes 1.2 ms per list, and " +
    "0.2 ms in the bare loop, where no fiber holds the result.",
  importRatio: "Node takes half a millisecond for each module, and the library has thirty.",
  bundle:
    "Effect and its HTTP client alone have 79 KiB. With the main entry, esbuild keeps the rest of the namespace `Chat`; " +
    "Rollup makes 90 KiB of either program."
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

/** The goals with their figures, and the reasons for missed ones. Goals whose row was not measured are left out. */
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
