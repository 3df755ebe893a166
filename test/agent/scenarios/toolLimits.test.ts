/** Time limits, retries and concurrency of tools. */
import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import type { CallInfo } from "../../../src/agent/internal/tool.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { quiet } from "../../support/effect/logs.js"
import { errorIn, lastErrors, lastOutputs, model, sent, settled, timed } from "./support.js"

class Busy extends Schema.TaggedError<Busy>()("Busy", { since: Schema.Number }) {}

const scripted = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), quiet)

describe("a tool that hangs", () => {
  const kit = Toolkit.make(Tool.make("hang", { timeout: "30 millis" }))

  /** The events of the handler, with their times. */
  const hanging = () => {
    const seen: Array<readonly [what: string, at: number]> = []
    const note = (what: string) => Effect.map(Clock.currentTimeMillis, (now) => seen.push([what, now]))
    const layer = kit.toLayer({
      hang: () =>
        Effect.gen(function*() {
          yield* Effect.acquireRelease(note("opened"), () => note("closed"))
          return yield* Effect.onInterrupt(Effect.never, () => note("interrupted"))
        })
    })
    return { seen, layer }
  }

  it.effect("20: is interrupted after exactly the limit, its finalizers run, and the model receives an error", () =>
    Effect.gen(function*() {
      const { layer, seen } = hanging()
      const [run, millis] = yield* timed(
        Effect.provide(Agent.run({ model, input: "Go!", tools: kit }), layer)
      )
      assert.strictEqual(millis, 30)
      assert.deepStrictEqual(seen, [["opened", 0], ["interrupted", 30], ["closed", 30]])
      assert.deepStrictEqual(yield* lastErrors, [`The tool "hang" took longer than 30ms and was stopped.`])
      assert.strictEqual(run.text, "Sorry.")
      const [result] = run.steps[0]?.toolResults ?? []
      assert.deepStrictEqual([result?.status, result?.startedAt, result?.endedAt], ["failure", 0, 30])
    }).pipe(Effect.provide(scripted(Script.toolCall("hang"), "Sorry."))))

  it.effect("20: does not delay other tools", () =>
    Effect.gen(function*() {
      const { layer } = hanging()
      const Quick = Toolkit.make(Tool.make("quick", { success: Schema.Number }))
      const live = Layer.merge(layer, Quick.toLayer({ quick: () => Clock.currentTimeMillis }))
      yield* timed(Effect.provide(Agent.run({ model, input: "Go!", tools: Toolkit.merge(kit, Quick) }), live))
      assert.strictEqual((yield* lastOutputs)[1]?.[1], "0")
    }).pipe(Effect.provide(scripted([Script.toolCall("hang"), Script.toolCall("quick")], "Sorry."))))

  it.effect("20: is a typed failure of the run if failureMode is \"error\"", () =>
    Effect.gen(function*() {
      const strict = Toolkit.make(Tool.make("hang", { timeout: "2 seconds", failureMode: "error" }))
      const fiber = yield* Effect.fork(Effect.flip(
        Agent.run({ model, input: "Go!", tools: strict }).pipe(
          Effect.provide(strict.toLayer({ hang: () => Effect.never }))
        )
      ))
      yield* TestModel.awaitRequests(1)
      yield* settled
      yield* TestClock.adjust("2 seconds")
      const error = yield* Fiber.join(fiber)
      assert(error._tag === "ToolTimeoutError")
      assert.deepStrictEqual([error.name, error.callId, Duration.toMillis(error.timeout)], ["hang", "call_1_1", 2000])
      assert.strictEqual(error.progress.steps.length, 1)
    }).pipe(Effect.provide(scripted(Script.toolCall("hang")))))

  it.effect("20: has ten minutes by default", () =>
    Effect.gen(function*() {
      const plain = Toolkit.make(Tool.make("hang"))
      const fiber = yield* Effect.fork(
        Agent.run({ model, input: "Go!", tools: plain }).pipe(
          Effect.provide(plain.toLayer({ hang: () => Effect.never }))
        )
      )
      yield* TestModel.awaitRequests(1)
      yield* settled
      yield* TestClock.adjust("599 seconds")
      yield* settled
      assert.strictEqual(yield* sent, 1)
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).text, "Sorry.")
    }).pipe(Effect.provide(scripted(Script.toolCall("hang"), "Sorry."))))

  it.effect("20: runs without a limit, if the timeout is infinite, until the run is interrupted", () =>
    Effect.gen(function*() {
      const patient = Toolkit.make(Tool.make("hang", { timeout: Duration.infinity }))
      let interrupted = false
      const fiber = yield* Effect.fork(
        Agent.run({ model, input: "Go!", tools: patient }).pipe(
          Effect.provide(patient.toLayer({
            hang: () => Effect.onInterrupt(Effect.never, () => Effect.sync(() => interrupted = true))
          }))
        )
      )
      yield* TestModel.awaitRequests(1)
      yield* settled
      yield* TestClock.adjust("30 days")
      yield* settled
      assert.isFalse(interrupted)
      yield* Fiber.interrupt(fiber)
      assert.isTrue(interrupted)
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(scripted(Script.toolCall("hang")))))

  it.effect("20: the model receives the error after the finalizers", () =>
    Effect.gen(function*() {
      const closing = kit.toLayer({
        hang: () => Effect.zipRight(Effect.acquireRelease(Effect.void, () => Effect.sleep(20)), Effect.never)
      })
      const [run, millis] = yield* timed(Effect.provide(Agent.run({ model, input: "Go!", tools: kit }), closing))
      assert.strictEqual(millis, 50)
      assert.strictEqual(run.text, "Sorry.")
    }).pipe(Effect.provide(scripted(Script.toolCall("hang"), "Sorry."))))

  it.effect("20: a promise that never settles is interrupted too", () =>
    Effect.gen(function*() {
      const [run, millis] = yield* timed(
        Agent.run({ model, input: "Go!", tools: kit }).pipe(
          Effect.provide(kit.toLayer({ hang: () => Effect.promise(() => new Promise<void>(() => {})) }))
        )
      )
      assert.strictEqual(millis, 30)
      assert.strictEqual(run.text, "Sorry.")
    }).pipe(Effect.provide(scripted(Script.toolCall("hang"), "Sorry."))))
})

