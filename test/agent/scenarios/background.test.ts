/** Calls that go on in the background: an output at once, the result as a message, each once. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as TestClock from "effect/TestClock"
import { vi } from "vitest"
import * as Activities from "../../../src/agent/Activities.js"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Chat from "../../../src/services/Chat.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { stores } from "../support/logs.js"
import { collect, itemsOf, lastOutputs, model, outputsOf, sent, shapeOf } from "./support.js"

const Render = Tool.make("render", {
  parameters: Schema.Struct({ page: Schema.Number }),
  success: Schema.Struct({ url: Schema.String }),
  failure: Schema.String,
  background: { output: "Rendering has begun." }
})
const tools = Toolkit.make(Render)

const options = { model, tools, conversation: "c" } as const

const render = (page: number) => Script.toolCall("render", { page }, { id: `r${page}` })

/** A handler that ends when the test says so, and the keys of its executions. */
const renderer = Effect.gen(function*() {
  const [began, mayEnd] = yield* Effect.all([Deferred.make<void>(), Deferred.make<string>()])
  const keys: Array<string> = []
  const layer = tools.toLayer({
    render: (_, call) =>
      Effect.gen(function*() {
        keys.push(call.idempotencyKey)
        yield* Deferred.succeed(began, undefined)
        const url = yield* Deferred.await(mayEnd)
        return url === "" ? yield* Effect.fail("out of paper") : { url }
      })
  })
  return {
    began: Deferred.await(began),
    finish: (url: string) => Deferred.succeed(mayEnd, url),
    keys,
    layer
  }
})

/** The contents of the messages that a request has. */
const messagesOf = (request: Parameters<typeof itemsOf>[0]) =>
  itemsOf(request).flatMap(({ content, role }) => role === "user" ? [content] : [])

const result = "The call r1 of render has ended. Its output:\n{\"url\":\"one.pdf\"}"

const withTurns = (...turns: Script.Script) =>
  Effect.provide(Layer.merge(Conversation.layerMemory, TestModel.layer(turns)))

