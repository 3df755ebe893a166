import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import { withConnection } from "../../../src/http/internal/connection.js"
import { Places } from "../../../src/http/internal/limits.js"

const pause = (turns: number) => Effect.forEach(Array.from({ length: turns }), () => Effect.yieldNow())

const task = FastCheck.record({
  /** Turns of the scheduler before the call, while it holds its place, and before its interruption. */
  before: FastCheck.nat(3),
  holds: FastCheck.nat(5),
  interrupted: FastCheck.option(FastCheck.nat(8)),
  ends: FastCheck.constantFrom("at its end", "with a failure", "without its end")
})

describe("Places", () => {
  it("are never more than there are, and none is lost, whatever is interrupted when", () =>
    FastCheck.assert(
      FastCheck.asyncProperty(FastCheck.integer({ min: 1, max: 3 }), FastCheck.array(task, { maxLength: 12 }), (
        limit,
        tasks
      ) =>
        Effect.runPromise(Effect.gen(function*() {
          const places = new Places(limit)
          let open = 0
          const use = (holds: number, ends: string) =>
            withConnection(undefined, (connection) =>
              Effect.zipRight(
                places.take(connection),
                Effect.suspend(() => {
                  assert.isAtMost(++open, limit)
                  return Effect.ensuring(pause(holds), Effect.sync(() => void open--))
                })
              ).pipe(
                Effect.tap(() => ends === "at its end" ? Effect.sync(() => connection.end()) : Effect.void),
                Effect.tap(() => ends === "with a failure" ? Effect.fail("failure") : Effect.void)
              ))
          yield* Effect.forEach(tasks, ({ before, ends, holds, interrupted }) =>
            Effect.gen(function*() {
              yield* pause(before)
              const fiber = yield* Effect.fork(use(holds, ends))
              if (interrupted !== null) {
                yield* pause(interrupted)
                yield* Fiber.interrupt(fiber)
              }
              yield* Fiber.await(fiber)
            }), { concurrency: "unbounded" })
          // Each place can be taken again
          yield* Effect.forEach(
            Array.from({ length: limit }),
            () => withConnection(undefined, (connection) => Effect.zipRight(places.take(connection), pause(2))),
            { concurrency: "unbounded" }
          )
          assert.strictEqual(open, 0)
        }))),
      { numRuns: 200 }
    ))
})
