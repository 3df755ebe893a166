/**
 * Writes the figures as a page of `docs`, a chart, and a table in README. `docs/benchmarks.json` stores the figures, so
 * that `npx tsx bench/page.ts` can write all of these again without a measurement.
 */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { node } from "../scripts/effect4/toolchain.js"
import { chart } from "./chart.js"
import { goalsBeside } from "./goals.js"
import { here } from "./processes.js"
import { markdown, type Table } from "./report.js"

/** The figures of one measurement, with its date, machine and versions. */
interface Results {
  readonly date: string
  readonly commit: string
  readonly machine: string
  readonly reps: number
  readonly versions: { readonly [name: string]: string }
  readonly tables: ReadonlyArray<Table>
}

const kept = "../docs/benchmarks.json"

const readJson = (path: string) => JSON.parse(readFileSync(here(path), "utf8"))

/** That of the clients. */
const version = (): string => execFileSync(node(), ["--print", "process.versions.node"], { encoding: "utf8" }).trim()

const machine = (): string => {
  const [{ model } = { model: "" }, ...others] = cpus()
  return `Node ${version()}, ${others.length + 1} cores (${model.trim()})`
}

const versions = () => {
  const { devDependencies } = readJson("../package.json")
  const { "@effect/platform": platform, "@effect/platform-node": platformNode, effect } = devDependencies
  const peers = { ...readJson("effect-ai/package.json").dependencies, ...readJson("package.json").dependencies }
  const { devDependencies: { effect: effect4 } } = readJson("../effect4/package.json")
  return {
    ...peers,
    effect: `${effect} and ${effect4}`,
    "@effect/platform": platform,
    "@effect/platform-node": platformNode
  }
}

/** Stores the figures, and writes everything that shows them. */
export const write = (tables: ReadonlyArray<Table>, reps: number): void => {
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: here("."), encoding: "utf8" }).trim(),
    machine: machine(),
    reps,
    versions: versions(),
    tables
  }
  writeFileSync(here(kept), `${JSON.stringify(results, null, 2)}\n`)
  show(results)
}

const notes: { readonly [table: string]: string } = {
  cpu: "In each repetition, the clients do the same work one after another. A figure is the median of the ratios to " +
    "`raw fetch` in the same repetition. `raw fetch` is a loop over `fetch` with a small splitter and `JSON.parse`; it " +
    "checks nothing. If events arrive one by one, a slower client finds more events in each read, so it has fewer reads.",
  wall: "The same ratios for wall time.",
  counted:
    "Each client runs in a new process. The live heap is measured after a garbage collection. It grows with the text of " +
    "the response, because this library keeps that text for the partial response of an error.",
  cold: "The first rows measure the import of the modules that one chat needs, in a new process. The bundle is the " +
    "smallest program that sends one chat, minified by esbuild. `Effect alone` sends the chat with `HttpClient` and " +
    "checks nothing."
}

const page = ({ commit, date, machine, reps, tables, versions }: Results): string =>
  [
    "# Benchmarks",
    "`npm run bench -- --write` writes this page. All requests go over loopback to one server on the same machine. Each " +
    `client runs in its own process. Figures are medians of ${reps} repetitions.`,
    `${date}, ${commit}, ${machine}. ${Object.entries(versions).map((version) => version.join(" ")).join(", ")}.`,
    "![CPU of each client beside raw fetch](benchmarks.svg)",
    "## Goals",
    goalsBeside(tables),
    "## Figures",
    ...tables.flatMap((table) => [notes[table.name] ?? "", markdown(table)])
  ].join("\n\n") + "\n"

const readmeColumns = [
  "@openrouter/sdk",
  "@openrouter/agent",
  "openai",
  "@effect/ai-openrouter",
  "effect-openrouter, undici",
  "effect-openrouter, fetch",
  "on Effect 4, undici",
  "on Effect 4, fetch"
]

/** One stream, many of them, plain requests and an agent. */
const readmeRows = ["chatStream", "fan200", "concurrent", "agent"]

const summary = (cpu: Table, { date, machine }: Results): string =>
  [
    markdown({ ...cpu, columns: readmeColumns, rows: cpu.rows.filter(({ name }) => readmeRows.includes(name)) }),
    `${date}, ${machine}. [All figures, and the goals that are missed](docs/benchmarks.md). ` +
    "`npm run bench` measures them again."
  ].join("\n\n")

const between = /(<!-- benchmarks -->\n).*(\n<!-- end of benchmarks -->)/s

const show = (results: Results): void => {
  writeFileSync(here("../docs/benchmarks.md"), page(results))
  const cpu = results.tables.find(({ name }) => name === "cpu")
  if (cpu === undefined) return
  writeFileSync(here("../docs/benchmarks.svg"), chart(cpu))
  const readme = readFileSync(here("../README.md"), "utf8")
  writeFileSync(here("../README.md"), readme.replace(between, (_, start, end) => start + summary(cpu, results) + end))
}

if (process.argv[1] === here("page.ts")) show(readJson(kept))
