import type { Read } from "./probes.js"

/**
 * The scenarios that are compared with raw fetch. `count` is the size of one repetition: raw fetch needs 0.1 s to 0.4 s.
 */
export const scenarios = {
  chatStream: { title: "one chat stream, one event a read", kind: "single", count: 30_000 },
  chatCoalesced: { title: "one chat stream, many events a read", kind: "coalesced", count: 24_000 },
  responsesStream: { title: "one /responses stream", kind: "single", count: 20_000 },
  fan200: { title: "200 live chat streams", kind: "live", count: 100 },
  fan200ForEach: { title: "200 live chat streams, ours by `forEach`", kind: "live", count: 100 },
  sequential: { title: "chats, one after another", kind: "plain", count: 1500 },
  concurrent: { title: "chats, 50 at a time", kind: "plain", count: 1500 },
  models: { title: "model list, 580 KB", kind: "plain", count: 60 },
  agent: { title: "agent, 10 turns with tools", kind: "agent", count: 80 }
} as const

export type Scenario = keyof typeof scenarios

/** A client implements the scenarios that it supports. Each returns how many units it received; all clients must agree. */
export type Client = { readonly [Name in Scenario]?: (baseUrl: string, count: number) => Promise<number> } & {
  /** One chat stream, for the probes. */
  readonly read?: Read
}

/** As long as a key of OpenRouter. */
export const key = `sk-or-v1-${"0123456789abcdef".repeat(4)}`

export const model = "openai/gpt-5-nano"

/** How many streams of `fan200` and `fan200ForEach`, and chats of `concurrent`, run at the same time. */
export const streams = 200
export const width = 50

/** Turns of an agent that call its tool, before the turn with the final response. */
export const toolTurns = 9

/** What a client creates once per server and uses again. */
export const once = <A>(make: (baseUrl: string) => A): (baseUrl: string) => A => {
  const made = new Map<string, A>()
  return (baseUrl) => {
    const before = made.get(baseUrl)
    if (before !== undefined) return before
    const now = make(baseUrl)
    made.set(baseUrl, now)
    return now
  }
}

/** Runs a job `count` times, at most `width` at the same time. */
export const pool = async (count: number, job: () => Promise<number>): Promise<number> => {
  let left = count
  let seen = 0
  const worker = async () => {
    while (left-- > 0) {
      const one = await job()
      seen += one
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return seen
}

/** Runs a job repeatedly, one run after another. */
export const times = async (count: number, job: () => Promise<number>): Promise<number> => {
  let seen = 0
  for (let i = 0; i < count; i++) {
    const one = await job()
    seen += one
  }
  return seen
}

/** Reads a chat stream and counts its text deltas. */
export const counting = (read: Read) => async (baseUrl: string): Promise<number> => {
  let seen = 0
  await read(baseUrl, () => {
    seen++
    return undefined
  })
  return seen
}

/** Runs a job many times at once. */
export const atOnce = async (count: number, job: () => Promise<number>): Promise<number> =>
  (await Promise.all(Array.from({ length: count }, job))).reduce((sum, seen) => sum + seen, 0)
