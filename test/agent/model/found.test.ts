/** Failures that the random conversations found, each reduced to a minimum. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import { interruptNow } from "../../../src/internal/effect/fibers.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { makeWatch } from "../../support/effect/fibers.js"
import { outputsOf } from "../scenarios/support.js"

/** `work` never ends, and its finalizer is slow; `fail` fails the run; `note` returns at once. */
const tools = Toolkit.make(
  Tool.make("work"),
  Tool.make("fail", { failure: Schema.String, failureMode: "error" }),
  Tool.make("note")
)

const options = { model: "test/model", input: "Work", tools, conversation: "c" } as const

const handlers = (seen: Array<string>, began: Deferred.Deferred<void>) =>
  tools.toLayer({
    work: () =>
      Effect.onExit(
        Effect.zipRight(Deferred.succeed(began, undefined), Effect.never),
        () => Effect.delay(Effect.sync(() => void seen.push("cleaned up")), 50)
      ),
    fail: () => Effect.fail("no"),
    note: () => Effect.sync(() => void seen.push("noted"))
  })

const noted = { work: () => Effect.void, fail: () => Effect.void, note: () => Effect.void }

const script = (...names: ReadonlyArray<string>) =>
  TestModel.layer([names.map((name) => Script.toolCall(name, {}, { id: name }))])

describe("a run that is interrupted while a tool is at work", () => {
  it.effect("releases its conversation after the finalizers of the tool", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const began = yield* Deferred.make<void>()
      const store = yield* Conversation.Conversation
      const observed: Conversation.Store = {
        ...store,
        append: (id, version, entries) => {
          if (entries.some(({ _tag }) => _tag === "closed")) seen.push("given back")
          return store.append(id, version, entries)
        }
      }
      const run = yield* Effect.fork(
        Agent.run(options).pipe(
          Effect.provide(handlers(seen, began)),
          Effect.provideService(Conversation.Conversation, observed)
        )
      )
      yield* Deferred.await(began)
      const interrupting = yield* Effect.fork(Fiber.interrupt(run))
      yield* TestClock.adjust(50)
      yield* Fiber.join(interrupting)
      assert.deepStrictEqual(seen, ["cleaned up", "given back"])
    }).pipe(Effect.provide([Conversation.layerMemory, script("work")])))

  it.effect("starts no call that waited for its turn", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const began = yield* Deferred.make<void>()
      const run = yield* Effect.fork(
        Effect.provide(Agent.run({ ...options, toolConcurrency: 1 }), handlers(seen, began))
      )
      yield* Deferred.await(began)
      const interrupting = yield* Effect.fork(Fiber.interrupt(run))
      yield* TestClock.adjust(50)
      yield* Fiber.join(interrupting)
      assert.deepStrictEqual(seen, ["cleaned up"])
    }).pipe(Effect.provide([Conversation.layerMemory, script("work", "note")])))

  it.effect("leaves no timer behind if its tool ends at the same moment", () =>
    Effect.gen(function*() {
      const watch = yield* makeWatch
      const running = yield* Deferred.make<Fiber.RuntimeFiber<unknown, unknown>>()
      const interrupts = tools.toLayer({
        work: () => Effect.void,
        fail: () => Effect.void,
        note: () => Effect.map(Deferred.await(running), (run) => interruptNow(run))
      })
      const run = yield* Agent.run({ ...options, middleware: { tool: (call, next) => next(call.params) } }).pipe(
        Effect.provide(interrupts),
        watch.within,
        Effect.forkDaemon
      )
      yield* Deferred.succeed(running, run)
      yield* Fiber.await(run)
      yield* Effect.repeat(Effect.yieldNow(), { times: 50 })
      assert.deepStrictEqual(yield* watch.alive, 0)
    }).pipe(Effect.provide([Conversation.layerMemory, script("note")])))
})

describe("a run that fails because of a call", () => {
  it.effect("starts no call that waited for its turn", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const began = yield* Deferred.make<void>()
      const error = yield* Effect.flip(
        Effect.provide(Agent.run({ ...options, toolConcurrency: 1 }), handlers(seen, began))
      )
      assert.strictEqual(error, "no")
      assert.deepStrictEqual(seen, [])
    }).pipe(Effect.provide([Conversation.layerMemory, script("fail", "note")])))

  it.effect("starts no call again whose restart is still being stored", () =>
    Effect.gen(function*() {
      const began = yield* Deferred.make<void>()
      let delegations = 0
      const handlers = delegating.toLayer({
        delegate: () =>
          Effect.gen(function*() {
            delegations++
            yield* Effect.ignore(Agent.run({ model: "test/model", input: "Part" }))
            yield* Deferred.succeed(began, undefined)
            return yield* Effect.never
          }),
        fail: () => Effect.fail("no")
      })
      const store = yield* Conversation.Conversation
      const slow: Conversation.Store = {
        ...store,
        append: (id, version, entries) => {
          const written = store.append(id, version, entries)
          return entries.some(({ _tag }) => _tag === "restarted") ? Effect.delay(written, 10) : written
        }
      }
      const options = { model: "test/model", tools: delegating, conversation: "c" } as const
      const given = Effect.provide(handlers)
      const first = yield* Effect.fork(given(Agent.run({ ...options, input: "Work" })))
      yield* Deferred.await(began)
      yield* Fiber.interrupt(first)
      const second = yield* Effect.fork(
        given(Agent.run({ ...options, approve: ["fail"] })).pipe(
          Effect.provideService(Conversation.Conversation, slow),
          Effect.flip
        )
      )
      yield* TestClock.adjust(10)
      assert.strictEqual(yield* Fiber.join(second), "no")
      assert.strictEqual(delegations, 1)
    }).pipe(Effect.provide([
      Conversation.layerMemory,
      TestModel.layer([["delegate", "fail"].map((name) => Script.toolCall(name, {}, { id: name })), "Inner."])
    ])))
})

