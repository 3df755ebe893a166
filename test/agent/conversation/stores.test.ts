import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Conversation from "../../../src/agent/Conversation.js"
import { anyAppends, input, stores, tool, turn, user } from "../support/logs.js"

type Entry = Conversation.Entry

/** Ids that a file system, a key or a URL could misinterpret or confuse. */
const ids = [
  "",
  ".",
  "..",
  "../..",
  "/",
  "a/b",
  "a\\b",
  "a%2Fb",
  "a.002fb",
  "c-a",
  "CON",
  "con",
  "nul.json",
  "000001.json",
  "a",
  "A",
  "a ",
  "a.",
  "a:b",
  "a\0b",
  "a\nb",
  "\u00041",
  "é",
  "e\u0301",
  "ﬀ",
  "日本語",
  "👩‍🚀",
  "\ud800",
  "\ufffd",
  "__proto__",
  "constructor",
  "x".repeat(10_000),
  `${"x".repeat(10_000)}y`,
  "X".repeat(10_000),
  "語".repeat(3_000)
]

const appendAll = (store: Conversation.Store, id: string, appends: ReadonlyArray<ReadonlyArray<Entry>>) =>
  Effect.reduce(appends, 0, (version, entries) => store.append(id, version, entries))

const tagOf = <A>(effect: Effect.Effect<A, Conversation.ConversationError>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

describe.each(Object.entries(stores))("a conversation %s", (_, layer) => {
  it.scoped("is empty if it does not exist", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Conversation.load("new"), { version: 0, entries: [] })
      assert.deepStrictEqual(yield* Conversation.load("new"), { version: 0, entries: [] })
    }).pipe(Effect.provide(layer)))

  it.scoped("holds what was appended, in order, each append as one version", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      assert.strictEqual(yield* store.append("a", 0, [input("1"), input("2")]), 1)
      assert.strictEqual(yield* store.append("a", 1, []), 2)
      assert.strictEqual(yield* store.append("a", 2, [input("3")]), 3)
      assert.deepStrictEqual(yield* store.load("a"), { version: 3, entries: [input("1"), input("2"), input("3")] })
    }).pipe(Effect.provide(layer)))

  it.scoped("accepts an append at its newest version only", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      yield* appendAll(store, "a", [[input("1")], [input("2")]])
      for (const version of [0, 1, 3, 1000, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        const error = yield* Effect.flip(store.append("a", version, [input("not this")]))
        if (error._tag !== "ConversationConflictError") return assert.fail(error._tag)
        assert.deepStrictEqual([error.id, error.version], ["a", version])
      }
      assert.deepStrictEqual(yield* store.load("a"), { version: 2, entries: [input("1"), input("2")] })
      for (const version of [1, -1]) {
        assert.strictEqual(yield* tagOf(store.append("new", version, [])), "ConversationConflictError")
      }
      assert.strictEqual((yield* store.load("new")).version, 0)
    }).pipe(Effect.provide(layer)))

  it.scoped("lets one of many appends succeed", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      for (let version = 0; version < 10; version++) {
        const outcomes = yield* Effect.forEach(
          Array.from({ length: 20 }, (_, index) => `${version}/${index}`),
          (name) => Effect.either(Effect.as(store.append("a", version, [input(name), input(name)]), name)),
          { concurrency: "unbounded" }
        )
        const [winner, ...others] = outcomes.filter(Either.isRight)
        assert.deepStrictEqual(others, [])
        for (const failure of outcomes.filter(Either.isLeft)) {
          assert.strictEqual(failure.left._tag, "ConversationConflictError")
        }
        const log = yield* store.load("a")
        assert.strictEqual(log.version, version + 1)
        assert.deepStrictEqual(log.entries.slice(-2), winner && [input(winner.right), input(winner.right)])
      }
    }).pipe(Effect.provide(layer)))

  it.scoped("is separate from every other, for any ids", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      yield* Effect.forEach(ids, (id, index) => store.append(id, 0, [input(`${index}`)]))
      const logs = yield* Effect.forEach(ids, store.load)
      assert.deepStrictEqual(logs, ids.map((_, index) => ({ version: 1, entries: [input(`${index}`)] })))
    }).pipe(Effect.provide(layer)))

  it.scoped("loads as it was stored, with unknown entries and fields", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      let id = 0
      yield* Effect.promise(() =>
        FastCheck.assert(
          FastCheck.asyncProperty(anyAppends, (appends) => {
            const check = Effect.gen(function*() {
              const version = yield* appendAll(store, `${++id}`, appends)
              assert.deepStrictEqual(yield* store.load(`${id}`), { version, entries: appends.flat() })
            })
            return Effect.runPromise(check)
          }),
          { numRuns: 100 }
        )
      )
    }).pipe(Effect.provide(layer)))

  it.scoped("rejects entries that could not be loaded again", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      const cycle: { self?: unknown } = {}
      cycle.self = cycle
      for (const result of [cycle, 10n, { deep: [1n] }]) {
        const error = yield* Effect.flip(store.append("a", 0, [tool("call_1", { result })]))
        assert.strictEqual(error._tag, "ConversationStoreError")
      }
      const error = yield* Effect.flip(store.append("a", 0, [input("fine"), tool("call_1", { startedAt: Number.NaN })]))
      if (error._tag !== "ConversationStoreError") return assert.fail(error._tag)
      assert.include(error.reason, "entries.1.record.startedAt")
      assert.deepStrictEqual(yield* store.load("a"), { version: 0, entries: [] })
      // The result of a tool without a result
      yield* store.append("a", 0, [tool("call_1", { result: undefined })])
      assert.strictEqual((yield* store.load("a")).version, 1)
    }).pipe(Effect.provide(layer)))

  it.scoped("does not change when the caller changes an object that it appended", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      const items = [user("first")]
      yield* store.append("a", 0, [{ _tag: "input", items }])
      items.push(user("second"))
      const before = yield* store.load("a")
      assert.deepStrictEqual(before.entries, [input("first")])
      yield* store.append("a", 1, [turn(1, [])])
      assert.strictEqual(before.entries.length, 1)
    }).pipe(Effect.provide(layer)))

  it.scoped("keeps all of many concurrent requests to interrupt", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      yield* Effect.forEach(
        Array.from({ length: 10 }, (_, index) => `reason ${index}`),
        (reason) => Conversation.interrupt("a", reason),
        { concurrency: "unbounded" }
      )
      yield* Conversation.interrupt("a")
      const { entries, version } = yield* store.load("a")
      assert.strictEqual(version, 11)
      assert.deepStrictEqual(entries[10], { _tag: "interrupt" })
      const reasons = entries.slice(0, 10).map((entry) => entry._tag === "interrupt" ? entry.reason : entry._tag)
      assert.deepStrictEqual(reasons.toSorted(), Array.from({ length: 10 }, (_, index) => `reason ${index}`))
    }).pipe(Effect.provide(layer)))
})
