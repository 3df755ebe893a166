/** The users of the gateway: many streams at a time, each replaced by another when it ends. */
import { Agent, request } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { key, model } from "../scenarios.js"
import { type Load, now, percentiles, type Seen } from "./common.js"

const agent = new Agent({ keepAlive: true, maxSockets: Infinity })

const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }] })

const headers = { "content-type": "application/json", authorization: `Bearer ${key}` }

/** Reads one stream to its end, and calls `see` for each token. Returns whether the response was complete. */
const read = (url: string, see: (sentAt: number, waited: number) => void): Promise<boolean> =>
  new Promise((resolve) => {
    const sent = request(`${url}/chat/completions`, { method: "POST", agent, headers }, (response) => {
      let rest = ""
      let isWhole = false
      response.setEncoding("utf8")
      response.on("data", (text: string) => {
        rest += text
        const end = rest.lastIndexOf("\n") + 1
        for (const [, sentAt, waited] of rest.slice(0, end).matchAll(/"content":"([\d.]+) ([\d.]+);"/g)) {
          see(Number(sentAt), Number(waited))
        }
        isWhole ||= rest.includes(`"finish_reason":"stop"`)
        rest = rest.slice(end)
      })
      response.on("close", () => resolve(isWhole && response.statusCode === 200))
    })
    sent.on("error", () => resolve(false))
    sent.end(body)
  })

const measure = async ({ streams, time, url, warmUp }: Load): Promise<Seen> => {
  const first: Array<number> = []
  const later: Array<number> = []
  const begin = now() + warmUp
  const end = begin + time
  let failures = 0
  const one = async () => {
    const startedAt = now()
    let isFirst = true
    const isWhole = await read(url, (sentAt, waited) => {
      const at = now()
      if (at >= begin && at < end) {
        if (isFirst) first.push(at - startedAt - waited)
        else later.push(at - sentAt)
      }
      isFirst = false
    })
    if (!isWhole) failures++
  }
  await Promise.all(Array.from({ length: streams }, async (_, index) => {
    await sleep(warmUp * index / streams)
    while (now() < end) await one()
  }))
  return { tokens: first.length + later.length, failures, first: percentiles(first), later: percentiles(later) }
}

process.on("message", (load: Load) => void measure(load).then((seen) => process.send?.(seen)))
process.on("disconnect", () => process.exit(0))
process.send?.("ready")
