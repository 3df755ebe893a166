import { OpenRouter } from "@openrouter/sdk"
import type { Read } from "../probes.js"
import { atOnce, type Client, counting, key, model, once, pool, streams, times } from "../scenarios.js"

const clientOf = once((serverURL) => new OpenRouter({ apiKey: key, serverURL }))

const messages = [{ role: "user" as const, content: "Hello!" }]

const read: Read = async (url, see) => {
  const stream = await clientOf(url).chat.send({ chatRequest: { model, messages, stream: true } })
  if (!(Symbol.asyncIterator in stream)) return
  for await (const chunk of stream) {
    const wait = chunk.choices[0]?.delta.content ? see() : undefined
    if (wait !== undefined) await wait
  }
}

const chat = counting(read)

const send = async (client: OpenRouter): Promise<number> => {
  const result = await client.chat.send({ chatRequest: { model, messages } })
  return !("choices" in result) || result.choices[0]?.message.content === "" ? 0 : 1
}

export const client: Client = {
  read,
  chatStream: chat,
  chatCoalesced: chat,
  responsesStream: async (url) => {
    let words = 0
    const stream = await clientOf(url).beta.responses.send({
      responsesRequest: { model, input: "Hello!", stream: true }
    })
    if (!(Symbol.asyncIterator in stream)) return 0
    for await (const event of stream) if (event.type === "response.output_text.delta") words++
    return words
  },
  fan200: (url) => atOnce(streams, () => chat(url)),
  fan200ForEach: (url) => atOnce(streams, () => chat(url)),
  sequential: (url, count) => times(count, () => send(clientOf(url))),
  concurrent: (url, count) => pool(count, () => send(clientOf(url))),
  models: (url, count) => times(count, async () => (await clientOf(url).models.list()).result.data.length)
}
