import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { leaveAfter } from "../../src/internal/timeLimits.js"
import { interruptedExit, isOver, makeWatch } from "../support/effect/fibers.js"
import { settled } from "../support/settled.js"

const limited = <A, E, R>(effect: Effect.Effect<A, E, R>, seen: Array<string>, limit: Duration.DurationInput = 100) =>
  leaveAfter(effect, {
    limit: Duration.decode(limit),
    grace: Duration.millis(10),
    patience: Duration.millis(50),
    mayFinish: () => seen.includes("nearly done"),
    onTimeout: Effect.fail("late"),
    onLeft: Effect.sync(() => void seen.push("left"))
  })

const hanging = Effect.uninterruptible(Effect.never)

describe("an effect that is left after its limit", () => {
  it.effect("succeeds or fails as it is, before its limit", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* limited(Effect.succeed(1), []), 1)
      assert.strictEqual(yield* Effect.flip(limited(Effect.fail("no"), [])), "no")
      const died = yield* Effect.exit(limited(Effect.die("bug"), []))
      assert.isTrue(Exit.isFailure(died) && Cause.isDie(died.cause))
    }))

  it.effect("is interrupted at its limit, and its finalizers end within the grace", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const closing = Effect.delay(Effect.sync(() => void seen.push("closed")), 5)
      const fiber = yield* Effect.fork(Effect.flip(limited(Effect.ensuring(Effect.never, closing), seen)))
      yield* TestClock.adjust(100)
      assert.isFalse(isOver(fiber))
      yield* TestClock.adjust(5)
      assert.strictEqual(yield* Fiber.join(fiber), "late")
      assert.deepStrictEqual(seen, ["closed"])
    }))

  it.effect("is left behind when neither the interruption nor the grace ends it", () =>
    Effect.gen(function*() {
      for (const effect of [hanging, Effect.ensuring(Effect.never, Effect.never)]) {
        const seen: Array<string> = []
        const fiber = yield* Effect.fork(Effect.flip(limited(effect, seen)))
        yield* TestClock.adjust(110)
        assert.strictEqual(yield* Fiber.join(fiber), "late")
        assert.deepStrictEqual(seen, ["left"])
      }
    }))

  it.effect("is interrupted with its caller, who waits for its end until the same moment", () =>
    Effect.gen(function*() {
      const cases = [
        { effect: Effect.never, limit: 100, ends: 0 },
        { effect: Effect.never, limit: Duration.infinity, ends: 0 },
        { effect: Effect.uninterruptible(Effect.sleep(70)), limit: 100, ends: 70 },
        { effect: hanging, limit: 100, ends: 110 },
        { effect: hanging, limit: Duration.infinity, ends: 50 }
      ]
      for (const { effect, ends, limit } of cases) {
        const seen: Array<string> = []
        const { alive, within } = yield* makeWatch
        const fiber = yield* Effect.fork(within(limited(effect, seen, limit)))
        yield* settled
        const interrupting = yield* Effect.fork(interruptedExit(fiber))
        yield* TestClock.adjust(ends - 1)
        if (ends > 0) assert.isFalse(isOver(interrupting))
        yield* TestClock.adjust(1)
        assert.isTrue(Exit.isInterrupted(yield* Fiber.join(interrupting)))
        assert.deepStrictEqual(seen, effect === hanging ? ["left"] : [])
        yield* settled
        assert.strictEqual(yield* alive, effect === hanging ? 1 : 0, "alarms are left")
      }
    }))

  it.effect("may finish in spite of an interruption, within the grace", () =>
    Effect.gen(function*() {
      const seen = ["nearly done"]
      const effect = Effect.delay(Effect.sync(() => void seen.push("done")), 9)
      const fiber = yield* Effect.fork(limited(effect, seen))
      yield* Effect.yieldNow()
      const interrupting = yield* Effect.fork(interruptedExit(fiber))
      yield* TestClock.adjust(9)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.join(interrupting)))
      assert.deepStrictEqual(seen, ["nearly done", "done"])
    }))

  it.effect("is interrupted and left, in the end, if it does not finish", () =>
    Effect.gen(function*() {
      const seen = ["nearly done"]
      const fiber = yield* Effect.fork(limited(hanging, seen))
      yield* Effect.yieldNow()
      const interrupting = yield* Effect.fork(interruptedExit(fiber))
      yield* TestClock.adjust(20)
      yield* Fiber.join(interrupting)
      assert.deepStrictEqual(seen, ["nearly done", "left"])
    }))
})
