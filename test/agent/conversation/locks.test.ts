import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Locks from "../../../src/internal/effect/locks.js"

it.effect("a lock admits one fiber at a time for each key, including fibers that lock again", () =>
  Effect.gen(function*() {
    const locked = Locks.make()
    const inside = new Map<string, number>()
    let together = 0
    const visit = (key: string) =>
      Effect.gen(function*() {
        inside.set(key, (inside.get(key) ?? 0) + 1)
        assert.strictEqual(inside.get(key), 1)
        together = Math.max(together, [...inside.values()].filter((count) => count > 0).length)
        yield* Effect.yieldNow()
        inside.set(key, 0)
      })
    yield* Effect.forEach(
      ["a", "a", "a", "b", "b"],
      (key) => Effect.repeat(locked(key)(visit(key)), { times: 5 }),
      { concurrency: "unbounded" }
    )
    assert.strictEqual(together, 2)
  }))
