/** Whoever stops listening to a model hangs up. */
import * as LanguageModel from "@effect/ai/LanguageModel"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import type { ServerResponse } from "node:http"
import * as OpenRouterLanguageModel from "../../src/ai/OpenRouterLanguageModel.js"
import { collect } from "../../src/internal/effect/batches.js"
import { overFetch, serve } from "../http/support/loopback.js"
import { interruptedExit } from "../support/effect/fibers.js"

const chunk = `data: {"id":"1","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n`

/** Sends a beginning and then nothing more. */
const begin = (type: string, text: string) => ({ response }: { readonly response: ServerResponse }) => {
  response.writeHead(200, { "content-type": type })
  response.write(text)
}

const model = (server: Parameters<typeof overFetch>[0]) =>
  Layer.provide(OpenRouterLanguageModel.layer({ model: "m/m" }), overFetch(server))

describe("interruption", () => {
  it.scopedLive("of a response closes the request", () =>
    Effect.gen(function*() {
      const server = yield* serve(begin("application/json", "{\"id\":"))
      const ask = Effect.provide(LanguageModel.generateText({ prompt: "Hello" }), model(server))
      const fiber = yield* Effect.fork(ask)
      const { abandoned } = yield* server.exchange(0)
      assert.isTrue(Exit.isInterrupted(yield* interruptedExit(fiber)))
      yield* abandoned
    }))

  it.scopedLive("of a stream closes the request, and so does an early end", () =>
    Effect.gen(function*() {
      const server = yield* serve(begin("text/event-stream", chunk))
      const stream = LanguageModel.streamText({ prompt: "Hello" })
      const fiber = yield* Effect.fork(Effect.provide(Stream.runDrain(stream), model(server)))
      const { abandoned } = yield* server.exchange(0)
      assert.isTrue(Exit.isInterrupted(yield* interruptedExit(fiber)))
      yield* abandoned

      const parts = yield* Effect.provide(collect(Stream.take(stream, 3)), model(server))
      assert.deepStrictEqual(parts.map(({ type }) => type), ["response-metadata", "text-start", "text-delta"])
      yield* Effect.flatMap(server.exchange(1), ({ abandoned }) => abandoned)
    }))
})
