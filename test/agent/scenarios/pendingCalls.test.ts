/** Calls that wait for the caller, with the history alone as state; each call executes once. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { errorIn, itemsOf, lastErrors, lastOutputs, model, outputsOf, sent, shapeOf } from "./support.js"

const Locate = Tool.manual("locate", {
  parameters: Schema.Struct({ precision: Schema.Int }),
  success: Schema.Struct({ city: Schema.String, at: Schema.Date })
})
const Anything = Tool.manual("anything")
const Shown = Tool.manual("shown", {
  success: Schema.NumberFromString,
  toModelOutput: (n) => [{ type: "input_text", text: `it is ${n + 1}` }]
})
const Auto = Tool.make("auto", { parameters: Schema.Struct({ n: Schema.Int }), success: Schema.Int })
const Confirm = Tool.make("confirm", {
  parameters: Schema.Struct({ amount: Schema.Number }),
  success: Schema.String,
  answer: Schema.Struct({ ok: Schema.Boolean, by: Schema.Date })
})
const tools = Toolkit.make(Locate, Anything, Shown, Auto, Confirm)

/** What handlers did. */
let done: Array<string> = []

const Live = tools.toLayer(Effect.sync(() => {
  done = []
  return {
    auto: ({ n }) => Effect.sync(() => done.push(`auto ${n}`)),
    confirm: ({ amount }, call) =>
      Effect.gen(function*() {
        done.push(`asked ${amount}`)
        if (amount < 10) return "too small to ask"
        const { by, ok } = yield* call.answer
        done.push(`told ${amount}`)
        return ok ? `confirmed ${by.getUTCFullYear()}` : "declined"
      })
  }
}))

const script = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), Live)
const options = { model, input: "Go!", tools } as const
const place = { city: "Paris", at: "2026-01-02T00:00:00.000Z" }
const on = (run: Agent.Run) => ({ model, input: run.history, tools }) as const
const waiting = (run: Agent.Run) => run.pending.map(({ callId, reason }) => [callId, reason])

describe("a manual tool", () => {
  const locate = Script.toolCall("locate", { precision: 2 })

  it.effect("24: the run ends and waits for its output", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "awaiting_tools" })
      assert.deepStrictEqual(run.pending, [
        { callId: "call_1_1", name: "locate", arguments: { precision: 2 }, turn: 1, reason: "manual" }
      ])
      assert.strictEqual(yield* sent, 1)
      const wire = (yield* TestModel.requests)[0]?.json["tools"]
      assert.deepStrictEqual(Array.isArray(wire) ? wire.map(({ name }) => name) : wire, [
        "locate",
        "anything",
        "shown",
        "auto",
        "confirm"
      ])
    }).pipe(Effect.provide(script(locate))))

  it.effect("24: a later run continues with an answer", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      const run = yield* Agent.run({ ...on(first), answer: { call_1_1: place } })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", JSON.stringify(place)]])
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]), [
        "message user",
        "function_call call_1_1",
        "function_call_output call_1_1"
      ])
    }).pipe(Effect.provide(script(locate, "In Paris."))))

  it.effect("24: a later run continues with an output item of any content", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      const output = { type: "function_call_output", call_id: "call_1_1", output: "somewhere" } as const
      const run = yield* Agent.run({ ...on(first), input: [...first.history, output] })
      assert.strictEqual(run.text, "In Paris.")
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "somewhere"]])
    }).pipe(Effect.provide(script(locate, "In Paris."))))

  it.effect("24: toModelOutput decides the output of an answer", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      yield* Agent.run({ ...on(first), answer: { call_1_1: "41", call_1_2: null } })
      assert.deepStrictEqual(yield* lastOutputs, [
        ["call_1_1", [{ type: "input_text", text: "it is 42" }]],
        ["call_1_2", "null"]
      ])
    }).pipe(Effect.provide(script([Script.toolCall("shown"), Script.toolCall("anything")], "Done."))))

  it.effect("24: an answer that does not fit, or that has no call, is rejected before anything is sent", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      const wrong = [["call_1_1", { city: "Paris" }], ["call_1_1", "Paris"], ["call_9", place]] as const
      for (const [callId, answer] of wrong) {
        const error = yield* Effect.flip(Agent.run({ ...on(first), answer: { [callId]: answer } }))
        assert(error._tag === "InvalidRequestError")
        assert.strictEqual(error.parameter, "answer")
        assert.include(error.message, callId)
      }
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(locate))))

  it.effect("24: after a rejection, the model receives the reason", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      yield* Agent.run({ ...on(first), reject: [{ callId: "call_1_1", reason: "none of your business" }] })
      assert.include((yield* lastErrors)[0], "none of your business")
    }).pipe(Effect.provide(script(locate, "Sorry."))))

  it.effect("24: the model receives the issues of arguments that do not fit, not the caller", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.include((yield* lastErrors)[0], "precision")
    }).pipe(Effect.provide(script(Script.toolCall("locate", { precision: "high" }), "Sorry."))))

  it.effect("24: with several pending calls, the run sends nothing until all have an answer", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      assert.deepStrictEqual(waiting(first), [["call_1_1", "manual"], ["call_1_2", "manual"]])
      const second = yield* Agent.run({ ...on(first), answer: { call_1_2: place } })
      assert.deepStrictEqual(second.outcome, { _tag: "awaiting_tools" })
      assert.deepStrictEqual(waiting(second), [["call_1_1", "manual"]])
      assert.strictEqual(yield* sent, 1)
      const third = yield* Agent.run({ ...on(second), answer: { call_1_1: place } })
      assert.deepStrictEqual(third.outcome, { _tag: "completed" })
      assert.deepStrictEqual((yield* lastOutputs).map(([id]) => id), ["call_1_1", "call_1_2"])
    }).pipe(Effect.provide(script([locate, locate], "Done."))))

  it.effect("24: new input gives the pending call an output, before the new items", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      yield* Agent.run({ ...on(first), input: [...first.history, { role: "user", content: "Never mind." }] })
      const [, second] = yield* TestModel.requests
      assert.deepStrictEqual(shapeOf(second), [
        "message user",
        "function_call call_1_1",
        "function_call_output call_1_1",
        "message user"
      ])
      assert.include(String(errorIn(outputsOf(second)[0]?.[1])), "went on without it")
    }).pipe(Effect.provide(script(locate, "Fine."))))
})

