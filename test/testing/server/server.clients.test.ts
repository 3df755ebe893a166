/** Clients that people use take the scripted server for OpenRouter: the official SDK, and `openai` pointed at it. */
import { assert, describe, it } from "@effect/vitest"
import { OpenRouter } from "@openrouter/sdk"
import { TooManyRequestsResponseError } from "@openrouter/sdk/models/errors"
import * as Effect from "effect/Effect"
import OpenAI, { RateLimitError } from "openai"
import * as Script from "../../../src/testing/Script.js"
import * as ScriptedServer from "../../../src/testing/server/ScriptedServer.js"

const model = "openai/gpt-5-nano"
const messages = [{ role: "user" as const, content: "Weather in Paris?" }]
const parameters = { type: "object", properties: { city: { type: "string" } } }
const tool = { type: "function" as const, function: { name: "get_weather", parameters } }
const responsesTool = { type: "function" as const, name: "get_weather", parameters, strict: null }
const call = Script.toolCall("get_weather", { city: "Paris" }, { id: "call_7", fragments: 4 })

/** A turn with all that a client may stumble over. */
const talkative = Script.turn(
  [Script.reasoning(["Hm, ", "Paris."]), Script.comment(), Script.text(["It ", "depends."]), call],
  { cost: 0.002, usage: { inputTokens: 12, outputTokens: 34, reasoningTokens: 5 } }
)

interface Clients {
  readonly sdk: OpenRouter
  readonly openai: OpenAI
  readonly server: ScriptedServer.ScriptedServer.Service
}

/** Runs a test against a server with this script, which has to be used up. */
const against = (turns: Script.Script, test: (clients: Clients) => Promise<void>) => () =>
  Effect.gen(function*() {
    const server = yield* ScriptedServer.make({ ...ScriptedServer.demo, turns, requireKey: true })
    const apiKey = "sk-or-v1-of-a-client"
    const sdk = new OpenRouter({ apiKey, serverURL: server.url, retryConfig: { strategy: "none" } })
    const openai = new OpenAI({ apiKey, baseURL: server.url, maxRetries: 0 })
    yield* Effect.promise(() => test({ sdk, openai, server }))
    assert.strictEqual(yield* server.remaining, 0)
  })

const all = async <A>(items: AsyncIterable<A>): Promise<Array<A>> => {
  const found: Array<A> = []
  for await (const item of items) found.push(item)
  return found
}

/** The items of an answer that may have come whole instead. */
const streamed = <A>(answer: AsyncIterable<A> | object): Promise<Array<A>> => {
  if (!(Symbol.asyncIterator in answer)) throw new Error("an answer that is no stream")
  return all(answer)
}

const join = (pieces: ReadonlyArray<string | null | undefined>): string => pieces.map((piece) => piece ?? "").join("")