describe("a call in the background", () => {
  it.effect("85: has an output at once; its result is a message before the next turn, and the run waits for it", () =>
    Effect.gen(function*() {
      const { began, finish, layer } = yield* renderer
      const fiber = yield* Effect.fork(Effect.provide(collect(Agent.stream({ ...options, input: "Go" })), layer))
      yield* began
      yield* TestClock.adjust("100 millis")
      assert.strictEqual(yield* sent, 2)
      assert.deepStrictEqual(yield* lastOutputs, [["r1", "Rendering has begun. (Call r1.)"]])
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* sent, 2)
      yield* finish("one.pdf")
      const events = yield* Fiber.join(fiber)
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(shapeOf(requests[2]), [
        "message user",
        "function_call r1",
        "function_call_output r1",
        "message assistant",
        "message user"
      ])
      assert.deepStrictEqual(messagesOf(requests[2]), ["Go", result])
      assert.deepStrictEqual(events.map(({ type }) => type).filter((type) => !type.startsWith("response.")), [
        "turn.start",
        "turn.end",
        "tool.started",
        "tool.call_output",
        "turn.start",
        "turn.end",
        "tool.result",
        "message.accepted",
        "turn.start",
        "message.delivered",
        "turn.end",
        "run.end"
      ])
      const reported = events.find(({ type }) => type === "tool.result")
      assert.deepInclude(reported, { status: "success", result: { url: "one.pdf" } })
      const log = yield* Conversation.load("c")
      assert.deepStrictEqual(Conversation.waiting(log), [])
      assert.deepStrictEqual(
        log.entries.flatMap((entry) => entry._tag === "tool" ? [[entry.record.status, entry.record.background]] : []),
        [["started", undefined], ["success", true]]
      )
    }).pipe(withTurns([render(1)], "I wait for it.", "Here it is.")))

  it.effect("85: that ends at once has its result as output, like any other", () =>
    Effect.gen(function*() {
      const { finish, layer } = yield* renderer
      yield* finish("one.pdf")
      const run = yield* Effect.provide(Agent.run({ ...options, conversation: undefined, input: "Go" }), layer)
      assert.strictEqual(run.text, "Done.")
      assert.deepStrictEqual(yield* lastOutputs, [["r1", "{\"url\":\"one.pdf\"}"]])
    }).pipe(withTurns([render(1)], "Done.")))

  it.effect("85: is the same in each copy of the library that a process has loaded", () =>
    Effect.gen(function*() {
      const { began, finish, layer } = yield* renderer
      vi.resetModules()
      const copy = yield* Effect.promise(() => import("../../../src/agent/Agent.js"))
      assert.notStrictEqual(copy.run, Agent.run)
      const fiber = yield* Effect.fork(
        Effect.provide(copy.run({ ...options, conversation: undefined, input: "Go" }), layer)
      )
      yield* began
      yield* TestClock.adjust("100 millis")
      assert.deepStrictEqual(yield* lastOutputs, [["r1", "Rendering has begun. (Call r1.)"]])
      yield* finish("one.pdf")
      assert.strictEqual((yield* Fiber.join(fiber)).text, "Here it is.")
    }).pipe(withTurns([render(1)], "I wait.", "Here it is.")))

  it.effect("85: needs no store, and its result may come during a turn", () =>
    Effect.gen(function*() {
      const { began, finish, layer } = yield* renderer
      const fiber = yield* Effect.fork(
        Effect.provide(Agent.run({ ...options, conversation: undefined, input: "Go" }), layer)
      )
      yield* began
      yield* TestClock.adjust("100 millis")
      yield* finish("one.pdf")
      yield* TestClock.adjust("1 second")
      const run = yield* Fiber.join(fiber)
      assert.deepStrictEqual(messagesOf((yield* TestModel.requests)[2]), ["Go", result])
      assert.strictEqual(run.text, "Here it is.")
    }).pipe(withTurns([render(1)], [Script.wait("1 second"), "I wait."], "Here it is.")))

  it.effect("85: that fails says so in its message", () =>
    Effect.gen(function*() {
      const { began, finish, layer } = yield* renderer
      const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...options, input: "Go" }), layer))
      yield* began
      yield* TestClock.adjust("100 millis")
      yield* finish("")
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(messagesOf((yield* TestModel.requests)[2]), [
        "Go",
        "The call r1 of render has failed. Its output:\n{\"error\":\"out of paper\"}"
      ])
    }).pipe(withTurns([render(1)], "I wait.", "It failed.")))

  it.effect("85: ends before a run that reached a limit; its message waits for the next run", () =>
    Effect.gen(function*() {
      const { began, finish, layer } = yield* renderer
      const limited = Effect.provide(Agent.run({ ...options, input: "Go", maxSteps: 2 }), layer)
      const fiber = yield* Effect.fork(limited)
      yield* began
      yield* TestClock.adjust("1 second")
      yield* finish("one.pdf")
      yield* TestClock.adjust("1 second")
      assert.strictEqual((yield* Fiber.join(fiber)).outcome._tag, "stopped")
      const waiting = Conversation.waiting(yield* Conversation.load("c"))
      assert.deepStrictEqual(waiting.map(({ callId, id }) => [id, callId]), [["r1", "r1"]])
      const next = yield* Effect.provide(Agent.run({ ...options }), layer)
      assert.strictEqual(next.text, "Here it is.")
      assert.deepStrictEqual(messagesOf((yield* TestModel.requests)[2]), ["Go", result])
    }).pipe(withTurns([render(1)], [render(1)], "Here it is.")))

  it.effect("85: is stopped by Conversation.cancel, and by the model", () =>
    Effect.gen(function*() {
      const { began, keys, layer } = yield* renderer
      const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...options, input: "Go" }), layer))
      yield* began
      yield* TestClock.adjust("1 second")
      yield* Conversation.cancel("c", "r1")
      yield* TestClock.adjust("1 second")
      const run = yield* Fiber.join(fiber)
      assert.strictEqual(run.text, "Both stopped.")
      assert.strictEqual(keys.length, 2)
      const requests = yield* TestModel.requests
      const stopped = (id: string) => `The call ${id} of render has failed. Its output:\n{"error":"It was cancelled."}`
      assert.deepStrictEqual(messagesOf(requests.at(-1)), ["Go", stopped("r1"), stopped("r2")])
      assert.deepStrictEqual(outputsOf(requests.at(-1)).map(([id, output]) => [id, String(output).slice(0, 20)]), [
        ["r1", "Rendering has begun."],
        ["r2", "Rendering has begun."],
        ["b1", "It is executing. Its"],
        ["b2", "It is being stopped."],
        ["b3", "{\"error\":\"No call \\\""]
      ])
    }).pipe(withTurns(
      [render(1), render(2)],
      "I wait.",
      [
        Script.toolCall("background_call", { call: "r2", cancel: false }, { id: "b1" }),
        Script.toolCall("background_call", { call: "r2", cancel: true }, { id: "b2" }),
        Script.toolCall("background_call", { call: "x", cancel: true }, { id: "b3" })
      ],
      Script.forever((request) => messagesOf(request).length === 3 ? "Both stopped." : "I wait.")
    )))

  it.effect("85: waits like any other where an interpreter repeats activities", () =>
    Effect.gen(function*() {
      const { began, finish, layer } = yield* renderer
      const durable = { ...Activities.passThrough }
      const fiber = yield* Agent.run({ ...options, input: "Go" }).pipe(
        Effect.provide(layer),
        Effect.provideService(Activities.Activities, durable),
        Effect.fork
      )
      yield* began
      yield* TestClock.adjust("1 minute")
      yield* finish("one.pdf")
      assert.strictEqual((yield* Fiber.join(fiber)).text, "Done.")
      assert.deepStrictEqual(yield* lastOutputs, [["r1", "{\"url\":\"one.pdf\"}"]])
    }).pipe(withTurns([render(1)], "Done.")))

  it.effect.each(["fails", "hangs"])("85: does not hold up a run whose store %s", (how) => {
    const isBeginning = (entries: ReadonlyArray<Conversation.Entry>) =>
      entries.some((entry) => entry._tag === "tool" && entry.record.status === "started")
    const full = (id: string) => new Conversation.ConversationStoreError({ message: "full", id, reason: "full" })
    const failing = Layer.provide(
      Layer.effect(
        Conversation.Conversation,
        Effect.map(Conversation.Conversation, (store) => ({
          ...store,
          append: (id, version, entries) =>
            isBeginning(entries)
              ? how === "fails" ? Effect.fail(full(id)) : Effect.never
              : store.append(id, version, entries)
        }))
      ),
      Conversation.layerMemory
    )
    return Effect.gen(function*() {
      const { began, finish, layer } = yield* renderer
      const fiber = yield* Effect.fork(Effect.flip(Effect.provide(Agent.run({ ...options, input: "Go" }), layer)))
      yield* began
      yield* TestClock.adjust("1 second")
      yield* finish("one.pdf")
      for (let minutes = 0; minutes < 5; minutes++) yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.join(fiber))._tag, "ConversationStoreError")
    }).pipe(Effect.provide(Layer.merge(failing, TestModel.layer([[render(1)]]))))
  })

  it.effect("85: counts what it spends in its run", () => {
    const spending = tools.toLayer({
      render: () =>
        Effect.orDie(Effect.delay(
          Effect.as(Chat.send({ model, messages: [{ role: "user", content: "Draw" }] }), { url: "one.pdf" }),
          "1 second"
        ))
    })
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...options, input: "Go" }), spending))
      yield* TestClock.adjust("10 seconds")
      const run = yield* Fiber.join(fiber)
      assert.strictEqual(run.cost, 1 + 2 + 4 + 8)
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 15)
    }).pipe(withTurns(
      Script.turn([render(1)], { cost: 1 }),
      Script.turn("I wait.", { cost: 2 }),
      Script.turn("a drawing", { cost: 4 }),
      Script.turn("Done.", { cost: 8 })
    ))
  })
})

