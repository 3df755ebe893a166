/** What a log that servers share is told while a run goes on. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Conversation from "../../src/agent/Conversation.js"
import * as Script from "../../src/testing/Script.js"
import { StreamLog } from "../../src/ui/StreamLog.js"
import * as UiChat from "../../src/ui/UiChat.js"
import { seven, textOf } from "./support/clients.js"
import { startChat } from "./support/server.js"

describe("a log that servers share", { timeout: 30_000 }, () => {
  for (const stopUnreadAfter of ["infinity", "10 minutes", "3 seconds"] as const) {
    it.scopedLive(`hears that a run lives, though a browser reads it here (${stopUnreadAfter})`, () =>
      Effect.gen(function*() {
        const asked = yield* Deferred.make<void>()
        const log = Layer.succeed(StreamLog, {
          follow: () => Effect.succeed(Option.none()),
          open: () =>
            Effect.succeed({
              append: () => Effect.void,
              end: Effect.void,
              isRead: Effect.as(Deferred.succeed(asked, undefined), false)
            })
        })
        const stores = Layer.merge(Layer.provide(UiChat.layerShared, log), Conversation.layerMemory)
        const turns = [Script.turn([Script.text("a"), Script.stall])]
        const { api } = yield* startChat(turns, { stores, stopUnreadAfter })
        const client = seven.client({ id: "c", api })
        const going = client.send("hi")
        yield* Effect.promise(() => client.says("a"))
        // No reader here keeps the log from being asked
        yield* Deferred.await(asked)
        yield* Effect.promise(() => client.stop())
        yield* Effect.promise(() => going)
        assert.strictEqual(textOf(client.messages), "a")
      }))
  }
})
