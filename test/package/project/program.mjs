/** What a user writes in plain JavaScript, over a fetch that needs no network. It runs wherever the web's globals are. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { Agent, Chat, Models, OpenRouterClient, Tool, Toolkit } from "effect-openrouter"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"

const model = "openai/gpt-5-nano"
const ask = { model, messages: [{ role: "user", content: "Hi" }] }

const json = (body, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } })

const events = (items) =>
  new Response(items.map((item) => `data: ${typeof item === "string" ? item : JSON.stringify(item)}\n\n`).join(""), {
    headers: { "content-type": "text/event-stream" }
  })

const choice = (fields) => ({ index: 0, finish_reason: null, ...fields })

const chunk = (delta, finish_reason = null) => ({
  id: "gen-1",
  object: "chat.completion.chunk",
  created: 1,
  model,
  choices: [choice({ delta, finish_reason })]
})

const response = (output, fields = {}) => ({
  id: "gen-2",
  object: "response",
  created_at: 1,
  model,
  status: "completed",
  output,
  error: null,
  incomplete_details: null,
  ...fields
})

const message = (text) => ({
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }]
})

const call = { id: "fc_1", type: "function_call", call_id: "call_1", name: "add", arguments: `{"a":2,"b":3}` }

const completed = (output) => {
  const items = output.flatMap((item, output_index) => [
    { type: "response.output_item.added", output_index, item, sequence_number: 2 * output_index },
    { type: "response.output_item.done", output_index, item, sequence_number: 2 * output_index + 1 }
  ])
  return events([...items, { type: "response.completed", response: response(output), sequence_number: 99 }, "[DONE]"])
}

const answer = (path, body) => {
  if (path === "/api/v1/models") return json({ data: [] })
  if (path === "/api/v1/models/count") return json({ error: { code: 500, message: "Broken" } }, 500)
  if (path === "/api/v1/responses") {
    const output = body.input.find(({ type }) => type === "function_call_output")
    return completed(output === undefined ? [call] : [message(`It is ${JSON.parse(output.output)}.`)])
  }
  return body.stream === true
    ? events([chunk({ role: "assistant", content: "One " }), chunk({ content: "word" }), chunk({}, "stop"), "[DONE]"])
    : json({
      id: "gen-1",
      object: "chat.completion",
      created: 1,
      model,
      choices: [choice({ finish_reason: "stop", message: { role: "assistant", content: "Hello" } })]
    })
}

const fetchStub = async (url, { body }) =>
  answer(new URL(url).pathname, body === undefined ? undefined : JSON.parse(await new Response(body).text()))

const add = Tool.make("add", {
  parameters: Schema.Struct({ a: Schema.Number, b: Schema.Number }),
  success: Schema.Number
})
const Calculator = Toolkit.make(add)

const program = Effect.gen(function*() {
  const agent = { model, input: "2 + 3?", tools: Calculator }
  return {
    chat: Chat.text(yield* Chat.send(ask)),
    streamed: yield* Chat.stream(ask).pipe(Chat.textDeltas, Stream.runFold("", (text, delta) => text + delta)),
    models: (yield* Models.list()).data.length,
    failed: (yield* Effect.flip(Models.count()))._tag,
    agent: (yield* Agent.run(agent)).text
  }
})

const Live = Layer.merge(
  Calculator.toLayer({ add: ({ a, b }) => Effect.succeed(a + b) }),
  OpenRouterClient.layer({ apiKey: Redacted.make("sk-or-v1-of-a-user"), retry: false }).pipe(
    Layer.provide(FetchHttpClient.layer),
    Layer.provide(Layer.succeed(FetchHttpClient.Fetch, fetchStub))
  )
)

/** What must come of it, whatever it runs in. */
export const expected = {
  chat: "Hello",
  streamed: "One word",
  models: 0,
  failed: "InternalServerResponseError",
  agent: "It is 5."
}

export const run = () => Effect.runPromise(Effect.provide(program, Live))
