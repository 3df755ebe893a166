import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { ServerResponse } from "node:http"
import * as Images from "../../src/services/Images.js"
import { clientOf, clients, serveBytes } from "../http/support/bytes.js"

const base64 = (text: string) => Buffer.from(text).toString("base64")

const preview = (index: number) => ({
  type: "image_generation.partial_image",
  partial_image_index: index,
  b64_json: base64(`preview ${index}`)
})

const finished = {
  type: "image_generation.completed",
  b64_json: base64("a lighthouse".repeat(100_000)),
  media_type: "image/png",
  created: 0,
  usage: { prompt_tokens: 4, completion_tokens: 100, total_tokens: 104, cost: 0.04 }
}

const failure = { type: "error", error: { code: "moderation_blocked", message: "Not that lighthouse" } }

const send = (response: ServerResponse, ...events: ReadonlyArray<unknown>) => {
  response.setHeader("content-type", "text/event-stream")
  for (const event of events) {
    response.write(`: OPENROUTER PROCESSING\n\ndata: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`)
  }
}

const request = { model: "openai/gpt-image-1", prompt: "a lighthouse", n: 1 }

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)

describe("stream", () => {
  for (const [name, http] of clients) {
    it.scopedLive(`emits previews and then the finished image over ${name}`, () =>
      Effect.gen(function*() {
        const bodies: Array<string> = []
        const url = yield* serveBytes((request, response) => {
          request.on("data", (piece: Buffer) => bodies.push(piece.toString()))
          request.on("end", () => {
            send(response, preview(0), preview(1), finished, "[DONE]")
            response.end()
          })
        })
        const shown: Array<string> = []
        const answer = yield* Images.stream(request).pipe(
          Stream.tap((event) =>
            event.type === "image_generation.partial_image"
              ? Effect.map(Images.bytes(event), (bytes) => void shown.push(text(bytes)))
              : Effect.void
          ),
          Images.accumulate,
          Effect.provide(clientOf(url, http))
        )
        assert.deepStrictEqual(shown, ["preview 0", "preview 1"])
        const [image] = yield* Effect.forEach(answer.data, Images.bytes)
        assert.strictEqual(text(image ?? new Uint8Array()), "a lighthouse".repeat(100_000))
        assert.strictEqual(answer.data[0]?.media_type, "image/png")
        assert.strictEqual(answer.usage?.cost, 0.04)
        assert.deepStrictEqual(JSON.parse(bodies.join("")), { ...request, stream: true })
      }))
  }

  it.scopedLive("fails with the error of the stream, and keeps the last preview", () =>
    Effect.gen(function*() {
      const url = yield* serveBytes((_, response) => {
        send(response, preview(0), failure)
        response.end()
      })
      const error = yield* Images.stream(request).pipe(
        Images.accumulate,
        Effect.flip,
        Effect.provide(clientOf(url))
      )
      assert.include(error.message, "Not that lighthouse")
      const partial = "partial" in error ? error.partial?.result : undefined
      assert.deepStrictEqual(partial, { data: [{ b64_json: base64("preview 0") }] })
    }))

  it.scopedLive("fails when no image is finished", () =>
    Effect.gen(function*() {
      const url = yield* serveBytes((_, response) => {
        send(response, preview(0))
        response.end()
      })
      const error = yield* Effect.flip(Images.accumulate(Images.stream(request)).pipe(Effect.provide(clientOf(url))))
      assert.strictEqual(error._tag, "StreamTruncatedError")
    }))

  it.scopedLive("is retried when it fails before the first event", () =>
    Effect.gen(function*() {
      let requests = 0
      const url = yield* serveBytes((_, response) => {
        if (++requests === 1) {
          response.writeHead(502, { "content-type": "application/json" })
          response.end(JSON.stringify({ error: { code: 502, message: "Upstream" } }))
        } else {
          send(response, finished, "[DONE]")
          response.end()
        }
      })
      const client = clientOf(url, undefined, { retry: Schedule.recurs(1) })
      const answer = yield* Effect.provide(Images.accumulate(Images.stream(request)), client)
      assert.strictEqual(answer.data.length, 1)
      assert.strictEqual(requests, 2)
    }))
})

describe("bytes", () => {
  it.effect("fails when the text is not base64, and shows only its beginning", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Images.bytes({ b64_json: "%".repeat(5000) }))
      assert.strictEqual(error._tag, "ResponseValidationError")
      assert.strictEqual(error.issues[0]?.path, "b64_json")
      assert.isBelow(error.received?.length ?? 0, 200)
    }))
})
