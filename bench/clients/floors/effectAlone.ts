/**
 * Effect alone: the requests and the loops of `raw fetch`, with Effect's `HttpClient` and `Stream`. It parses each event and
 * checks nothing.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type { HttpClientResponse } from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Stream from "effect/Stream"
import { atOnce, type Client, key, model, pool, streams, times } from "../../scenarios.js"
import { splitter } from "./splitter.js"

interface Chunk {
  readonly choices: ReadonlyArray<{ readonly delta: { readonly content?: string | null } }>
}

interface Item {
  readonly type: string
  readonly call_id: string
  readonly arguments: string
}

interface ResponseEvent {
  readonly type: string
  readonly response: { readonly output: ReadonlyArray<Item> }
}

interface Result {
  readonly choices: ReadonlyArray<{ readonly message: { readonly content: string | null } }>
}

interface List {
  readonly data: ReadonlyArray<unknown>
}

const messages = [{ role: "user", content: "Hello!" }]

const post = (url: string, body: unknown) =>
  HttpClient.execute(
    HttpClientRequest.post(url).pipe(
      HttpClientRequest.setHeader("authorization", `Bearer ${key}`),
      HttpClientRequest.bodyText(JSON.stringify(body), "application/json")
    )
  )

const events = <Event>(response: HttpClientResponse, see: (event: Event) => void) => {
  const read = splitter(see)
  return Stream.runForEach(response.stream, (bytes) => Effect.sync(() => read(bytes)))
}

const chat = (url: string) =>
  Effect.gen(function*() {
    let seen = 0
    const response = yield* post(`${url}/chat/completions`, { model, messages, stream: true })
    yield* events<Chunk>(response, (chunk) => {
      if (chunk.choices[0]?.delta.content) seen++
    })
    return seen
  })

const send = (url: string) =>
  Effect.gen(function*() {
    const response = yield* post(`${url}/chat/completions`, { model, messages })
    const result: Result = JSON.parse(yield* response.text)
    return result.choices[0]?.message.content === "" ? 0 : 1
  })

const list = (url: string) =>
  Effect.gen(function*() {
    const response = yield* HttpClient.get(`${url}/models`)
    const { data }: List = JSON.parse(yield* response.text)
    return data.length
  })

const turn = (url: string, input: ReadonlyArray<unknown>) =>
  Effect.gen(function*() {
    let output: ReadonlyArray<Item> = []
    let deltas = 0
    const response = yield* post(`${url}/responses`, { model, input, stream: true })
    yield* events<ResponseEvent>(response, (event) => {
      if (event.type === "response.output_text.delta") deltas++
      if (event.type === "response.completed") output = event.response.output
    })
    return { output, deltas }
  })

const agent = (url: string) =>
  Effect.gen(function*() {
    const input: Array<unknown> = [...messages]
    while (true) {
      const { output } = yield* turn(url, input)
      const calls = output.filter((item) => item.type === "function_call")
      if (calls.length === 0) return output.length
      input.push(...output)
      for (const call of calls) {
        const { a, b } = JSON.parse(call.arguments)
        input.push({ type: "function_call_output", call_id: call.call_id, output: JSON.stringify(a + b) })
      }
    }
  })

export const makeClient = (http: Layer.Layer<HttpClient.HttpClient>): Client => {
  const { runPromise } = ManagedRuntime.make(http)
  const stream = (url: string) => runPromise(chat(url))
  return {
    chatStream: stream,
    chatCoalesced: stream,
    responsesStream: async (url) => (await runPromise(turn(url, messages))).deltas,
    fan200: (url) => atOnce(streams, () => stream(url)),
    fan200ForEach: (url) => atOnce(streams, () => stream(url)),
    sequential: (url, count) => times(count, () => runPromise(send(url))),
    concurrent: (url, count) => pool(count, () => runPromise(send(url))),
    models: (url, count) => times(count, () => runPromise(list(url))),
    agent: (url, count) => times(count, () => runPromise(agent(url)))
  }
}
