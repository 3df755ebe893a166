/** What was executed is recorded before anything else can go wrong, and never executes again. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Activities, passThrough } from "../../../src/agent/Activities.js"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { interruptedExit } from "../../support/effect/fibers.js"
import { quiet } from "../../support/effect/logs.js"
import { lastOutputs, model, settled, timed } from "./support.js"

const Pay = Tool.make("pay", { parameters: Schema.Struct({ n: Schema.Number }), success: Schema.String })
const Flaky = Tool.make("flaky", { failure: Schema.String, failureMode: "error" })
const tools = Toolkit.make(Pay, Flaky)

const pay = (n: number) => Script.toolCall("pay", { n }, { id: `pay_${n}` })
const flaky = Script.toolCall("flaky", {}, { id: "flaky" })

const run = { model, tools, conversation: "c" } as const

const script = (...turns: Script.Script) => Layer.mergeAll(TestModel.layer(turns), Conversation.layerMemory, quiet)

/** Pays in 10 ms, fails in 5 ms the first time. */
const handlers = (paid: Array<number>) => {
  let failures = 0
  return tools.toLayer({
    pay: ({ n }) => Effect.as(Effect.delay(Effect.sync(() => paid.push(n)), 10), `receipt ${n}`),
    flaky: () => Effect.delay(Effect.suspend(() => failures++ === 0 ? Effect.fail("no") : Effect.void), 5)
  })
}

const recorded = Effect.map(
  Conversation.load("c"),
  ({ entries }) => entries.flatMap((entry) => entry._tag === "tool" ? [entry.record.callId] : []).toSorted()
)

const failureOf = (exit: Exit.Exit<unknown, unknown>) =>
  Exit.isFailure(exit)
    ? Cause.failureOption(exit.cause).pipe((failure) => failure._tag === "Some" && failure.value)
    : exit

describe("a call that fails the run", () => {
  it.effect("lets the calls that execute finish, and a later run executes only what failed", () =>
    Effect.gen(function*() {
      const paid: Array<number> = []
      const live = handlers(paid)
      const [error] = yield* timed(Effect.flip(Effect.provide(Agent.run({ ...run, input: "Go" }), live)))
      assert.strictEqual(error, "no")
      assert.deepStrictEqual(yield* recorded, ["pay_1", "pay_2"])
      const [last] = yield* timed(Effect.provide(Agent.run(run), live))
      assert.strictEqual(last.text, "Done.")
      assert.deepStrictEqual(paid.toSorted(), [1, 2])
    }).pipe(Effect.provide(script([pay(1), flaky, pay(2)], "Done."))))

  it.effect("lets no other call begin", () =>
    Effect.gen(function*() {
      const paid: Array<number> = []
      const one = Agent.run({ ...run, input: "Go", toolConcurrency: 2 })
      yield* timed(Effect.flip(Effect.provide(one, handlers(paid))))
      assert.deepStrictEqual(paid, [1])
      assert.deepStrictEqual(yield* recorded, ["pay_1"])
    }).pipe(Effect.provide(script([pay(1), flaky, pay(2), pay(3)]))))

  it.effect("may be the gate of a tool", () =>
    Effect.gen(function*() {
      const Gated = Tool.make("gated", {
        requireApproval: () => {
          throw new Error("the gate")
        }
      })
      const paid: Array<number> = []
      const live = Layer.merge(handlers(paid), Toolkit.make(Gated).toLayer({ gated: () => Effect.void }))
      const one = Agent.run({ ...run, tools: Toolkit.merge(tools, Toolkit.make(Gated)), input: "Go" })
      const [exit] = yield* timed(Effect.exit(Effect.provide(one, live)))
      assert.propertyVal(failureOf(exit), "_tag", "CallbackError")
      assert.deepStrictEqual([paid, yield* recorded], [[1], ["pay_1"]])
    }).pipe(Effect.provide(script([pay(1), Script.toolCall("gated", {})]))))

  it.effect("may be carried out again by an interpreter of activities", () =>
    Effect.gen(function*() {
      const paid: Array<number> = []
      const again = {
        ...passThrough,
        tool: <E, R, A>(_: unknown, effect: Effect.Effect<A, E, R>) => Effect.retry(effect, { times: 3 })
      }
      const [last] = yield* timed(
        Agent.run({ ...run, input: "Go" }).pipe(
          Effect.provideService(Activities, again),
          Effect.provide(handlers(paid))
        )
      )
      assert.strictEqual(last.text, "Done.")
      assert.deepStrictEqual(paid, [1])
    }).pipe(Effect.provide(script([pay(1), flaky], "Done."))))
})

