/**
 * `npm run bench`: this library beside the clients that people use today, doing the same work against one server on this
 * machine. Each client is a process of its own; in each repetition all of them do the same job in turn, and what counts
 * is the median of the ratios to the plainest `fetch` loop of the same repetition.
 *
 * Arguments: names of scenarios; `--reps <n>`; `--only <part of the name of a client>`; `--write` renews docs/benchmarks.md.
 */
import { type ChildProcess, fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { type Table, tableOf, write } from "./report.js"
import { type Scenario, scenarios } from "./scenarios.js"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    reps: { type: "string", default: "7" },
    only: { type: "string", multiple: true },
    write: { type: "boolean", default: false }
  }
})

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

const clients = {
  "raw fetch": "clients/raw.ts",
  "@openrouter/sdk": "clients/openrouterSdk.ts",
  "@openrouter/agent": "clients/openrouterAgent.ts",
  openai: "clients/openai.ts",
  "ai + provider": "clients/aiSdk.ts",
  "@effect/ai-openrouter": "effect-ai/client.ts",
  "effect-openrouter": "clients/effectOpenRouterFetch.ts",
  "effect-openrouter, undici": "clients/effectOpenRouterUndici.ts"
} as const

type Name = keyof typeof clients

const names = Object.keys(clients).filter((name): name is Name =>
  name === "raw fetch" || values.only === undefined || values.only.some((part) => name.includes(part))
)

interface Result {
  readonly seen: number
  readonly wall: number
  readonly cpu: number
}

const start = (path: string, args: ReadonlyArray<string> = []): ChildProcess =>
  fork(here(path), args, {
    execArgv: ["--expose-gc", "--import", "tsx"],
    cwd: here(".."),
    env: { ...process.env, TSX_TSCONFIG_PATH: here("tsconfig.json") }
  })

const reply = <A>(child: ChildProcess): Promise<A> =>
  new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`a process of the benchmark ended with ${code}`))
    child.once("exit", ended)
    child.once("message", (message) => {
      child.off("exit", ended)
      // What the processes of the benchmark tell each other
      resolve(message as A)
    })
  })

const server = start("server.ts")
const { port } = await reply<{ readonly port: number }>(server)

const workers = new Map<Name, ChildProcess>()
for (const name of names) {
  const worker = start("worker.ts", [here(clients[name])])
  await reply(worker)
  workers.set(name, worker)
}

const repetition = async (name: Name, scenario: Scenario): Promise<Result | undefined> => {
  const worker = workers.get(name)
  if (worker === undefined) return undefined
  const { count, kind } = scenarios[scenario]
  worker.send({ scenario, count, url: `http://127.0.0.1:${port}/${kind}/${count}` })
  const result = await reply<Result | { readonly missing: true } | { readonly error: string }>(worker)
  if ("error" in result) throw new Error(`${name} cannot do ${scenario}: ${result.error}`)
  return "missing" in result ? undefined : result
}

const median = (numbers: ReadonlyArray<number>): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN

const measure = async (scenario: Scenario): Promise<Table["rows"][number]> => {
  const ratios = new Map<Name, Array<{ readonly cpu: number; readonly wall: number }>>()
  const reps = Number(values.reps)
  let able: ReadonlyArray<Name> = names
  for (let rep = -2; rep < reps; rep++) {
    const raw = await repetition("raw fetch", scenario)
    if (raw === undefined) throw new Error(`nothing to compare ${scenario} with`)
    const others = able.filter((name) => name !== "raw fetch")
    const order = rep % 2 === 0 ? others : others.toReversed()
    for (const name of order) {
      const result = await repetition(name, scenario)
      if (result === undefined) {
        able = able.filter((other) => other !== name)
        continue
      }
      if (result.seen !== raw.seen) throw new Error(`${name} saw ${result.seen} of ${raw.seen} in ${scenario}`)
      if (rep >= 0) {
        const list = ratios.get(name) ?? []
        list.push({ cpu: result.cpu / raw.cpu, wall: result.wall / raw.wall })
        ratios.set(name, list)
      }
    }
  }
  const cells = Object.fromEntries([...ratios].map(([name, list]) => [name, {
    cpu: median(list.map((one) => one.cpu)),
    wall: median(list.map((one) => one.wall))
  }]))
  return { title: scenarios[scenario].title, cells }
}

const isScenario = (name: string): name is Scenario => name in scenarios
const asked = positionals.length === 0 ? Object.keys(scenarios).filter(isScenario) : positionals.filter(isScenario)
const rows: Array<Table["rows"][number]> = []
for (const scenario of asked) {
  const row = await measure(scenario)
  rows.push(row)
  console.log(tableOf({ columns: names.slice(1), rows: [row] }))
}
const table = { columns: names.slice(1), rows }
console.log(tableOf(table))
if (values.write) write(table)
for (const child of [server, ...workers.values()]) child.disconnect()
