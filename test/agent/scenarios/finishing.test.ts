/** A run that ends with a certain tool, as the official SDK's research agent does. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { itemsOf, outputsOf, sent, shapeOf } from "./support.js"

const searchTool = Tool.make("web_search", {
  description: "Search the web for information",
  parameters: Schema.Struct({ query: Schema.String.annotations({ description: "The search query" }) }),
  success: Schema.Struct({
    results: Schema.Array(Schema.Struct({ title: Schema.String, snippet: Schema.String, url: Schema.String }))
  })
})

const finishTool = Tool.make("finish", {
  description: "Complete the task with final answer",
  parameters: Schema.Struct({ answer: Schema.String.annotations({ description: "The final answer" }) }),
  success: Schema.Struct({ answer: Schema.String })
})

const signTool = Tool.make("sign", { success: Schema.String, requireApproval: true })

const tools = Toolkit.make(searchTool, finishTool, signTool)

/** What was executed. */
let executed: Array<string> = []

const script = (...turns: Script.Script) =>
  Layer.mergeAll(
    TestModel.layer(turns),
    Conversation.layerMemory,
    tools.toLayer(Effect.sync(() => {
      executed = []
      return {
        web_search: ({ query }) =>
          Effect.sync(() => {
            executed.push(query)
            return { results: [{ title: "Example", snippet: "Example result", url: "https://example.com" }] }
          }),
        finish: ({ answer }) =>
          Effect.sync(() => {
            executed.push(`finish: ${answer}`)
            return { answer }
          }),
        sign: () => Effect.sync(() => `signed ${executed.push("sign")}`)
      }
    }))
  )

const options = {
  model: "openai/gpt-5-nano",
  instructions:
    "You are a helpful research assistant. Use web_search to find information, then use finish to provide your final answer.",
  input: "What are the latest developments in quantum computing?",
  tools
} as const

const stopWhen = [StopWhen.stepCountIs(10), StopWhen.hasToolCall("finish")]

const search = Script.toolCall("web_search", { query: "quantum" })
const finish = Script.toolCall("finish", { answer: "42" })
const stopped: Agent.Outcome = { _tag: "stopped", condition: "hasToolCall(finish)" }

