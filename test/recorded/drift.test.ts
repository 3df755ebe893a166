/** The recordings, with changes that the API may make at any time. No change may make a response unreadable. */
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { needing, traffic } from "../../scripts/fixtures/fixtures.js"
import { attempt, waysOf } from "./support/attempt.js"
import { random } from "./support/chunks.js"
import { changed, cutAt, withEvent, withNews, withOtherLines } from "./support/drift.js"
import { client } from "./support/replay.js"
import { type Exchange, exchanges } from "./support/traffic.js"

describe.skipIf(!traffic.isPresent)(needing("changes of the API", traffic), () => {
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
    const timeout = 180_000

    it.effect(
      "unknown fields are kept",
      () =>
        // A third is enough: the chats are many and similar
        check(exchanges.filter(({ api }, index) => api !== "chat" || index % 3 === 0), ({ body, stream }) =>
          changed(body, stream, withNews)),
      timeout
    )

    it.effect(
      "other line ends and additional comments change nothing",
      () => check(streams, ({ body }) => withOtherLines(body)),
      timeout
    )

    it.effect(
      "a stream that is cut off anywhere fails with its partial response",
      () => check(streams, ({ body, id }) => cutAt(body, random(id)())),
      timeout
    )

    it.effect(
      "a stream with an error anywhere fails with its partial response",
      () =>
        check(streams, ({ api, body, id }) => {
          const error = { code: 504, message: "Upstream idle timeout exceeded", metadata: { error_type: "timeout" } }
          return withEvent(body, random(id)(), api === "chat" ? { error } : { type: "error", error })
        }),
      timeout
    )
  })
})