describe("the official SDK", () => {
  it.scopedLive(
    "sends a chat",
    against([talkative], async ({ sdk }) => {
      const answer = await sdk.chat.send({ chatRequest: { model, messages, tools: [tool] } })
      assert.isTrue("choices" in answer)
      if (!("choices" in answer)) return
      const [choice] = answer.choices
      assert.strictEqual(choice?.message.content, "It depends.")
      assert.strictEqual(choice?.message.reasoning, "Hm, Paris.")
      assert.strictEqual(choice?.finishReason, "tool_calls")
      assert.deepStrictEqual(choice?.message.toolCalls?.map(({ function: { name }, id }) => [id, name]), [
        ["call_7", "get_weather"]
      ])
      assert.strictEqual(choice?.message.toolCalls?.[0]?.function.arguments, `{"city":"Paris"}`)
      assert.strictEqual(answer.usage?.promptTokens, 12)
      assert.strictEqual(answer.usage?.completionTokensDetails?.reasoningTokens, 5)
    })
  )

  it.scopedLive(
    "streams a chat that calls a tool",
    against([talkative], async ({ sdk }) => {
      const chunks = await streamed(
        await sdk.chat.send({ chatRequest: { model, messages, tools: [tool], stream: true } })
      )
      const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta))
      assert.strictEqual(join(deltas.map(({ content }) => content)), "It depends.")
      assert.strictEqual(join(deltas.map(({ reasoning }) => reasoning)), "Hm, Paris.")
      const calls = deltas.flatMap(({ toolCalls }) => toolCalls ?? [])
      assert.strictEqual(join(calls.map((part) => part.function?.arguments)), `{"city":"Paris"}`)
      assert.strictEqual(calls[0]?.id, "call_7")
      assert.strictEqual(calls[0]?.function?.name, "get_weather")
      assert.include(chunks.map(({ choices }) => choices[0]?.finishReason), "tool_calls")
      assert.strictEqual(chunks.at(-1)?.usage?.completionTokens, 34)
    })
  )

  it.scopedLive(
    "sends a request to Responses, whole and streamed",
    against([talkative, talkative], async ({ sdk }) => {
      const request = { model, input: "Weather in Paris?", tools: [responsesTool] }
      const answer = await sdk.beta.responses.send({ responsesRequest: request })
      assert.isTrue("output" in answer)
      if (!("output" in answer)) return
      assert.strictEqual(answer.status, "completed")
      assert.deepStrictEqual(answer.output.map(({ type }) => type), ["reasoning", "message", "function_call"])
      const events = await streamed(await sdk.beta.responses.send({ responsesRequest: { ...request, stream: true } }))
      const text = events.flatMap((event) => event.type === "response.output_text.delta" ? [event.delta] : [])
      assert.strictEqual(join(text), "It depends.")
      const pieces = events.flatMap((event) =>
        event.type === "response.function_call_arguments.delta" ? [event.delta] : []
      )
      assert.strictEqual(join(pieces), `{"city":"Paris"}`)
      const last = events.at(-1)
      assert.strictEqual(last?.type, "response.completed")
      if (last?.type !== "response.completed") return
      const bare = (items: ReadonlyArray<object>) => items.map((item) => ({ ...item, id: "" }))
      assert.deepStrictEqual(bare(last.response.output), bare(answer.output))
      assert.strictEqual(last.response.usage?.cost, 0.002)
      assert.deepStrictEqual(events.filter((event) => "isUnknown" in event), [])
    })
  )

  it.scopedLive(
    "lists models",
    against([], async ({ sdk }) => {
      const { result } = await sdk.models.list()
      assert.include(result.data.map(({ id }) => id), model)
      assert.strictEqual((await sdk.models.count()).data.count, result.data.length)
    })
  )

  it.scopedLive(
    "throws its own error class for each failure",
    against(
      [
        Script.error(429, { message: "Slow down", retryAfter: "2 seconds" }),
        Script.error(402, { message: "Insufficient credits" }),
        ["Half an", Script.fail(502, { message: "The provider is gone" })]
      ],
      async ({ sdk }) => {
        const chat = (stream: boolean) => sdk.chat.send({ chatRequest: { model, messages, stream } })
        const limited: unknown = await chat(false).catch((error: unknown) => error)
        assert.instanceOf(limited, TooManyRequestsResponseError)
        assert.strictEqual(limited.error.message, "Slow down")
        assert.strictEqual(limited.headers.get("retry-after"), "2")
        const refused: unknown = await chat(true).catch((error: unknown) => error)
        assert.propertyVal(refused, "statusCode", 402)
        const answer = await chat(true)
        const chunks = Symbol.asyncIterator in answer ? await all(answer) : []
        assert.strictEqual(join(chunks.map(({ choices }) => choices[0]?.delta.content)), "Half an")
        assert.deepInclude(chunks.find(({ error }) => error !== undefined)?.error, {
          code: 502,
          message: "The provider is gone"
        })
      }
    )
  )
})