describe("a tool that is retried", () => {
  const Flaky = Tool.make("flaky", {
    success: Schema.Number,
    failure: Busy,
    timeout: "20 millis",
    retry: Schedule.spaced("5 millis").pipe(Schedule.intersect(Schedule.recurs(2)))
  })
  const kit = Toolkit.make(Flaky)

  /** A handler whose attempts follow a list. */
  const flaky = (attempts: ReadonlyArray<Effect.Effect<number, Busy>>) => {
    const seen: Array<CallInfo & { readonly at: number }> = []
    const closed: Array<number> = []
    const layer = kit.toLayer({
      flaky: (_, { attempt, id, idempotencyKey, name, turn }) =>
        Effect.gen(function*() {
          seen.push({ attempt, id, idempotencyKey, name, turn, at: yield* Clock.currentTimeMillis })
          yield* Effect.addFinalizer(() => Effect.sync(() => closed.push(attempt)))
          return yield* attempts[attempt - 1] ?? Effect.die(new Error("one too many"))
        })
    })
    return { seen, closed, layer }
  }
  const busy = new Busy({ since: 1 })
  const run = Agent.run({ model, input: "Go!", tools: kit })
  const script = [Script.toolCall("flaky"), "Done."] as const

  it.effect("20: the handler receives the number of its attempt and one key for all; the model receives one output", () =>
    Effect.gen(function*() {
      const { closed, layer, seen } = flaky([Effect.fail(busy), Effect.fail(busy), Effect.succeed(3)])
      const [, millis] = yield* timed(Effect.provide(run, layer))
      assert.strictEqual(millis, 10)
      assert.deepStrictEqual(seen.map(({ at, attempt }) => [attempt, at]), [[1, 0], [2, 5], [3, 10]])
      assert.deepStrictEqual(closed, [1, 2, 3])
      assert.strictEqual(new Set(seen.map(({ idempotencyKey }) => idempotencyKey)).size, 1)
      assert.deepStrictEqual([seen[2]?.id, seen[2]?.name, seen[2]?.turn], ["call_1_1", "flaky", 1])
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "3"]])
    }).pipe(Effect.provide(scripted(...script))))

  it.effect("20: the timeout is for each attempt, and is retried", () =>
    Effect.gen(function*() {
      const { layer, seen } = flaky([Effect.never, Effect.delay(Effect.succeed(2), 15)])
      const [, millis] = yield* timed(Effect.provide(run, layer))
      assert.deepStrictEqual(seen.map(({ at }) => at), [0, 25])
      assert.strictEqual(millis, 40)
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "2"]])
    }).pipe(Effect.provide(scripted(...script))))

  it.effect("20: after the last attempt the model receives the last failure", () =>
    Effect.gen(function*() {
      const { layer, seen } = flaky([Effect.fail(busy), Effect.never, Effect.fail(new Busy({ since: 3 }))])
      yield* timed(Effect.provide(run, layer))
      assert.strictEqual(seen.length, 3)
      const [output] = yield* lastOutputs
      assert.deepStrictEqual(errorIn(output?.[1]), { _tag: "Busy", since: 3 })
    }).pipe(Effect.provide(scripted(...script))))

  it.effect("20: each call has its own attempts", () =>
    Effect.gen(function*() {
      const { layer, seen } = flaky([Effect.fail(busy), Effect.fail(busy), Effect.succeed(3)])
      yield* timed(Effect.provide(run, layer))
      assert.strictEqual(seen.length, 6)
      assert.strictEqual(new Set(seen.map(({ idempotencyKey }) => idempotencyKey)).size, 2)
      assert.deepStrictEqual((yield* lastOutputs).map(([, output]) => output), ["3", "3"])
    }).pipe(Effect.provide(scripted([script[0], script[0]], "Done."))))

  it.effect("20: a defect is not retried", () =>
    Effect.gen(function*() {
      const { layer, seen } = flaky([Effect.die("broken"), Effect.succeed(2)])
      yield* timed(Effect.provide(run, layer))
      assert.strictEqual(seen.length, 1)
      assert.deepStrictEqual(yield* lastErrors, ["The tool failed unexpectedly."])
    }).pipe(Effect.provide(scripted(...script))))
})