describe("calls of both kinds in one turn", () => {
  const mixed = [
    Script.toolCall("auto", { n: 1 }),
    Script.toolCall("locate", { precision: 2 }),
    Script.toolCall("auto", { n: 3 }),
    Script.toolCall("nothing")
  ]

  it.effect("25: calls with handlers have executed, and only the manual call is pending", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "awaiting_tools" })
      assert.deepStrictEqual(waiting(run), [["call_1_2", "manual"]])
      assert.deepStrictEqual(done, ["auto 1", "auto 3"])
      assert.deepStrictEqual(
        run.history.flatMap((item) => item.type === "function_call_output" ? [item.call_id] : []),
        ["call_1_1", "call_1_3", "call_1_4"]
      )
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(mixed))))

  it.effect("25: after the answer, all outputs are sent in the order of the calls, and no call executes again", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      const run = yield* Agent.run({ ...on(first), answer: { call_1_2: place } })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(done, ["auto 1", "auto 3"])
      assert.deepStrictEqual((yield* lastOutputs).map(([id]) => id), ["call_1_1", "call_1_2", "call_1_3", "call_1_4"])
      assert.deepStrictEqual(shapeOf((yield* TestModel.requests)[1]).slice(1, 5), [
        "function_call call_1_1",
        "function_call call_1_2",
        "function_call call_1_3",
        "function_call call_1_4"
      ])
    }).pipe(Effect.provide(script(mixed, "Done."))))

  it.effect("25: the history is plain JSON, from which another process can continue", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      const copy: typeof first.history = JSON.parse(JSON.stringify(first.history))
      const run = yield* Agent.run({ ...on(first), input: copy, answer: { call_1_2: place } })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(itemsOf((yield* TestModel.requests)[1]).length, 9)
    }).pipe(Effect.provide(script(mixed, "Done."))))
})

