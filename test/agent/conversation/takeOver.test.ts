/** A conversation whose holder died: it is taken over, and the holder is fenced out if it lives after all. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Session from "../../../src/agent/internal/conversation/session.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { input } from "../support/logs.js"

const open = (run: string) => Session.open("a", { run, lease: "1 minute" })

const begun = (run: string) => Effect.tap(open(run), (session) => session.append([input("hi")]))

const tagOf = <A, R>(effect: Effect.Effect<A, Conversation.ConversationError, R>) =>
  Effect.map(Effect.flip(effect), ({ _tag }) => _tag)

const tags = Effect.map(Conversation.load("a"), ({ entries }) => entries.map(({ _tag }) => _tag))

describe("takeOver", () => {
  it.effect("frees a conversation at once, and fences its run out", () =>
    Effect.gen(function*() {
      const old = yield* begun("r1")
      assert.strictEqual(yield* tagOf(open("r2")), "ConversationBusyError")
      yield* Conversation.takeOver("a")
      yield* begun("r2")
      assert.strictEqual(yield* tagOf(old.append([input("late")])), "ConversationConflictError")
      assert.isFalse(old.holds())
      assert.deepStrictEqual(yield* tags, ["opened", "input", "closed", "opened", "input"])
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("fences the run out before another run begins", () =>
    Effect.gen(function*() {
      const old = yield* begun("r1")
      yield* Conversation.takeOver("a")
      assert.strictEqual(yield* tagOf(old.append([input("late")])), "ConversationConflictError")
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("has no effect if no run holds the conversation", () =>
    Effect.gen(function*() {
      yield* Conversation.takeOver("a")
      const session = yield* begun("r1")
      yield* session.append([{ _tag: "closed", run: "r1", outcome: "completed" }])
      yield* Conversation.takeOver("a")
      assert.deepStrictEqual(yield* tags, ["opened", "input", "closed"])
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("takes it only from the given run", () =>
    Effect.gen(function*() {
      yield* begun("r1")
      assert.strictEqual(yield* tagOf(Conversation.takeOver("a", { run: "r0" })), "ConversationConflictError")
      yield* Conversation.takeOver("a", { run: "r1" })
      assert.strictEqual((yield* tags).at(-1), "closed")
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("by two processes at the same time succeeds for one", () =>
    Effect.gen(function*() {
      yield* begun("r1")
      const loaded = yield* Deferred.make<void>()
      const store = yield* Conversation.Conversation
      let loads = 0
      const together = {
        ...store,
        load: (id: string) =>
          Effect.tap(store.load(id), () => ++loads === 2 ? Deferred.succeed(loaded, undefined) : Deferred.await(loaded))
      }
      const results = yield* Effect.all([Conversation.takeOver("a"), Conversation.takeOver("a")].map(Effect.either), {
        concurrency: "unbounded"
      }).pipe(Effect.provideService(Conversation.Conversation, together))
      assert.deepStrictEqual(results.map(({ _tag }) => _tag).toSorted(), ["Left", "Right"])
      assert.deepStrictEqual(yield* tags, ["opened", "input", "closed"])
    }).pipe(Effect.provide(Conversation.layerMemory)))
})

const Work = Tool.make("work", { success: Schema.String })
const tools = Toolkit.make(Work)
const agent = { model: "test/model", tools, conversation: "a" } as const

/** The first execution of the tool hangs, the others finish. */
const script = Effect.gen(function*() {
  const begun = yield* Deferred.make<void>()
  let executions = 0
  const live = tools.toLayer({
    work: () =>
      Effect.suspend(() =>
        ++executions === 1 ? Effect.zipRight(Deferred.succeed(begun, undefined), Effect.never) : Effect.succeed("done")
      )
  })
  const model = TestModel.layer([Script.turn([Script.toolCall("work")]), "Done."])
  return { begun, layer: Layer.mergeAll(Conversation.layerMemory, live, model) }
})

describe("a run that was taken over", () => {
  it.effect("fails with a conflict when its lease is due, and stops its tool", () =>
    Effect.gen(function*() {
      const { begun, layer } = yield* script
      yield* Effect.gen(function*() {
        const old = yield* Effect.fork(Effect.flip(Agent.run({ ...agent, input: "Work" })))
        yield* Deferred.await(begun)
        yield* Conversation.takeOver("a")
        const next = yield* Agent.run(agent)
        assert.strictEqual(next.text, "Done.")
        yield* TestClock.adjust("20 seconds")
        const error = yield* Fiber.join(old)
        assert.strictEqual(error._tag, "ConversationConflictError")
        assert.strictEqual(error.progress.steps.length, 1)
      }).pipe(Effect.provide(layer))
    }))
})

describe("a run whose process died", () => {
  it.effect("holds its conversation for a minute; a request to interrupt it changes nothing", () =>
    Effect.gen(function*() {
      const { begun, layer } = yield* script
      yield* Effect.gen(function*() {
        const store = yield* Conversation.Conversation
        const dead = {
          ...store,
          append: (...of: Parameters<typeof store.append>) => isDead ? Effect.never : store.append(...of)
        }
        let isDead = false
        yield* Effect.forkDaemon(
          Effect.provideService(Agent.run({ ...agent, input: "Work" }), Conversation.Conversation, dead)
        )
        yield* Deferred.await(begun)
        isDead = true
        yield* Conversation.interrupt("a", "hello?")
        yield* TestClock.adjust("59 seconds")
        const busy = yield* Effect.flip(Agent.run(agent))
        assert.strictEqual(busy._tag, "ConversationBusyError")
        for (const word of ["1970-01-01T00:01:00.000Z", "Conversation.takeOver", "Conversation.interrupt", "dead"]) {
          assert.include(busy.message, word)
        }
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual((yield* Agent.run(agent)).outcome, { _tag: "completed" })
      }).pipe(Effect.provide(layer))
    }))
})
