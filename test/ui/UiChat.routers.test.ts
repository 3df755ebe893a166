/** A chat in the routers of Effect. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Script from "../../src/testing/Script.js"
import { mounts } from "../support/effect/routers.js"
import { type Message, seven, textOf } from "./support/clients.js"
import { startChat } from "./support/server.js"

const load = (url: string) =>
  Effect.promise(async () => {
    const messages: ReadonlyArray<Message> = await (await fetch(url)).json()
    return messages
  })

const statusOf = (url: string, method: string) => Effect.promise(async () => (await fetch(url, { method })).status)

describe("a chat in a router", () => {
  for (const [name, mount] of mounts) {
    it.scopedLive(`answers, loads, connects again and stops: ${name}`, () =>
      Effect.gen(function*() {
        const server = yield* startChat([
          "the whole answer",
          Script.turn([Script.text("an answer that never ends"), Script.stall])
        ], { mount, protocol: 7, stopUnreadAfter: "infinity" })
        const chat = seven.client({ id: "a/b", api: server.api })
        yield* Effect.promise(() => chat.send("a question"))
        assert.strictEqual(chat.status, "ready")
        assert.strictEqual(textOf(chat.messages), "the whole answer")
        const url = `${server.api}/a%2Fb`
        const loaded = yield* load(url)
        assert.deepStrictEqual(loaded.map(({ role }) => role), ["user", "assistant"])
        assert.strictEqual(textOf(loaded), "the whole answer")
        assert.strictEqual(yield* statusOf(`${url}/stream`, "GET"), 204)

        const going = chat.send("another question")
        yield* Effect.promise(() => chat.says("never"))
        const second = seven.client({ id: "a/b", api: server.api, messages: yield* load(url) })
        const resumed = second.resume()
        yield* Effect.promise(() => second.says("never"))
        assert.strictEqual(yield* statusOf(`${url}/stop`, "POST"), 204)
        yield* Effect.promise(() => Promise.all([going, resumed]))
        yield* server.openRouter.awaitInterrupted(1)
        assert.strictEqual(yield* statusOf(`${url}/stream`, "GET"), 204)
        assert.strictEqual(yield* statusOf(`${server.api}s`, "POST"), 404)
      }))
  }
})