describe("a `toModelOutput` that throws", () => {
  const Shown = Tool.make("shown", {
    success: Schema.Struct({ id: Schema.Number }),
    toModelOutput: () => {
      throw new Error("the formatter")
    }
  })
  const kit = Toolkit.make(Shown)

  it.effect("fails the run after the result is recorded, and the model learns that the tool succeeded", () =>
    Effect.gen(function*() {
      let times = 0
      const live = kit.toLayer({ shown: () => Effect.sync(() => ({ id: ++times })) })
      const error = yield* Effect.flip(Effect.provide(Agent.run({ ...run, tools: kit, input: "Go" }), live))
      assert.strictEqual(error._tag, "CallbackError")
      assert.deepStrictEqual(error.progress.steps[0]?.toolResults.map(({ result, status }) => [status, result]), [
        ["success", { id: 1 }]
      ])
      const last = yield* Effect.provide(Agent.run({ ...run, tools: kit }), live)
      assert.strictEqual(last.text, "Done.")
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "The tool succeeded, but its result cannot be shown."]])
      assert.strictEqual(times, 1)
    }).pipe(Effect.provide(script(Script.toolCall("shown", {}), "Done."))))
})

describe("a `tool` middleware", () => {
  const slow = Middleware.make({
    tool: (call, next) =>
      Effect.map(Effect.zipLeft(next(call.params), Effect.sleep(10)), (outcome) => ({ ...outcome, output: "changed" }))
  })

  it.effect("finishes in spite of an interruption, once the handler has succeeded", () =>
    Effect.gen(function*() {
      for (const [after, expected] of [[5, []], [15, ["changed"]], [25, ["changed"]]] as const) {
        yield* Effect.gen(function*() {
          const paid: Array<number> = []
          const fiber = yield* Effect.fork(
            Effect.provide(Agent.run({ ...run, input: "Go", middleware: slow }), handlers(paid))
          )
          yield* settled
          yield* TestClock.adjust(after)
          yield* settled
          yield* timed(Fiber.interrupt(fiber))
          const { entries } = yield* Conversation.load("c")
          const outputs = entries.flatMap((entry) => entry._tag === "tool" ? [entry.record.output] : [])
          assert.deepStrictEqual(outputs, [...expected], `interrupted after ${after} ms`)
          assert.strictEqual(paid.length, expected.length)
        }).pipe(
          Effect.provide([
            Conversation.layerMemory,
            TestModel.layer([pay(1), Script.forever("Done.")], { allowUnused: true })
          ])
        )
      }
    }))

  it.effect("that fails or hangs after the handler does so after a record, which tells the model nothing of the result", () =>
    Effect.gen(function*() {
      const broken = [Effect.fail("the middleware"), Effect.die("the middleware"), Effect.never] as const
      for (const after of broken) {
        yield* Effect.gen(function*() {
          const paid: Array<number> = []
          const live = handlers(paid)
          const middleware = Middleware.make({ tool: (call, next) => Effect.zipRight(next(call.params), after) })
          const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...run, input: "Go", middleware }), live))
          yield* settled
          yield* TestClock.adjust(10)
          yield* settled
          const [exit] = yield* timed(after === Effect.never ? interruptedExit(fiber) : Fiber.await(fiber), 3000)
          assert.isTrue(Exit.isFailure(exit))
          const [last] = yield* timed(Effect.provide(Agent.run(run), live))
          assert.strictEqual(last.text, "Done.")
          assert.deepStrictEqual(paid, [1])
          assert.notInclude(JSON.stringify(yield* lastOutputs), "receipt")
          const { entries } = yield* Conversation.load("c")
          assert.include(JSON.stringify(entries), "receipt 1")
        }).pipe(Effect.provide(script(pay(1), "Done.")))
      }
    }))
})

