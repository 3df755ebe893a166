/** Agents that hand the conversation over to each other. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type { OpenRouterClient } from "../../../src/http/OpenRouterClient.js"
import { arrayAt, stringAt } from "../../../src/internal/json.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { collect, lastOutputs, model, sent } from "./support.js"

const FindOrder = Tool.make("find_order", { success: Schema.String })
const Refund = Tool.make("refund", { success: Schema.String, requireApproval: true })
const Erase = Tool.make("erase", { success: Schema.String, requireApproval: true })

const Money = Toolkit.make(Refund, Agent.handoff("triage"))
const billing = Agent.make({ name: "billing", model: "acme/exact", instructions: "You know money.", tools: Money })
const greeter = Agent.make({ name: "greeter", instructions: "You say good bye." })

const Desk = Toolkit.make(FindOrder, Erase, Agent.handoff(billing), Agent.handoff(greeter))
const triage = Agent.make({
  name: "triage",
  model,
  instructions: "You find out what is needed.",
  temperature: 0.5,
  tool_choice: "required",
  tools: Desk
})

const toBilling = (id = "to_billing") => Script.toolCall("transfer_to_billing", {}, { id })
const toGreeter = (id = "to_greeter") => Script.toolCall("transfer_to_greeter", {}, { id })
const toTriage = (id = "to_triage") => Script.toolCall("transfer_to_triage", {}, { id })
const findOrder = Script.toolCall("find_order", {}, { id: "find" })

const layers = (...turns: Script.Script) =>
  Layer.mergeAll(
    TestModel.layer(turns),
    Conversation.layerMemory,
    Desk.toLayer({ find_order: () => Effect.succeed("order 7"), erase: () => Effect.succeed("erased") }),
    Money.toLayer({ refund: () => Effect.succeed("refunded") })
  )

const requestsOf = (field: string) =>
  Effect.map(TestModel.requests, (requests) => requests.map(({ json }) => stringAt(json, field)))

const toolNames = Effect.map(
  TestModel.requests,
  (requests) => requests.map(({ json }) => arrayAt(json, "tools")?.map((tool) => stringAt(tool, "name")))
)

describe("a handoff", () => {
  it.effect("75: goes on with the same history and the instructions, tools and parameters of the other agent", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...triage, input: "Where is my money?" })
      assert.strictEqual(run.text, "It is on its way.")
      assert.strictEqual(run.agent, "billing")
      assert.deepStrictEqual(run.steps.map(({ agent }) => agent), ["triage", "billing"])
      assert.deepStrictEqual(yield* requestsOf("instructions"), ["You find out what is needed.", "You know money."])
      assert.deepStrictEqual(yield* requestsOf("model"), [model, "acme/exact"])
      assert.deepStrictEqual((yield* toolNames)[1], ["refund", "transfer_to_triage"])
      const [, second] = yield* TestModel.requests
      assert.strictEqual(Reflect.get(second?.json ?? {}, "temperature"), 0.5)
      assert.isFalse("tool_choice" in (second?.json ?? {}))
      assert.deepStrictEqual(yield* lastOutputs, [["to_billing", "{\"agent\":\"billing\"}"]])
    }).pipe(Effect.provide(layers([toBilling()], "It is on its way."))))

  it.effect("75: comes after the other calls of its response, and only the first one is taken", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...triage, input: "Go" })
      assert.strictEqual(run.agent, "billing")
      const came = "One agent can take over at a time, and another handoff came first."
      assert.deepStrictEqual(yield* lastOutputs, [
        ["to_billing", "{\"agent\":\"billing\"}"],
        ["find", "order 7"],
        ["to_greeter", JSON.stringify({ error: came })]
      ])
      assert.deepStrictEqual(yield* requestsOf("instructions"), ["You find out what is needed.", "You know money."])
    }).pipe(Effect.provide(layers([toBilling(), findOrder, toGreeter()], "Done."))))

  it.effect("75: can go back by name, and does not know the tools of the agent before", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...triage, input: "Go" })
      assert.deepStrictEqual(run.steps.map(({ agent }) => agent), ["triage", "billing", "billing", "triage"])
      assert.include(JSON.stringify(run.steps[1]?.toolResults[0]?.output), "There is no tool")
      assert.strictEqual(run.text, "Good bye.")
    }).pipe(Effect.provide(layers([toBilling()], [findOrder], [toTriage()], "Good bye."))))

  it.effect("75: to an agent without tools sends those of the run, which it may not call", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...triage, input: "Go" })
      const [first, second] = yield* toolNames
      assert.deepStrictEqual(first, second)
      const [, request] = yield* TestModel.requests
      assert.strictEqual(stringAt(request?.json, "tool_choice"), "none")
    }).pipe(Effect.provide(layers([toGreeter()], "Good bye."))))

  it.effect("75: is in the events, with who speaks", () =>
    Effect.gen(function*() {
      const events = yield* collect(Agent.stream({ ...triage, input: "Go" }))
      const told = events.flatMap((event) =>
        event.type === "turn.start"
          ? [`turn ${event.turn} of ${event.agent}`]
          : event.type === "agent.handoff"
          ? [`${event.from} to ${event.to} by ${event.toolCallId}`]
          : []
      )
      assert.deepStrictEqual(told, ["turn 1 of triage", "triage to billing by to_billing", "turn 2 of billing"])
    }).pipe(Effect.provide(layers([toBilling()], "Done."))))

  it.effect("75: holds in the stored conversation, also for the next question", () =>
    Effect.gen(function*() {
      const options = { ...triage, conversation: "c" }
      yield* Agent.run({ ...options, input: "Go" })
      const second = yield* Agent.run({ ...options, input: "And now?" })
      assert.strictEqual(second.agent, "billing")
      const third = yield* Agent.run({ ...options, input: "Bye" })
      assert.strictEqual(third.agent, "triage")
      assert.deepStrictEqual(yield* requestsOf("instructions"), [
        "You find out what is needed.",
        "You know money.",
        "You know money.",
        "You know money.",
        "You find out what is needed."
      ])
    }).pipe(Effect.provide(layers([toBilling()], "Done.", "Now this.", [toTriage()], "Bye."))))

  it.effect("75: waits for its approval; the calls beside it stay those of the agent that asked", () =>
    Effect.gen(function*() {
      const careful = Toolkit.make(
        FindOrder,
        Erase,
        Agent.handoff(billing, { requireApproval: true, parameters: Schema.Struct({ why: Schema.String }) }),
        Agent.handoff(greeter)
      )
      const options = { ...triage, tools: careful, conversation: "c" }
      const first = yield* Agent.run({ ...options, input: "Go" })
      assert.deepStrictEqual(first.pending.map(({ name }) => name), ["transfer_to_billing", "erase"])
      assert.strictEqual(first.agent, "triage")
      const second = yield* Agent.run({ ...options, approve: ["to_billing"] })
      assert.deepStrictEqual(second.pending.map(({ name }) => name), ["erase"])
      assert.strictEqual(second.agent, "billing")
      const third = yield* Agent.run({ ...options, approve: ["erase_1"] })
      assert.strictEqual(third.text, "Done.")
      assert.deepStrictEqual(yield* lastOutputs, [["to_billing", "{\"agent\":\"billing\"}"], ["erase_1", "erased"]])
      assert.strictEqual((yield* requestsOf("instructions")).at(-1), "You know money.")
    }).pipe(Effect.provide(layers(
      [
        Script.toolCall("transfer_to_billing", { why: "money" }, { id: "to_billing" }),
        Script.toolCall("erase", {}, {
          id: "erase_1"
        })
      ],
      "Done."
    ))))

  it.effect("75: is not undone by the death of its process", () =>
    Effect.gen(function*() {
      const options = { ...triage, conversation: "c", runId: "r" } as const
      const dead = yield* Effect.exit(Agent.run({ ...options, input: "Go" }))
      assert.isTrue(Exit.isFailure(dead))
      const run = yield* Agent.run({ ...options, input: "Go" })
      assert.strictEqual(run.text, "Done.")
      assert.strictEqual(yield* sent, 3)
      assert.deepStrictEqual((yield* requestsOf("instructions")).slice(1), ["You know money.", "You know money."])
    }).pipe(Effect.provide(layers([toBilling()], Script.error(402, { message: "no credit" }), "Done."))))

  it.effect("75: forgets what tools of the other agent changed, and forces a call of its own", () => {
    const Loud = Tool.make("loud", { success: Schema.String, nextTurn: () => ({ temperature: 2 }) })
    const forced = Agent.make({ ...billing, tool_choice: "required" })
    const tools = Toolkit.make(Loud, Agent.handoff(forced))
    return Effect.gen(function*() {
      yield* Agent.run({ ...triage, tools, input: "Go", stopWhen: StopWhen.stepCountIs(3) })
      const requests = yield* TestModel.requests
      assert.deepStrictEqual(requests.map(({ json }) => Reflect.get(json ?? {}, "temperature")), [0.5, 2, 0.5])
      assert.strictEqual(stringAt(requests[2]?.json, "tool_choice"), "required")
    }).pipe(
      Effect.provide(Toolkit.make(Loud).toLayer({ loud: () => Effect.succeed("LOUD") })),
      Effect.provide(layers([Script.toolCall("loud", {}, { id: "l" })], [toBilling()], [toTriage()]))
    )
  })

  it.effect("75: keeps the limits and the middleware of the run", () => {
    const seen: Array<string | undefined> = []
    const watch = Middleware.make({
      model: (request, next) => {
        seen.push(request.model)
        return next(request)
      }
    })
    return Effect.gen(function*() {
      const run = yield* Agent.run({ ...triage, input: "Go", middleware: watch, stopWhen: StopWhen.stepCountIs(2) })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "stepCountIs(2)" })
      assert.deepStrictEqual(seen, [model, "acme/exact"])
    }).pipe(Effect.provide(layers([toBilling()], [toTriage()])))
  })

  it.effect("75: ends with the value of the agent that speaks", () => {
    const clerk = Agent.make({ name: "clerk", output: Schema.Struct({ sum: Schema.Number }) })
    return Effect.gen(function*() {
      const tools = Toolkit.make(Agent.handoff(clerk))
      const run = yield* Agent.run({ name: "triage", model, tools, input: "Go" })
      assert.deepStrictEqual(run.value, { sum: 7 })
      const asked = Agent.asTool(Agent.make({ name: "office", model, tools }))
      const outer = yield* Agent.run({ model, tools: [asked], input: "Go" })
      assert.deepStrictEqual(outer.steps[0]?.toolResults[0]?.result, { sum: 8 })
    }).pipe(Effect.provide(TestModel.layer([
      [Script.toolCall("transfer_to_clerk", {}, { id: "t" })],
      "{\"sum\":7}",
      [Script.toolCall("office", { task: "Sum" }, { id: "o" })],
      [Script.toolCall("transfer_to_clerk", {}, { id: "t" })],
      "{\"sum\":8}",
      "It is 8."
    ])))
  })

  it.effect("75: is refused before anything is sent, if its agents do not fit together", () =>
    Effect.gen(function*() {
      const problemOf = <E extends { readonly message: string }>(run: Effect.Effect<unknown, E, OpenRouterClient>) =>
        run.pipe(Effect.provide(TestModel.layer([])), Effect.flip, Effect.map(({ message }) => message))
      const options = { model, input: "Go" } as const
      const other = Agent.make({ ...greeter, model })
      const limited = Object.assign({}, greeter, { maxSteps: 3 })
      assert.include(
        yield* problemOf(Agent.run({ ...options, tools: [Agent.handoff("nobody")] })),
        "there is no agent \"nobody\" in this run"
      )
      assert.include(
        yield* problemOf(
          Agent.run({ ...options, tools: [Agent.handoff(greeter), Agent.handoff(other, { name: "other" })] })
        ),
        "two agents have the name \"greeter\""
      )
      assert.include(
        yield* problemOf(Agent.run({ ...options, tools: [Agent.handoff<typeof greeter>(limited)] })),
        "the agent \"greeter\" has `maxSteps`"
      )
    }))
})
