/** Runs that `Conversation.interrupt` or a fiber interrupts, and what the next run finds. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { stores } from "../support/logs.js"
import { itemsOf, lastOutputs, sent } from "./support.js"

const Dig = Tool.make("dig", { success: Schema.String, timeout: "10 hours" })

const tools = Toolkit.make(Dig)

const run = { model: "test/model", tools, conversation: "c" } as const

const dig = (id = "dig_1") => Script.toolCall("dig", {}, { id })

/** A tool that signals its start and waits for permission to end; `trail` records its events. */
const digger = Effect.gen(function*() {
  const [began, mayEnd] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
  const trail: Array<string> = []
  const layer = tools.toLayer({
    dig: (_, call) =>
      Effect.gen(function*() {
        trail.push(`began ${call.idempotencyKey}`)
        yield* Effect.addFinalizer(() => Effect.sync(() => trail.push("cleaned up")))
        yield* Deferred.succeed(began, undefined)
        yield* Deferred.await(mayEnd)
        trail.push("ended")
        return "gold"
      })
  })
  return { began: Deferred.await(began), finish: Deferred.succeed(mayEnd, undefined), layer, trail }
})

const outcomes = Effect.map(
  Conversation.load("c"),
  ({ entries }) => entries.flatMap((entry) => entry._tag === "closed" ? [entry.outcome] : [])
)

describe.each(Object.entries(stores))(
  "a run with a conversation %s that receives a request to interrupt",
  (_, store) => {
    it.scoped("37: while a tool runs keeps the result of the tool, and sends no more requests", () =>
      Effect.gen(function*() {
        const { began, finish, layer, trail } = yield* digger
        const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...run, input: "Dig" }), layer))
        yield* began
        yield* Conversation.interrupt("c", "enough")
        yield* finish
        const first = yield* Fiber.join(fiber)
        assert.deepStrictEqual(first.outcome, { _tag: "interrupted", reason: "enough" })
        assert.deepStrictEqual(first.pending, [])
        assert.strictEqual(yield* sent, 1)
        const second = yield* Effect.provide(Agent.run(run), layer)
        assert.deepStrictEqual(second.outcome, { _tag: "completed" })
        assert.deepStrictEqual(yield* lastOutputs, [["dig_1", "gold"]])
        assert.deepStrictEqual(trail, ["began c/dig_1", "ended", "cleaned up"])
        assert.deepStrictEqual(yield* outcomes, ["interrupted", "completed"])
      }).pipe(Effect.provide([store, TestModel.layer([dig(), "Rich."])])))

    it.scoped("37: during a response does not execute the calls of that response", () =>
      Effect.gen(function*() {
        const { finish, layer, trail } = yield* digger
        yield* finish
        const first = yield* Effect.provide(Agent.run({ ...run, input: "Dig" }), layer)
        assert.deepStrictEqual(first.outcome, { _tag: "interrupted", reason: undefined })
        assert.deepStrictEqual(first.pending.map(({ callId, reason, turn }) => [callId, reason, turn]), [
          ["dig_1", "stopped", 1]
        ])
        assert.deepStrictEqual(trail, [])
        const second = yield* Effect.provide(Agent.run(run), layer)
        assert.deepStrictEqual(second.outcome, { _tag: "completed" })
        assert.deepStrictEqual(yield* lastOutputs, [["dig_1", "gold"]])
        assert.deepStrictEqual(trail, ["began c/dig_1", "ended", "cleaned up"])
      }).pipe(Effect.provide(
        Layer.provideMerge(
          Layer.unwrapEffect(Effect.map(Conversation.Conversation, (conversations) => {
            const interrupt = Effect.provideService(
              Conversation.interrupt("c"),
              Conversation.Conversation,
              conversations
            )
            return TestModel.layer([[Script.waitFor(Effect.orDie(interrupt)), dig()], "Rich."])
          })),
          store
        )
      )))
  }
)

