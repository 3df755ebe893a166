/** Agents as values, and as tools of other agents. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as AgentStream from "../../../src/agent/AgentStream.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as LargeOutput from "../../../src/agent/LargeOutput.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import { stringAt } from "../../../src/internal/json.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { interruptedExit } from "../../support/effect/fibers.js"
import { collect, itemsOf, lastOutputs, model, sent, settled } from "./support.js"

const Shelf = Toolkit.make(
  Tool.make("look_up", { parameters: Schema.Struct({ term: Schema.String }), success: Schema.String }),
  Tool.make("discard", { success: Schema.String, requireApproval: true })
)

const librarian = Agent.make({ name: "librarian", model, instructions: "You look things up.", tools: Shelf })

const Desk = Toolkit.make(Agent.asTool(librarian, { name: "ask_librarian" }))

const editor = Agent.make({ name: "editor", model, instructions: "You write.", tools: Desk })

const ask = (task: string, id = "ask_1") => Script.toolCall("ask_librarian", { task }, { id })

const lookUp = Script.toolCall("look_up", { term: "buoy" }, { id: "look_1" })

const layers = (...turns: Script.Script) =>
  Layer.mergeAll(
    TestModel.layer(turns),
    Conversation.layerMemory,
    Shelf.toLayer({
      look_up: ({ term }) => Effect.succeed(`${term}: it floats`),
      discard: () => Effect.succeed("gone")
    })
  )

describe("an agent that is a tool", () => {
  it.effect("74: runs with a history of its own and returns its text; the other agent pays for it", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...editor, input: "Write about buoys." })
      assert.strictEqual(run.text, "A buoy floats.")
      assert.strictEqual(run.cost, 7)
      assert.strictEqual(run.steps[0]?.toolResults[0]?.usage.cost, 5)
      assert.deepStrictEqual(yield* lastOutputs, [["ask_1", "It floats."]])
      const [, inner] = yield* TestModel.requests
      assert.strictEqual(stringAt(inner?.json, "instructions"), "You look things up.")
      assert.deepStrictEqual(itemsOf(inner).map(({ content }) => content), ["What is a buoy?"])
      assert.include(JSON.stringify((yield* TestModel.requests)[0]?.json), "Gives a task to the agent librarian.")
    }).pipe(Effect.provide(layers(
      Script.turn(ask("What is a buoy?"), { cost: 1 }),
      Script.turn(lookUp, { cost: 2 }),
      Script.turn("It floats.", { cost: 3 }),
      Script.turn("A buoy floats.", { cost: 1 })
    ))))

  it.effect("74: returns the value of its output, and takes parameters of your own", () => {
    const Height = Schema.Struct({ metres: Schema.Number })
    const surveyor = Agent.make({ name: "surveyor", model, output: Height })
    const tools = Toolkit.make(Agent.asTool(surveyor, {
      parameters: Schema.Struct({ tower: Schema.String }),
      input: ({ tower }) => `How high is ${tower}?`
    }))
    return Effect.gen(function*() {
      const run = yield* Agent.run({ model, tools, input: "Go" })
      assert.deepStrictEqual(run.steps[0]?.toolResults[0]?.result, { metres: 40 })
      const [, inner] = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(inner).map(({ content }) => content), ["How high is Pharos?"])
    }).pipe(Effect.provide(TestModel.layer([
      Script.toolCall("surveyor", { tower: "Pharos" }),
      "{\"metres\":40}",
      "It is 40 metres high."
    ])))
  })

  it.effect("74: tells the other agent why it has no result, and what it had said", () => {
    const limited = Agent.make({ ...librarian, stopWhen: StopWhen.stepCountIs(1) })
    const tools = Toolkit.make(Agent.asTool(limited, { name: "ask_librarian" }))
    return Effect.gen(function*() {
      const run = yield* Agent.run({ model, tools, input: "Go" })
      assert.strictEqual(run.outcome._tag, "completed")
      const errors = run.steps.flatMap(({ toolResults }) => toolResults.map(({ result }) => result))
      assert.deepStrictEqual(errors, [
        {
          error: {
            _tag: "AgentToolError",
            agent: "librarian",
            outcome: "stopped",
            text: "Let me see.",
            message: "The agent librarian ended without a result (stopped by stepCountIs(1))."
          }
        },
        {
          error: {
            _tag: "AgentToolError",
            agent: "librarian",
            outcome: "PaymentRequiredResponseError",
            text: "",
            message: "The agent librarian failed (PaymentRequiredResponseError)."
          }
        }
      ])
    }).pipe(Effect.provide(layers(
      [ask("a")],
      ["Let me see.", lookUp],
      [ask("b", "ask_2")],
      Script.error(402, { message: "no credit" }),
      "Sorry."
    )))
  })

  it.effect("74: fails the run with its error, if it is to", () => {
    const tools = Toolkit.make(Agent.asTool(librarian, { name: "ask_librarian", failureMode: "error" }))
    return Effect.gen(function*() {
      const error = yield* Agent.run({ model, tools, input: "Go" }).pipe(
        Effect.catchTag("AgentToolError", Effect.succeed)
      )
      assert.isTrue(error instanceof Agent.AgentToolError && error.outcome === "refused")
    }).pipe(Effect.provide(layers(ask("a"), Script.refusal("I will not."))))
  })

  it.effect("74: has its approvals decided in the other agent, after which nothing is paid or done again", () =>
    Effect.gen(function*() {
      const options = { ...editor, conversation: "c" } as const
      const first = yield* Agent.run({ ...options, input: "Tidy up." })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(first.pending.map(({ name, path }) => [name, path]), [["discard", ["ask_1"]]])
      const second = yield* Agent.run({ ...options, approve: first.pending.map(({ callId }) => callId) })
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
      assert.strictEqual(second.text, "All is tidy.")
      assert.strictEqual(yield* sent, 4)
      assert.strictEqual(second.conversation?.cost, 4)
    }).pipe(Effect.provide(layers(
      Script.turn(ask("Discard it"), { cost: 1 }),
      Script.turn(Script.toolCall("discard", {}, { id: "discard_1" }), { cost: 1 }),
      Script.turn("It is gone.", { cost: 1 }),
      Script.turn("All is tidy.", { cost: 1 })
    ))))

  it.effect("74: tells its events to the reader of the other agent, with the calls around it", () =>
    Effect.gen(function*() {
      const chief = Agent.make({
        name: "chief",
        model,
        tools: Toolkit.make(Agent.asTool(editor, { name: "ask_editor" }))
      })
      const events = yield* collect(Agent.stream({ ...chief, input: "Go" }))
      const nested = events.flatMap((event) => event.type === "nested" ? [event] : [])
      const told = nested.flatMap(({ agent, event, path }) =>
        event.type === "turn.end" || event.type === "tool.result" ? [[agent, path.join("/"), event.type]] : []
      )
      assert.deepStrictEqual(told, [
        ["editor", "e1", "turn.end"],
        ["librarian", "e1/ask_1", "turn.end"],
        ["librarian", "e1/ask_1", "tool.result"],
        ["librarian", "e1/ask_1", "turn.end"],
        ["editor", "e1", "tool.result"],
        ["editor", "e1", "turn.end"]
      ])
      assert.strictEqual(new Set(nested.map(({ run }) => run)).size, 2)
      const text = AgentStream.textDeltas(Stream.fromIterable(events))
      assert.strictEqual((yield* collect(text)).join(""), "Printed.")
    }).pipe(Effect.provide(layers(
      Script.toolCall("ask_editor", { task: "Write" }, { id: "e1" }),
      ask("What is a buoy?"),
      lookUp,
      "It floats.",
      "A buoy floats.",
      "Printed."
    ))))

  it.effect("74: sends no further request while the reader of the other agent stands still", () =>
    Effect.gen(function*() {
      const events = Agent.stream({ ...editor, input: "Go" }).pipe(
        Stream.tap((event) => event.type === "nested" ? Effect.never : Effect.void)
      )
      const reading = yield* Effect.fork(Stream.runDrain(events))
      yield* Effect.repeat(settled, { times: 3 })
      assert.strictEqual(yield* sent, 2)
      yield* interruptedExit(reading)
      assert.strictEqual(yield* sent, 2)
    }).pipe(
      Effect.provide(
        Shelf.toLayer({ look_up: () => Effect.succeed("it floats"), discard: () => Effect.succeed("gone") })
      ),
      Effect.provide(TestModel.layer([ask("a"), lookUp, "It floats.", "Done."], { allowUnused: true }))
    ))

  it.effect("74: reads what it kept aside after its approval was decided in the other agent", () => {
    const Long = Toolkit.make(
      Tool.make("read_log", { success: Schema.String, largeOutput: LargeOutput.keepAside({ above: 100, show: 20 }) }),
      Tool.make("discard", { success: Schema.String, requireApproval: true })
    )
    const clerk = Agent.make({ name: "clerk", model, tools: Long })
    const options = { model, tools: Toolkit.make(Agent.asTool(clerk)), conversation: "c" } as const
    const log = "0123456789".repeat(20)
    const handlers = Long.toLayer({ read_log: () => Effect.succeed(log), discard: () => Effect.succeed("gone") })
    return Effect.gen(function*() {
      const first = yield* Agent.run({ ...options, input: "Go" })
      yield* Agent.run({ ...options, approve: first.pending.map(({ callId }) => callId) })
      const inner = (yield* TestModel.requests)[4]
      assert.include(JSON.stringify(inner?.json), `(Characters 15 to 200 of 200. This is its end.)\\n${log.slice(15)}`)
    }).pipe(
      Effect.provide(Layer.mergeAll(handlers, Conversation.layerMemory)),
      Effect.provide(TestModel.layer([
        Script.toolCall("clerk", { task: "Tidy" }),
        Script.toolCall("read_log", {}, { id: "l1" }),
        Script.toolCall("discard", {}, { id: "d1" }),
        Script.toolCall("read_output", { call: "l1", offset: 15, find: null }),
        "It is tidy.",
        "Done."
      ]))
    )
  })

  it.effect("74: needs no handler, and stands beside tools that do", () => {
    const Own = Toolkit.make(Tool.make("print", { success: Schema.String }))
    const tools = Toolkit.merge(Own, Desk)
    // The layer of both needs a handler for one of them
    const handlers = tools.toLayer({ print: () => Effect.succeed("printed") })
    return Effect.gen(function*() {
      yield* Agent.run({ model, tools, input: "Go" })
      assert.deepStrictEqual(yield* lastOutputs, [["p1", "printed"], ["ask_1", "It floats."]])
    }).pipe(
      Effect.provide(handlers),
      Effect.provide(layers([Script.toolCall("print", {}, { id: "p1" }), ask("a")], "It floats.", "Done."))
    )
  })
})
