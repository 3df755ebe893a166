/**
 * Why goals are missed, shown by experiments: the figures of the missed scenarios with one cause of their cost removed, and
 * those of Effect alone, which sends the same requests, reads the same bytes and checks nothing. Raw fetch = 1.
 * Run: npx tsx bench/floors.ts [names of scenarios] [--reps 5] [--share 1], after `npm run archives`. With `--share 4`, a
 * repetition is four times as long as that of `bench/main.ts`, so that less of it is the time before V8 has compiled the code.
 */
import { parseArgs } from "node:util"
import { type Clients, clients, for4 } from "./clients.js"
import { measureFloors } from "./cold.js"
import { here, start } from "./processes.js"
import * as Ratios from "./ratios.js"
import { markdown } from "./report.js"
import { type Scenario, scenarios } from "./scenarios.js"

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { reps: { type: "string", default: "5" }, share: { type: "string", default: "1" } }
})

/** What the experiments are compared with. */
const compared = /^raw fetch$|^@openrouter\/agent$|^effect-openrouter, |^on Effect 4, /

const experiments: Clients = [
  ["without validation", here("clients/floors/withoutValidation.ts")],
  ["without the accumulator", here("clients/floors/withoutAccumulator.ts")],
  ["without validation and accumulator", here("clients/floors/withoutValidationAndAccumulator.ts")],
  ["without spans, retries and limits", here("clients/floors/withoutAround.ts")],
  ["without Effect", here("clients/floors/withoutEffect.ts")],
  ["Effect alone, fetch", here("clients/floors/effectAloneFetch.ts")],
  ["Effect alone, undici", here("clients/floors/effectAloneUndici.ts")],
  ["Effect 4 alone, fetch", for4("clients/floors/effectAloneFetch.ts")],
  ["Effect 4 alone, undici", for4("clients/floors/effectAloneUndici.ts")]
]

const missed = ["chatCoalesced", "fan200", "sequential", "concurrent", "models", "agent"] as const
const isScenario = (name: string): name is Scenario => name in scenarios
const names: ReadonlyArray<Scenario> = positionals.length === 0 ? missed : positionals.filter(isScenario)
if (names.length < positionals.length) throw new Error("floors: name scenarios of bench/scenarios.ts")

const [server, { port }] = await start<{ readonly port: number }>("server.ts")
const measured = [...clients.filter(([name]) => compared.test(name)), ...experiments]
await Ratios.measure(`http://127.0.0.1:${port}`, measured, names, Number(values.reps), Number(values.share))
server.disconnect()
if (positionals.length === 0) console.log(`\n${markdown(await measureFloors(Number(values.reps)))}`)
