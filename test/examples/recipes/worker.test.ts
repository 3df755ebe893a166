import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import worker from "../../../examples/recipes/worker.js"

/** What the runtime of the Worker calls for a request. */
const ask = (body: string, signal?: AbortSignal) =>
  Effect.flatMap(ScriptedServer.ScriptedServer, ({ url }) =>
    Effect.promise(() =>
      worker.fetch(
        new Request("https://chats.example.com", { method: "POST", body, signal: signal ?? null }),
        { OPENROUTER_API_KEY: "sk-or-test", OPENROUTER_BASE_URL: url }
      )
    ))

const question = JSON.stringify({ question: "Hi!" })

const text = (response: Response) => Effect.promise(() => response.text())

describe("the recipe of a Worker", () => {
  it.live("streams the text as events", () =>
    Effect.gen(function*() {
      const response = yield* ask(question)
      assert.strictEqual(response.status, 200)
      assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/)
      assert.strictEqual(yield* text(response), "data: {\"text\":\"Hello\"}\n\ndata: {\"text\":\" there!\"}\n\n")
    }).pipe(Effect.provide(ScriptedServer.layer({ turns: [Script.text(["Hello", " there!"])] }))))

  it.live("has a status for a failure before the first word, and an event for a later one", () =>
    Effect.gen(function*() {
      const early = yield* ask(question)
      assert.deepStrictEqual([early.status, yield* text(early)], [402, "{\"error\":\"There is no response.\"}"])
      const late = yield* ask(question)
      assert.strictEqual(late.status, 200)
      assert.match(yield* text(late), /^data: {"text":"Once"}\n\nevent: error\ndata: {"error":"The response broke off/)
      const invalid = yield* ask("What?")
      assert.strictEqual(invalid.status, 400)
    }).pipe(Effect.provide(ScriptedServer.layer({ turns: [Script.error(402), ["Once", Script.fail(502)]] }))))

  it.live("ends the request to OpenRouter when its reader leaves, or its request is aborted", () =>
    Effect.gen(function*() {
      const server = yield* ScriptedServer.ScriptedServer
      const response = yield* ask(question)
      const reader = response.body?.getReader()
      yield* Effect.promise(async () => reader?.read())
      yield* Effect.promise(async () => reader?.cancel())
      yield* server.awaitInterrupted(1)
      const browser = new AbortController()
      yield* Effect.fork(ask(question, browser.signal))
      yield* server.awaitRequests(2)
      browser.abort()
      yield* server.awaitInterrupted(2)
    }).pipe(
      Effect.provide(ScriptedServer.layer({ turns: [["Once", Script.stall], [Script.stall]] }))
    ))
})
