/** How handlers end: failures of their schema, defects, results of any form. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { logsInto, quiet } from "../../support/effect/logs.js"
import { collect, errorIn, lastErrors, lastOutputs, model, sent, timed } from "./support.js"

class NoSuchRoom extends Schema.TaggedError<NoSuchRoom>()("NoSuchRoom", {
  room: Schema.Int,
  freeFrom: Schema.Date
}) {}

const failing = { parameters: Schema.Struct({ room: Schema.Number }), failure: NoSuchRoom, success: Schema.String }
const Returning = Tool.make("returning", failing)
const Failing = Tool.make("failing", { ...failing, failureMode: "error" })
const Slow = Tool.make("slow", { success: Schema.String })

const freeFrom = new Date("2026-01-02T03:04:05.000Z")
const secret = "password=hunter2"

/** The log of the slow tool. */
let slow: Array<string> = []

const handlers = {
  returning: ({ room }: { readonly room: number }) => new NoSuchRoom({ room, freeFrom }, { disableValidation: true }),
  failing: ({ room }: { readonly room: number }) => new NoSuchRoom({ room, freeFrom }),
  slow: () =>
    Effect.sleep(100).pipe(
      Effect.as("late"),
      Effect.tap(() => Effect.sync(() => slow.push("done"))),
      Effect.onInterrupt(() => Effect.sync(() => slow.push("interrupted")))
    )
}
const tools = Toolkit.make(Returning, Failing, Slow)
const HandlersLive = tools.toLayer(Effect.sync(() => {
  slow = []
  return handlers
}))
const script = (...turns: Script.Script) => Layer.mergeAll(TestModel.layer(turns), HandlersLive, quiet)
const options = { model, input: "Go!", tools } as const

describe("a failure of the tool's schema", () => {
  it.effect("18: the model receives it as the schema encodes it, and the run continues", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.strictEqual(run.text, "Sorry.")
      const [output] = yield* lastOutputs
      const failure = { _tag: "NoSuchRoom", room: 7, freeFrom: freeFrom.toISOString() }
      assert.deepStrictEqual(errorIn(output?.[1]), failure)
      const [result] = run.steps[0]?.toolResults ?? []
      assert.deepStrictEqual([result?.status, result?.result], ["failure", { error: failure }])
    }).pipe(Effect.provide(script(Script.toolCall("returning", { room: 7 }), "Sorry."))))

  it.effect("18: it fails the run with its type if failureMode is \"error\"", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Agent.run(options))
      assert(error._tag === "NoSuchRoom")
      assert.strictEqual(error.room, 7)
      assert.deepStrictEqual(error.freeFrom, freeFrom)
      assert.instanceOf(error, NoSuchRoom)
      assert.strictEqual(error.progress.cost, 0.5)
      assert.deepStrictEqual(error.progress.steps[0]?.toolCalls.map(({ name }) => name), ["failing"])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(Script.turn(Script.toolCall("failing", { room: 7 }), { cost: 0.5 })))))

  it.effect("18: running calls of its turn finish and are kept, then the run fails", () =>
    Effect.gen(function*() {
      const [error, millis] = yield* timed(Effect.flip(Agent.run(options)))
      assert(error._tag === "NoSuchRoom")
      assert.strictEqual(millis, 100)
      assert.deepStrictEqual(slow, ["done"])
      assert.deepStrictEqual(error.progress.steps[0]?.toolResults.map(({ name }) => name), ["returning", "slow"])
      assert.deepStrictEqual(
        error.progress.items.map((item) => item.type),
        ["function_call", "function_call", "function_call", "function_call_output", "function_call_output"]
      )
    }).pipe(Effect.provide(script([
      Script.toolCall("returning", { room: 7 }),
      Script.toolCall("slow"),
      Script.toolCall("failing", { room: 7 })
    ]))))

  it.effect("18: the stream fails with it too, after the events before it", () =>
    Effect.gen(function*() {
      const types: Array<string> = []
      const error = yield* Effect.flip(
        Stream.runForEach(Agent.stream(options), ({ type }) => Effect.sync(() => types.push(type)))
      )
      assert.strictEqual(error._tag, "NoSuchRoom")
      assert.strictEqual(types.at(-1), "turn.end")
    }).pipe(Effect.provide(script(Script.toolCall("failing", { room: 7 })))))

  it.effect("18: the model does not receive a failure that its schema does not allow", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run(options)
      assert.deepStrictEqual(yield* lastErrors, ["The tool failed."])
      assert.strictEqual(run.text, "Sorry.")
    }).pipe(Effect.provide(script(Script.toolCall("returning", { room: 7.5 }), "Sorry."))))
})

