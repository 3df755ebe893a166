/** Messages that are said to a conversation: while a run holds it, and while none does. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Guardrail from "../../../src/agent/Guardrail.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { stores } from "../support/logs.js"
import { collect, itemsOf, model, sent, settled, shapeOf } from "./support.js"

const Dig = Tool.make("dig", { success: Schema.String })
const Pay = Tool.make("pay", { success: Schema.String, requireApproval: true })
const tools = Toolkit.make(Dig, Pay)

const options = { model, tools, conversation: "c" } as const

const dig = (id: string) => Script.toolCall("dig", {}, { id })

/** Handlers, of which the one of `dig` says a message to the conversation while it executes. */
const saying = (...messages: ReadonlyArray<string>) =>
  tools.toLayer({
    dig: () =>
      Effect.gen(function*() {
        for (const message of messages) yield* Effect.orDie(Conversation.say("c", message, { messageId: message }))
        return "gold"
      }),
    pay: () => Effect.succeed("paid")
  })

const contents = Effect.map(
  TestModel.requests,
  (requests) => itemsOf(requests.at(-1)).flatMap(({ content, role }) => role === "user" ? [content] : [])
)

const waiting = Effect.map(Conversation.load("c"), (log) => Conversation.waiting(log).map(({ id }) => id))

describe.each(Object.entries(stores))("a message to a conversation %s", (_, store) => {
  const withTurns = (handlers: ReturnType<typeof saying>, ...turns: Script.Script) =>
    Effect.provide(Layer.provideMerge(handlers, Layer.merge(store, TestModel.layer(turns))))

  it.scoped("83: said while tools execute stands behind all outputs, once, in the next request", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream({ ...options, input: "Dig" }))
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]), [
        "message user",
        ...["a", "b", "c"].map((id) => `function_call ${id}`),
        ...["a", "b", "c"].map((id) => `function_call_output ${id}`),
        "message user"
      ])
      assert.deepStrictEqual(yield* contents, ["Dig", "Deeper!"])
      const told = events.flatMap((event) =>
        event.type === "message.accepted" || event.type === "message.delivered" ? [event] : []
      )
      assert.deepStrictEqual(told, [
        { type: "message.accepted", id: "Deeper!", items: [{ role: "user", content: "Deeper!" }] },
        { type: "message.delivered", id: "Deeper!", turn: 2 }
      ])
      assert.deepStrictEqual(yield* waiting, [])
      const items = Conversation.history(yield* Conversation.load("c"))
      assert.strictEqual(items.filter((item) => "content" in item && item.content === "Deeper!").length, 1)
    }).pipe(withTurns(saying("Deeper!"), [dig("a"), dig("b"), dig("c")], "Done.")))

  it.scoped("83: said during the last response has one more turn; messages keep their order", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run({ ...options, input: "Dig" }))
      // A store of files takes real time
      yield* Effect.repeat(Effect.zipRight(settled, sent), { until: (requests) => requests === 1 })
      yield* Conversation.say("c", "And then?")
      yield* Conversation.say("c", [{ role: "user", content: "And last?" }])
      yield* TestClock.adjust("1 second")
      const run = yield* Fiber.join(fiber)
      assert.strictEqual(run.text, "Then that.")
      assert.deepStrictEqual(yield* contents, ["Dig", "And then?", "And last?"])
      assert.deepStrictEqual(yield* waiting, [])
    }).pipe(withTurns(saying(), [Script.wait("1 second"), "This."], "Then that.")))

  it.scoped("83: said while nobody runs waits, and is a task of its own for the next run", () =>
    Effect.gen(function*() {
      yield* Conversation.say("c", "Hello?")
      assert.strictEqual((yield* waiting).length, 1)
      const first = yield* Agent.run({ ...options, maxSteps: 1 })
      assert.strictEqual(first.text, "Hello!")
      yield* Conversation.say("c", "Again?")
      const second = yield* Agent.run({ ...options, maxSteps: 1 })
      assert.deepStrictEqual([second.text, second.outcome], ["Yes.", { _tag: "completed" }])
      assert.deepStrictEqual(yield* contents, ["Hello?", "Again?"])
      const third = yield* Agent.run({ ...options, maxSteps: 1 })
      assert.deepStrictEqual([third.text, yield* sent], ["Yes.", 2])
    }).pipe(withTurns(saying(), "Hello!", "Yes.")))
})

