/** A redirect is never followed: neither the prompt nor the key nor a user's own header goes anywhere else. */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { KernelError } from "../../src/http/internal/openedResponse.js"
import * as OpenRouterClient from "../../src/http/OpenRouterClient.js"
import * as Chat from "../../src/services/Chat.js"
import { clientOf, clients } from "./support/bytes.js"
import { serve } from "./support/loopback.js"
import { environment, key, memory, over, respond } from "./support/memory.js"
import * as Rows from "./support/rows.js"

const statuses = [301, 302, 303, 307, 308]

const file = { fileName: "a", content: Stream.make(new TextEncoder().encode("contents")) }

/** One call of each kind: what a redirect would repeat, or turn into a GET. */
const calls: Record<string, Effect.Effect<void, KernelError, OpenRouterClient.OpenRouterClient>> = {
  "a read": Effect.asVoid(Rows.read({ id: "1" })),
  "a write": Effect.asVoid(Rows.replace({ id: "1", size: 2 })),
  "a prompt": Effect.asVoid(Rows.chat(Rows.hello)),
  "a stream": Stream.runDrain(Chat.stream({ model: "acme/small", messages: [{ role: "user", content: "Hello!" }] })),
  "a download": Stream.runDrain(Rows.content({ id: "1" })),
  "an upload of bytes": Effect.asVoid(Rows.upload({ file: new Uint8Array(8) })),
  "an upload of a stream": Effect.asVoid(Rows.upload({ file }))
}

/** A server that sends everybody somewhere else. */
const pointing = (to: (origin: string) => string | undefined, status: () => number) =>
  Effect.gen(function*() {
    let origin = ""
    const server = yield* serve(({ response }) => {
      const location = to(origin)
      response.writeHead(status(), location === undefined ? {} : { location }).end("<h1>Moved</h1>")
    })
    origin = server.origin
    return server
  })

for (const [name, http] of clients) {
  describe(`a redirect over ${name}`, () => {
    for (const [what, call] of Object.entries(calls)) {
      it.scopedLive(`of ${what} fails the call, and the error has the target`, () =>
        Effect.gen(function*() {
          const other = yield* serve(({ response }) => response.end("{\"id\":\"stolen\"}"))
          let status = 0
          const server = yield* pointing(() => `${other.origin}/deep/path?token=abc`, () => status)
          const client = clientOf(`${server.origin}/api/v1`, http, {
            headers: { "x-team-secret": "hunter2hunter2" },
            retry: Schedule.recurs(2)
          })
          for (status of statuses) {
            const before = server.exchanges.length
            const error = yield* Effect.flip(Effect.provide(call, client))
            assert.strictEqual(error._tag, "OpenRouterDefaultError")
            assert.include(error.message, "redirect")
            assert.include(error.message, "base URL")
            assert.notInclude(error.message, "deep")
            assert.notInclude(error.message, "abc")
            // The fetch of Node tells nothing of a redirect where it must not keep the body for it
            const hidden = name === "fetch" && what === "an upload of a stream"
            assert.strictEqual("status" in error ? error.status : undefined, hidden ? 0 : status)
            if (!hidden) assert.include(error.message, ` to ${other.origin}.`)
            assert.lengthOf(server.exchanges, before + 1)
          }
          assert.deepStrictEqual(other.exchanges, [])
        }))
    }

    it.scopedLive("is not followed, even within the same server", () =>
      Effect.gen(function*() {
        const targets: ReadonlyArray<readonly [(origin: string) => string | undefined, (origin: string) => string]> = [
          [() => "/elsewhere", (origin) => ` to ${origin}.`],
          [(origin) => `${origin}/api/v1/things/1/`, (origin) => ` to ${origin}.`],
          [() => undefined, () => "that names no target."],
          [() => "http://", () => "that names no target."],
          [() => "data:text/plain,hello", () => "that names no target."],
          [() => "https://sk-or-v1-0123456789abcdef@openrouter.example/", () => " to https://openrouter.example."]
        ]
        for (const [location, expected] of targets) {
          const server = yield* pointing(location, () => 308)
          const error = yield* Effect.flip(Effect.provide(Rows.chat(Rows.hello), clientOf(`${server.origin}/v1`, http)))
          assert.strictEqual(error._tag, "OpenRouterDefaultError")
          assert.include(error.message, expected(server.origin))
          assert.notInclude(JSON.stringify(error), "0123456789abcdef")
          assert.lengthOf(server.exchanges, 1)
        }
      }))
  })
}

describe("a browser", () => {
  it.effect("that hides redirects fails with an error about a redirect", () =>
    Effect.gen(function*() {
      const opaque = () => Effect.sync(() => Object.defineProperty(new Response(null), "status", { value: 0 }))
      const error = yield* Effect.flip(Effect.provide(Rows.read({ id: "1" }), over(memory(opaque))))
      assert.strictEqual(error._tag, "OpenRouterDefaultError")
      assert.include(error.message, "that names no target.")
    }))

  it.effect("does not report a redirect for another response", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Effect.provide(Rows.read({ id: "1" }), over(memory(respond(304)))))
      assert.strictEqual(error._tag, "OpenRouterDefaultError")
      assert.notInclude(error.message, "redirect")
    }))
})

describe("other options of fetch", () => {
  const seen = (
    provide: (
      call: Effect.Effect<unknown, unknown, OpenRouterClient.OpenRouterClient>
    ) => Effect.Effect<unknown, unknown>
  ) => Effect.ignore(provide(Rows.chat(Rows.hello)))

  const recording = () => {
    const inits: Array<RequestInit | undefined> = []
    const fetch: typeof globalThis.fetch = (_, init) => {
      inits.push(init)
      return Promise.resolve(new Response(JSON.stringify(Rows.reply)))
    }
    return { inits, fetch: Layer.succeed(FetchHttpClient.Fetch, fetch) }
  }

  it.effect("stay, wherever they were set", () =>
    Effect.gen(function*() {
      const { fetch, inits } = recording()
      const init: RequestInit = { credentials: "include", redirect: "follow" }
      const router = OpenRouterClient.layer({ apiKey: key }).pipe(Layer.provide(environment()))
      const withinTheLayer = FetchHttpClient.layer.pipe(
        Layer.provide(fetch),
        Layer.provide(Layer.succeed(FetchHttpClient.RequestInit, init))
      )
      yield* seen(Effect.provide(Layer.provide(router, withinTheLayer)))
      yield* seen((call) =>
        call.pipe(
          Effect.provideService(FetchHttpClient.RequestInit, init),
          Effect.provide(router),
          Effect.provide(FetchHttpClient.layer),
          Effect.provide(fetch)
        )
      )
      assert.deepStrictEqual(inits.map((init) => [init?.credentials, init?.redirect]), [
        ["include", "manual"],
        ["include", "manual"]
      ])
    }))

  it.effect("are not changed outside of a call", () =>
    Effect.gen(function*() {
      const { fetch } = recording()
      const after = Effect.zipRight(
        Effect.ignore(Rows.chat(Rows.hello)),
        Effect.serviceOption(FetchHttpClient.RequestInit)
      )
      const client = OpenRouterClient.layer({ apiKey: key }).pipe(
        Layer.provide(environment()),
        Layer.provide(FetchHttpClient.layer),
        Layer.provide(fetch)
      )
      assert.strictEqual((yield* Effect.provide(after, client))._tag, "None")
    }))
})
