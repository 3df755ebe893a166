/**
 * Where the CPU time of a scenario goes, to find out why a goal is missed.
 * Run: npx tsx bench/profile.ts sequential fetch
 */
import { type Profiler, Session } from "node:inspector/promises"
import { pathToFileURL } from "node:url"
import { clients } from "./clients.js"
import { start } from "./processes.js"
import { type Client, type Scenario, scenarios } from "./scenarios.js"

const isScenario = (name: string): name is Scenario => name in scenarios

const [, , scenario = "", part = ""] = process.argv
const [name, path] = clients.find(([name]) => name.includes(part)) ?? []
if (!isScenario(scenario) || path === undefined) throw new Error("name a scenario and a client")

const { client }: { readonly client: Client } = await import(pathToFileURL(path).href)
const job = client[scenario]
if (job === undefined) throw new Error(`${name} cannot do ${scenario}`)

const { count, kind } = scenarios[scenario]
const [server, { port }] = await start<{ readonly port: number }>("server.ts")
const run = () => job(`http://127.0.0.1:${port}/${kind}/${count}`, count)
for (let i = 0; i < 3; i++) await run()

const session = new Session()
session.connect()
await session.post("Profiler.enable")
await session.post("Profiler.start")
await run()
const { profile } = await session.post("Profiler.stop")
server.disconnect()

/** The owner of a frame: Node, a package, this library, or V8. */
const ownerOf = ({ functionName, url }: Profiler.ProfileNode["callFrame"]): string => {
  if (url.startsWith("node:")) return `Node: ${url.split("/").slice(0, 3).join("/").replace(/^node:/, "")}`
  const packageName = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (packageName !== undefined) return packageName
  return url.includes("/dist/") ? "effect-openrouter" : url === "" ? functionName : "the benchmark"
}

/** Frames that are not work: idle time, and the profiler itself. */
const ignored: ReadonlySet<string> = new Set(["(idle)", "dispatch"])

const nodes = profile.nodes.filter(({ callFrame }) => !ignored.has(callFrame.functionName))

/** Milliseconds by name, largest first. */
const total = (nameOf: (frame: Profiler.ProfileNode["callFrame"]) => string) => {
  const names = new Map(nodes.map(({ callFrame, id }) => [id, nameOf(callFrame)] as const))
  const sums = new Map<string, number>()
  profile.samples?.forEach((id, index) => {
    const name = names.get(id)
    if (name !== undefined) sums.set(name, (sums.get(name) ?? 0) + (profile.timeDeltas?.[index] ?? 0) / 1000)
  })
  return [...sums].toSorted(([, a], [, b]) => b - a)
}

const placeOf = ({ functionName, lineNumber, url }: Profiler.ProfileNode["callFrame"]): string =>
  `${functionName || "(anonymous)"} ${url === "" ? "" : `${url.split("/").slice(-2).join("/")}:${lineNumber + 1}`}`

const owners = total(ownerOf)
const whole = owners.reduce((sum, [, time]) => sum + time, 0)
const show = ([name, time]: readonly [string, number]) =>
  console.log(`${time.toFixed(0).padStart(7)} ms ${(100 * time / whole).toFixed(1).padStart(5)} %  ${name}`)

console.log(`${scenario}, ${name}: by owner`)
owners.slice(0, 12).forEach(show)
console.log("by function")
total(placeOf).slice(0, 25).forEach(show)
