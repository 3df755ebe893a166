import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import type { AgentEvent } from "../../../src/agent/internal/events.js"
import type { Emit } from "../../../src/agent/internal/loop/runContext.js"
import { type Execute, streamRun } from "../../../src/agent/internal/views/streamRun.js"
import { sameCause } from "../../support/effect/causes.js"
import { interruption } from "../../support/effect/fibers.js"
import { runOf, tell, textDelta, turnEnd, turnStart } from "../support/events.js"

const run = runOf([])
const script = [[turnStart(1), textDelta("a")], [textDelta("b")], [], [turnEnd(1, [])]]

const collect = <E>(stream: Stream.Stream<AgentEvent, E>) =>
  Effect.map(Stream.runCollect(stream), (events) => [...events])

describe("the stream of a run", () => {
  it.effect("has all events and the end of the run, each time it runs", () =>
    Effect.gen(function*() {
      let runs = 0
      const stream = streamRun((emit) => Effect.zipRight(Effect.sync(() => runs++), tell(script, run)(emit)))
      const expected: ReadonlyArray<AgentEvent> = [...script.flat(), { type: "run.end", run }]
      assert.deepStrictEqual(yield* collect(stream), expected)
      assert.deepStrictEqual(yield* collect(stream), expected)
      assert.strictEqual(runs, 2)
    }))

  it.effect("fails like the run, after its events", () =>
    Effect.gen(function*() {
      const seen: Array<AgentEvent> = []
      const stream = streamRun<never, undefined, string, never>((emit) =>
        Effect.zipRight(Effect.forEach(Array.from({ length: 9 }), () => emit([textDelta("a")])), Effect.fail("broken"))
      )
      const exit = yield* Effect.exit(Stream.runForEach(stream, (event) => Effect.sync(() => seen.push(event))))
      assert.deepStrictEqual(exit, Exit.fail("broken"))
      assert.strictEqual(seen.length, 9)
    }))

  it.effect("ends with the interruption or the defect of the run", () =>
    Effect.gen(function*() {
      for (const cause of [interruption, Cause.die("broken")]) {
        const exit = yield* Effect.exit(collect(streamRun(() => Effect.failCause(cause))))
        assert.isTrue(Exit.isFailure(exit) && sameCause(exit.cause, cause))
      }
    }))

  it.effect("makes no event wait for a slow reader but the beginning of a turn", () =>
    Effect.gen(function*() {
      let told = 0
      const tellMany = (events: ReadonlyArray<AgentEvent>, times: number) => (emit: Emit) =>
        Effect.replicateEffect(Effect.zipRight(emit(events), Effect.sync(() => told++)), times, { discard: true })
      const execute: Execute<undefined, never, never> = (emit) =>
        tellMany([textDelta("a"), textDelta("b")], 1000)(emit).pipe(
          Effect.zipRight(tellMany([turnStart(2)], 1)(emit)),
          Effect.as(run)
        )
      let text = ""
      let seen = 0
      const reader = yield* streamRun(execute).pipe(
        Stream.runForEach((event) => {
          seen++
          if (event.type === "response.output_text.delta") text += event.delta
          return Effect.sleep("1 minute")
        }),
        Effect.fork
      )
      yield* TestClock.adjust("59 seconds")
      assert.strictEqual(told, 1000)
      yield* TestClock.adjust("1 day")
      yield* Fiber.join(reader)
      assert.strictEqual(told, 1001)
      assert.strictEqual(text, "ab".repeat(1000))
      assert.isBelow(seen, 600, "deltas that wait are joined")
    }))

  it.effect("keeps all results for a reader that falls behind, and the newest progress of each call", () =>
    Effect.gen(function*() {
      const progress = (toolCallId: string, result: number): AgentEvent => ({
        type: "tool.preliminary_result",
        turn: 1,
        toolCallId,
        name: "t",
        result
      })
      const result = (toolCallId: string): AgentEvent => ({
        type: "tool.result",
        status: "success",
        turn: 1,
        toolCallId,
        name: "t",
        arguments: {},
        result: toolCallId,
        encoded: toolCallId
      })
      const reports = Array.from({ length: 3000 }, (_, n) => [progress(n % 2 === 0 ? "a" : "b", n)])
      const batches = [[turnStart(1)], ...reports, [result("a")], [result("b")]]
      // Emitted without a pause, so that the reader falls behind on every runtime
      const execute = (emit: Emit) => Effect.as(Effect.forEach(batches, emit, { discard: true }), run)
      const seen: Array<unknown> = []
      const reader = yield* streamRun(execute).pipe(
        Stream.runForEach((event) => Effect.zipRight(Effect.sync(() => seen.push(event)), Effect.sleep("1 second"))),
        Effect.fork
      )
      yield* TestClock.adjust("1 day")
      yield* Fiber.join(reader)
      assert.deepStrictEqual(seen.slice(-5), [progress("a", 2998), progress("b", 2999), result("a"), result("b"), {
        type: "run.end",
        run
      }])
      assert.isBelow(seen.length, 600)
    }))

  it.effect("interrupts the run when the reader stops, and waits for its end", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const execute: Execute<undefined, never, never> = (emit) =>
        emit([turnStart(1), textDelta("a")]).pipe(
          Effect.zipRight(Effect.never),
          Effect.onInterrupt(() =>
            // More than the buffer holds, without a reader
            Effect.forEach(Array.from({ length: 20 }), () => emit([textDelta("bye")])).pipe(
              Effect.zipRight(Effect.sleep("1 second")),
              Effect.zipRight(Effect.sync(() => log.push("finalized")))
            )
          )
        )
      const reader = yield* streamRun(execute).pipe(
        Stream.take(1),
        Stream.runCollect,
        Effect.tap(() => Effect.sync(() => log.push("over"))),
        Effect.fork
      )
      yield* TestClock.adjust("999 millis")
      assert.deepStrictEqual(log, [])
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(reader)
      assert.deepStrictEqual(log, ["finalized", "over"])
    }))

  it.effect("interrupts a run that waits for its reader when the reader is interrupted", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const full = yield* Deferred.make<void>()
      const execute: Execute<undefined, never, never> = (emit) =>
        Effect.forEach(Array.from({ length: 4 }), () => emit([textDelta("a")])).pipe(
          Effect.zipRight(Deferred.succeed(full, undefined)),
          Effect.zipRight(Effect.forever(emit([textDelta("b")]))),
          Effect.onInterrupt(() => Effect.sync(() => log.push("finalized")))
        )
      const reader = yield* streamRun(execute).pipe(Stream.runForEach(() => Effect.never), Effect.fork)
      yield* Deferred.await(full)
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(reader)
      assert.deepStrictEqual(log, ["finalized"])
    }))

  it.effect("ends early in an uninterruptible region", () =>
    Effect.gen(function*() {
      const log: Array<string> = []
      const execute: Execute<undefined, never, never> = (emit) =>
        emit([textDelta("a")]).pipe(
          Effect.zipRight(Effect.never),
          Effect.onInterrupt(() => Effect.sync(() => log.push("finalized")))
        )
      yield* Effect.uninterruptible(Stream.runDrain(Stream.take(streamRun(execute), 1)))
      assert.deepStrictEqual(log, ["finalized"])
    }))

  it.effect("receives events of several fibers at once", () =>
    Effect.gen(function*() {
      const execute: Execute<undefined, never, never> = (emit) =>
        Effect.as(
          Effect.forEach(
            Array.from({ length: 20 }, (_, n) => n),
            (n) => Effect.forEach(Array.from({ length: 10 }), () => emit([textDelta("x", n)])),
            { concurrency: "unbounded" }
          ),
          run
        )
      const events = yield* collect(streamRun(execute))
      assert.strictEqual(events.filter((event) => event.type === "response.output_text.delta").length, 200)
      assert.strictEqual(events.at(-1)?.type, "run.end")
    }))
})
