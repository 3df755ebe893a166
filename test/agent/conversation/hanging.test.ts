/** A store that does not respond must not block a run or its interruption. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Session from "../../../src/agent/internal/conversation/session.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { balance, options, script } from "../support/bank.js"
import { input } from "../support/logs.js"
import { patiently, timedPatiently } from "../support/patience.js"

const open = (run: string) => Session.open("a", { run, lease: "1 hour" })

/** The store with some operations replaced. */
const withStore = (change: (store: Conversation.Store) => Partial<Conversation.Store>) =>
  Effect.updateService(Conversation.Conversation, (store) => ({ ...store, ...change(store) }))

/** Neither returns; the second ignores interruption too. */
const hanging = [["hangs", Effect.never], ["heeds nothing", Effect.uninterruptible(Effect.never)]] as const

/** The failure of an effect after exactly a minute: two tries. */
const afterAMinute = <A, R>(effect: Effect.Effect<A, Conversation.ConversationError, R>) =>
  Effect.gen(function*() {
    const [error, millis] = yield* timedPatiently(Effect.flip(effect))
    assert.strictEqual(millis, 60_000)
    assert(error._tag === "ConversationStoreError")
    return error
  })

describe.each(hanging)("a store that %s", (_, never) => {
  it.effect("fails an append after a minute, with two tries", () =>
    Effect.gen(function*() {
      const session = yield* withStore(() => ({ append: () => never }))(open("r1"))
      const error = yield* afterAMinute(session.append([input("hi")]))
      assert.include(error.message, "append")
      assert.deepStrictEqual([error.id, error.reason], ["a", "no response within 29s 900ms"])
      assert.deepStrictEqual(session.log, { version: 0, entries: [] })
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("fails the opening of a conversation after a minute", () =>
    Effect.gen(function*() {
      const error = yield* afterAMinute(withStore(() => ({ load: () => never }))(open("r1")))
      assert.include(error.message, "load")
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("delays an interrupted run by at most a minute for its append and 5 seconds for its end", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const append = () => Effect.zipRight(Deferred.succeed(begun, undefined), never)
      const run = Agent.run({ ...options, input: "How much?", conversation: "a" })
      const [_, millis] = yield* timedPatiently(Effect.gen(function*() {
        const fiber = yield* Effect.fork(withStore(() => ({ append }))(run))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(fiber)
      }))
      assert.isAtMost(millis, 65_000)
      assert.deepStrictEqual(yield* TestModel.requests, [])
    }).pipe(Effect.provide([Conversation.layerMemory, script()])))

  it.effect("fails a run with its progress", () =>
    Effect.gen(function*() {
      let appends = 0
      const error = yield* Agent.run({ ...options, input: "How much?", conversation: "a" }).pipe(
        withStore((store) => ({ append: (...of) => appends++ < 1 ? store.append(...of) : never })),
        Effect.flip,
        patiently
      )
      assert.strictEqual(error._tag, "ConversationStoreError")
      assert.strictEqual(error.progress.cost, 0.25)
    }).pipe(Effect.provide([
      Conversation.layerMemory,
      script(Script.turn([balance("abc")], { cost: 0.25 }))
    ])))
})

describe("a store operation that times out", () => {
  it.effect("is interrupted", () =>
    Effect.gen(function*() {
      const stopped = yield* Deferred.make<void>()
      const append = () => Effect.onInterrupt(Effect.never, () => Deferred.succeed(stopped, undefined))
      const session = yield* withStore(() => ({ append }))(open("r1"))
      yield* afterAMinute(session.append([]))
      yield* Deferred.await(stopped)
    }).pipe(Effect.provide(Conversation.layerMemory)))
})

describe("a store that is slow", () => {
  it.effect("does not fail the run within the limit", () =>
    Effect.gen(function*() {
      const session = yield* withStore((store) => ({
        append: (...of) => Effect.delay(store.append(...of), "29 seconds"),
        load: (id) => Effect.delay(store.load(id), "29 seconds")
      }))(open("r1")).pipe(Effect.fork, Effect.tap(TestClock.adjust("29 seconds")), Effect.flatMap(Fiber.join))
      const fiber = yield* Effect.fork(session.append([input("hi")]))
      yield* TestClock.adjust("29 seconds")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(session.log.version, 1)
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("may have completed an append, which the next append discovers", () =>
    Effect.gen(function*() {
      let wait = Duration.seconds(61)
      const session = yield* withStore((store) => ({
        append: (...of) => Effect.uninterruptible(Effect.delay(store.append(...of), wait))
      }))(open("r1"))
      yield* patiently(Effect.gen(function*() {
        yield* Effect.flip(session.append([input("hi")]))
        yield* Effect.sleep("1 second")
        wait = Duration.zero
        yield* session.append([input("again")])
      }))
      const { entries } = yield* Conversation.load("a")
      assert.deepStrictEqual(entries.slice(1), [input("hi"), input("again")])
    }).pipe(Effect.provide(Conversation.layerMemory)))
})
