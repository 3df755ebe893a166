/** Each start of a run has one end, for every outcome. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { balance, options, pay, script } from "../support/bank.js"
import { sent } from "./support.js"

class Unwell extends Schema.TaggedError<Unwell>()("Unwell", {}) {}

const run = { ...options, conversation: "c", input: "Go" } as const

const howOf = (exit: Exit.Exit<{ readonly outcome: { readonly _tag: string } }, unknown>) =>
  Exit.match(exit, {
    onSuccess: ({ outcome }) => outcome._tag,
    onFailure: () => Exit.isInterrupted(exit) ? "interruption" : "failure"
  })

/** Records its start and its end. */
const session = (trail: Array<string>, name = "") =>
  Middleware.make({
    start: () => Effect.sync(() => void trail.push(`start${name}`)),
    end: (progress, exit) =>
      Effect.sync(() => void trail.push(`end${name}: ${howOf(exit)} after ${progress.steps.length}`))
  })

const unwell = Middleware.make({ start: () => Effect.fail(new Unwell()) })

describe("66: start and end", () => {
  it.effect("66: come once for a run that completes, pauses and completes again", () =>
    Effect.gen(function*() {
      const trail: Array<string> = []
      const middleware = session(trail)
      yield* Agent.run({ ...run, middleware })
      yield* Agent.run({ ...options, conversation: "c", approve: ["pay_5"], middleware })
      yield* Agent.run({ ...run, stopWhen: StopWhen.stepCountIs(1), middleware })
      assert.deepStrictEqual(trail, [
        "start",
        "end: awaiting_approval after 1",
        "start",
        "end: completed after 1",
        "start",
        "end: stopped after 1"
      ])
    }).pipe(Effect.provide([Conversation.layerMemory, script(pay(5), "Paid.", pay(6))])))

  it.effect("66: come once for a run that fails, with its progress, after the conversation is released", () =>
    Effect.gen(function*() {
      const trail: Array<string> = []
      const store = yield* Conversation.Conversation
      const looking = Middleware.make({
        end: () =>
          Effect.map(Effect.orDie(store.load("c")), ({ entries }) => void trail.push(`${entries.at(-1)?._tag}`))
      })
      const error = yield* Effect.flip(Agent.run({ ...run, middleware: [session(trail), looking] }))
      assert.strictEqual(error._tag, "PaymentRequiredResponseError")
      assert.deepStrictEqual(trail, ["start", "closed", "end: failure after 1"])
    }).pipe(Effect.provide([Conversation.layerMemory, script(balance("abc"), Script.error(402))])))

  it.effect("66: come once for a run that is interrupted, however it was started", () =>
    Effect.gen(function*() {
      const trail: Array<string> = []
      const middleware = session(trail)
      const fiber = yield* Effect.fork(Agent.run({ ...run, middleware }))
      yield* TestModel.awaitRequests(1)
      yield* Fiber.interrupt(fiber)
      yield* Agent.stream({ ...run, middleware }).pipe(
        Stream.takeUntil((event) => event.type === "response.output_text.delta"),
        Stream.runDrain
      )
      yield* Effect.scoped(Effect.gen(function*() {
        const result = yield* Agent.callModel({ ...run, middleware })
        yield* Stream.runHead(result.textStream)
      }))
      assert.deepStrictEqual(
        trail,
        [1, 2, 3].flatMap(() => ["start", "end: interruption after 0"])
      )
      assert.deepStrictEqual(yield* TestModel.responses, { finished: 0, interrupted: 3, open: 0 })
    }).pipe(Effect.provide([Conversation.layerMemory, script(Script.forever(["Well", Script.stall]))])))

  it.effect("66: come once if another middleware fails, starts or rejects", () =>
    Effect.gen(function*() {
      const trail: Array<string> = []
      const error = yield* Effect.flip(
        Agent.run({ ...run, middleware: [session(trail, " a"), unwell, session(trail, " b")] })
      )
      assert.strictEqual(error._tag, "Unwell")
      const refusing = Middleware.make({ prompt: () => Effect.fail(new Unwell()) })
      yield* Effect.flip(Agent.run({ ...run, middleware: [session(trail, " a"), refusing, session(trail, " b")] }))
      assert.deepStrictEqual(trail, [
        "start a",
        "end a: failure after 0",
        "start a",
        "start b",
        "end b: failure after 0",
        "end a: failure after 0"
      ])
      assert.strictEqual((yield* Conversation.load("c")).version, 0)
      assert.strictEqual(yield* sent, 0)
    }).pipe(Effect.provide([Conversation.layerMemory, script()])))

  it.effect("66: do not come if the start itself is interrupted or fails", () =>
    Effect.gen(function*() {
      const trail: Array<string> = []
      const began = yield* Deferred.make<void>()
      const slow = Middleware.make({
        start: () => Effect.zipRight(Deferred.succeed(began, undefined), Effect.never),
        end: () => Effect.sync(() => void trail.push("end of the slow one"))
      })
      const fiber = yield* Effect.fork(Agent.run({ ...run, middleware: [session(trail), slow] }))
      yield* Deferred.await(began)
      yield* Fiber.interrupt(fiber)
      const failing = { ...unwell, end: () => Effect.sync(() => void trail.push("end of the failing one")) }
      yield* Effect.flip(Agent.run({ ...run, middleware: [session(trail), failing] }))
      assert.deepStrictEqual(trail, ["start", "end: interruption after 0", "start", "end: failure after 0"])
    }).pipe(Effect.provide([Conversation.layerMemory, script()])))

  it.effect("66: come for each, even if the end of one dies", () =>
    Effect.gen(function*() {
      const trail: Array<string> = []
      const dying = Middleware.make({ end: () => Effect.die("boom") })
      const exit = yield* Effect.exit(
        Agent.run({ ...run, middleware: [session(trail, " a"), dying, session(trail, " b")] })
      )
      assert.strictEqual(Exit.isFailure(exit), true)
      assert.deepStrictEqual(trail, ["start a", "start b", "end b: completed after 1", "end a: failure after 1"])
      const { entries } = yield* Conversation.load("c")
      assert.deepStrictEqual(entries.flatMap((entry) => entry._tag === "closed" ? [entry.outcome] : []), ["completed"])
    }).pipe(Effect.provide([Conversation.layerMemory, script("Done.")])))

  it.effect("66: come once for a handler that dies, and for a tool that fails the run", () =>
    Effect.gen(function*() {
      const trail: Array<string> = []
      const dying = Middleware.make({ tool: () => Effect.die("boom") })
      const exit = yield* Effect.exit(Agent.run({ ...run, middleware: [session(trail), dying] }))
      assert.strictEqual(Exit.isFailure(exit), true)
      assert.deepStrictEqual(trail, ["start", "end: failure after 1"])
      const again = yield* Agent.run({ ...options, conversation: "c", middleware: session(trail) })
      assert.strictEqual(again.text, "Three.")
    }).pipe(Effect.provide([Conversation.layerMemory, script(balance("abc"), "Three.")])))

  it.effect("66: do not come for a run with invalid options or whose conversation is busy", () =>
    Effect.gen(function*() {
      const trail: Array<string> = []
      const middleware = session(trail)
      yield* Effect.flip(Agent.run({ ...run, maxSteps: 0, middleware }))
      const store = yield* Conversation.Conversation
      yield* store.append("c", 0, [{ _tag: "opened", run: "other", at: 0, until: 1000 }])
      const busy = yield* Effect.flip(Agent.run({ ...run, middleware }))
      assert.strictEqual(busy._tag, "ConversationBusyError")
      assert.deepStrictEqual(trail, [])
    }).pipe(Effect.provide([Conversation.layerMemory, script()])))

  it.effect("66: receive the run: its id, its name, and the conversation before it", () =>
    Effect.gen(function*() {
      const seen: Array<Middleware.RunInfo> = []
      const middleware = Middleware.make({ start: (info) => Effect.sync(() => void seen.push(info)) })
      yield* Agent.run({ ...run, name: "teller", middleware })
      yield* Agent.run({ ...options, input: "Again", middleware })
      yield* Agent.run({ ...run, middleware })
      assert.strictEqual(new Set(seen.map(({ id }) => id)).size, 3)
      assert.deepStrictEqual(
        seen.map(({ conversation, history, name }) => [conversation, name, history.length]),
        [["c", "teller", 0], [undefined, undefined, 0], ["c", undefined, 2]]
      )
    }).pipe(Effect.provide([Conversation.layerMemory, script("One.", "Two.", "Three.")])))
})

