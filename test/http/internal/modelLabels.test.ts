import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { makeModelLabels, type Models } from "../../../src/http/internal/modelLabels.js"
import { allSeries } from "../../support/effect/metrics.js"
import { memory, over, respond } from "../support/memory.js"
import * as Rows from "../support/rows.js"

const of = (request: string, response = ""): Models => ({ request, response })

const many = Array.from({ length: 1000 }, (_, index) => `typed-${index}`)

describe("makeModelLabels", () => {
  it("keeps models that respond, after any number of names that do not exist", () => {
    const label = makeModelLabels()
    for (const name of many) label(of(name), false)
    assert.deepStrictEqual(label(of("real", "real-2"), true), of("real", "real-2"))
    assert.deepStrictEqual(label(of("real"), false), of("real"))
    assert.deepStrictEqual(label(of("unreal"), false), of("other", "other"))
    assert.deepStrictEqual(label(of("typed-1"), false), of("typed-1"))
  })

  it("counts a name without end as other", () => {
    const label = makeModelLabels()
    assert.deepStrictEqual(label(of("x".repeat(1000)), true), of("other", "other"))
    assert.deepStrictEqual(label(of("x", "y".repeat(1000)), true), of("other", "other"))
  })

  it("has few labels, whatever is requested and whatever responds", () =>
    FastCheck.assert(
      FastCheck.property(
        FastCheck.array(FastCheck.tuple(FastCheck.string(), FastCheck.string(), FastCheck.boolean()), {
          minLength: 500,
          maxLength: 2000
        }),
        (calls) => {
          const label = makeModelLabels()
          const labels = new Set(
            calls.map(([request, response, ok]) => JSON.stringify(label(of(request, ok ? response : ""), ok)))
          )
          assert.isAtMost(labels.size, 200 + 200 + 50 + 1)
        }
      ),
      { numRuns: 10 }
    ))

  it.effect("bounds the series of all calls", () =>
    Effect.gen(function*() {
      const series = () => allSeries().length
      const before = series()
      let calls = 0
      const wire = memory((request) => {
        const bodies = [respond(400, {}), respond(200, { ...Rows.reply, model: `m${calls}` }), respond(429, {})]
        return bodies[calls++ % 3]?.(request) ?? Effect.never
      })
      const chats = many.slice(0, 300).flatMap((model) => {
        const chat = Rows.chat({ ...Rows.hello, model })
        return [chat, chat, chat]
      })
      yield* Effect.provide(Effect.forEach(chats, (chat) => Effect.ignore(chat)), over(wire, { retry: false }))
      assert.strictEqual(calls, 900)
      // A pair has a series of each metric: duration, two of tokens, cost; and one of each failure
      assert.isAtMost(series() - before, 200 * 4 + 50 * 2 + 200 * 2 + 10)
    }))
})