describe("an agent that calls `finish`", () => {
  it.effect("executes it once and gives its answer as text", () =>
    Effect.gen(function*() {
      const result = yield* Agent.callModel({ ...options, stopWhen })
      const calls: Array<string> = []
      yield* Stream.runForEach(
        result.toolCallsStream,
        (toolCall) => Effect.sync(() => calls.push(`[${toolCall.name}] ${JSON.stringify(toolCall.arguments)}`))
      )
      assert.strictEqual(yield* result.text, "The answer is 42.")
      assert.deepStrictEqual(calls, ["[web_search] {\"query\":\"quantum\"}", "[finish] {\"answer\":\"42\"}"])
      assert.deepStrictEqual(executed, ["quantum", "finish: 42"])
      const run = yield* result.run
      assert.deepStrictEqual(run.outcome, stopped)
      assert.deepStrictEqual(run.pending, [])
      const [first, , third, ...more] = yield* TestModel.requests
      assert.deepStrictEqual(more, [])
      assert.strictEqual(third?.json["tool_choice"], "none")
      assert.deepStrictEqual(third?.json["tools"], first?.json["tools"])
      assert.strictEqual(shapeOf(third).at(-1), "function_call_output call_2_1")
      assert.deepStrictEqual(outputsOf(third).at(-1), ["call_2_1", "{\"answer\":\"42\"}"])
    }).pipe(Effect.scoped, Effect.provide(script(search, finish, "The answer is 42."))))

  it.effect("has the text of the final response, also where it is empty", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen })
      assert.deepStrictEqual([run.outcome, run.text, yield* sent], [stopped, "", 2])
    }).pipe(Effect.provide(script(finish, Script.turn([])))))

  it.effect("sends no further request with `allowFinalResponse: false`", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen, allowFinalResponse: false })
      assert.deepStrictEqual([run.outcome, run.text, run.pending], [stopped, "", []])
      assert.deepStrictEqual(executed, ["finish: 42"])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(finish))))

  it.effect("sends the directive that `allowFinalResponse` gives", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, stopWhen, allowFinalResponse: "Sum up." })
      assert.deepStrictEqual(itemsOf((yield* TestModel.requests)[1]).at(-1), { role: "user", content: "Sum up." })
    }).pipe(Effect.provide(script(finish, "So."))))

  it.effect("executes the other calls of that turn, too", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen })
      assert.strictEqual(run.text, "42")
      assert.deepStrictEqual(executed, ["quantum", "finish: 42"])
    }).pipe(Effect.provide(script([search, finish], "42"))))

  it.effect("waits with a call of that turn that needs an approval, and ends after it", () =>
    Effect.gen(function*() {
      const agent = { ...options, stopWhen: StopWhen.hasToolCall("sign"), conversation: "c" } as const
      const first = yield* Agent.run(agent)
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_approval" })
      assert.deepStrictEqual(executed, ["finish: 42"])
      const second = yield* Agent.run({
        ...agent,
        input: undefined,
        approve: first.pending.map(({ callId }) => callId)
      })
      assert.deepStrictEqual(second.outcome, { _tag: "stopped", condition: "hasToolCall(sign)" })
      assert.strictEqual(second.text, "Signed.")
      assert.deepStrictEqual(executed, ["finish: 42", "sign"])
      assert.strictEqual((yield* TestModel.requests)[1]?.json["tool_choice"], "none")
    }).pipe(Effect.provide(script([finish, Script.toolCall("sign")], "Signed."))))

  it.effect("goes on after a call that did not execute, so that the model can correct it", () =>
    Effect.gen(function*() {
      const middleware = Middleware.make({
        tool: (call, next) =>
          call.name === "finish" && JSON.stringify(call.params).includes("41")
            ? Effect.succeed(Middleware.refuse("Not this answer."))
            : next(call.params)
      })
      const run = yield* Agent.run({ ...options, stopWhen, middleware })
      assert.deepStrictEqual([run.outcome, run.text, executed], [stopped, "Done.", ["finish: 42"]])
    }).pipe(Effect.provide(script(
      Script.toolCall("finish", {}),
      Script.toolCall("finish", "{\"answer\": 4"),
      Script.toolCall("finish", { answer: "41" }),
      finish,
      "Done."
    ))))

  it.effect("goes on after a rejection", () =>
    Effect.gen(function*() {
      const agent = { ...options, stopWhen: StopWhen.hasToolCall("sign"), conversation: "c" } as const
      const first = yield* Agent.run(agent)
      const second = yield* Agent.run({
        ...agent,
        input: undefined,
        reject: first.pending.map(({ callId }) => callId)
      })
      assert.deepStrictEqual([second.outcome, second.text], [{ _tag: "completed" }, "As you like."])
    }).pipe(Effect.provide(script(Script.toolCall("sign"), "As you like."))))

  it.effect("is not stopped by such a call of an earlier task", () =>
    Effect.gen(function*() {
      const agent = { ...options, stopWhen, conversation: "c" } as const
      yield* Agent.run(agent)
      const second = yield* Agent.run({ ...agent, input: "And then?" })
      assert.strictEqual(second.text, "Then 43.")
      assert.deepStrictEqual(second.outcome, { _tag: "completed" })
    }).pipe(Effect.provide(script(finish, "42", search, "Then 43."))))

  it.effect("can be continued by the middleware `stop`", () =>
    Effect.gen(function*() {
      let asked = 0
      const once = Middleware.make({
        stop: () => Effect.sync(() => asked++ === 0 ? [{ role: "user", content: "Are you sure?" }] : undefined)
      })
      const run = yield* Agent.run({ ...options, stopWhen, middleware: once })
      assert.strictEqual(run.text, "Yes.")
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
    }).pipe(Effect.provide(script(finish, "Yes."))))
})

describe("budgets beside it", () => {
  it.effect("stay hard: a turn that reaches the limit does not execute its call", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: [StopWhen.hasToolCall("finish"), StopWhen.maxCost(1)] })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "maxCost(1)" })
      assert.deepStrictEqual(executed, [])
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(Script.turn(finish, { cost: 1 })))))

  it.effect("stay hard: tools that exhaust one allow no final response", () =>
    Effect.gen(function*() {
      const spent = StopWhen.make("spent", () => executed.length > 0, { isBudget: true })
      const run = yield* Agent.run({ ...options, stopWhen: [StopWhen.hasToolCall("finish"), spent] })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "spent" })
      assert.strictEqual(yield* sent, 1)
    }).pipe(Effect.provide(script(finish))))

  it.effect("a condition of yours can be evaluated after the tools", () =>
    Effect.gen(function*() {
      const found = StopWhen.make("found", ({ steps }) =>
        steps.some((step) =>
          step.toolResults.some((one) => JSON.stringify(one.result).includes("Example result"))
        ), {
        isAfterTools: true
      })
      const run = yield* Agent.run({ ...options, stopWhen: found })
      assert.deepStrictEqual([run.outcome, run.text], [{ _tag: "stopped", condition: "found" }, "Found."])
    }).pipe(Effect.provide(script(search, "Found."))))
})

describe("beforeToolCall", () => {
  it.effect("stops before the call executes, and leaves it pending", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ ...options, stopWhen: StopWhen.beforeToolCall("finish") })
      assert.deepStrictEqual(run.outcome, { _tag: "stopped", condition: "beforeToolCall(finish)" })
      assert.deepStrictEqual(run.pending.map(({ arguments: given, reason }) => [given, reason]), [
        [{ answer: "42" }, "stopped"]
      ])
      assert.deepStrictEqual(executed, ["quantum"])
      assert.strictEqual(yield* sent, 2)
    }).pipe(Effect.provide(script(search, finish))))
})