describe("a handler that waits for an answer", () => {
  const ask = Script.toolCall("confirm", { amount: 50 })
  const by = "2027-01-01T00:00:00.000Z"

  it.effect("26: pauses the run, and is resumed with the decoded answer", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_tools" })
      assert.deepStrictEqual(waiting(first), [["call_1_1", "answer"]])
      const run = yield* Agent.run({ ...on(first), answer: { call_1_1: { ok: true, by } } })
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "confirmed 2027"]])
      assert.deepStrictEqual(done, ["asked 50", "asked 50", "told 50"])
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
    }).pipe(Effect.provide(script(ask, "Done."))))

  it.effect("26: returns its result at once if it needs no answer", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "too small to ask"]])
    }).pipe(Effect.provide(script(Script.toolCall("confirm", { amount: 5 }), "Done."))))

  it.effect("26: an answer that its schema rejects does not start it, and nothing is sent", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      for (const answer of [{ ok: "yes", by }, { ok: true, by: "soon" }, null]) {
        const error = yield* Effect.flip(Agent.run({ ...on(first), answer: { call_1_1: answer } }))
        assert(error._tag === "InvalidRequestError")
        assert.include(error.message, "call_1_1")
        assert.deepStrictEqual(error.progress.history, first.history)
      }
      assert.deepStrictEqual(done, ["asked 50"])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(ask))))

  it.effect("26: a run without the answer pauses on it again", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      const second = yield* Agent.run(on(first))
      assert.deepStrictEqual(waiting(second), [["call_1_1", "answer"]])
      assert.deepStrictEqual(second.history, first.history)
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(ask))))

  it.effect("26: several calls each wait for their own answer", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(options)
      const second = yield* Agent.run({ ...on(first), answer: { call_1_2: { ok: false, by } } })
      assert.deepStrictEqual(waiting(second), [["call_1_1", "answer"]])
      yield* Agent.run({ ...on(second), answer: { call_1_1: { ok: true, by } } })
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "confirmed 2027"], ["call_1_2", "declined"]])
      assert.deepStrictEqual(done.filter((what) => what.startsWith("told")), ["told 60", "told 50"])
    }).pipe(Effect.provide(script([ask, Script.toolCall("confirm", { amount: 60 })], "Done."))))
})

describe("each call once", () => {
  const Pay = Tool.make("pay", {
    parameters: Schema.Struct({ amount: Schema.Number }),
    success: Schema.Int,
    requireApproval: ({ amount }) => Effect.succeed(amount > 10)
  })
  const kit = Toolkit.make(Pay)
  let paid: Array<number> = []
  const PayLive = kit.toLayer(Effect.sync(() => {
    paid = []
    return { pay: ({ amount }) => Effect.sync(() => paid.push(amount)) }
  }))
  const calls = [5, 50, 7].map((amount) => Script.toolCall("pay", { amount }))
  const payScript = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), PayLive)
  const pay = { model, input: "Pay!", tools: kit } as const

  it.effect("29: with every hook and a gate, over two runs", () =>
    Effect.gen(function*() {
      const seen: Array<string> = []
      const middleware = Middleware.make({
        approval: (call) => Effect.as(Effect.sync(() => seen.push(`gate ${call.id}`)), undefined),
        tool: (call, next) =>
          Effect.tap(next(call.params), () => Effect.sync(() => seen.push(`${call.name} ${call.id}`)))
      })
      const first = yield* Agent.run({ ...pay, middleware: [middleware, middleware] })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(first.pending.map(({ callId }) => callId), ["call_1_2"])
      const run = yield* Agent.run({ ...pay, input: first.history, approve: ["call_1_2"], middleware })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.deepStrictEqual(paid, [5, 7, 50])
      assert.deepStrictEqual(seen.filter((what) => what.startsWith("pay")), [
        "pay call_1_1",
        "pay call_1_1",
        "pay call_1_3",
        "pay call_1_3",
        "pay call_1_2"
      ])
      assert.deepStrictEqual((yield* lastOutputs).map(([id]) => id), ["call_1_1", "call_1_2", "call_1_3"])
    }).pipe(Effect.provide(payScript(calls, "Done."))))

  it.effect("29: with three readers", () =>
    Effect.gen(function*() {
      yield* Effect.scoped(Effect.gen(function*() {
        const result = yield* Agent.callModel(pay)
        yield* Effect.all([result.run, result.text, result.usage, result.response], { concurrency: "unbounded" })
      }))
      assert.deepStrictEqual(paid, [5, 7])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(payScript(calls))))

  it.effect("29: an approval of a call that needs no approval, or that has executed, is rejected", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run(pay)
      for (const id of ["call_1_1", "call_9"]) {
        const error = yield* Effect.flip(Agent.run({ ...pay, input: first.history, approve: [id] }))
        assert.strictEqual(error._tag, "InvalidRequestError")
      }
      assert.deepStrictEqual(paid, [5, 7])
    }).pipe(Effect.provide(payScript(calls))))
})
