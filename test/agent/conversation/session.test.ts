import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Ref from "effect/Ref"
import * as TestClock from "effect/TestClock"
import * as Conversation from "../../../src/agent/Conversation.js"
import { conflict } from "../../../src/agent/internal/conversation/errors.js"
import * as Session from "../../../src/agent/internal/conversation/session.js"
import { input, message, tool, turn } from "../support/logs.js"

type Entry = Conversation.Entry

const minute = 60_000

const open = (run: string, id = "a") => Session.open(id, { run, lease: "1 minute" })

const entries = Effect.map(Conversation.load("a"), (log) => log.entries)

const closed = (run: string): Entry => ({ _tag: "closed", run, outcome: "completed" })

const tags = Effect.map(entries, (entries) => entries.map(({ _tag }) => _tag))

/** Appends from outside the session. */
const append = (...added: ReadonlyArray<Entry>) =>
  Effect.flatMap(
    Conversation.Conversation,
    (store) => Effect.flatMap(store.load("a"), ({ version }) => store.append("a", version, added))
  )

/** The store with some operations wrapped. */
const withStore = (change: (store: Conversation.Store) => Partial<Conversation.Store>) =>
  Effect.updateService(Conversation.Conversation, (store) => ({ ...store, ...change(store) }))

const conflictOf = <A, R>(effect: Effect.Effect<A, Conversation.ConversationError, R>) =>
  Effect.map(
    Effect.flip(effect),
    (error) => error._tag === "ConversationConflictError" ? error : assert.fail(`${error._tag}: ${error.message}`)
  )

const busyOf = <A, R>(effect: Effect.Effect<A, Conversation.ConversationError, R>) =>
  Effect.map(
    Effect.flip(effect),
    (error) => error._tag === "ConversationBusyError" ? error : assert.fail(`${error._tag}: ${error.message}`)
  )

