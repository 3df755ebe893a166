/**
 * Each client does the same work in turn, many times. The result is the median of the ratios to the raw `fetch` loop of the
 * same repetition, because a machine that is slow for a while is slow for all clients.
 */
import type { ChildProcess } from "node:child_process"
import { type Clients, raw } from "./clients.js"
import { ask, median, start } from "./processes.js"
import { live, type Row, type Table } from "./report.js"
import { type Scenario, scenarios } from "./scenarios.js"
import type { Repetition } from "./worker.js"

/** The most repetitions that only warm up, because the first runs of any code are slow. */
const warmUp = 3

/** Measures CPU and wall time of each scenario, with one process per client. */
export const measure = async (
  origin: string,
  clients: Clients,
  names: ReadonlyArray<Scenario>,
  reps: number,
  share: number
): Promise<ReadonlyArray<Table>> => {
  const workers = new Map<string, ChildProcess>()
  for (const [client, path] of clients) {
    const [worker] = await start("worker.ts", path)
    workers.set(client, worker)
  }
  const columns = clients.map(([client]) => client).filter((client) => client !== raw)
  const cpu = { name: "cpu", title: "CPU, raw fetch = 1", columns, rows: new Array<Row>() }
  const wall = { name: "wall", title: "Time, raw fetch = 1", columns, rows: new Array<Row>() }
  const show = live(cpu.title, columns)
  for (const name of names) {
    const all = await repeat(origin, workers, name, reps, share)
    const row = (kind: string, pick: (ratio: Ratio) => number): Row => ({
      name: `${name}${kind}`,
      title: scenarios[name].title,
      digits: 2,
      cells: Object.fromEntries([...all].map(([client, ratios]) => [client, median(ratios.map(pick))]))
    })
    cpu.rows.push(row("", (ratio) => ratio.cpu))
    wall.rows.push(row(", time", (ratio) => ratio.wall))
    cpu.rows.slice(-1).forEach(show)
  }
  for (const worker of workers.values()) worker.disconnect()
  return [cpu, wall]
}

interface Ratio {
  readonly cpu: number
  readonly wall: number
}

/** For each client that supports the scenario, one ratio per repetition. */
const repeat = async (
  origin: string,
  workers: ReadonlyMap<string, ChildProcess>,
  scenario: Scenario,
  reps: number,
  share: number
): Promise<ReadonlyMap<string, ReadonlyArray<Ratio>>> => {
  const { kind, ...whole } = scenarios[scenario]
  const count = Math.ceil(whole.count * share)
  const ratios = new Map<string, Array<Ratio>>()
  for (let rep = -Math.min(warmUp, reps); rep < reps; rep++) {
    const done = new Map<string, Repetition>()
    for (const [client, worker] of rep % 2 === 0 ? workers : [...workers].toReversed()) {
      const one = await ask<Repetition | null>(worker, { scenario, url: `${origin}/${kind}/${count}`, count })
      if (one !== null) done.set(client, one)
    }
    const limit = done.get(raw)
    if (limit === undefined) throw new Error(`bench: raw fetch has no result for ${scenario}`)
    for (const [client, { cpu, seen, wall }] of done) {
      if (seen !== limit.seen) {
        throw new Error(`bench: ${client} received ${seen} of ${limit.seen} units in ${scenario}`)
      }
      if (rep < 0 || client === raw) continue
      ratios.set(client, [...ratios.get(client) ?? [], { cpu: cpu / limit.cpu, wall: wall / limit.wall }])
    }
  }
  return ratios
}
