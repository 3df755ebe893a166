/** The lower bound: `fetch`, a minimal splitter and `JSON.parse`, without any checks. */
import type { Read } from "../probes.js"
import { atOnce, type Client, counting, key, model, pool, streams, times } from "../scenarios.js"

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body)
  })

interface ChatEvent {
  readonly choices: ReadonlyArray<{ readonly delta: { readonly content?: string | null } }>
}

interface ResponseEvent {
  readonly type: string
  readonly response: { readonly output: ReadonlyArray<Item> }
}

interface Item {
  readonly type: string
  readonly call_id: string
  readonly arguments: string
}

const messages = [{ role: "user", content: "Hello!" }]

const events = async <Event>(
  response: Response,
  see: (event: Event) => Promise<void> | undefined
): Promise<void> => {
  const decoder = new TextDecoder()
  let rest = ""
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true })
    let at = 0
    for (let end = rest.indexOf("\n"); end !== -1; end = rest.indexOf("\n", at)) {
      if (rest.startsWith("data: ", at) && !rest.startsWith("data: [DONE]", at)) {
        const wait = see(JSON.parse(rest.slice(at + 6, end)))
        if (wait !== undefined) await wait
      }
      at = end + 1
    }
    rest = rest.slice(at)
  }
}

const read: Read = async (url, see) =>
  events(
    await post(`${url}/chat/completions`, { model, messages, stream: true }),
    (event: ChatEvent) => event.choices[0]?.delta.content ? see() : undefined
  )

const chat = counting(read)

const send = async (url: string): Promise<number> => {
  const result = await (await post(`${url}/chat/completions`, { model, messages })).json()
  return result.choices[0].message.content === "" ? 0 : 1
}

const turn = async (url: string, input: Array<unknown>) => {
  let output: ReadonlyArray<Item> = []
  let deltas = 0
  await events(await post(`${url}/responses`, { model, input, stream: true }), (event: ResponseEvent) => {
    if (event.type === "response.output_text.delta") deltas++
    if (event.type === "response.completed") output = event.response.output
    return undefined
  })
  return { output, deltas }
}

const agent = async (url: string): Promise<number> => {
  const input: Array<unknown> = [...messages]
  while (true) {
    const { output } = await turn(url, input)
    const calls = output.filter((item) => item.type === "function_call")
    if (calls.length === 0) return output.length
    input.push(...output)
    for (const call of calls) {
      const { a, b } = JSON.parse(call.arguments)
      input.push({ type: "function_call_output", call_id: call.call_id, output: JSON.stringify(a + b) })
    }
  }
}

export const client: Client = {
  read,
  chatStream: chat,
  chatCoalesced: chat,
  responsesStream: async (url) => (await turn(url, messages)).deltas,
  fan200: (url) => atOnce(streams, () => chat(url)),
  fan200ForEach: (url) => atOnce(streams, () => chat(url)),
  sequential: (url, count) => times(count, () => send(url)),
  concurrent: (url, count) => pool(count, () => send(url)),
  models: (url, count) =>
    times(count, async () => {
      const list = await (await fetch(`${url}/models`)).json()
      return list.data.length
    }),
  agent: (url, count) => times(count, () => agent(url))
}
