/** Forks of stored conversations, which go on by themselves. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as LargeOutput from "../../../src/agent/LargeOutput.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { call, input, message, tool, turn } from "../support/logs.js"
import { makeWorld, run as outer } from "../support/nestedAgents.js"
import { itemsOf, lastOutputs, model, outputsOf, sent, timed } from "./support.js"

const params = { model, conversation: "c" } as const

const texts = (id: string) => Effect.map(Conversation.load(id), (log) => JSON.stringify(Conversation.history(log)))

const withModel = (...turns: Script.Script) => Layer.mergeAll(Conversation.layerMemory, TestModel.layer(turns))

describe("a fork", () => {
  it.effect("90: goes on from the same history, and neither conversation sees the other", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...params, input: "One" })
      const { at, id } = yield* Conversation.fork("c")
      assert.strictEqual(at, (yield* Conversation.load("c")).entries.length)
      assert.match(id, /^c\/[\w-]{12}$/)
      yield* Agent.run({ ...params, conversation: id, input: "Left", instructions: "Be brief" })
      yield* Agent.run({ ...params, input: "Right" })
      const [, left, right] = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(left).slice(0, -1), itemsOf(right).slice(0, -1))
      assert.strictEqual(left?.json["instructions"], "Be brief")
      assert.notInclude(yield* texts("c"), "Left")
      assert.notInclude(yield* texts(id), "Right")
    }).pipe(Effect.provide(withModel("1", "left", "right"))))

  it.effect("90: begins at any boundary, so that a question is asked again with another model", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...params, input: "One" })
      const log = yield* Conversation.load("c")
      const at = log.entries.findIndex(({ _tag }) => _tag === "turn")
      const fork = yield* Conversation.fork("c", { at, to: "other" })
      assert.deepStrictEqual(fork, { id: "other", at })
      const run = yield* Agent.run({ model: "test/other", conversation: "other" })
      assert.strictEqual(run.text, "Uno")
      const [first, second] = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(second), itemsOf(first))
      assert.strictEqual(second?.model, "test/other")
    }).pipe(Effect.provide(withModel("1", "Uno"))))

  it.effect("91: of a call that waits asks again in both, and its calls have other keys", () => {
    const Pay = Tool.make("pay", { requireApproval: true })
    const tools = Toolkit.make(Pay)
    const keys: Array<string> = []
    const live = tools.toLayer({ pay: (_, call) => Effect.sync(() => void keys.push(call.idempotencyKey)) })
    return Effect.gen(function*() {
      yield* Agent.run({ ...params, tools, input: "Pay" })
      const { id } = yield* Conversation.fork("c")
      yield* Agent.run({ ...params, tools, approve: ["p1"] })
      const waits = yield* Agent.run({ ...params, tools, conversation: id })
      assert.deepStrictEqual(waits.pending.map(({ callId, reason }) => [callId, reason]), [["p1", "approval"]])
      yield* Agent.run({ ...params, tools, conversation: id, approve: ["p1"] })
      // At the place where the call waited, the decision is not known
      const log = yield* Conversation.load("c")
      const decided = log.entries.findIndex(({ _tag }) => _tag === "decision") + 1
      const { id: earlier } = yield* Conversation.fork("c", { at: decided })
      assert.strictEqual((yield* Agent.run({ ...params, tools, conversation: earlier })).pending.length, 1)
      assert.strictEqual(keys.length, 2)
      assert.notStrictEqual(keys[0], keys[1])
    }).pipe(Effect.provide([live, withModel(Script.toolCall("pay", {}, { id: "p1" }), "Paid.", "Paid, too.")]))
  })

  it.effect("92: in the middle of a turn is moved back to the boundary, and says so", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      const entries: ReadonlyArray<Conversation.Entry> = [
        { _tag: "opened", run: "r", at: 0, until: 1 },
        input("Hi"),
        turn(1, [call("a"), call("b")]),
        tool("a"),
        tool("b"),
        turn(2, [call("c"), call("d")]),
        tool("c"),
        { _tag: "closed", run: "r", outcome: "failed" }
      ]
      yield* store.append("c", 0, entries)
      const places: Array<number> = []
      for (let at = 0; at <= entries.length; at++) places.push((yield* Conversation.fork("c", { at })).at)
      assert.deepStrictEqual(places, [0, 1, 2, 2, 2, 5, 5, 5, 5])
      const whole = yield* Conversation.fork("c", { outputs: { d: "given" } })
      assert.strictEqual(whole.at, 8)
      const history = Conversation.history(yield* Conversation.load(whole.id))
      assert.deepStrictEqual(
        history.flatMap((item) => item.type === "function_call_output" ? [[item.call_id, item.output]] : []),
        [["a", "output of a"], ["b", "output of b"], ["c", "output of c"], ["d", "given"]]
      )
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("92: while a call goes on in the background is moved back before it, because its result would be lost", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      const entries: ReadonlyArray<Conversation.Entry> = [
        input("Hi"),
        turn(1, [call("a")]),
        tool("a", { status: "started", result: null }),
        turn(2, [message("I wait.")]),
        tool("a", { background: true }),
        turn(3, [message("Done.")])
      ]
      yield* store.append("c", 0, entries)
      const places: Array<number> = []
      for (let at = 0; at <= entries.length; at++) places.push((yield* Conversation.fork("c", { at })).at)
      assert.deepStrictEqual(places, [0, 1, 1, 1, 1, 5, 6])
      // With an output in place of the result, nothing goes on
      const given = yield* Conversation.fork("c", { at: 3, outputs: { a: "given" } })
      assert.strictEqual(given.at, 3)
      const history = Conversation.history(yield* Conversation.load(given.id))
      assert.deepStrictEqual(
        history.flatMap((item) => item.type === "function_call_output" ? [[item.call_id, item.output]] : []),
        [["a", "given"]]
      )
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("93: with other outputs goes on from them, without the turns that saw the old ones", () => {
    const Look = Tool.make("look", { success: Schema.String })
    const tools = Toolkit.make(Look)
    const live = tools.toLayer({ look: () => Effect.succeed("sun") })
    return Effect.gen(function*() {
      yield* Agent.run({ ...params, tools, input: "Weather?" })
      const { id } = yield* Conversation.fork("c", { outputs: { l1: "rain" } })
      const run = yield* Agent.run({ ...params, tools, conversation: id })
      assert.strictEqual(run.text, "It rains.")
      const [, first, second] = yield* TestModel.requests
      assert.deepStrictEqual(outputsOf(first), [["l1", "sun"]])
      assert.deepStrictEqual(outputsOf(second), [["l1", "rain"]])
      assert.deepStrictEqual(itemsOf(second).slice(0, -1), itemsOf(first).slice(0, -1))
    }).pipe(
      Effect.provide([live, withModel(Script.toolCall("look", {}, { id: "l1" }), "The sun shines.", "It rains.")])
    )
  })

  it.effect("94: takes what runs inside of a waiting call did, and pays for nothing again", () => {
    const { done, layer } = makeWorld(["cleaner"])
    return Effect.gen(function*() {
      yield* Agent.run({ ...outer, input: "Clean up" })
      const { id } = yield* Conversation.fork("c", { to: "d" })
      const before = yield* sent
      const run = yield* Agent.run({ ...outer, conversation: id, approve: ["call_1/1/call_1"] })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual((yield* sent) - before, 2)
      assert.deepStrictEqual(done, ["d/call_1/1/call_1"])
      assert.strictEqual(Conversation.pending(yield* Conversation.load("c")).length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("94: takes what was kept aside for the model", () => {
    const Log = Tool.make("read_log", {
      success: Schema.String,
      largeOutput: LargeOutput.keepAside({ above: 100, show: 40 })
    })
    const tools = Toolkit.make(Log)
    const live = tools.toLayer({ read_log: () => Effect.succeed(`${"x".repeat(200)} the end`) })
    return Effect.gen(function*() {
      yield* Agent.run({ ...params, tools, input: "Look" })
      const { id } = yield* Conversation.fork("c")
      yield* Conversation.remove("c")
      yield* Agent.run({ ...params, tools, conversation: id, input: "Further" })
      assert.include(JSON.stringify((yield* lastOutputs).at(-1)), "the end")
    }).pipe(Effect.provide([
      live,
      withModel(
        Script.toolCall("read_log", {}, { id: "l1" }),
        "Long.",
        Script.toolCall("read_output", { call: "l1", offset: 190, find: null }, { id: "r1" }),
        "Read."
      )
    ]))
  })

  it.effect("95: inherits what its origin spent, and counts only what it spends", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...params, input: "One" })
      assert.isAbove(first.cost, 0)
      const { id } = yield* Conversation.fork("c")
      const { id: again } = yield* Conversation.fork(id)
      for (const copy of [id, again]) {
        const log = yield* Conversation.load(copy)
        assert.strictEqual(Conversation.usage(log).cost, 0)
        assert.strictEqual(Conversation.usage(log, { inherited: true }).cost, first.cost)
      }
      const run = yield* Agent.run({ ...params, conversation: again, input: "Two" })
      const log = yield* Conversation.load(again)
      assert.strictEqual(Conversation.usage(log).cost, run.cost)
      assert.strictEqual(run.conversation?.cost, run.cost)
      assert.strictEqual(Conversation.usage(log, { inherited: true }).cost, first.cost)
    }).pipe(Effect.provide(withModel(Script.turn("1", { cost: 0.5 }), Script.turn("2", { cost: 0.25 })))))
})

describe("what cannot be forked", () => {
  const refusals: ReadonlyArray<readonly [string, Parameters<typeof Conversation.fork>, parameter: string]> = [
    ["a conversation that does not exist", ["none"], "id"],
    ["more entries than there are", ["c", { at: 6 }], "at"],
    ["less than nothing", ["c", { at: -1 }], "at"],
    ["a part that is no number", ["c", { at: Number.NaN }], "at"],
    ["to a conversation that exists", ["c", { to: "d" }], "to"],
    ["an output of an unknown call", ["c", { outputs: { z: "" } }], "outputs"],
    ["an output that a later turn has seen", ["c", { at: 5, outputs: { a: "" } }], "outputs"],
    ["an output of a later call", ["c", { at: 1, outputs: { a: "" } }], "outputs"]
  ]
  it.effect.each(refusals)("%s is refused, and nothing is stored", ([, args, parameter]) =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      yield* store.append("c", 0, [input("Hi"), turn(1, [call("a")]), tool("a"), turn(2, [message("Hi")]), input("Go")])
      yield* store.append("d", 0, [input("Other")])
      const error = yield* Effect.flip(Conversation.fork(...args))
      assert.strictEqual(error._tag, "InvalidRequestError")
      assert.strictEqual(error._tag === "InvalidRequestError" ? error.parameter : "", parameter)
      assert.strictEqual((yield* Conversation.list()).conversations.length, 2)
    }).pipe(Effect.provide(Conversation.layerMemory)))

  it.effect("is not a fork whose store failed behind its append: it is the same fork", () =>
    Effect.gen(function*() {
      const store = yield* Conversation.Conversation
      yield* store.append("c", 0, [input("Hi")])
      let failures = 0
      const failing = Conversation.Conversation.of({
        ...store,
        append: (id, version, entries) =>
          Effect.flatMap(store.append(id, version, entries), (next) =>
            failures++ === 0
              ? Effect.fail(new Conversation.ConversationStoreError({ message: "gone", id, reason: "gone" }))
              : Effect.succeed(next))
      })
      const forking = Effect.provideService(Conversation.fork("c"), Conversation.Conversation, failing)
      const [{ id }] = yield* timed(forking)
      assert.strictEqual(failures, 1)
      assert.strictEqual((yield* store.load(id)).version, 1)
    }).pipe(Effect.provide(Conversation.layerMemory)))
})
