import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Http from "node:http"
import type * as OpenRouterClient from "../../../src/http/OpenRouterClient.js"
import * as ApiKeys from "../../../src/services/ApiKeys.js"
import * as Chat from "../../../src/services/Chat.js"
import * as Messages from "../../../src/services/Messages.js"
import * as Models from "../../../src/services/Models.js"
import * as Responses from "../../../src/services/Responses.js"
import * as MockHttpClient from "../../../src/testing/MockHttpClient.js"
import * as Script from "../../../src/testing/Script.js"
import * as ScriptedServer from "../../../src/testing/server/ScriptedServer.js"

const model = "openai/gpt-5-nano"
const chat = { model, messages: [{ role: "user" as const, content: "Hi" }] }

const withServer = <A, E>(
  options: Parameters<typeof ScriptedServer.layerClient>[0],
  effect: Effect.Effect<A, E, ScriptedServer.ScriptedServer | OpenRouterClient.OpenRouterClient>
) => Effect.provide(effect, Layer.provide(ScriptedServer.layerClient(options), FetchHttpClient.layer))

const server = ScriptedServer.ScriptedServer

/** A bare request, past everything of ours. */
const post = (url: string, path: string, body: object, headers: Record<string, string> = {}) =>
  Effect.tryPromise((signal) =>
    fetch(url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      signal
    })
  )

/** The network chunks of an answer: fetch would join those that wait for their reader. */
const chunks = (agent: Http.Agent, url: string, body: object) =>
  Effect.async<ReadonlyArray<string>>((resume) => {
    const headers = { "content-type": "application/json" }
    const request = Http.request(`${url}/chat/completions`, { agent, method: "POST", headers }, (response) => {
      const chunks: Array<string> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk.toString()))
      response.on("end", () => resume(Effect.succeed(chunks)))
    })
    request.end(JSON.stringify(body))
  })

describe("responses", () => {
  it.live("are the same over a socket as in the process", () =>
    withServer(
      { turns: ["one", "two", "three", "four"] },
      Effect.gen(function*() {
        assert.strictEqual(Chat.text(yield* Chat.send(chat)), "one")
        const two = yield* Responses.accumulate(Responses.stream({ model, input: "Hi" }))
        assert.strictEqual(Responses.text(two), "two")
        const three = yield* Messages.accumulate(Messages.stream({ model, max_tokens: 9, messages: [] }))
        assert.strictEqual(Messages.text(three), "three")
        const four = yield* Chat.accumulate(Chat.stream(chat))
        assert.strictEqual(Chat.text(four), "four")
        const { remaining, requests, responses } = yield* server
        assert.deepStrictEqual((yield* requests).map(({ path }) => path), [
          "/chat/completions",
          "/responses",
          "/messages",
          "/chat/completions"
        ])
        assert.notInclude(JSON.stringify(yield* requests), "test-key")
        assert.isTrue((yield* requests).every(({ hasKey }) => hasKey))
        assert.deepStrictEqual(yield* responses, { finished: 4, interrupted: 0, open: 0 })
        assert.strictEqual(yield* remaining, 0)
      })
    ))

  it.live("have exactly the bytes of each chunk, over one connection", () =>
    withServer(
      { turns: [Script.reply("0123456789", { chunks: [1, 2, 3] }), Script.turn(Script.text(["a", "b"]))] },
      Effect.gen(function*() {
        const { connections, url } = yield* server
        const agent = new Http.Agent({ keepAlive: true, maxSockets: 1 })
        assert.deepStrictEqual(yield* chunks(agent, url, chat), ["0", "12", "345", "6789"])
        const events = yield* chunks(agent, url, { ...chat, stream: true })
        assert.strictEqual(events.length, 6)
        assert.isTrue(events.every((event) => event.endsWith("\n\n")))
        assert.deepStrictEqual(yield* connections, { open: 1, total: 1 })
        agent.destroy()
      })
    ))

  it.live("have the status, the headers and the body of the script", () =>
    withServer(
      {
        turns: [
          Script.error(429, { retryAfter: "2 seconds", message: "Slow down", headers: { "X-Own": "yes" } }),
          Script.reply("<html>Bad gateway</html>", { status: 502 }),
          Script.turn("x", { id: "gen-7" })
        ]
      },
      Effect.gen(function*() {
        const { url } = yield* server
        const limited = yield* post(url, "/chat/completions", chat)
        assert.strictEqual(limited.status, 429)
        assert.strictEqual(limited.headers.get("retry-after"), "2")
        assert.strictEqual(limited.headers.get("x-own"), "yes")
        assert.deepStrictEqual(yield* Effect.promise(() => limited.json()), {
          error: { code: 429, message: "Slow down" },
          user_id: "user_scripted"
        })
        const html = yield* post(url, "/responses", chat)
        assert.strictEqual(html.headers.get("content-type"), "text/html")
        assert.strictEqual(yield* Effect.promise(() => html.text()), "<html>Bad gateway</html>")
        const good = yield* post(url, "/chat/completions", { ...chat, stream: true })
        assert.strictEqual(good.headers.get("x-generation-id"), "gen-7")
        assert.strictEqual(good.headers.get("content-type"), "text/event-stream")
        yield* Effect.promise(() => good.text())
      })
    ))

  it.live("of other endpoints come from the handlers", () =>
    withServer(
      { handlers: [MockHttpClient.route("GET", "/models/{author}/{slug}", (_, path) => path)] },
      Effect.gen(function*() {
        const { url } = yield* server
        const response = yield* Effect.promise(() => fetch(`${url}/models/a%20b/c`))
        assert.deepStrictEqual(yield* Effect.promise(() => response.json()), { author: "a b", slug: "c" })
        const malformed = yield* Effect.promise(() => fetch(`${url}/models/%/c`))
        assert.deepStrictEqual(yield* Effect.promise(() => malformed.json()), { author: "%", slug: "c" })
        const unknown = yield* Effect.promise(() => fetch(`${url}/nowhere`))
        assert.strictEqual(unknown.status, 501)
        assert.include(yield* Effect.promise(() => unknown.text()), "GET /nowhere, found no handler")
      })
    ))

  it.live("have the message of a script that throws", () =>
    withServer(
      {
        turns: [(request) => {
          throw new Error(`no idea, request ${request.index}`)
        }]
      },
      Effect.gen(function*() {
        const { url } = yield* server
        const response = yield* post(url, "/chat/completions", chat)
        assert.strictEqual(response.status, 501)
        assert.include(yield* Effect.promise(() => response.text()), "no idea, request 0")
      })
    ))

  it.live("have status 401 without the key that the server requires", () =>
    withServer(
      { turns: ["in"], requireKey: Redacted.make("right") },
      Effect.gen(function*() {
        const { url } = yield* server
        assert.strictEqual((yield* post(url, "/chat/completions", chat)).status, 401)
        const wrong = yield* post(url, "/chat/completions", chat, { authorization: "Bearer wrong" })
        assert.strictEqual(wrong.status, 401)
        const anthropic = yield* post(url, "/messages", chat, { "x-api-key": "wrong" })
        assert.deepInclude(yield* Effect.promise(() => anthropic.json()), { type: "error" })
        const right = yield* post(url, "/chat/completions", chat, { authorization: "Bearer right" })
        assert.strictEqual(right.status, 200)
        yield* Effect.promise(() => right.text())
      })
    ))
})

