import { callModel, OpenRouter, tool } from "@openrouter/agent"
import { z } from "zod"
import { type Client, key, model, once, times } from "../scenarios.js"

const add = tool({
  name: "add",
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.number(),
  execute: ({ a, b }) => a + b
})

const clientOf = once((serverURL) => new OpenRouter({ apiKey: key, serverURL }))

export const client: Client = {
  responsesStream: async (url) => {
    let words = 0
    const result = callModel(clientOf(url), { model, input: "Hello!" })
    for await (const _ of result.getTextStream()) words++
    return words
  },
  agent: (url, count) =>
    times(count, async () => {
      const text = await callModel(clientOf(url), { model, input: "Add.", tools: [add] }).getText()
      return text === "" ? 0 : 1
    })
}
