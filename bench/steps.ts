/**
 * What a scenario asks of the runtime, counted. Unlike times, the counts are the same on each machine.
 * Run: npx tsx bench/steps.ts sequential fetch
 */
import { pathToFileURL } from "node:url"
import { clients } from "./clients.js"
import { here, start } from "./processes.js"
import { type Client, type Scenario, scenarios } from "./scenarios.js"

const isScenario = (name: string): name is Scenario => name in scenarios

const [, , scenario = "", part = ""] = process.argv
const [name, path] = clients.find(([name]) => name.includes(part)) ?? []
if (!isScenario(scenario) || path === undefined) throw new Error("name a scenario and a client")

// The run loop of Effect 3 has a method for each kind of instruction. The package does not export it
const loop = here("../node_modules/effect/dist/esm/internal/fiberRuntime.js")
const { FiberRuntime }: { readonly FiberRuntime: { readonly prototype: object } } = await import(
  pathToFileURL(loop).href
)

const counts = new Map<string, number>()
const counted = (owner: object, method: string, label: string) => {
  const original: unknown = Reflect.get(owner, method)
  if (typeof original !== "function") return
  Reflect.set(owner, method, function(this: unknown, ...args: ReadonlyArray<unknown>) {
    counts.set(label, (counts.get(label) ?? 0) + 1)
    return Reflect.apply(original, this, args)
  })
}
const kinds = Object.getOwnPropertyNames(FiberRuntime.prototype).filter((method) => /^[A-Z]/.test(method))
for (const kind of kinds) counted(FiberRuntime.prototype, kind, kind)
counted(FiberRuntime.prototype, "start", "fibers")
counted(FiberRuntime.prototype, "evaluateEffect", "evaluations")
counted(globalThis, "setTimeout", "timers")

const { client }: { readonly client: Client } = await import(pathToFileURL(path).href)
const job = client[scenario]
if (job === undefined) throw new Error(`${name} cannot do ${scenario}`)

const [server, { port }] = await start<{ readonly port: number }>("server.ts")
const { count: whole, kind } = scenarios[scenario]
const count = Math.min(whole, 100)
const url = `http://127.0.0.1:${port}/${kind}/${count}`
const units = scenario.startsWith("fan200") ? 200 : count
const connections = async (): Promise<number> => {
  const response = await fetch(`http://127.0.0.1:${port}/stats`)
  const { connections }: { readonly connections: number } = await response.json()
  return connections
}
await job(url, count)
counts.clear()
const before = await connections()
await job(url, count)
const opened = await connections() - before
server.disconnect()

const show = (label: string, sum: number) => console.log(`${(sum / units).toFixed(2).padStart(9)}  ${label}`)
const isKind = ([label]: readonly [string, number]) => kinds.includes(label)
const instructions = [...counts].filter(isKind).toSorted(([, a], [, b]) => b - a)
console.log(`${scenario}, ${name}: for one of ${units}`)
show("instructions", instructions.reduce((sum, [, n]) => sum + n, 0))
for (const [label, n] of instructions) show(`  ${label}`, n)
for (const [label, n] of counts) if (!isKind([label, n])) show(label, n)
show("connections", opened)
