import { callModel, OpenRouter, tool } from "@openrouter/agent"
import { z } from "zod"
import { type Client, key, model, times } from "../scenarios.js"

const add = tool({
  name: "add",
  inputSchema: z.object({ a: z.number(), b: z.number() }),
  outputSchema: z.number(),
  execute: ({ a, b }) => a + b
})

export const client: Client = {
  responsesStream: async (url) => {
    let words = 0
    const result = callModel(new OpenRouter({ apiKey: key, serverURL: url }), { model, input: "Hello!" })
    for await (const _ of result.getTextStream()) words++
    return words
  },
  agent: (url, count) => {
    const client = new OpenRouter({ apiKey: key, serverURL: url })
    return times(count, async () => {
      const text = await callModel(client, { model, input: "Add.", tools: [add] }).getText()
      return text === "" ? 0 : 1
    })
  }
}
