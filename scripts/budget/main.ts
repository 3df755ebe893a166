/**
 * `npm run budget`, after a build: the size of small programs and the modules that entries load, against
 * `budgets.json`. They are counted and not timed, so they are the same on every machine. `-- --write` sets the budgets
 * to what is measured now and a little more.
 */
import { readFileSync, writeFileSync } from "node:fs"
import { type Budgets, compare } from "./compare.js"
import { size, sizeByRollup, startUp } from "./measure.js"
import { programs } from "./programs.js"

const file = new URL("budgets.json", import.meta.url)
const entries = [
  "effect-openrouter",
  "effect-openrouter/ai",
  "effect-openrouter/durable",
  "effect-openrouter/mcp",
  "effect-openrouter/mcp/server",
  "effect-openrouter/query",
  "effect-openrouter/services/Chat",
  "effect-openrouter/sql",
  "effect-openrouter/testing",
  "effect-openrouter/ui"
]

const measured: Budgets = Object.fromEntries(
  await Promise.all([
    ...Object.entries(programs).map(async ([name, program]) => [name, await size(program)] as const),
    ...["one chat", "one agent"].map(async (name) =>
      [`${name}, by Rollup`, await sizeByRollup(programs[name] ?? "")] as const
    ),
    ...entries.map(async (entry) => [`import "${entry}"`, await startUp(entry)] as const)
  ])
)

/** Room for small changes, less than what a dependency brings: two in a hundred of bytes, five of modules. */
const room = (name: string, value: number): number => Math.ceil(value * (name.startsWith("bytes") ? 1.02 : 1.05))

if (process.argv.includes("--write")) {
  const budgets = Object.entries(measured).map(([program, measures]) => [
    program,
    Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, room(name, value)]))
  ])
  writeFileSync(file, JSON.stringify(Object.fromEntries(budgets), null, 2) + "\n")
}

const budgets: Budgets = JSON.parse(readFileSync(file, "utf8"))
const lines = compare(budgets, measured)
const width = Math.max(...lines.map(({ name }) => name.length))
for (const { actual, budget, name, problem } of lines) {
  const numbers = `${String(actual).padStart(7)} of ${String(budget ?? "?").padStart(7)}`
  console.log(`${name.padEnd(width)} ${numbers}${problem === undefined ? "" : `  ${problem}`}`)
}
const problems = lines.filter(({ problem }) => problem !== undefined)
if (problems.length > 0) {
  console.error(
    `${problems.length} of ${lines.length} budgets are not kept. Find what came in (or gave way), or where it is worth ` +
      `its price, run npm run budget -- --write and say why in the commit.`
  )
  process.exitCode = 1
}
