/** The recordings with changes that the API may make any day: none of them may cost an answer. */
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { needing, traffic } from "../../scripts/fixtures/fixtures.js"
import { attempt, waysOf } from "./support/attempt.js"
import { random } from "./support/chunks.js"
import { changed, cutAt, withEvent, withNews, withOtherLines } from "./support/drift.js"
import { client } from "./support/replay.js"
import { type Exchange, exchanges } from "./support/traffic.js"

describe.skipIf(!traffic.isPresent)(needing("drift", traffic), () => {
  const streams = exchanges.filter(({ stream }) => stream)

  const check = (all: ReadonlyArray<Exchange>, change: (exchange: Exchange) => Uint8Array) =>
    Effect.gen(function*() {
      const failed: Array<string> = []
      for (const exchange of all) {
        const other = { ...exchange, body: change(exchange) }
        const [way] = waysOf(other)
        const complaints = way === undefined ? ["cannot be read"] : yield* attempt(other, way)
        failed.push(...complaints.map((complaint) => `${exchange.id}: ${complaint}`))
      }
      assert.isNotEmpty(all)
      assert.deepStrictEqual(failed, [])
    })

  layer(client, { excludeTestServices: true })((it) => {
    const patience = 180_000

    it.effect(
      "fields that nobody knows are kept",
      () =>
        // Chats are many and much alike
        check(exchanges.filter(({ api }, index) => api !== "chat" || index % 3 === 0), ({ body, stream }) =>
          changed(body, stream, withNews)),
      patience
    )

    it.effect(
      "other line ends and more comments change nothing",
      () => check(streams, ({ body }) => withOtherLines(body)),
      patience
    )

    it.effect(
      "a stream that is cut off anywhere keeps what had arrived",
      () => check(streams, ({ body, id }) => cutAt(body, random(id)())),
      patience
    )

    it.effect(
      "an error anywhere in a stream ends it with what had arrived",
      () =>
        check(streams, ({ api, body, id }) => {
          const error = { code: 504, message: "Upstream idle timeout exceeded", metadata: { error_type: "timeout" } }
          return withEvent(body, random(id)(), api === "chat" ? { error } : { type: "error", error })
        }),
      patience
    )
  })
})
