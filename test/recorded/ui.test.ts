/** Recorded streams as browsers see them: with the readers of `ai` 6 and 7, beside what was stored. */
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { needing, traffic } from "../../scripts/fixtures/fixtures.js"
import * as Agent from "../../src/agent/Agent.js"
import * as Conversation from "../../src/agent/Conversation.js"
import { collect } from "../../src/internal/effect/batches.js"
import * as Chat from "../../src/services/Chat.js"
import * as UiMessages from "../../src/ui/UiMessages.js"
import * as UiStream from "../../src/ui/UiStream.js"
import { seven, shown, six, textOf } from "../ui/support/clients.js"
import { shred } from "./support/chunks.js"
import { client, Replay } from "./support/replay.js"
import { type Exchange, exchanges } from "./support/traffic.js"

describe.skipIf(!traffic.isPresent)(needing("recorded streams in a browser", traffic), () => {
  const streamsOf = (api: Exchange["api"]) =>
    exchanges.filter((exchange) => exchange.api === api && exchange.stream && exchange.status === 200)

  const replayed = ({ body, headers, id, status }: Exchange) =>
    Effect.map(Replay, (replay) => replay.answerNext({ status, headers, pieces: shred(body, id) }))

  layer(client, { excludeTestServices: true })((it) => {
    it.effect("a run has the message that its conversation has", () =>
      Effect.gen(function*() {
        let whole = 0
        for (const exchange of streamsOf("responses")) {
          for (const { protocol, read } of [six, seven]) {
            yield* replayed(exchange)
            yield* Effect.gen(function*() {
              const events = Agent.stream({ model: "m/m", input: "hi", conversation: "c", maxSteps: 1 })
              const chunks = yield* collect(UiStream.fromAgent(events, { protocol }))
              const isWhole = chunks.every(({ type }) => type !== "error")
              const message = yield* Effect.promise(() => read(chunks.filter(({ type }) => type !== "error")))
              if (!isWhole) return
              whole++
              const [, stored] = UiMessages.fromLog(yield* Conversation.load("c"))
              assert.deepStrictEqual(
                shown(message === undefined ? [] : [message]),
                shown(stored === undefined ? [] : [stored]),
                exchange.id
              )
            }).pipe(Effect.provide(Conversation.layerMemory))
          }
        }
        assert.isAbove(whole, 20)
      }), 120_000)

    it.effect("a chat has the text of its completion", () =>
      Effect.gen(function*() {
        let whole = 0
        for (const exchange of streamsOf("chat")) {
          for (const { read } of [six, seven]) {
            yield* replayed(exchange)
            const stream = Chat.stream({ model: "m/m", messages: [{ role: "user", content: "hi" }] })
            const received = yield* Effect.option(collect(stream))
            if (received._tag === "None") continue
            whole++
            const chunks = yield* collect(UiStream.fromChat(Stream.fromIterable(received.value)))
            const message = yield* Effect.promise(() => read(chunks))
            const result = yield* Chat.accumulate(Stream.fromIterable(received.value))
            const texts = message?.parts.filter(({ type }) => type === "text") ?? []
            const said = Chat.text(result) || (result.choices[0]?.message.refusal ?? "")
            assert.strictEqual(textOf([{ role: "assistant", parts: texts }]), said, exchange.id)
          }
        }
        assert.isAbove(whole, 20)
      }), 120_000)
  })
})
