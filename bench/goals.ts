/** What this library sets out to reach, and what stands in the way where it has not. */
import type { Row, Table } from "./report.js"

const fetch = "effect-openrouter, fetch"
const undici = "effect-openrouter, undici"
const entry = "effect-openrouter"
const modules = "effect-openrouter, by its modules"
const agent = "@openrouter/agent"

/** At most so much in the row `row` for `client`, or of what another client has there. */
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

/** What stands in the way, by row: shown where a goal is missed. Written by hand, after `bench/profile.ts`. */
const inTheWay: { readonly [row: string]: string } = {
  chatStream:
    "Each event is checked, and kept for a failure to carry: a fifth of the CPU. A read in a fiber is another tenth.",
  responsesStream: "The same as with a chat stream.",
  fan200:
    "Each read brings one event and wakes a fiber: Effect's runtime is more than half of what comes on top of raw fetch, " +
    "its garbage a quarter, the library a sixth.",
  sequential:
    "The library itself is 6 % of a request and Effect's runtime 11 %; what they make, collected, as much again. The " +
    "rest is Node's: `fetch`, sockets, and the signal that lets a request be interrupted.",
  concurrent: "The same as with chats one after another.",
  agent:
    "Each turn is checked, kept as state that can be stored and resumed, and told as events: a third of the CPU, half of " +
    "it Effect's runtime, and the garbage of both.",
  models:
    "The list is parsed once, and checked in a fifth of that time. To collect the garbage takes 1.2 ms a list, and " +
    "0.2 ms in the bare loop, where no fiber holds what it returned.",
  importRatio: "Node takes half a millisecond for each module, and there are thirty of ours.",
  bundle:
    "Effect and its HTTP client alone are 79 KiB. What esbuild adds to the main entry is the rest of the namespace `Chat`; " +
    "by Rollup it is 90 KiB either way."
}

/** A goal, what is measured of it, and whether that is enough. */
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

/** The goals beside their figures, and what stands in the way. A goal whose row was not measured is left out. */
export const goalsBeside = (tables: ReadonlyArray<Table>): string => {
  const rows = new Map(tables.flatMap((table) => table.rows).map((row) => [row.name, row] as const))
  const verdicts = goals.flatMap((goal) => {
    const row = rows.get(goal.row)
    return row === undefined ? [] : judge(goal, row)
  })
  const missed = new Map(verdicts.filter(({ isMet }) => !isMet).map(({ row, title }) => [row, title] as const))
  const reasons = [...missed].flatMap(([row, title]) => {
    const reason = inTheWay[row]
    return reason === undefined ? [] : [`- ${title}: ${reason}`]
  })
  return [
    "| goal | of | at most | measured | |",
    "| --- | --- | ---: | ---: | --- |",
    ...verdicts.map(lineOf),
    ...(reasons.length === 0 ? [] : ["", "What stands in the way of those that are missed:", "", ...reasons])
  ].join("\n")
}