describe("a message to a conversation", () => {
  const withTurns = (handlers: ReturnType<typeof saying>, ...turns: Script.Script) =>
    Effect.provide(Layer.provideMerge(handlers, Layer.merge(Conversation.layerMemory, TestModel.layer(turns))))

  it.effect("83: decides nothing about a call that waits for an approval", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...options, input: "Pay" })
      assert.strictEqual(first.outcome._tag, "awaiting_approval")
      yield* Conversation.say("c", "Yes, of course.", { messageId: "m" })
      const second = yield* Agent.run(options)
      assert.strictEqual(second.outcome._tag, "awaiting_approval")
      assert.deepStrictEqual([yield* waiting, yield* sent], [["m"], 1])
      const third = yield* Agent.run({ ...options, approve: ["p"] })
      assert.strictEqual(third.text, "Paid.")
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]), [
        "message user",
        "function_call p",
        "function_call_output p",
        "message user"
      ])
      assert.deepStrictEqual(yield* waiting, [])
    }).pipe(withTurns(saying(), [Script.toolCall("pay", {}, { id: "p" })], "Paid.")))

  it.effect("83: waits when a limit ends the run, or a failure, or an interruption", () =>
    Effect.gen(function*() {
      const limited = yield* Agent.run({ ...options, input: "Dig", maxSteps: 1 })
      assert.deepStrictEqual(limited.outcome, { _tag: "stopped", condition: "maxSteps(1)" })
      yield* Conversation.say("c", "One", { messageId: "one" })
      const next = { ...options, input: "Go on", maxSteps: 1 }
      const error = yield* Effect.flip(Agent.run(next))
      assert.strictEqual(error._tag, "BadRequestResponseError")
      assert.deepStrictEqual(yield* waiting, ["one"])
      const fiber = yield* Effect.fork(Agent.run(next))
      yield* TestClock.adjust("500 millis")
      yield* Conversation.say("c", "Two", { messageId: "two" })
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(yield* waiting, ["one", "two"])
      const last = yield* Agent.run(next)
      assert.strictEqual(last.text, "At last.")
      assert.deepStrictEqual(yield* contents, ["Dig", "Go on", "One", "Two"])
      assert.deepStrictEqual(yield* waiting, [])
    }).pipe(withTurns(saying(), [dig("a")], Script.error(400), [Script.wait("1 hour"), "Never."], "At last.")))

  it.effect("83: and a request to interrupt the run at the same moment: the next run sends it", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run({ ...options, input: "Dig" }))
      yield* TestClock.adjust("500 millis")
      yield* Conversation.say("c", "Deeper!", { messageId: "m" })
      yield* Conversation.interrupt("c", "enough")
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual((yield* Fiber.join(fiber)).outcome, { _tag: "interrupted", reason: "enough" })
      assert.deepStrictEqual(yield* waiting, ["m"])
      assert.strictEqual((yield* Agent.run(options)).text, "Done.")
      assert.deepStrictEqual(yield* contents, ["Dig", "Deeper!"])
    }).pipe(withTurns(saying(), [Script.wait("1 second"), dig("a")], "Done.")))

  it.effect("83: is said once by one id, and may be nothing but messages", () =>
    Effect.gen(function*() {
      yield* Effect.all([1, 2, 3].map(() => Conversation.say("c", "Hi", { messageId: "m" })), { concurrency: 3 })
      assert.deepStrictEqual(yield* waiting, ["m"])
      yield* Agent.run(options)
      yield* Conversation.say("c", "Hi", { messageId: "m" })
      assert.deepStrictEqual(yield* waiting, [])
      const output = { type: "function_call_output", call_id: "p", output: "paid" } as const
      const error = yield* Effect.flip(Conversation.say("c", [output]))
      assert.include(error.message, "the item 0 of the input is no message")
    }).pipe(withTurns(saying(), "Hello.")))

  it.effect("83: that a guardrail blocks does not block the next run, too", () =>
    Effect.gen(function*() {
      const noKeys = Guardrail.input({
        name: "no keys",
        check: (items) =>
          Effect.succeed(JSON.stringify(items).includes("sk-") ? Guardrail.block("A key.") : Guardrail.pass)
      })
      const beside: Array<unknown> = []
      const watch = Guardrail.inputBeside({
        name: "watch",
        check: (items) => Effect.as(Effect.sync(() => beside.push(items)), Guardrail.pass)
      })
      const guarded = { ...options, middleware: [noKeys, watch] }
      yield* Conversation.say("c", "My key is sk-1")
      const blocked = yield* Agent.run(guarded)
      assert.strictEqual(blocked.outcome._tag, "blocked")
      assert.strictEqual(yield* sent, 0)
      const next = yield* Agent.run({ ...guarded, input: "Hi" })
      assert.strictEqual(next.text, "Done.")
      assert.deepStrictEqual(beside, [
        [{ role: "user", content: "Hi" }],
        [{ role: "user", content: "Deeper!" }]
      ])
    }).pipe(withTurns(saying("Deeper!"), [dig("a")], "Done.")))
})

