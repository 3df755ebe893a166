import { FetchHttpClient } from "@effect/platform"
import * as HttpServer from "@effect/platform/HttpServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Script } from "effect-openrouter/testing"
import { ScriptedServer } from "effect-openrouter/testing/server"
import { layer } from "../../../examples/recipes/http-api.js"

const environment = (...turns: Script.Script) =>
  Layer.provideMerge(
    layer(0),
    Layer.provide(ScriptedServer.layerClient({ turns, client: { retry: false } }), FetchHttpClient.layer)
  )

const ask = (signal?: AbortSignal) =>
  HttpServer.addressFormattedWith((address) =>
    Effect.promise(() =>
      fetch(`http://127.0.0.1:${new URL(address).port}/chat`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ messages: [{ role: "user", content: "Hi!" }] }),
        signal: signal ?? null
      })
    )
  )

describe("the recipe of an HTTP API", () => {
  it.live("streams the text as events, and its cost as the last one", () =>
    Effect.gen(function*() {
      const response = yield* ask()
      assert.strictEqual(response.status, 200)
      assert.match(response.headers.get("content-type") ?? "", /^text\/event-stream/)
      assert.deepStrictEqual((yield* Effect.promise(() => response.text())).split("\n\n"), [
        "data: {\"text\":\"Hello\"}",
        "data: {\"text\":\" there!\"}",
        "data: {\"cost\":0.002}",
        ""
      ])
    }).pipe(Effect.provide(environment(Script.turn(Script.text(["Hello", " there!"]), { cost: 0.002 })))))

  it.live("answers with 402 when OpenRouter does so before the first word", () =>
    Effect.gen(function*() {
      const response = yield* ask()
      assert.strictEqual(response.status, 402)
      assert.deepStrictEqual(yield* Effect.promise(() => response.json()), { error: "There is no response." })
    }).pipe(Effect.provide(environment(Script.error(402)))))

  it.live("answers with 402 also when the error is the first event", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* ask()).status, 402)
    }).pipe(Effect.provide(environment(Script.turn(Script.fail(402))))))

  it.live("ends with an event of the error when a response breaks off", () =>
    Effect.gen(function*() {
      const response = yield* ask()
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual((yield* Effect.promise(() => response.text())).split("\n\n"), [
        "data: {\"text\":\"Once\"}",
        "event: error\ndata: {\"error\":\"The response broke off. Please ask again.\"}",
        ""
      ])
    }).pipe(Effect.provide(environment(Script.turn(["Once", Script.fail(502)])))))

  it.live("ends the request to OpenRouter when its reader leaves", () =>
    Effect.gen(function*() {
      const reader = new AbortController()
      const response = yield* ask(reader.signal)
      yield* Effect.promise(async () => response.body?.getReader().read())
      reader.abort()
      const server = yield* ScriptedServer.ScriptedServer
      yield* server.awaitInterrupted(1)
      assert.deepStrictEqual(yield* server.responses, { finished: 0, interrupted: 1, open: 0 })
    }).pipe(Effect.provide(environment(Script.turn(["Once", Script.stall])))))
})