describe("failures of the connection", () => {
  it.live("break it before the response or in the middle of it", () =>
    withServer(
      { turns: [Script.unreachable, ["Hello", Script.reset], ["Hello", Script.truncate]], client: { retry: false } },
      Effect.gen(function*() {
        const connect = yield* Effect.flip(Chat.send(chat))
        assert.strictEqual(connect._tag === "ConnectionError" ? connect.phase : connect._tag, "connect")
        const { url } = yield* server
        const response = yield* post(url, "/chat/completions", { ...chat, stream: true })
        const broken = yield* Effect.flip(Effect.tryPromise(() => response.text()))
        assert.strictEqual(broken._tag, "UnknownException")
        assert.include(String(broken.cause), "terminated")
        const truncated = yield* Effect.flip(Stream.runDrain(Chat.stream(chat)))
        assert.strictEqual(truncated._tag, "StreamTruncatedError")
      })
    ))

  it.live("deliver what was sent before the reset", () =>
    withServer(
      { turns: [["Hello", Script.reset]] },
      Effect.gen(function*() {
        const { url } = yield* server
        const response = yield* post(url, "/chat/completions", { ...chat, stream: true })
        const seen = yield* Effect.promise(async () => {
          let text = ""
          try {
            for (const reader = response.body?.getReader();;) {
              const read = await reader?.read()
              if (read === undefined || read.done) return text
              text += new TextDecoder().decode(read.value)
            }
          } catch (error) {
            return `${text} ${String(error)}`
          }
        })
        assert.include(seen, "\"content\":\"Hello\"")
        assert.include(seen, "terminated")
      })
    ))

  it.live("send nothing until the client closes the connection", () =>
    withServer(
      { turns: [["Hello", Script.stall], Script.silent] },
      Effect.gen(function*() {
        const { awaitInterrupted, awaitRequests, responses } = yield* server
        const stalled = yield* Effect.fork(Stream.runDrain(Chat.stream(chat)))
        yield* awaitRequests(1)
        const silent = yield* Effect.fork(Chat.send(chat))
        yield* awaitRequests(2)
        assert.deepStrictEqual(yield* responses, { finished: 0, interrupted: 0, open: 2 })
        yield* Fiber.interruptAll([stalled, silent])
        yield* awaitInterrupted(2)
        assert.deepStrictEqual(yield* responses, { finished: 0, interrupted: 2, open: 0 })
      })
    ))

  it.live("are counted when the client stops early", () =>
    withServer(
      { turns: [Script.turn("many words come here and more", { pace: "5 millis" })] },
      Effect.gen(function*() {
        yield* Stream.runDrain(Stream.take(Chat.stream(chat), 2))
        yield* (yield* server).awaitInterrupted(1)
      })
    ))
})