describe.each(Object.entries(stores))("an urgent message to a conversation %s", (_, store) => {
  // Live, because a store of files takes real time
  it.live("84: interrupts the request on its way; the request is sent again with it, and both count", () =>
    Effect.gen(function*() {
      const events: Array<string> = []
      const begun = yield* Deferred.make<void>()
      const fiber = yield* Effect.fork(
        Stream.runForEach(Agent.stream({ ...options, input: "Dig" }), ({ type }) =>
          Effect.suspend(() => {
            events.push(type)
            return type === "response.output_text.delta" ? Deferred.succeed(begun, undefined) : Effect.void
          }))
      )
      yield* Deferred.await(begun)
      yield* Conversation.say("c", "Later.")
      yield* Conversation.say("c", "Stop digging.", { urgent: true })
      yield* Fiber.join(fiber)
      assert.deepStrictEqual(events.filter((type) => !type.startsWith("response.")), [
        "turn.start",
        "turn.retry",
        "message.accepted",
        "message.accepted",
        "turn.start",
        "message.delivered",
        "message.delivered",
        "turn.end",
        "run.end"
      ])
      assert.deepStrictEqual(yield* contents, ["Dig", "Later.", "Stop digging."])
      assert.deepInclude(yield* TestModel.responses, { interrupted: 1, open: 0 })
      assert.deepStrictEqual(yield* waiting, [])
    }).pipe(
      Effect.provide(
        Layer.provideMerge(
          saying(),
          Layer.merge(store, TestModel.layer([["I dig and ", Script.wait("1 hour"), "dig."], "I stopped."]))
        )
      )
    ))
})

describe("an urgent message", () => {
  it.effect("84: and no other one interrupts a request", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run({ ...options, input: "Dig" }))
      yield* TestClock.adjust("10 seconds")
      yield* Conversation.say("c", "Later.")
      yield* TestClock.adjust("50 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).text, "I did.")
      assert.deepInclude(yield* TestModel.responses, { interrupted: 0 })
    }).pipe(
      Effect.provide(Layer.provideMerge(
        saying(),
        Layer.merge(
          Conversation.layerMemory,
          TestModel.layer([["I dig and ", Script.wait("1 minute"), "dig."], "I did."])
        )
      ))
    ))

  it.effect("84: lets a tool that executes come to its end", () =>
    Effect.gen(function*() {
      const [began, mayEnd] = yield* Effect.all([Deferred.make<void>(), Deferred.make<void>()])
      const handlers = tools.toLayer({
        dig: () => Effect.as(Effect.zipRight(Deferred.succeed(began, undefined), Deferred.await(mayEnd)), "gold"),
        pay: () => Effect.succeed("paid")
      })
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.fork(Agent.run({ ...options, input: "Dig" }))
        yield* Deferred.await(began)
        yield* Conversation.say("c", "Stop.", { urgent: true })
        yield* TestClock.adjust("1 minute")
        yield* Deferred.succeed(mayEnd, undefined)
        assert.strictEqual((yield* Fiber.join(fiber)).text, "Stopped.")
        assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]).slice(-2), [
          "function_call_output a",
          "message user"
        ])
      }).pipe(Effect.provide(handlers))
    }).pipe(
      Effect.provide([Conversation.layerMemory, TestModel.layer([[dig("a")], "Stopped."])])
    ))
})
