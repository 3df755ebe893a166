/** One client in a process of its own: does a repetition when it is told to, and reports CPU and time. */
import { performance } from "node:perf_hooks"
import { pathToFileURL } from "node:url"
import type { Client, Scenario } from "./scenarios.js"

interface Job {
  readonly scenario: Scenario
  readonly url: string
  readonly count: number
}

const [, , path = ""] = process.argv
const { client }: { readonly client: Client } = await import(pathToFileURL(path).href)

const run = async ({ count, scenario, url }: Job) => {
  const job = client[scenario]
  if (job === undefined) return { missing: true }
  const cpu = process.cpuUsage()
  const started = performance.now()
  const seen = await job(url, count)
  const used = process.cpuUsage(cpu)
  return { seen, wall: performance.now() - started, cpu: (used.user + used.system) / 1000 }
}

process.on("message", (job: Job) => {
  run(job).then(
    (result) => process.send?.(result),
    (error: unknown) =>
      process.send?.({ error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
  )
})
process.on("disconnect", () => process.exit(0))
process.send?.("ready")