describe("a handler with fibers of its own", () => {
  const kit = Toolkit.make(Tool.make("several", { failure: Schema.String, success: Schema.Number }))
  const asked = Agent.run({ model, input: "Go!", tools: kit })

  it.effect("18: its failure is reported, even if it interrupted other fibers", () =>
    Effect.gen(function*() {
      const run = yield* asked.pipe(Effect.provide(kit.toLayer({
        several: () =>
          Effect.as(Effect.all([Effect.fail("taken"), Effect.never], { concurrency: "unbounded", discard: true }), 1)
      })))
      assert.strictEqual(run.text, "Sorry.")
      assert.deepStrictEqual(yield* lastErrors, ["taken"])
    }).pipe(Effect.provide(TestModel.layer([Script.toolCall("several"), "Sorry."]))))

  it.effect("18: an interrupted fiber of the handler is a failure of the tool, and the run continues", () =>
    Effect.gen(function*() {
      const run = yield* asked.pipe(Effect.provide(kit.toLayer({
        several: () =>
          Effect.gen(function*() {
            const fiber = yield* Effect.fork(Effect.never)
            yield* Fiber.interrupt(fiber)
            return yield* Fiber.join(fiber)
          })
      })))
      assert.strictEqual(run.text, "Sorry.")
      assert.deepStrictEqual(yield* lastErrors, ["The tool failed unexpectedly."])
    }).pipe(Effect.provide(Layer.merge(quiet, TestModel.layer([Script.toolCall("several"), "Sorry."])))))
})

describe("a defect", () => {
  const Broken = Tool.make("broken", { parameters: Schema.Struct({ how: Schema.String }), success: Schema.Int })
  const broken = Toolkit.make(Broken)
  const BrokenLive = broken.toLayer({
    broken: ({ how }) => {
      if (how === "throw") throw new Error(secret)
      if (how === "die") return Effect.die(new Error(secret))
      if (how === "late") return Effect.delay(Effect.die(new Error(secret)), 10)
      if (how === "finalizer") return Effect.ensuring(Effect.succeed(1), Effect.die(secret))
      return Effect.succeed(how.length + 0.5)
    }
  })
  for (const how of ["throw", "die", "late", "finalizer", "a result that is none"]) {
    it.effect(`18: ${how}: the model receives only that the tool failed, without the text of the defect`, () =>
      Effect.gen(function*() {
        const logged: Array<string> = []
        const logger = logsInto(({ cause, message }) => logged.push(String(message) + Cause.pretty(cause)))
        const [run] = yield* timed(
          Agent.run({ model, input: "Go!", tools: broken }).pipe(Effect.provide(logger))
        )
        assert.strictEqual(run.text, "Sorry.")
        const requests = yield* TestModel.requests
        assert.notInclude(JSON.stringify(requests), "hunter2")
        assert.notInclude(JSON.stringify(run), "hunter2")
        assert.match((yield* lastErrors)[0] ?? "", /^The tool failed/)
        assert.strictEqual(run.steps[0]?.toolResults[0]?.status, "failure")
        assert.strictEqual(logged.length, 1)
        assert.include(logged[0], "\"broken\"")
        assert.include(logged[0], how.startsWith("a result") ? "" : "hunter2")
      }).pipe(Effect.provide(Layer.merge(
        BrokenLive,
        TestModel.layer([Script.toolCall("broken", { how }), "Sorry."])
      ))))
  }

  it.effect("18: it is the defect of the run if failureMode is \"error\"", () =>
    Effect.gen(function*() {
      const Fatal = Toolkit.make(Tool.make("fatal", { failureMode: "error" }))
      const exit = yield* Effect.exit(
        Agent.run({ model, input: "Go!", tools: Fatal }).pipe(
          Effect.provide(Fatal.toLayer({ fatal: () => Effect.die("no disk") }))
        )
      )
      assert.isTrue(Exit.isFailure(exit) && Cause.isDie(exit.cause))
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(TestModel.layer([Script.toolCall("fatal")]))))

  it.effect("18: the other calls of the turn execute", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Go!", tools: Toolkit.merge(broken, tools) })
      assert.deepStrictEqual(run.steps[0]?.toolResults.map(({ name }) => name), ["broken", "returning"])
    }).pipe(Effect.provide(Layer.merge(
      BrokenLive,
      script([Script.toolCall("broken", { how: "die" }), Script.toolCall("returning", { room: 1 })], "Sorry.")
    ))))
})