describe("concurrency", () => {
  const Work = Tool.make("work", { success: Schema.Number })
  const Narrow = Tool.make("narrow", { success: Schema.Number, concurrency: 2, timeout: "15 millis" })
  const kit = Toolkit.make(Work, Narrow)

  /** Handlers that take 10 ms, and the number that ran at the same time. */
  const working = () => {
    const now = { work: 0, narrow: 0 }
    const most = { work: 0, narrow: 0, all: 0 }
    const handler = (name: "work" | "narrow") => () =>
      Effect.acquireUseRelease(
        Effect.sync(() => {
          now[name]++
          most[name] = Math.max(most[name], now[name])
          most.all = Math.max(most.all, now.work + now.narrow)
        }),
        () => Effect.zipRight(Effect.sleep(10), Clock.currentTimeMillis),
        () => Effect.sync(() => now[name]--)
      )
    return { most, layer: kit.toLayer({ work: handler("work"), narrow: handler("narrow") }) }
  }
  const calls = (name: string, count: number) => Array.from({ length: count }, () => Script.toolCall(name))

  for (
    const [toolConcurrency, most, millis] of [[4, 4, 50], [undefined, 8, 30], [1, 1, 200], [Infinity, 20, 10]] as const
  ) {
    it.effect(`21: of 20 calls ${most} run at a time where toolConcurrency is ${toolConcurrency}`, () =>
      Effect.gen(function*() {
        const work = working()
        const [run, took] = yield* timed(
          Effect.provide(Agent.run({ model, input: "Go!", tools: kit, toolConcurrency }), work.layer)
        )
        assert.strictEqual(work.most.work, most)
        assert.strictEqual(took, millis)
        assert.strictEqual(run.steps[0]?.toolResults.length, 20)
        const outputs = yield* lastOutputs
        assert.deepStrictEqual(outputs.map(([id]) => id), run.steps[0]?.toolCalls.map(({ callId }) => callId))
      }).pipe(Effect.provide(scripted(calls("work", 20), "Done."))))
  }

  it.effect("21: a tool's limit holds together with the limit of the run, and waiting does not count toward its timeout", () =>
    Effect.gen(function*() {
      const { layer, most } = working()
      const [run, millis] = yield* timed(Effect.provide(Agent.run({ model, input: "Go!", tools: kit }), layer))
      assert.strictEqual(most.narrow, 2)
      assert.strictEqual(millis, 30)
      assert.isTrue(run.steps[0]?.toolResults.every(({ status }) => status === "success"))
    }).pipe(Effect.provide(scripted(calls("narrow", 6), "Done."))))

  it.effect("21: calls that wait for their tool's limit do not use the run's limit", () =>
    Effect.gen(function*() {
      const { layer, most } = working()
      yield* timed(Effect.provide(Agent.run({ model, input: "Go!", tools: kit, toolConcurrency: 3 }), layer))
      assert.deepStrictEqual(most, { narrow: 2, work: 1, all: 3 })
      assert.strictEqual((yield* lastOutputs)[6]?.[1], "10")
    }).pipe(Effect.provide(scripted([...calls("narrow", 6), ...calls("work", 1)], "Done."))))

  it.effect("21: a limit of 0 is rejected", () =>
    Effect.gen(function*() {
      const { layer } = working()
      const none = Toolkit.make(Tool.make("work", { concurrency: 0 }))
      const errors = yield* Effect.all([
        Effect.flip(Agent.run({ model, input: "Go!", tools: kit, toolConcurrency: 0 })),
        Effect.flip(Agent.run({ model, input: "Go!", tools: none }))
      ]).pipe(Effect.provide(layer), Effect.provide(none.toLayer({ work: () => Effect.void })))
      assert.deepStrictEqual(errors.map(({ _tag }) => _tag), ["InvalidRequestError", "InvalidRequestError"])
      assert.strictEqual(yield* sent, 0)
    }).pipe(Effect.provide(scripted())))
})