describe.each(Object.entries(stores))("a call in the background of a conversation %s", (_, store) => {
  // Live, because a store of files takes real time
  it.live("85: executes again, with the same key, if its process dies before its end", () =>
    Effect.gen(function*() {
      const first = yield* renderer
      const fiber = yield* Effect.fork(Effect.provide(Agent.run({ ...options, input: "Go" }), first.layer))
      yield* first.began
      const isWaiting = Effect.map(TestModel.responses, ({ finished }) => finished === 2)
      yield* Effect.repeat(Effect.yieldNow(), { until: () => isWaiting })
      yield* Effect.sleep("20 millis")
      yield* Fiber.interrupt(fiber)
      const second = yield* renderer
      yield* second.finish("one.pdf")
      const run = yield* Effect.provide(Agent.run(options), second.layer)
      assert.strictEqual(run.text, "Here it is.")
      assert.deepStrictEqual([first.keys, second.keys], [["c/r1"], ["c/r1"]])
      assert.deepStrictEqual(messagesOf((yield* TestModel.requests).at(-1)), ["Go", result])
      assert.deepStrictEqual(Conversation.waiting(yield* Conversation.load("c")), [])
    }).pipe(
      Effect.provide(Layer.merge(store, TestModel.layer([[render(1)], "I wait.", "Here it is."])))
    ))
})
