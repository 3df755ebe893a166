/** A loop over `fetch` with the decoder of this library: all its checks, without Effect. */
import * as ChatProtocol from "../../../src/response/chatProtocol.js"
import { EventDecoder } from "../../../src/response/eventDecoder.js"
import { ChatStreamChunk } from "../../../src/schema/Chat.js"
import { guard } from "../../../src/schema/guard.js"
import { atOnce, type Client, key, model, streams } from "../../scenarios.js"

const check = guard(ChatStreamChunk)

const chat = async (url: string): Promise<number> => {
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }], stream: true })
  })
  const decoder = new EventDecoder(ChatProtocol.protocol, { check })
  let seen = 0
  for await (const bytes of response.body ?? []) {
    for (const chunk of decoder.push([bytes])) if (ChatProtocol.textDelta(chunk) !== "") seen++
  }
  return seen
}

export const client: Client = {
  chatCoalesced: chat,
  fan200: (url) => atOnce(streams, () => chat(url))
}