describe("a request to interrupt a run", () => {
  it.effect("37: during the last response completes", () =>
    Effect.gen(function*() {
      const mayEnd = yield* Deferred.make<void>()
      const layer = Layer.merge(
        (yield* digger).layer,
        TestModel.layer([["Rich", Script.waitFor(Deferred.await(mayEnd)), "er."]])
      )
      const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...run, input: "Dig" }), layer))
      yield* Effect.repeat(Conversation.load("c"), { until: ({ version }) => version > 0 })
      yield* Conversation.interrupt("c")
      yield* Deferred.succeed(mayEnd, undefined)
      assert.deepStrictEqual((yield* Fiber.join(fiber)).outcome, { _tag: "completed" })
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("37: after the end of the run does not affect the next run", () =>
    Effect.gen(function*() {
      const { finish, layer } = yield* digger
      yield* finish
      yield* Conversation.interrupt("c", "too early")
      const first = yield* Effect.provide(Agent.run({ ...run, input: "Dig" }), layer)
      yield* Conversation.interrupt("c", "too late")
      const second = yield* Effect.provide(Agent.run({ ...run, input: "Again" }), layer)
      assert.deepStrictEqual([first.outcome, second.outcome], [{ _tag: "completed" }, { _tag: "completed" }])
    }).pipe(Effect.provide([Conversation.layerMemory, TestModel.layer([dig("a"), "Rich.", dig("b"), "Richer."])])))
})

describe.each(Object.entries(stores))("a run with a conversation %s whose fiber is interrupted", (_, store) => {
  it.scoped("while a tool runs interrupts the tool and releases the conversation; the call executes again", () =>
    Effect.gen(function*() {
      const { began, finish, layer, trail } = yield* digger
      const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...run, input: "Dig" }), layer))
      yield* began
      yield* Fiber.interrupt(fiber)
      const exit = yield* Fiber.await(fiber)
      assert.strictEqual(Exit.isInterrupted(exit), true)
      assert.deepStrictEqual(trail, ["began c/dig_1", "cleaned up"])
      assert.deepStrictEqual(yield* outcomes, ["interrupted"])
      assert.deepStrictEqual(
        Conversation.pending(yield* Conversation.load("c")).map(({ callId, reason }) => [callId, reason]),
        [["dig_1", "stopped"]]
      )
      yield* finish
      const second = yield* Effect.provide(Agent.run(run), layer)
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
      assert.deepStrictEqual(trail.slice(2), ["began c/dig_1", "ended", "cleaned up"])
      assert.deepStrictEqual(yield* lastOutputs, [["dig_1", "gold"]])
    }).pipe(Effect.provide([store, TestModel.layer([dig(), "Rich."])])))

  it.scoped("during a response closes the connection and releases the conversation", () =>
    Effect.gen(function*() {
      const { layer } = yield* digger
      const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...run, input: "Dig" }), layer))
      yield* TestModel.awaitRequests(1)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* TestModel.responses, { finished: 0, interrupted: 1, open: 0 })
      assert.deepStrictEqual(yield* outcomes, ["interrupted"])
      const second = yield* Effect.provide(Agent.run({ ...run, input: "Dig" }), layer)
      assert.strictEqual(second.text, "No.")
      assert.deepStrictEqual(itemsOf((yield* TestModel.requests)[1]), [{ role: "user", content: "Dig" }])
    }).pipe(Effect.provide([store, TestModel.layer([["Well", Script.stall], "No."])])))

  it.scoped("because its reader stops releases the conversation before the reader continues", () =>
    Effect.gen(function*() {
      const { layer } = yield* digger
      const events = yield* Agent.stream({ ...run, input: "Dig" }).pipe(
        Stream.takeUntil((event) => event.type === "response.output_text.delta"),
        Stream.runCount,
        Effect.provide(layer)
      )
      assert.isAbove(events, 1)
      assert.deepStrictEqual(yield* outcomes, ["interrupted"])
      const second = yield* Effect.provide(Agent.run({ ...run, input: "Dig" }), layer)
      assert.strictEqual(second.text, "No.")
    }).pipe(Effect.provide([store, TestModel.layer([["Well", Script.stall], "No."])])))
})