/** `delegate` runs an agent and never ends; `fail` fails the run once it is approved. */
const delegating = Toolkit.make(
  Tool.make("delegate"),
  Tool.make("fail", { failure: Schema.String, failureMode: "error", requireApproval: true })
)

describe("a history to which a user added the output of a call", () => {
  const gated = Toolkit.make(Tool.make("ask", { requireApproval: true }), Tool.make("note"))

  it.effect("is sent with the outputs in the order of the calls", () =>
    Effect.gen(function*() {
      const options = { model: "test/model", tools: gated } as const
      const first = yield* Agent.run({ ...options, input: "Go" })
      assert.deepStrictEqual(first.pending.map(({ callId }) => callId), ["ask"])
      const output = { type: "function_call_output", call_id: "ask", output: "yes" } as const
      yield* Agent.run({ ...options, input: [...first.history, output] })
      const [, second] = yield* TestModel.requests
      assert.deepStrictEqual(outputsOf(second), [["ask", "yes"], ["note", "null"]])
    }).pipe(Effect.provide([
      gated.toLayer({ ask: () => Effect.void, note: () => Effect.void }),
      TestModel.layer([["ask", "note"].map((name) => Script.toolCall(name, {}, { id: name })), "Done."])
    ])))
})

describe("a message to a conversation", () => {
  it.effect("begins a task: its first response has to call a tool, and may not be empty", () =>
    Effect.gen(function*() {
      const forced = { ...options, tool_choice: "required" } as const
      yield* Agent.run(forced).pipe(Effect.provide(tools.toLayer(noted)))
      yield* Conversation.say("c", "Again")
      const error = yield* Effect.flip(
        Agent.run({ ...forced, input: undefined }).pipe(
          Effect.provide(tools.toLayer(noted))
        )
      )
      assert.propertyVal(error, "_tag", "EmptyResponseError")
      assert.deepStrictEqual(
        (yield* TestModel.requests).map(({ json }) => json["tool_choice"]),
        ["required", "auto", "required"]
      )
    }).pipe(
      Effect.provide([Conversation.layerMemory, TestModel.layer([[Script.toolCall("note", {})], "Done.", []])])
    ))

  it.effect("causes no request of a run that is to be interrupted, and waits", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run({ model: "test/model", input: "Work", conversation: "c" }))
      yield* TestClock.adjust(500)
      yield* Conversation.say("c", "Stop", { urgent: true, messageId: "stop" })
      yield* Conversation.interrupt("c", "enough")
      yield* TestClock.adjust(1000)
      const { history, outcome } = yield* Fiber.join(fiber)
      assert.deepStrictEqual(outcome, { _tag: "interrupted", reason: "enough" })
      const log = yield* Conversation.load("c")
      assert.deepStrictEqual(history, Conversation.history(log))
      assert.deepStrictEqual(Conversation.waiting(log).map(({ id }) => id), ["stop"])
      assert.lengthOf(yield* TestModel.requests, 1)
    }).pipe(
      Effect.provide([Conversation.layerMemory, TestModel.layer([["I ", Script.wait("1 hour"), "work."]])])
    ))

  it.effect("that a run took up and did not answer is no part of its history", () =>
    Effect.gen(function*() {
      yield* Conversation.say("c", "First", { messageId: "first" })
      const fiber = yield* Effect.fork(Agent.run({ model: "test/model", input: "Work", conversation: "c" }))
      yield* TestClock.adjust(500)
      yield* Conversation.say("c", "Stop", { urgent: true, messageId: "stop" })
      yield* Conversation.interrupt("c")
      yield* TestClock.adjust(1000)
      const { history } = yield* Fiber.join(fiber)
      const log = yield* Conversation.load("c")
      assert.deepStrictEqual(history, [{ role: "user", content: "Work" }])
      assert.deepStrictEqual(history, Conversation.history(log))
      assert.deepStrictEqual(Conversation.waiting(log).map(({ id }) => id), ["first", "stop"])
    }).pipe(
      Effect.provide([Conversation.layerMemory, TestModel.layer([["I ", Script.wait("1 hour"), "work."]])])
    ))
})
