/**
 * Serves every recorded exchange with the real API byte by byte from a local server, and compares what the client reads
 * with a reading of the same bytes that does not use the library.
 */
import { afterAll, assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { needing, traffic } from "../../scripts/fixtures/fixtures.js"
import { grouped } from "./reading/json.js"
import { attempt, waysOf } from "./support/attempt.js"
import { client } from "./support/replay.js"
import { type Result, table } from "./support/table.js"
import { exchanges } from "./support/traffic.js"

describe.skipIf(!traffic.isPresent)(needing("recorded exchanges", traffic), () => {
  const results: Array<Result> = []

  afterAll(() => console.log(table(results)))

  layer(client, { excludeTestServices: true })((it) => {
    it.effect("the fixture has exchanges", () => Effect.sync(() => assert.isAbove(exchanges.length, 0)))

    for (const group of grouped(exchanges, ({ kind }) => kind)) {
      const kind = group[0]?.kind ?? ""
      it.effect(`${kind} (${group.length})`, () =>
        Effect.gen(function*() {
          const failed: Array<string> = []
          for (const exchange of group) {
            for (const way of waysOf(exchange)) {
              const complaints = yield* attempt(exchange, way)
              results.push({ kind, way: way.name, complaints })
              failed.push(...complaints.map((complaint) => `${exchange.id} ${way.name}: ${complaint}`))
            }
          }
          assert.deepStrictEqual(failed, [])
        }), 180_000)
    }
  })
})