describe("the server", () => {
  it.effect("waits by the Clock of the fiber that made it", () =>
    withServer(
      { turns: [Script.delayed(Script.turn("late"), "1 hour")], client: { timeout: "2 hours" } },
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(Chat.send(chat))
        yield* (yield* server).awaitRequests(1)
        yield* TestClock.adjust("1 hour")
        assert.strictEqual(Chat.text(yield* Fiber.join(fiber)), "late")
      })
    ))

  it.live("closes with its scope, together with every connection", () =>
    Effect.gen(function*() {
      const { fiber, url } = yield* Effect.scoped(Effect.gen(function*() {
        const { awaitRequests, url } = yield* ScriptedServer.make({ turns: [Script.silent] })
        const fiber = yield* Effect.fork(Effect.exit(post(url, "/chat/completions", chat)))
        yield* awaitRequests(1)
        return { fiber, url }
      }))
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "Failure")
      assert.strictEqual((yield* Effect.exit(post(url, "/chat/completions", chat)))._tag, "Failure")
    }))

  it.live("fails when its port is in use", () =>
    Effect.scoped(Effect.gen(function*() {
      const first = yield* ScriptedServer.make()
      const error = yield* Effect.flip(ScriptedServer.make({ port: Number(new URL(first.url).port) }))
      assert.strictEqual(error._tag, "ServeError")
    })))

  it.live("serves concurrent requests, each with its own turn", () =>
    withServer(
      { turns: Array.from({ length: 50 }, (_, i) => `answer ${i}`) },
      Effect.gen(function*() {
        const replies = yield* Effect.forEach(
          Array.from({ length: 50 }),
          () => Effect.map(Chat.send(chat), Chat.text),
          { concurrency: "unbounded" }
        )
        assert.strictEqual(new Set(replies).size, 50)
        assert.deepStrictEqual(yield* (yield* server).responses, { finished: 50, interrupted: 0, open: 0 })
      })
    ))
})

describe("the demo", () => {
  it.live("lists models, responds with a cost, and rejects an unknown model", () =>
    withServer(
      ScriptedServer.demo,
      Effect.gen(function*() {
        const { data } = yield* Models.list()
        assert.strictEqual(data.length, 4)
        assert.strictEqual((yield* Models.count()).data.count, 4)
        assert.strictEqual((yield* ApiKeys.getCurrentKeyMetadata()).data.limit, null)
        for (const { id } of data) {
          const reply = yield* Chat.send({ model: id, messages: [{ role: "user", content: "Hello?" }] })
          assert.include(Chat.text(reply), "Hello?")
          assert.isAbove(reply.usage?.cost ?? 0, 0)
        }
        const spoken = yield* Responses.send({ model: data[0]?.id ?? "", input: [{ role: "user", content: "Items?" }] })
        assert.include(Responses.text(spoken), "Items?")
        const city = { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } } }
        const tool = { type: "function" as const, name: "get_weather", parameters: city }
        const input = "Weather in Paris?"
        const called = yield* Responses.send({ model: data[0]?.id ?? "", input, tools: [tool] })
        assert.strictEqual(
          called.output[0]?.type === "function_call" ? called.output[0].arguments : "",
          "{\"city\":\"Paris\",\"days\":1}"
        )
        const output = { type: "function_call_output" as const, call_id: "call_1", output: "5" }
        const told = yield* Responses.send({ model: data[0]?.id ?? "", input: [output], tools: [tool] })
        assert.include(Responses.text(told), "The tool says 5")
        const held = yield* Responses.send({ model: data[0]?.id ?? "", input, tools: [tool], tool_choice: "none" })
        assert.include(Responses.text(held), "Paris")
        const unknown = yield* Effect.flip(Chat.send({ model: "nobody/none", messages: [] }))
        assert.strictEqual(unknown._tag, "BadRequestResponseError")
        assert.include(unknown.message, "nobody/none is not a valid model ID")
      })
    ))
})