describe("openai", () => {
  it.scopedLive(
    "sends a chat, and streams one that calls a tool",
    against([talkative, talkative], async ({ openai }) => {
      const request = { model, messages, tools: [tool] }
      const answer = await openai.chat.completions.create(request)
      const call = { id: "call_7", type: "function", function: { name: "get_weather", arguments: `{"city":"Paris"}` } }
      assert.strictEqual(answer.choices[0]?.message.content, "It depends.")
      assert.deepNestedInclude(answer.choices[0]?.message.tool_calls?.[0], call)
      const runner = openai.chat.completions.stream({ ...request, stream_options: { include_usage: true } })
      const final = await runner.finalChatCompletion()
      assert.strictEqual(final.choices[0]?.message.content, "It depends.")
      assert.strictEqual(final.choices[0]?.finish_reason, "tool_calls")
      const [made] = final.choices[0]?.message.tool_calls ?? []
      assert.strictEqual(made?.id, call.id)
      assert.deepInclude(made?.type === "function" ? made.function : {}, call.function)
      assert.strictEqual(final.usage?.completion_tokens, 34)
    })
  )

  it.scopedLive(
    "reads a response, whole and streamed",
    against([talkative, talkative], async ({ openai }) => {
      const request = { model, input: "Weather in Paris?", tools: [responsesTool] }
      const answer = await openai.responses.create(request)
      assert.strictEqual(answer.output_text, "It depends.")
      assert.strictEqual(answer.usage?.output_tokens_details.reasoning_tokens, 5)
      const seen: Array<string> = []
      const runner = openai.responses.stream(request)
      runner.on("response.output_text.delta", ({ delta }) => void seen.push(delta))
      const final = await runner.finalResponse()
      assert.deepStrictEqual(seen, ["It ", "depends."])
      // `output_text` is set for whole responses alone
      const parts = final.output.flatMap((item) => item.type === "message" ? item.content : [])
      assert.deepStrictEqual(parts.map((part) => part.type === "output_text" && part.text), ["It depends."])
      assert.deepStrictEqual(final.output.map(({ type }) => type), ["reasoning", "message", "function_call"])
      const call = final.output.find((item) => item.type === "function_call")
      assert.deepInclude(call, { call_id: "call_7", name: "get_weather", arguments: `{"city":"Paris"}` })
    })
  )

  it.scopedLive(
    "lists models",
    against([], async ({ openai }) => {
      assert.include((await all(await openai.models.list())).map(({ id }) => id), model)
    })
  )

  it.scopedLive(
    "throws its own errors, and waits for Retry-After before it retries",
    against(
      [
        Script.error(429, { message: "Slow down", retryAfter: "2 seconds" }),
        Script.error(429, { retryAfter: "5 millis" }),
        "Here I am",
        ["Half an", Script.fail(502, { message: "The provider is gone" })],
        ["Half an", Script.reset]
      ],
      async ({ openai, server }) => {
        const limited: unknown = await openai.chat.completions.create({ model, messages }).catch((error) => error)
        assert.instanceOf(limited, RateLimitError)
        assert.strictEqual(limited.headers.get("retry-after"), "2")
        assert.include(limited.message, "Slow down")
        const patient = await openai.chat.completions.create({ model, messages }, { maxRetries: 1 })
        assert.strictEqual(patient.choices[0]?.message.content, "Here I am")
        for (const expected of [/The provider is gone/, /terminated|Connection error|Premature close|aborted/]) {
          const words: Array<string> = []
          const failed: unknown = await openai.chat.completions.create({ model, messages, stream: true })
            .then(async (chunks) => {
              for await (const chunk of chunks) words.push(chunk.choices[0]?.delta.content ?? "")
            }).catch((error) => error)
          assert.match(String(failed), expected)
          assert.strictEqual(join(words), "Half an")
        }
        assert.strictEqual((await Effect.runPromise(server.requests)).length, 5)
      }
    )
  )

  it.scopedLive(
    "closes the connection when the reader stops",
    against([["Once upon", Script.stall]], async ({ openai, server }) => {
      const chunks = await openai.chat.completions.create({ model, messages, stream: true })
      for await (const chunk of chunks) if (chunk.choices[0]?.delta.content) break
      await Effect.runPromise(server.awaitInterrupted(1))
    })
  )
})
