/**
 * What streams cost a gateway: an `HttpApi` server passes on many chats at a time, from a model in one process to users in
 * another. Run: npx tsx bench/gateway.ts --minutes 5
 *
 * Arguments: names of gateways (default: all). `--minutes <n>` for each gateway (5); `--streams <n>` at a time (500);
 * `--tokens <n>` of each stream (100), sent every `--interval <ms>` (100).
 */
import { setTimeout as sleep } from "node:timers/promises"
import { parseArgs } from "node:util"
import { for4 } from "./clients.js"
import type { Load, Seen, Used } from "./gateway/common.js"
import { ask, here, start } from "./processes.js"
import { live, type Row } from "./report.js"

const direct = "no gateway"

const gateways = [
  direct,
  "raw fetch",
  "openai",
  "effect-openrouter, fetch",
  "effect-openrouter, fetch, forEach",
  "effect-openrouter, undici",
  "effect-openrouter, undici, forEach",
  "on Effect 4, fetch",
  "on Effect 4, fetch, forEach",
  "on Effect 4, undici",
  "on Effect 4, undici, forEach"
]

/** What `npm run archives` carries over to Effect 4 runs on it. */
const serverOf = (name: string): string =>
  name.startsWith("on Effect 4") ? for4("gateway/server.ts") : here("gateway/server.ts")

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "5" },
    streams: { type: "string", default: "500" },
    tokens: { type: "string", default: "100" },
    interval: { type: "string", default: "100" }
  }
})

const unknown = positionals.filter((name) => !gateways.includes(name))
if (unknown.length > 0) throw new Error(`gateway: ${unknown.join()} is none of: ${gateways.join("; ")}`)
const [time, streams, tokens] = [Number(values.minutes) * 60_000, Number(values.streams), Number(values.tokens)]
// Long enough for each stream to start, and no two at once
const warmUp = Math.min(tokens * Number(values.interval), time)

/** Serves through one gateway for a while, between the same model and the same users. */
const measure = async (name: string): Promise<Seen & Partial<Used>> => {
  const [upstream, model] = await start<{ readonly port: number }>(
    "gateway/upstream.ts",
    values.tokens,
    values.interval
  )
  const [readers] = await start("gateway/readers.ts")
  const modelUrl = `http://127.0.0.1:${model.port}`
  const [gateway, { port }] = name === direct
    ? [undefined, model]
    : await start<{ readonly port: number }>(serverOf(name), name, modelUrl)
  const load: Load = { url: `http://127.0.0.1:${port}`, streams, warmUp, time }
  const read = ask<Seen>(readers, load)
  await sleep(warmUp)
  if (gateway !== undefined) await ask<Used>(gateway, {})
  await sleep(time)
  const used = gateway === undefined ? undefined : await ask<Used>(gateway, {})
  const seen = await read
  for (const process of [readers, gateway, upstream]) process?.disconnect()
  if (seen.failures > 0) throw new Error(`gateway: ${seen.failures} streams through ${name} were not complete`)
  return { ...seen, ...used }
}

const columns = [
  "tokens",
  "ms of CPU a stream",
  "KB of memory a stream",
  "first token, p50",
  "first token, p99",
  "later tokens, p50",
  "later tokens, p99"
]

console.log(
  `${streams} streams at a time, each of ${tokens} tokens, one every ${values.interval} ms, for ${values.minutes} ` +
    "minutes. Latencies are milliseconds beyond those of the model; what a gateway adds is what is above the first row."
)
const show = live("gateway", columns)
for (const name of gateways.filter((name) => positionals.length === 0 || positionals.includes(name))) {
  const { cpu = NaN, first, later, memory = NaN, tokens: seen } = await measure(name)
  const cells = [seen, cpu / seen * tokens, memory / 1024 / streams, first.p50, first.p99, later.p50, later.p99]
  const row: Row = {
    name,
    title: name,
    digits: 1,
    cells: Object.fromEntries(columns.flatMap((column, index) => {
      const cell = cells[index] ?? NaN
      return Number.isNaN(cell) ? [] : [[column, cell] as const]
    }))
  }
  show(row)
}
