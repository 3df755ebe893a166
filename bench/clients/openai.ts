import OpenAI from "openai"
import type { Read } from "../probes.js"
import { atOnce, type Client, counting, key, model, once, pool, streams, times } from "../scenarios.js"

const clientOf = once((baseURL) => new OpenAI({ apiKey: key, baseURL }))

const messages = [{ role: "user" as const, content: "Hello!" }]

const read: Read = async (url, see) => {
  const stream = await clientOf(url).chat.completions.create({ model, messages, stream: true })
  for await (const chunk of stream) {
    const wait = chunk.choices[0]?.delta.content ? see() : undefined
    if (wait !== undefined) await wait
  }
}

const chat = counting(read)

const send = async (client: OpenAI): Promise<number> => {
  const result = await client.chat.completions.create({ model, messages })
  return result.choices[0]?.message.content === "" ? 0 : 1
}

export const client: Client = {
  read,
  chatStream: chat,
  chatCoalesced: chat,
  responsesStream: async (url) => {
    let words = 0
    const stream = await clientOf(url).responses.create({ model, input: "Hello!", stream: true })
    for await (const event of stream) if (event.type === "response.output_text.delta") words++
    return words
  },
  fan200: (url) => atOnce(streams, () => chat(url)),
  fan200ForEach: (url) => atOnce(streams, () => chat(url)),
  sequential: (url, count) => times(count, () => send(clientOf(url))),
  concurrent: (url, count) => pool(count, () => send(clientOf(url))),
  models: (url, count) => times(count, async () => (await clientOf(url).models.list()).data.length)
}
