import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import { identity } from "effect/Function"
import * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { openBody, type ReadBody, readUntil, sourceOf } from "../../../src/http/internal/body.js"
import { Connection } from "../../../src/http/internal/connection.js"
import { OpenedResponse } from "../../../src/http/internal/openedResponse.js"
import { readText } from "../../../src/http/internal/readBody.js"
import { serve } from "../support/loopback.js"
import * as Rows from "../support/rows.js"

const request = HttpClientRequest.get("http://localhost/")

const words = ["one ", "two ", "three"].map((word) => new TextEncoder().encode(word))

const opened = (response: HttpClientResponse.HttpClientResponse, scope: Scope.CloseableScope): OpenedResponse =>
  new OpenedResponse(
    Rows.read,
    response,
    { status: 200, attempts: 1 },
    {},
    identity,
    new Connection(scope),
    identity
  )

const closedAfterTest = Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))

/** The next read of a body, as text. */
const textOf = (read: Iterable<Uint8Array> | undefined): string =>
  Array.from(read ?? [], (bytes) => new TextDecoder().decode(bytes)).join("")

/** A body that says whether it was cancelled. */
const endless = () => {
  const seen = { cancelled: 0 }
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(words[0] ?? new Uint8Array()),
    cancel: () => {
      seen.cancelled++
    }
  })
  return { seen, body }
}

describe("the stream of the runtime", () => {
  it.scoped("is found in a fetch response of the platform, so that reading it is cheap", () =>
    Effect.gen(function*() {
      const client = HttpClient.withScope(yield* HttpClient.HttpClient)
      const response = yield* client.execute(request)
      assert.isDefined(sourceOf(response))
    }).pipe(
      Effect.provide(FetchHttpClient.layer),
      Effect.provideService(FetchHttpClient.Fetch, () => Promise.resolve(new Response("words")))
    ))

  it.scoped("is found in an undici response of the platform", () =>
    Effect.gen(function*() {
      const server = yield* serve(({ response }) => response.end("words"))
      const client = HttpClient.withScope(yield* HttpClient.HttpClient)
      const response = yield* client.execute(HttpClientRequest.get(server.origin))
      const source = sourceOf(response)
      const first = yield* Effect.promise(() => source === undefined ? Promise.resolve(undefined) : source.next())
      assert.strictEqual(textOf(first?.value === undefined ? [] : [first.value]), "words")
    }).pipe(Effect.provide(NodeHttpClient.layerUndici)))

  it("is not used if it is already read, or if the response has another body", () => {
    const response = HttpClientResponse.fromWeb(request, new Response("words"))
    assert.isUndefined(sourceOf(Object.create(response)))
    const other = Object.defineProperty(HttpClientResponse.fromWeb(request, new Response("words")), "stream", {
      value: Stream.empty
    })
    assert.isUndefined(sourceOf(other))
    assert.isDefined(sourceOf(response))
    assert.isUndefined(sourceOf(response), "it is read already")
  })
})

describe("openBody", () => {
  const ways: Record<
    string,
    (response: HttpClientResponse.HttpClientResponse) => HttpClientResponse.HttpClientResponse
  > = {
    "asks the runtime": (response) => response,
    "runs the stream": (response) => Object.create(response)
  }
  for (const [name, seenAs] of Object.entries(ways)) {
    it.scoped(`${name}: every read, then the end`, () =>
      Effect.gen(function*() {
        const body = new ReadableStream<Uint8Array>({
          start: (controller) => {
            for (const word of words) controller.enqueue(word)
            controller.close()
          }
        })
        const scope = yield* closedAfterTest
        const all = opened(seenAs(HttpClientResponse.fromWeb(request, new Response(body))), scope)
        const read = Effect.async(yield* openBody(all))
        let text = ""
        for (let next = yield* read; next !== undefined; next = yield* read) text += textOf(next)
        assert.strictEqual(text, "one two three")
        assert.isTrue(all.connection.ended)
      }))

    it.effect(`${name}: cancels a body that is not read to its end, and no other`, () =>
      Effect.gen(function*() {
        const { body, seen } = endless()
        const scope = yield* Scope.make()
        const all = opened(seenAs(HttpClientResponse.fromWeb(request, new Response(body))), scope)
        const read = Effect.async(yield* openBody(all))
        assert.strictEqual(textOf(yield* read), "one ")
        yield* Scope.close(scope, Exit.void)
        assert.strictEqual(seen.cancelled, 1)
        assert.isFalse(all.connection.ended)
      }))

    it.scoped(`${name}: fails with the reason why the connection broke`, () =>
      Effect.gen(function*() {
        const body = new ReadableStream<Uint8Array>({
          pull: (controller) => controller.error(Object.assign(new Error("reset"), { code: "ECONNRESET" }))
        })
        const scope = yield* closedAfterTest
        const all = opened(seenAs(HttpClientResponse.fromWeb(request, new Response(body))), scope)
        const error = yield* Effect.flip(Effect.async(yield* openBody(all)))
        assert.strictEqual(error.code, "ECONNRESET")
        assert.strictEqual(error.phase, "body")
      }))

    it.scoped(`${name}: a body without a single byte is an end`, () =>
      Effect.gen(function*() {
        const scope = yield* closedAfterTest
        const all = opened(seenAs(HttpClientResponse.fromWeb(request, new Response(null))), scope)
        assert.isUndefined(yield* Effect.async(yield* openBody(all)))
        assert.isTrue(all.connection.ended)
      }))
  }

  it.scoped("a body of many pieces, all of which are there already, is read without recursion", () =>
    Effect.gen(function*() {
      const scope = yield* closedAfterTest
      const pieces = Stream.rechunk(Stream.fromIterable(Array.from({ length: 50_000 }, () => words[0])), 1)
      const response = Object.defineProperty(HttpClientResponse.fromWeb(request, new Response(null)), "stream", {
        value: pieces
      })
      const all = opened(response, scope)
      assert.lengthOf(yield* readText(all), 200_000)
    }))

  it.effect("is not read any further after an interruption", () =>
    Effect.gen(function*() {
      const reads: Array<Parameters<ReadBody>[0]> = []
      const reading = yield* Effect.fork(readUntil((resume) => void reads.push(resume), () => false))
      yield* Effect.yieldNow()
      const answer = () => reads.at(-1)?.(Exit.succeed(words))
      answer()
      assert.lengthOf(reads, 2)
      yield* Fiber.interrupt(reading)
      answer()
      assert.lengthOf(reads, 2)
    }))
})
