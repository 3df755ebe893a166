/** The stream of the calls of a run: each with its arguments, and how it ended. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as AgentStream from "../../../src/agent/AgentStream.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { collect, model } from "./support.js"

const Look = Tool.make("look", {
  parameters: Schema.Struct({ at: Schema.String }),
  success: Schema.String,
  failure: Schema.Struct({ message: Schema.String, code: Schema.Number })
})
const Pay = Tool.make("pay", { success: Schema.String, requireApproval: true })
const tools = Toolkit.make(Look, Pay)
const ToolsLive = tools.toLayer({
  look: ({ at }) => at === "dark" ? Effect.fail({ message: "It is dark.", code: 7 }) : Effect.succeed(`seen ${at}`),
  pay: () => Effect.succeed("paid")
})

const options = { model, tools, conversation: "c" } as const
const look = (at: string, id: string) => Script.toolCall("look", { at }, { id })
const pay = (id: string) => Script.toolCall("pay", {}, { id })

const layers = (...turns: Script.Script) =>
  Effect.provide(Layer.mergeAll(ToolsLive, Conversation.layerMemory, TestModel.layer(turns)))

/** What the stream has of each call, without what all calls have. */
const told = <O extends Agent.Options>(run: O & Agent.Exact<O>) =>
  Effect.map(
    collect(AgentStream.toolCalls(Agent.stream<O>(run))),
    (calls) =>
      calls.map((call) => {
        const { preliminaryResults: _, turn: __, ...rest } = call
        return rest
      }).toSorted((a, b) => a.toolCallId < b.toolCallId ? -1 : 1)
  )

describe("the stream of calls", () => {
  it.effect("has results, failures in plain words, and what did not execute", () =>
    Effect.gen(function*() {
      const middleware = Middleware.make({
        tool: (call, next) => call.id === "refused" ? Effect.succeed(Middleware.refuse("Not now.")) : next(call.params)
      })
      assert.deepStrictEqual<unknown>(yield* told({ ...options, input: "Look", middleware }), [
        {
          toolCallId: "failed",
          name: "look",
          arguments: { at: "dark" },
          status: "failure",
          message: "It is dark.",
          result: undefined
        },
        {
          toolCallId: "refused",
          name: "look",
          arguments: { at: "home" },
          status: "failure",
          message: "Not now.",
          executed: false,
          result: undefined
        },
        { toolCallId: "seen", name: "look", arguments: { at: "home" }, status: "success", result: "seen home" },
        {
          toolCallId: "unknown",
          name: "none",
          arguments: {},
          status: "failure",
          message: "There is no tool \"none\". Available: look, pay.",
          executed: false,
          result: undefined
        }
      ])
    }).pipe(layers(
      [
        look("home", "seen"),
        look("dark", "failed"),
        look("home", "refused"),
        Script.toolCall("none", {}, { id: "unknown" })
      ],
      "Done."
    )))

  it.effect("has a call that is cut off as a failure", () =>
    Effect.gen(function*() {
      const [call, ...more] = yield* told({ ...options, input: "Look" })
      assert.deepStrictEqual(more, [])
      assert.deepInclude(call, { toolCallId: "cut", arguments: undefined, status: "failure", executed: false })
    }).pipe(layers(
      Script.turn(Script.toolCall("look", "{\"at\":\"ho", { id: "cut" }), { finishReason: "length" }),
      "Done."
    )))

  it.effect("has a call that waits at the end of its run, and in the next one how it was decided", () =>
    Effect.gen(function*() {
      const first = yield* told({ ...options, input: "Pay" })
      assert.deepStrictEqual<unknown>(
        first,
        ["one", "other"].map((toolCallId) => ({
          toolCallId,
          name: "pay",
          arguments: {},
          status: "pending",
          reason: "approval",
          result: undefined
        }))
      )
      const second = yield* told({ ...options, approve: ["one"], reject: [{ callId: "other", reason: "too much" }] })
      assert.deepStrictEqual<unknown>(second, [
        { toolCallId: "one", name: "pay", arguments: {}, status: "success", result: "paid" },
        {
          toolCallId: "other",
          name: "pay",
          arguments: {},
          status: "failure",
          message: "The user rejected this call: too much",
          executed: false,
          rejected: true,
          result: undefined
        }
      ])
      const { entries } = yield* Conversation.load("c")
      const rejected = entries.flatMap((entry) =>
        entry._tag === "tool" && entry.record.rejected === true ? [entry.record.callId] : []
      )
      assert.deepStrictEqual(rejected, ["other"])
    }).pipe(layers([pay("one"), pay("other")], "Done.")))
})
