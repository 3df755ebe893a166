/** A storage that fails for a while: nothing that a run appended is lost, stored twice or out of order. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Session from "../../../src/agent/internal/conversation/session.js"
import { makeMemoryStore } from "../../../src/agent/internal/conversation/stores/memoryStore.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { input, tool } from "../support/logs.js"
import { patiently, timedPatiently } from "../support/patience.js"

/**
 * What one operation of the storage does: `before` fails and `after` fails although it was done; `hang` and `late` do not
 * return, and `late` is done nevertheless.
 */
type Fault = "none" | "before" | "after" | "hang" | "late"

const blip = new Conversation.ConversationStoreError({ id: "a", message: "blip", reason: "ECONNRESET" })

const faulty = <A>(operation: Effect.Effect<A, Conversation.ConversationError>, fault: Fault) =>
  fault === "none"
    ? operation
    : fault === "before"
    ? Effect.fail(blip)
    : fault === "after"
    ? Effect.zipRight(operation, Effect.fail(blip))
    : fault === "hang"
    ? Effect.uninterruptible(Effect.never)
    : Effect.uninterruptible(Effect.zipRight(operation, Effect.never))

/** A store with these faults, one for each operation, in order; without faults after the last. */
const storeWith = (faults: ReadonlyArray<Fault>) => {
  const store = makeMemoryStore()
  const next = [...faults]
  const operations: Array<string> = []
  const layer = Layer.succeed(Conversation.Conversation, {
    load: (id) => Effect.suspend(() => faulty(store.load(id), (operations.push("load"), next.shift() ?? "none"))),
    append: (...of) =>
      Effect.suspend(() => faulty(store.append(...of), (operations.push("append"), next.shift() ?? "none")))
  })
  return { store, layer, operations, heal: () => void next.splice(0) }
}

const open = Session.open("a", { run: "r1", lease: "1 hour" })

const contents = (store: Conversation.Store) =>
  Effect.map(store.load("a"), ({ entries }) => entries.filter(({ _tag }) => _tag !== "opened" && _tag !== "renewed"))

describe("an append that fails", () => {
  it.effect.each(["before", "after"] as const)("%s it was written is tried again, and written once", (fault) => {
    const { layer, store } = storeWith(["none", fault, fault, fault, fault])
    return Effect.gen(function*() {
      const session = yield* open
      yield* patiently(session.append([input("hi")]))
      assert.deepStrictEqual(yield* contents(store), [input("hi")])
      assert.deepStrictEqual(session.log, yield* store.load("a"))
    }).pipe(Effect.provide(layer))
  })

  it.effect("is tried after 0.1, 0.4, 1.6 and 5 seconds", () => {
    const { layer, operations } = storeWith(["none", ...Array.from({ length: 5 }, () => "before" as const)])
    return Effect.gen(function*() {
      const session = yield* open
      const [error, millis] = yield* timedPatiently(Effect.flip(session.append([input("hi")])))
      assert.strictEqual(error._tag, "ConversationStoreError")
      assert.deepStrictEqual([operations.length, millis], [1 + 5, 100 + 400 + 1600 + 5000])
      assert.deepStrictEqual(session.log.entries, [])
    }).pipe(Effect.provide(layer))
  })

  it.effect("for good is offered again with the next append, in order", () => {
    const { layer, store } = storeWith(["none", ...Array.from({ length: 5 }, () => "before" as const)])
    return Effect.gen(function*() {
      const session = yield* open
      yield* patiently(Effect.flip(session.append([input("1"), input("2")])))
      yield* session.append([input("3")])
      assert.deepStrictEqual(yield* contents(store), [input("1"), input("2"), input("3")])
    }).pipe(Effect.provide(layer))
  })

  it.effect("for good makes the next ones short, until one succeeds", () => {
    const down = Array.from({ length: 5 }, () => "hang" as const)
    const { layer, operations } = storeWith(["none", ...down])
    return Effect.gen(function*() {
      const session = yield* open
      const calls = Array.from({ length: 4 }, (_, index) => Effect.flip(session.append([tool(`call_${index}`)])))
      const [errors, millis] = yield* timedPatiently(Effect.all(calls, { concurrency: "unbounded" }))
      assert.deepStrictEqual([errors.length, millis], [4, 60_000 + 3 * 5_000])
      assert.strictEqual(operations.length, 1 + 2 + 3)
    }).pipe(Effect.provide(layer))
  })

  it.effect("because it is not JSON is not tried again, and does not hold up what the next one stores", () => {
    const { layer, operations, store } = storeWith([])
    return Effect.gen(function*() {
      const session = yield* open
      const error = yield* Effect.flip(session.append([tool("call_1", { result: 1n })]))
      assert.strictEqual(error._tag, "ConversationStoreError")
      assert.deepStrictEqual(operations, ["load", "append"])
      yield* session.append([tool("call_2")])
      assert.deepStrictEqual(yield* contents(store), [tool("call_2")])
    }).pipe(Effect.provide(layer))
  })

  it.effect("is not taken for written if another run wrote", () => {
    const { layer, store } = storeWith(["none", "before"])
    return Effect.gen(function*() {
      const session = yield* open
      const fiber = yield* Effect.fork(Effect.flip(session.append([input("hi")])))
      yield* Effect.yieldNow()
      yield* store.append("a", 0, [{ _tag: "opened", run: "r2", at: 0, until: 60_000 }, input("hi")])
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "ConversationConflictError")
      assert.isFalse(session.holds())
      assert.strictEqual((yield* store.load("a")).version, 1)
    }).pipe(Effect.provide(layer))
  })
})

