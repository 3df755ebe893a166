/**
 * `npm run fuzz [cases] [seed] [target]`: runs any number of the cases of `test/fuzz`, by default 100,000 over all targets.
 * It prints the outcomes and the memory that remains. The seed of a finding repeats it.
 */
import * as Effect from "effect/Effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { type Finding, fuzz } from "../../test/fuzz/support/fuzz.js"
import { seeds } from "../../test/fuzz/support/seeds.js"
import { targets } from "../../test/fuzz/support/targets.js"

setFlagsFromString("--expose-gc")
const collect: () => void = runInNewContext("gc")

const megabytes = (): number => {
  collect()
  return process.memoryUsage().heapUsed / 1024 / 1024
}

/** After this many cases of each target the garbage is collected and the memory measured. */
const round = 1000

/** The megabytes that a process may keep: compiled code, and schemas after their first use. */
const allowed = 64

const main = Effect.gen(function*() {
  const [cases = "100000", seed = String(process.pid), only] = process.argv.slice(2)
  const made = yield* seeds
  const names = only === undefined ? Object.keys(targets) : [only]
  const each = Math.ceil(Number(cases) / names.length)
  console.log(`${each * names.length} cases, seed "${seed}", from ${made.recorded} recorded responses and written ones`)
  const ends: Record<string, Record<string, number>> = {}
  const findings: Array<Finding> = []
  const started = performance.now()
  let before: number | undefined
  let most = 0
  for (let from = 0; from < each; from += round) {
    for (const name of names) {
      const report = yield* fuzz(seed, Math.min(round, each - from), made, [name], from)
      findings.push(...report.findings)
      const counts = ends[name] ?? {}
      ends[name] = counts
      for (const [end, times] of Object.entries(report.outcomes[name] ?? {})) counts[end] = (counts[end] ?? 0) + times
    }
    const now = megabytes()
    before ??= now
    most = Math.max(most, now)
  }
  const after = megabytes()
  for (const [name, counts] of Object.entries(ends)) {
    console.log(`${name}:`)
    for (const [end, times] of Object.entries(counts).sort(([, a], [, b]) => b - a)) {
      console.log(`  ${String(times).padStart(7)} ${end}`)
    }
  }
  for (const { input, problem, seed, target } of findings.slice(0, 20)) {
    console.error(`\n${target} ${seed}: ${problem}\n${input}`)
  }
  const seconds = (performance.now() - started) / 1000
  const kept = after - (before ?? after)
  console.log(
    `${findings.length} findings in ${seconds.toFixed(0)} s; memory after the first ${round} of each target ` +
      `${(before ?? after).toFixed(0)} MB, at most ${most.toFixed(0)} MB, at the end ${after.toFixed(0)} MB`
  )
  if (kept > allowed) {
    console.error(`${kept.toFixed(0)} MB remain in memory, the limit is ${allowed} MB; look for a leak`)
  }
  process.exitCode = findings.length === 0 && kept <= allowed ? 0 : 1
})

Effect.runPromise(main).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