describe("an `end` that breaks", () => {
  const breaks = [
    ["throws", () => {
      throw new Error("no disk")
    }],
    ["dies", () => Effect.die(new Error("no disk"))]
  ] as const
  for (const [how, end] of breaks) {
    it.effect(`66: by itself (it ${how}) fails a run that succeeded, with the whole run`, () =>
      Effect.gen(function*() {
        const outer: Array<string> = []
        const watch = Middleware.make({ end: (_, exit) => Effect.sync(() => void outer.push(exit._tag)) })
        const error = yield* Effect.flip(
          Agent.run({ model: "test/model", input: "Hi", middleware: [watch, Middleware.make({ end })] })
        )
        assert(error._tag === "CallbackError")
        assert.strictEqual(error.callback, "the middleware `end`")
        assert.include(error.message, "no disk")
        const progress: object = error.progress
        assert.deepInclude(progress, { text: "Hello.", cost: 2, outcome: { _tag: "completed" } })
        assert.deepStrictEqual(outer, ["Failure"])
      }).pipe(Effect.provide(TestModel.layer([Script.turn("Hello.", { cost: 2 })]))))

    it.effect(`66: (it ${how}) does not hide the failure of the run`, () =>
      Effect.gen(function*() {
        const error = yield* Effect.flip(
          Agent.run({ model: "test/model", input: "Hi", middleware: Middleware.make({ end }) })
        )
        assert.strictEqual(error._tag, "PaymentRequiredResponseError")
      }).pipe(Effect.provide(TestModel.layer([Script.error(402)]))))
  }
})