describe("a load that fails", () => {
  it.effect("is tried again", () => {
    const { layer, operations } = storeWith(["before", "hang"])
    return Effect.gen(function*() {
      yield* patiently(Conversation.load("a"))
      yield* patiently(open)
      assert.deepStrictEqual(operations, ["load", "load", "load", "load"])
    }).pipe(Effect.provide(layer))
  })
})

describe("a session over any storage that fails", () => {
  const fault = FastCheck.constantFrom<Fault>("none", "none", "before", "after", "hang", "late")

  it.effect.prop(
    "stores each entry once and in order, and claims nothing that is not stored",
    [FastCheck.array(fault, { maxLength: 25 }), FastCheck.array(FastCheck.nat(3), { minLength: 1, maxLength: 8 })],
    ([faults, sizes]) => {
      const { heal, layer, store } = storeWith(["none", ...faults])
      return Effect.gen(function*() {
        const session = yield* open
        const expected: Array<Conversation.Entry> = []
        for (const [number, size] of sizes.entries()) {
          const entries = Array.from({ length: size }, (_, index) => input(`${number}.${index}`))
          expected.push(...entries)
          yield* patiently(Effect.either(session.append(entries)))
          const { entries: stored } = yield* store.load("a")
          assert.deepStrictEqual(stored.slice(0, session.log.entries.length), session.log.entries)
          const known = yield* contents(store)
          assert.deepStrictEqual(known, expected.slice(0, known.length))
        }
        heal()
        yield* session.append([input("end")])
        assert.deepStrictEqual(yield* contents(store), [...expected, input("end")])
        assert.deepStrictEqual(session.log, yield* store.load("a"))
      }).pipe(Effect.provide(layer))
    },
    { fastCheck: { numRuns: 40 } }
  )
})

const Pay = Tool.make("pay", { success: Schema.String })
const tools = Toolkit.make(Pay)

describe("a run over a storage that fails", () => {
  const agent = { model: "test/model", conversation: "a", tools } as const

  /** Runs until the run completes; repeats it at most three times. Returns how often the tool paid. */
  const paidWith = (faults: ReadonlyArray<Fault>) => {
    let paid = 0
    const { layer, store } = storeWith(faults)
    const live = tools.toLayer({ pay: () => Effect.sync(() => `receipt ${++paid}`) })
    const model = Script.forever((request) =>
      JSON.stringify(request.json).includes("receipt") ? "Done." : [Script.toolCall("pay", {}, { id: "pay" })]
    )
    return Effect.gen(function*() {
      for (let runs = 0; runs < 4; runs++) {
        const isNew = (yield* store.load("a")).entries.every(({ _tag }) => _tag !== "input")
        const run = yield* patiently(Effect.either(Agent.run(isNew ? { ...agent, input: "Pay" } : agent)))
        if (run._tag === "Right") return paid
        assert.isDefined(run.left.progress)
      }
      return assert.fail("the run never completed")
    }).pipe(Effect.provide(Layer.mergeAll(layer, live, TestModel.layer([model]))))
  }

  const operations = Array.from({ length: 6 }, (_, at) => at)

  it.effect.each(operations)(
    "pays once if the storage fails at operation %i for a moment",
    (at) =>
      Effect.gen(function*() {
        for (const fault of ["before", "after", "hang", "late"] as const) {
          const before = Array.from({ length: at }, () => "none" as const)
          assert.strictEqual(yield* paidWith([...before, fault]), 1, fault)
        }
      })
  )

  it.effect("pays once if the record of a tool fails for good and the end of the run succeeds", () =>
    Effect.gen(function*() {
      const faults = [...["none", "none"] as const, ...Array.from({ length: 5 }, () => "before" as const)]
      assert.strictEqual(yield* paidWith(faults), 1)
    }))
})