describe("the lease of a run", () => {
  it.effect("begins with the first append", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(1000)
      const session = yield* open("r1")
      assert.deepStrictEqual(session.log, { version: 0, entries: [] })
      yield* open("r2")
      assert.deepStrictEqual(yield* entries, [])
      yield* session.append([input("hi")])
      const expected: ReadonlyArray<Entry> = [
        { _tag: "opened", run: "r1", at: 1000, until: 1000 + minute },
        input("hi")
      ]
      assert.deepStrictEqual(yield* entries, expected)
      assert.deepStrictEqual(session.log, { version: 1, entries: expected })
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("follows the clock of the store, on machines whose clocks do not agree", () =>
    Effect.gen(function*() {
      const storeTime = yield* Ref.make(5000)
      const sharing = withStore(() => ({ now: Ref.get(storeTime) }))
      yield* TestClock.setTime(60 * minute)
      yield* Effect.flatMap(open("r1"), (session) => session.append([])).pipe(sharing)
      assert.deepStrictEqual(yield* entries, [{ _tag: "opened", run: "r1", at: 5000, until: 5000 + minute }])
      yield* TestClock.setTime(600 * minute)
      const error = yield* busyOf(open("r2").pipe(sharing))
      assert.strictEqual(error.until, 5000 + minute)
      yield* Ref.set(storeTime, 5000 + minute)
      yield* Effect.flatMap(open("r2"), (session) => session.append([])).pipe(sharing)
      assert.deepStrictEqual((yield* entries).at(-1), {
        _tag: "opened",
        run: "r2",
        at: 5000 + minute,
        until: 5000 + 2 * minute
      })
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("excludes other runs until it ends", () =>
    Effect.gen(function*() {
      yield* (yield* open("r1")).append([])
      const error = yield* busyOf(open("r2"))
      assert.deepStrictEqual([error.id, error.run, error.until], ["a", "r1", minute])
      assert.include(error.message, "1970-01-01T00:01:00.000Z")
      yield* TestClock.adjust(minute - 1)
      yield* busyOf(open("r2"))
      yield* TestClock.adjust(1)
      yield* open("r2")
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("is renewed by an append, an empty one too, when a third of it is over", () =>
    Effect.gen(function*() {
      const session = yield* open("r1")
      for (
        const [time, more] of [[0, []], [19_999, [input("x")]], [20_000, []], [39_999, []], [60_000, [
          input("y")
        ]]] as const
      ) {
        yield* TestClock.setTime(time)
        yield* session.append(more)
      }
      assert.deepStrictEqual(yield* entries, [
        { _tag: "opened", run: "r1", at: 0, until: minute },
        input("x"),
        { _tag: "renewed", run: "r1", until: 20_000 + minute },
        { _tag: "renewed", run: "r1", until: 2 * minute },
        input("y")
      ])
      yield* TestClock.setTime(2 * minute - 1)
      yield* busyOf(open("r2"))
      yield* TestClock.adjust(1)
      yield* open("r2")
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("ends with the run", () =>
    Effect.gen(function*() {
      const session = yield* open("r1")
      yield* session.append([input("hi")])
      yield* session.append([closed("r1")])
      const next = yield* open("r2")
      yield* next.append([])
      assert.strictEqual((yield* busyOf(open("r3"))).run, "r2")
      assert.deepStrictEqual(yield* tags, ["opened", "input", "closed", "opened"])
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("is not acquired again by an append after the end of a run", () =>
    Effect.gen(function*() {
      const session = yield* open("r1")
      yield* session.append([closed("r1")])
      yield* TestClock.adjust(1)
      yield* session.append([input("late")])
      assert.deepStrictEqual(yield* tags, ["opened", "closed", "input"])
      yield* open("r2")
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("passes to the same run in another process and excludes others as before", () =>
    Effect.gen(function*() {
      yield* (yield* open("r1")).append([turn(1, [])])
      yield* Conversation.interrupt("a", "enough")
      yield* TestClock.adjust("30 seconds")
      const again = yield* open("r1")
      assert.deepStrictEqual(again.interrupted(), { reason: "enough" })
      yield* again.append([])
      assert.deepStrictEqual(yield* tags, ["opened", "turn", "interrupt", "renewed"])
      assert.deepStrictEqual(again.interrupted(), { reason: "enough" })
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("is neither ended nor renewed by a run that lost it", () =>
    Effect.gen(function*() {
      yield* append({ _tag: "opened", run: "r1", at: 0, until: minute })
      yield* append({ _tag: "opened", run: "r2", at: minute, until: 2 * minute })
      yield* append(closed("r1"), { _tag: "renewed", run: "r1", until: 9 * minute })
      const error = yield* busyOf(open("r3"))
      assert.deepStrictEqual([error.run, error.until], ["r2", 2 * minute])
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("may have no expiry", () =>
    Effect.gen(function*() {
      const session = yield* Session.open("a", { run: "r1", lease: Infinity })
      yield* session.append([])
      yield* session.append([])
      yield* TestClock.adjust("400000 days")
      const error = yield* busyOf(open("r2"))
      assert.isAbove(error.until, yield* Clock.currentTimeMillis)
      assert.include(error.message, "the end of all dates")
    }).pipe(Effect.provide(Conversation.layerMemory)))
})

describe("two runs", () => {
  it.effect("that begin at the same time: one acquires the conversation", () =>
    Effect.gen(function*() {
      const [one, other] = yield* Effect.all([open("r1"), open("r2")])
      yield* one.append([input("one")])
      const error = yield* conflictOf(other.append([input("other")]))
      assert.deepStrictEqual([error.id, error.version], ["a", 0])
      yield* conflictOf(other.append([input("other")]))
      yield* one.append([turn(1, [])])
      assert.deepStrictEqual(yield* tags, ["opened", "input", "turn"])
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("of which the second takes over an expired lease: the first fails and writes nothing", () =>
    Effect.gen(function*() {
      const first = yield* open("r1")
      yield* first.append([input("hi")])
      yield* TestClock.adjust("1 minute")
      const second = yield* open("r2")
      yield* second.append([turn(1, [])])
      yield* conflictOf(first.append([tool("call_1")]))
      yield* conflictOf(first.append([closed("r1")]))
      yield* second.append([tool("call_1")])
      assert.deepStrictEqual(yield* tags, ["opened", "input", "opened", "turn", "tool"])
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("of which the second came too early: the first continues after its lease if no other run acquired it", () =>
    Effect.gen(function*() {
      const first = yield* open("r1")
      yield* first.append([input("hi")])
      yield* TestClock.adjust("2 minutes")
      const second = yield* open("r2")
      yield* first.append([turn(1, [])])
      yield* conflictOf(second.append([input("too late")]))
      yield* busyOf(open("r2"))
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("are not confused by an interrupt between them", () =>
    Effect.gen(function*() {
      const [one, other] = yield* Effect.all([open("r1"), open("r2")])
      yield* one.append([])
      yield* Conversation.interrupt("a")
      yield* conflictOf(other.append([]))
      assert.isUndefined(other.interrupted())
    }).pipe(Effect.provide(Conversation.layerMemory)))
})

describe("a request to interrupt", () => {
  it.effect("is detected by the next append, which still succeeds", () =>
    Effect.gen(function*() {
      const session = yield* open("r1")
      yield* session.append([input("hi")])
      yield* Conversation.interrupt("a", "first")
      yield* Conversation.interrupt("a", "second")
      assert.isUndefined(session.interrupted())
      yield* session.append([turn(1, [])])
      assert.deepStrictEqual(session.interrupted(), { reason: "first" })
      assert.deepStrictEqual(yield* tags, ["opened", "input", "interrupt", "interrupt", "turn"])
      assert.deepStrictEqual(session.log, yield* Conversation.load("a"))
      yield* session.append([closed("r1")])
      assert.deepStrictEqual(session.interrupted(), { reason: "first" })
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("needs no reason", () =>
    Effect.gen(function*() {
      const session = yield* open("r1")
      yield* session.append([])
      yield* Conversation.interrupt("a")
      yield* session.append([input("hi")])
      assert.deepStrictEqual(session.interrupted(), {})
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("does not reach a run that began after it", () =>
    Effect.gen(function*() {
      yield* Conversation.interrupt("a", "nobody is there")
      const session = yield* open("r1")
      yield* Conversation.interrupt("a", "not yet there")
      yield* session.append([input("hi")])
      assert.isUndefined(session.interrupted())
      yield* session.append([closed("r1")])
      yield* Conversation.interrupt("a", "gone")
      const next = yield* open("r2")
      yield* next.append([])
      assert.isUndefined(next.interrupted())
      assert.isUndefined(session.interrupted())
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("does not reach a run that has ended", () =>
    Effect.gen(function*() {
      const session = yield* open("r1")
      yield* session.append([closed("r1")])
      yield* Conversation.interrupt("a", "gone")
      yield* session.append([input("late")])
      assert.deepStrictEqual(yield* tags, ["opened", "closed", "interrupt", "input"])
      assert.isUndefined(session.interrupted())
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("does not block a run forever", () =>
    Effect.gen(function*() {
      const tries = yield* Ref.make(0)
      const session = yield* withStore((store) => ({
        append: (id, version, entries) =>
          entries.some(({ _tag }) => _tag === "input")
            ? Ref.update(tries, (n) => n + 1).pipe(
              Effect.zipRight(store.append(id, version, [{ _tag: "interrupt" }])),
              Effect.zipRight(store.append(id, version, entries))
            )
            : store.append(id, version, entries)
      }))(open("r1"))
      yield* session.append([])
      yield* conflictOf(session.append([input("hi")]))
      assert.strictEqual(yield* Ref.get(tries), 21)
      assert.deepStrictEqual(session.interrupted(), {})
    }).pipe(Effect.provide(Conversation.layerMemory)))
})

describe("a store that refuses without a reason", () => {
  it.effect("fails the append at once", () =>
    Effect.gen(function*() {
      const tries = yield* Ref.make(0)
      const session = yield* withStore(() => ({
        append: (id, version) => Effect.zipRight(Ref.update(tries, (n) => n + 1), Effect.fail(conflict(id, version)))
      }))(open("r1"))
      yield* conflictOf(session.append([]))
      assert.strictEqual(yield* Ref.get(tries), 1)
    }).pipe(Effect.provide(Conversation.layerMemory)))
})

describe("appends of a session", () => {
  it.effect("by many fibers run one after the other", () =>
    Effect.gen(function*() {
      const session = yield* withStore((store) => ({
        append: (id, version, entries) => Effect.zipRight(Effect.yieldNow(), store.append(id, version, entries))
      }))(open("r1"))
      const ids = Array.from({ length: 30 }, (_, index) => `call_${index}`)
      yield* Effect.forEach(ids, (id) => session.append([tool(id)]), { concurrency: "unbounded" })
      assert.deepStrictEqual((yield* entries).slice(1), ids.map((id) => tool(id)))
      assert.deepStrictEqual(session.log, yield* Conversation.load("a"))
      assert.strictEqual(session.log.version, 30)
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("are known to be complete if their fiber is interrupted", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const go = yield* Deferred.make<void>()
      const session = yield* withStore((store) => ({
        append: (id, version, entries) =>
          Deferred.succeed(begun, undefined).pipe(
            Effect.zipRight(Deferred.await(go)),
            Effect.zipRight(store.append(id, version, entries))
          )
      }))(open("r1"))
      const fiber = yield* Effect.fork(session.append([input("1")]))
      yield* Deferred.await(begun)
      const waiting = yield* Effect.fork(session.append([input("never")]))
      const interruption = yield* Effect.fork(Fiber.interruptAll([fiber, waiting]))
      yield* Effect.yieldNow()
      yield* Deferred.succeed(go, undefined)
      yield* Fiber.join(interruption)
      yield* session.append([input("2")])
      assert.deepStrictEqual((yield* entries).slice(1), [input("1"), input("2")])
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("that fail do not change the session", () =>
    Effect.gen(function*() {
      const session = yield* open("r1")
      yield* session.append([])
      const before = session.log
      const error = yield* Effect.flip(session.append([tool("call_1", { result: 1n })]))
      assert.strictEqual(error._tag, "ConversationStoreError")
      assert.strictEqual(session.log, before)
      yield* session.append([tool("call_1")])
      assert.deepStrictEqual(yield* tags, ["opened", "tool"])
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("leave out only the fields of a response that repeat its request", () =>
    Effect.gen(function*() {
      const kept = {
        object: "response",
        status: "incomplete",
        incomplete_details: { reason: "max_output_tokens" },
        created_at: 1,
        completed_at: 2,
        error: null,
        output_text: "text",
        service_tier: "flex",
        usage: { input_tokens: 1, output_tokens: 2, cost: 0.5 },
        openrouter_metadata: { attempt: 1 },
        field_of_tomorrow: { kept: true }
      }
      const session = yield* open("r1")
      yield* session.append([
        turn(1, [message("hi")], {
          ...kept,
          instructions: "You are a long prompt.",
          tools: [{ type: "function", name: "look_up", parameters: {} }],
          tool_choice: "auto",
          text: { format: { type: "text" } },
          metadata: { user: "x" },
          prompt: {},
          reasoning: { effort: "high" },
          temperature: 1,
          top_p: null,
          store: false,
          user: "me",
          max_output_tokens: 10,
          parallel_tool_calls: true,
          truncation: "auto"
        })
      ])
      assert.deepStrictEqual((yield* entries).slice(1), [turn(1, [message("hi")], kept)])
      assert.deepStrictEqual(session.log.entries.slice(1), [turn(1, [message("hi")], kept)])
    }).pipe(Effect.provide(Conversation.layerMemory)))
})