describe("a handler that hangs", () => {
  const Hang = Tool.make("hang", { timeout: "200 millis" })
  const kit = Toolkit.make(Hang)
  const ways = [
    ["is uninterruptible", Effect.uninterruptible(Effect.never)],
    ["has a finalizer that hangs", Effect.ensuring(Effect.never, Effect.never)]
  ] as const

  it.effect.each(ways)(
    "and %s is left behind after its limit, and the run goes on",
    ([, hang]) =>
      Effect.gen(function*() {
        const live = kit.toLayer({ hang: () => hang })
        const [last, millis] = yield* timed(Effect.provide(Agent.run({ model, tools: kit, input: "Go" }), live), 3000)
        assert.strictEqual(last.text, "Sorry.")
        assert.isAtMost(millis, 1500)
      }).pipe(Effect.provide(script(Script.toolCall("hang", {}), "Sorry.")))
  )

  it.effect.each(ways)(
    "and %s does not hold up the interruption of the run after its limit",
    ([, hang]) =>
      Effect.gen(function*() {
        const live = kit.toLayer({ hang: () => hang })
        const fiber = yield* Effect.fork(Effect.provide(Agent.run({ model, tools: kit, input: "Go" }), live))
        yield* settled
        const [exit] = yield* timed(interruptedExit(fiber), 3000)
        assert.isTrue(Exit.isInterrupted(exit))
      }).pipe(Effect.provide(script(Script.toolCall("hang", {}))))
  )
})

describe("a reader that stands still", () => {
  it.effect("sees no event whose record is not stored, and holds up no store and no tool", () =>
    Effect.gen(function*() {
      const paid: Array<number> = []
      const told: Array<string> = []
      const reader = yield* Agent.stream({ ...run, input: "Go" }).pipe(
        Stream.runForEach((event) =>
          Effect.gen(function*() {
            if (event.type !== "turn.end" && event.type !== "tool.result") return
            const { entries } = yield* Conversation.load("c")
            const kept = new Set(entries.map((entry) => entry._tag === "tool" ? entry.record.callId : entry._tag))
            assert.isTrue(kept.has(event.type === "turn.end" ? "turn" : event.toolCallId), event.type)
            told.push(event.type)
            return yield* Effect.never
          })
        ),
        Effect.provide(handlers(paid)),
        Effect.fork
      )
      yield* settled
      yield* TestClock.adjust(10)
      yield* settled
      assert.deepStrictEqual([told, paid.toSorted()], [["turn.end"], Array.from({ length: 8 }, (_, n) => n)])
      assert.deepStrictEqual(yield* recorded, paid.map((n) => `pay_${n}`).toSorted())
      yield* Fiber.interrupt(reader)
    }).pipe(Effect.provide(script(Array.from({ length: 8 }, (_, n) => pay(n))))))

  it.effect("takes none of the time of a tool that reports progress", () =>
    Effect.gen(function*() {
      const Report = Tool.make("report", { success: Schema.String, progress: Schema.Number, timeout: "300 millis" })
      const kit = Toolkit.make(Report)
      const live = kit.toLayer({
        report: (_, call) => Effect.as(Effect.forEach(Array.from({ length: 20 }, (_, n) => n), call.progress), "ok")
      })
      const fiber = yield* Agent.stream({ model, tools: kit, input: "Go" }).pipe(
        Stream.tap(({ type }) => type === "tool.preliminary_result" ? Effect.sleep("100 millis") : Effect.void),
        Stream.filter((event) => event.type === "tool.result"),
        Stream.runCollect,
        Effect.provide(live)
      ).pipe(Effect.fork)
      const [results] = yield* timed(Fiber.join(fiber), 5000)
      assert.deepStrictEqual([...results].map(({ status }) => status), ["success"])
    }).pipe(Effect.provide(script(Script.toolCall("report", {}), "Done."))))
})