describe("the lease of a run", () => {
  it.effect("is renewed while a tool runs", () =>
    Effect.gen(function*() {
      const { began, finish, layer, trail } = yield* digger
      const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...run, input: "Dig", lease: "1 minute" }), layer))
      yield* began
      for (let seconds = 0; seconds < 300; seconds += 10) {
        yield* TestClock.adjust("10 seconds")
        const busy = yield* Effect.flip(Effect.provide(Agent.run(run), layer))
        assert.strictEqual(busy._tag, "ConversationBusyError")
      }
      yield* finish
      assert.deepStrictEqual((yield* Fiber.join(fiber)).outcome, { _tag: "completed" })
      assert.deepStrictEqual(trail, ["began c/dig_1", "ended", "cleaned up"])
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide([Conversation.layerMemory, TestModel.layer([dig(), "Rich."])])))

  it.effect("37: delivers a request to interrupt to a run with a slow tool, which then starts nothing more", () =>
    Effect.gen(function*() {
      const { began, finish, layer } = yield* digger
      const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...run, input: "Dig" }), layer))
      yield* began
      yield* Conversation.interrupt("c", "late")
      yield* TestClock.adjust("1 hour")
      yield* finish
      assert.deepStrictEqual((yield* Fiber.join(fiber)).outcome, { _tag: "interrupted", reason: "late" })
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide([Conversation.layerMemory, TestModel.layer([dig()])])))

  it.effect("fails the run if another run acquired the conversation, and interrupts its tool at once", () =>
    Effect.gen(function*() {
      const { began, layer, trail } = yield* digger
      const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...run, input: "Dig", lease: "1 minute" }), layer))
      yield* began
      const store = yield* Conversation.Conversation
      const { version } = yield* store.load("c")
      yield* store.append("c", version, [{ _tag: "opened", run: "other", at: 0, until: 3_600_000 }])
      yield* TestClock.adjust("20 seconds")
      const error = yield* Effect.flip(Fiber.join(fiber))
      assert.strictEqual(error._tag, "ConversationConflictError")
      assert.strictEqual(error.progress.steps.length, 1)
      assert.deepStrictEqual(trail, ["began c/dig_1", "cleaned up"])
      const { entries } = yield* store.load("c")
      assert.strictEqual(entries.at(-1)?._tag, "opened")
    }).pipe(Effect.provide([Conversation.layerMemory, TestModel.layer([dig()])])))

  it.effect("continues if one renewal fails", () =>
    Effect.gen(function*() {
      const { began, finish, layer } = yield* digger
      const store = yield* Conversation.Conversation
      let failures = 1
      const shaky = Conversation.Conversation.of({
        ...store,
        append: (id, version, entries) =>
          entries.every(({ _tag }) => _tag === "renewed") && failures-- > 0
            ? Effect.fail(new Conversation.ConversationStoreError({ message: "disk", id, reason: "disk" }))
            : store.append(id, version, entries)
      })
      const fiber = yield* Agent.run({ ...run, input: "Dig", lease: "1 minute" }).pipe(
        Effect.provide(layer),
        Effect.provideService(Conversation.Conversation, shaky),
        Effect.fork
      )
      yield* began
      for (let seconds = 0; seconds < 120; seconds += 10) {
        yield* TestClock.adjust("10 seconds")
        const busy = yield* Effect.flip(Effect.provide(Agent.run(run), layer))
        assert.strictEqual(busy._tag, "ConversationBusyError")
      }
      yield* finish
      assert.deepStrictEqual((yield* Fiber.join(fiber)).outcome, { _tag: "completed" })
      assert.isBelow(failures, 1)
    }).pipe(Effect.provide([Conversation.layerMemory, TestModel.layer([dig(), "Rich."])])))
})
