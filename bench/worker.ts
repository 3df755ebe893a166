/** One client in a process of its own: runs the jobs that it receives, and sends their figures, or null if unsupported. */
import { performance } from "node:perf_hooks"
import { pathToFileURL } from "node:url"
import { type ProbeName, probes } from "./probes.js"
import type { Client, Scenario } from "./scenarios.js"

/** One repetition: units received, milliseconds of CPU, milliseconds of wall time. */
export interface Repetition {
  readonly seen: number
  readonly cpu: number
  readonly wall: number
}

type Job =
  & { readonly url: string; readonly count: number }
  & (
    | { readonly scenario: Scenario }
    | { readonly probe: ProbeName }
  )

const [, , path = ""] = process.argv
const { client }: { readonly client: Client } = await import(pathToFileURL(path).href)

const repeat = async (scenario: Scenario, url: string, count: number): Promise<Repetition | null> => {
  const job = client[scenario]
  if (job === undefined) return null
  const cpu = process.cpuUsage()
  const started = performance.now()
  const seen = await job(url, count)
  const used = process.cpuUsage(cpu)
  return { seen, wall: performance.now() - started, cpu: (used.user + used.system) / 1000 }
}

const probe = async (name: ProbeName, url: string, count: number) =>
  client.read === undefined ? null : probes[name].measure(client.read, url, count)

process.on("message", (job: Job) => {
  const done = "probe" in job ? probe(job.probe, job.url, job.count) : repeat(job.scenario, job.url, job.count)
  done.then((result) => process.send?.(result))
})
process.on("disconnect", () => process.exit(0))
process.send?.("ready")