describe("a result", () => {
  const given: ReadonlyArray<readonly [name: string, value: unknown, output: string]> = [
    ["undefined of unknown", undefined, "null"],
    ["null", null, "null"],
    ["an empty text", "", "(no output)"],
    ["a text", "five", "five"],
    ["zero", 0, "0"],
    ["false", false, "false"],
    ["not a number", NaN, "null"],
    ["an empty list", [], "[]"],
    ["a list with holes", [undefined, 1], "[null,1]"],
    ["an object of nothing", { a: undefined }, "{}"]
  ]
  for (const [name, value, output] of given) {
    it.effect(`19: ${name} is a valid output`, () =>
      Effect.gen(function*() {
        const kit = Toolkit.make(Tool.make("give", { success: Schema.Unknown }))
        const run = yield* Agent.run({ model, input: "Go!", tools: kit }).pipe(
          Effect.provide(kit.toLayer({ give: () => Effect.succeed(value) }))
        )
        assert.strictEqual(run.text, "Done.")
        assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", output]])
      }).pipe(Effect.provide(TestModel.layer([Script.toolCall("give"), "Done."]))))
  }

  it.effect("19: a tool without a result has the output null, and its event has undefined", () =>
    Effect.gen(function*() {
      const kit = Toolkit.make(Tool.make("fire"))
      const events = yield* collect(Agent.stream({ model, input: "Go!", tools: kit })).pipe(
        Effect.provide(kit.toLayer({ fire: () => Effect.void }))
      )
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", "null"]])
      const result = events.find((event) => event.type === "tool.result")
      assert(result?.type === "tool.result" && result.status === "success")
      assert.isUndefined(result.result)
    }).pipe(Effect.provide(TestModel.layer([Script.toolCall("fire"), "Done."]))))

  it.effect("19: a result without a JSON form is a failure of the tool", () =>
    Effect.gen(function*() {
      const kit = Toolkit.make(Tool.fromJsonSchema("odd", { parameters: { type: "object", properties: {} } }))
      const circle: Array<unknown> = []
      circle.push(circle)
      for (const value of [circle, { big: 1n }]) {
        const run = yield* Agent.run({ model, input: "Go!", tools: kit }).pipe(
          Effect.provide(kit.toLayer({ odd: () => Effect.succeed(value) }))
        )
        assert.strictEqual(run.text, "Sorry.")
        assert.deepStrictEqual(yield* lastErrors, ["The tool failed."])
      }
    }).pipe(Effect.provide(Layer.merge(
      quiet,
      TestModel.layer([Script.toolCall("odd"), "Sorry.", Script.toolCall("odd"), "Sorry."])
    ))))

  it.effect("19: a failure without a JSON form is a failure of the tool too", () =>
    Effect.gen(function*() {
      const kit = Toolkit.make(Tool.make("odd", { failure: Schema.Unknown }))
      yield* Agent.run({ model, input: "Go!", tools: kit }).pipe(
        Effect.provide(kit.toLayer({ odd: () => Effect.fail({ big: 1n }) }))
      )
      assert.deepStrictEqual(yield* lastErrors, ["The tool failed."])
    }).pipe(Effect.provide(Layer.merge(quiet, TestModel.layer([Script.toolCall("odd"), "Sorry."])))))

  it.effect("19: the output is encoded by the schema; the event has the value of the handler", () =>
    Effect.gen(function*() {
      const kit = Toolkit.make(Tool.make("when", { success: Schema.Struct({ at: Schema.Date }) }))
      const events = yield* collect(Agent.stream({ model, input: "Go!", tools: kit })).pipe(
        Effect.provide(kit.toLayer({ when: () => Effect.succeed({ at: freeFrom }) }))
      )
      assert.deepStrictEqual(yield* lastOutputs, [["call_1_1", `{"at":"${freeFrom.toISOString()}"}`]])
      const result = events.find((event) => event.type === "tool.result")
      assert(result?.type === "tool.result" && result.status === "success")
      assert.deepStrictEqual(result.result, { at: freeFrom })
    }).pipe(Effect.provide(TestModel.layer([Script.toolCall("when"), "Done."]))))
})

describe("a failure of one of several calls", () => {
  it.effect("18: is the whole cause of the run's failure, which the conversation records and the middleware receives", () =>
    Effect.gen(function*() {
      const exits: Array<Exit.Exit<unknown, unknown>> = []
      const middleware = Middleware.make({ end: (_, exit) => Effect.sync(() => exits.push(exit)) })
      const [exit] = yield* timed(Effect.exit(Agent.run({ ...options, conversation: "c", middleware })))
      for (const { cause } of [exit, ...exits].filter(Exit.isFailure)) {
        assert.isTrue(Option.isSome(Cause.failureOption(cause)) && !Cause.isDie(cause) && !Cause.isInterrupted(cause))
      }
      assert.strictEqual(exits.length, 1)
      const { entries } = yield* Conversation.load("c")
      assert.deepInclude(entries.at(-1), { _tag: "closed", outcome: "failed" })
    }).pipe(Effect.provide(Layer.merge(
      Conversation.layerMemory,
      script([Script.toolCall("slow"), Script.toolCall("failing", { room: 7 })])
    ))))
})
