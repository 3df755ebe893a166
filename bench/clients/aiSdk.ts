import { createOpenRouter } from "@openrouter/ai-sdk-provider"
import { generateText, stepCountIs, streamText, tool } from "ai"
import { z } from "zod"
import type { Read } from "../probes.js"
import { atOnce, type Client, counting, key, model, once, pool, streams, times } from "../scenarios.js"

const modelOf = once((baseURL) => createOpenRouter({ apiKey: key, baseURL })(model))

const read: Read = async (url, see) => {
  for await (const _ of streamText({ model: modelOf(url), prompt: "Hello!" }).textStream) {
    const wait = see()
    if (wait !== undefined) await wait
  }
}

const chat = counting(read)

const send = async (url: string): Promise<number> => {
  const { text } = await generateText({ model: modelOf(url), prompt: "Hello!" })
  return text === "" ? 0 : 1
}

const add = tool({
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  execute: ({ a, b }) => Promise.resolve(a + b)
})

export const client: Client = {
  read,
  chatStream: chat,
  chatCoalesced: chat,
  fan200: (url) => atOnce(streams, () => chat(url)),
  fan200ForEach: (url) => atOnce(streams, () => chat(url)),
  sequential: (url, count) => times(count, () => send(url)),
  concurrent: (url, count) => pool(count, () => send(url)),
  agent: (url, count) =>
    times(count, async () => {
      const result = streamText({ model: modelOf(url), prompt: "Add.", tools: { add }, stopWhen: stepCountIs(20) })
      await result.consumeStream()
      return (await result.text) === "" ? 0 : 1
    })
}
