/** The logs of the level Debug that a run writes. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { annotatedInto, debugging } from "../../support/effect/logs.js"
import { timed } from "./support.js"

const Look = Tool.make("look", { parameters: Schema.Struct({ at: Schema.String }), success: Schema.String })
const Slow = Tool.make("slow", { timeout: "20 millis" })
const Delegate = Tool.make("delegate", { success: Schema.String })
const Pay = Tool.make("pay", { requireApproval: true })
const tools = Toolkit.make(Look, Slow, Delegate, Pay)

const ToolsLive = tools.toLayer({
  look: ({ at }) => Effect.delay(Effect.succeed(`PRIVATE view of ${at}`), "10 millis"),
  slow: () => Effect.never,
  delegate: () =>
    Effect.orDie(Effect.map(Agent.run({ name: "inner", model: "test/inner", input: "PRIVATE" }), (run) => run.text)),
  pay: () => Effect.void
})

const options = { name: "guide", model: "test/logs", input: "PRIVATE prompt", tools } as const

/** The logs of a run of the agent, and the run. */
const logsOf = (turns: Script.Script, given: object = {}, level = debugging) =>
  Effect.gen(function*() {
    const lines: Array<Readonly<Record<string, unknown>>> = []
    yield* timed(
      Agent.run({ ...options, ...given }).pipe(
        Effect.provide(Layer.provideMerge(ToolsLive, TestModel.layer(turns))),
        Effect.exit,
        Effect.provide(annotatedInto(lines)),
        Effect.provide(level)
      ),
      100
    )
    return lines.filter((line) => "run" in line)
  })

/** The values of some annotations of each log. */
const shown = (lines: ReadonlyArray<Readonly<Record<string, unknown>>>, ...names: ReadonlyArray<string>) =>
  lines.map((line) => names.map((name) => line[name]))

describe("logs", () => {
  it.effect("have each turn and each tool call of a run, with its agent", () =>
    Effect.gen(function*() {
      const lines = yield* logsOf([
        [Script.toolCall("look", { at: "PRIVATE" }, { id: "call-1" })],
        Script.turn("PRIVATE", { usage: { inputTokens: 3, outputTokens: 4 }, cost: 0.5 })
      ])
      const [first, look, second] = lines
      const run = first?.["run"]
      assert.match(String(run), /^\S+$/)
      assert.lengthOf(lines, 3)
      const turn = { message: "Agent turn", run, agent: "guide", attempt: 1, outcome: "success" }
      assert.deepInclude(first, { ...turn, turn: 1, toolCalls: 1 })
      assert.deepStrictEqual(look, {
        message: "Agent tool call",
        run,
        agent: "guide",
        turn: 1,
        tool: "look",
        callId: "call-1",
        outcome: "success",
        durationMs: 10
      })
      assert.deepInclude(second, { ...turn, turn: 2, toolCalls: 0, inputTokens: 3, outputTokens: 4, cost: 0.5 })
      assert.notInclude(JSON.stringify(lines), "PRIVATE")
    }))

  it.effect("say how turns and calls failed, and which calls did not execute", () =>
    Effect.gen(function*() {
      const lines = yield* logsOf([
        ["Half an", Script.fail(502)],
        [
          Script.toolCall("look", { at: 7 }, { id: "a" }),
          Script.toolCall("slow", {}, { id: "b" }),
          Script.toolCall("other", {}, { id: "c" })
        ],
        Script.error(400)
      ], { retryTurn: Schedule.recurs(1) })
      assert.deepStrictEqual(
        shown(lines, "message", "turn", "tool", "outcome", "executed"),
        [
          ["Agent turn", 1, undefined, "BadGatewayResponseError", undefined],
          ["Agent turn", 1, undefined, "success", undefined],
          ["Agent tool call", 1, "look", "failure", false],
          ["Agent tool call", 1, "other", "failure", false],
          ["Agent tool call", 1, "slow", "failure", undefined],
          ["Agent turn", 2, undefined, "BadRequestResponseError", undefined]
        ]
      )
    }))

  it.effect("have the runs inside of tools, by their own id and agent", () =>
    Effect.gen(function*() {
      const lines = yield* logsOf([[Script.toolCall("delegate")], "inside", "outside"])
      assert.deepStrictEqual(shown(lines, "message", "agent"), [
        ["Agent turn", "guide"],
        ["Agent turn", "inner"],
        ["Agent tool call", "guide"],
        ["Agent turn", "guide"]
      ])
      assert.strictEqual(new Set(shown(lines, "run").flat()).size, 2)
    }))

  it.effect("have a call that was rejected", () =>
    Effect.gen(function*() {
      const call = { type: "function_call", call_id: "call-1", name: "pay", arguments: "{}" } as const
      const lines = yield* logsOf(["Good."], {
        input: [{ role: "user", content: "PRIVATE" }, call],
        reject: [{ callId: "call-1", reason: "PRIVATE" }]
      })
      assert.deepStrictEqual(shown(lines, "message", "callId", "outcome", "executed"), [
        ["Agent tool call", "call-1", "rejected", false],
        ["Agent turn", undefined, "success", undefined]
      ])
      assert.notInclude(JSON.stringify(lines), "PRIVATE")
    }))

  it.effect("are not written at the level Info", () =>
    Effect.gen(function*() {
      const lines = yield* logsOf([[Script.toolCall("look", { at: "here" })], "Good."], {}, Layer.empty)
      assert.deepStrictEqual(lines, [])
    }))
})
