/** Figures with a unit of their own, not compared with raw fetch: of one chat stream, or of many in turn. */
import { get } from "node:http"
import { performance } from "node:perf_hooks"
import { setTimeout as sleep } from "node:timers/promises"
import type { Clients } from "./clients.js"
import { ask, median, start } from "./processes.js"
import { live, type Row, type Table } from "./report.js"

/** Reads a chat stream to its end, and calls `see` with each text delta and waits for its result. */
export type Read = (baseUrl: string, see: () => Promise<void> | undefined) => Promise<void>

/** A probe, and the titles of its figures by name. */
interface Probe {
  readonly kind: string
  readonly count: number
  readonly quick: number
  readonly titles: (count: number) => { readonly [name: string]: string }
  readonly digits: number
  readonly measure: (read: Read, url: string, count: number) => Promise<ReadonlyArray<number>>
}

const mebibyte = 1024 * 1024

/** The counts of the server so far. */
const stats = (url: string): Promise<{ readonly connections: number; readonly pushed: number }> =>
  new Promise((resolve, reject) => {
    get(new URL("/stats", url), { agent: false }, async (response) => {
      const parts: Array<Buffer> = []
      for await (const part of response) parts.push(part)
      resolve(JSON.parse(Buffer.concat(parts).toString()))
    }).on("error", reject)
  })

const nothing = (): undefined => undefined

/** Megabytes of JavaScript's heap after a collection. */
const alive = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / mebibyte
}

/** All probes, in the order in which they run. */
export const probes = {
  connections: {
    kind: "late",
    count: 100,
    quick: 20,
    titles: (count) => ({ connections: `connections opened by ${count} streams that end 15 ms after \`[DONE]\`` }),
    digits: 0,
    measure: async (read, url, count) => {
      for (let i = 0; i < 5; i++) await read(url, nothing)
      const before = await stats(url)
      for (let i = 0; i < count; i++) await read(url, nothing)
      const after = await stats(url)
      return [after.connections - before.connections]
    }
  },
  firstToken: {
    kind: "first",
    count: 100,
    quick: 30,
    titles: () => ({ firstToken: "ms to the first token, 5 of them the server's" }),
    digits: 1,
    measure: async (read, url, count) => {
      const times: Array<number> = []
      for (let i = 0; i < 2 * count; i++) {
        const started = performance.now()
        let first: number | undefined
        await read(url, () => {
          first ??= performance.now() - started
          return undefined
        })
        if (i >= count && first !== undefined) times.push(first)
      }
      return [median(times)]
    }
  },
  pushed: {
    kind: "flood",
    count: 40_000,
    quick: 40_000,
    titles: () => ({ pushed: "MB sent, of 13, while the consumer sleeps for a second" }),
    digits: 1,
    measure: async (read, url) => {
      const before = await stats(url)
      let pushed: number | undefined
      const look = async () => {
        await sleep(1000)
        const now = await stats(url)
        pushed = (now.pushed - before.pushed) / mebibyte
      }
      let looked = false
      await read(url, () => {
        if (looked) return undefined
        looked = true
        return look()
      })
      return [pushed ?? NaN]
    }
  },
  heap: {
    kind: "endless",
    count: 800_000,
    quick: 40_000,
    titles: (count) => ({
      heapEarly: `MB of live heap, ${(count / 10).toLocaleString("en")} events into a stream`,
      heapHalf: `MB of live heap, ${(count / 2).toLocaleString("en")} events into it`,
      heap: `MB of live heap, ${count.toLocaleString("en")} events into it`
    }),
    digits: 1,
    measure: async (read, url, count) => {
      await read(url.replace(/\d+$/, "1000"), nothing)
      const before = alive()
      const at = [count / 10, count / 2, count]
      const samples: Array<number> = []
      let seen = 0
      await read(url, () => {
        if (++seen === at[samples.length]) samples.push(alive() - before)
        return undefined
      })
      return samples
    }
  }
} as const satisfies Record<string, Probe>

export type ProbeName = keyof typeof probes

/** Runs one probe after another, each client in a new process. */
export const measure = async (
  origin: string,
  clients: Clients,
  names: ReadonlyArray<ProbeName>,
  quick: boolean
): Promise<Table> => {
  const columns = clients.map(([client]) => client)
  const title = "Counted"
  const show = live(title, columns)
  const rows: Array<Row> = []
  for (const name of names) {
    const { digits, kind, titles, ...probe } = probes[name]
    const count = quick ? probe.quick : probe.count
    const found = new Map<string, ReadonlyArray<number>>()
    for (const [client, path] of clients) {
      const [worker] = await start("worker.ts", path)
      const figures = await ask<ReadonlyArray<number> | null>(worker, {
        probe: name,
        url: `${origin}/${kind}/${count}`,
        count
      })
      if (figures !== null) found.set(client, figures)
      worker.disconnect()
    }
    Object.entries(titles(count)).forEach(([name, title], index) => {
      const cells = [...found].map(([client, figures]) => [client, figures[index] ?? NaN] as const)
      const row = { name, title, digits, cells: Object.fromEntries(cells) }
      rows.push(row)
      show(row)
    })
  }
  return { name: "counted", title, columns, rows }
}
