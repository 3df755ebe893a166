/** A store that does not respond must not block a run or its interruption. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Session from "../../../src/agent/internal/conversation/session.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { balance, options, script } from "../support/bank.js"
import { input } from "../support/logs.js"

const open = (run: string) => Session.open("a", { run, lease: "1 hour" })

/** The store with some operations replaced. */
const withStore = (change: (store: Conversation.Store) => Partial<Conversation.Store>) =>
  Effect.updateService(Conversation.Conversation, (store) => ({ ...store, ...change(store) }))

/** Neither returns; the second ignores interruption too. */
const hanging = [["hangs", Effect.never], ["heeds nothing", Effect.uninterruptible(Effect.never)]] as const

const isOver = <A, E>(fiber: Fiber.Fiber<A, E>) => Effect.map(Fiber.poll(fiber), Option.isSome)

/** The failure of an effect after exactly 30 seconds. */
const after30Seconds = <A, R>(effect: Effect.Effect<A, Conversation.ConversationError, R>) =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(Effect.flip(effect))
    yield* TestClock.adjust("29999 millis")
    assert.isFalse(yield* isOver(fiber))
    yield* TestClock.adjust(1)
    assert.isTrue(yield* isOver(fiber))
    const error = yield* Fiber.join(fiber)
    assert(error._tag === "ConversationStoreError")
    return error
  })

describe.each(hanging)("a store that %s", (_, never) => {
  it.effect("fails an append after 30 seconds", () =>
    Effect.gen(function*() {
      const session = yield* withStore(() => ({ append: () => never }))(open("r1"))
      const error = yield* after30Seconds(session.append([input("hi")]))
      assert.include(error.message, "append")
      assert.deepStrictEqual([error.id, error.reason], ["a", "no response within 30s"])
      assert.deepStrictEqual(session.log, { version: 0, entries: [] })
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("fails the opening of a conversation after 30 seconds", () =>
    Effect.gen(function*() {
      const error = yield* after30Seconds(withStore(() => ({ load: () => never }))(open("r1")))
      assert.include(error.message, "load")
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("delays an interrupted run by at most 30 seconds for its append and 30 for its end", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const append = () => Effect.zipRight(Deferred.succeed(begun, undefined), never)
      const run = Agent.run({ ...options, input: "How much?", conversation: "a" })
      const fiber = yield* Effect.fork(withStore(() => ({ append }))(run))
      yield* Deferred.await(begun)
      const interruption = yield* Effect.fork(Fiber.interrupt(fiber))
      yield* TestClock.adjust("1 minute")
      assert.isTrue(yield* isOver(interruption))
      assert.deepStrictEqual(yield* TestModel.requests, [])
    }).pipe(Effect.provide([Conversation.layerMemory, script()])))

  it.effect("fails a run with its progress", () =>
    Effect.gen(function*() {
      let appends = 0
      const fiber = yield* Agent.run({ ...options, input: "How much?", conversation: "a" }).pipe(
        withStore((store) => ({ append: (...of) => appends++ < 1 ? store.append(...of) : never })),
        Effect.flip,
        Effect.fork
      )
      yield* TestModel.awaitRequests(1)
      yield* TestClock.adjust("2 minutes")
      const error = yield* Fiber.join(fiber)
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
      yield* after30Seconds(session.append([]))
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
      let wait = Duration.seconds(31)
      const session = yield* withStore((store) => ({
        append: (...of) => Effect.uninterruptible(Effect.delay(store.append(...of), wait))
      }))(open("r1"))
      yield* after30Seconds(session.append([input("hi")]))
      yield* TestClock.adjust("1 second")
      wait = Duration.zero
      const next = yield* Effect.fork(Effect.flip(session.append([input("again")])))
      yield* TestClock.adjust(0)
      assert.strictEqual((yield* Fiber.join(next))._tag, "ConversationConflictError")
      const { entries } = yield* Conversation.load("a")
      assert.deepStrictEqual(entries.slice(1), [input("hi")])
    }).pipe(Effect.provide(Conversation.layerMemory)))
})
