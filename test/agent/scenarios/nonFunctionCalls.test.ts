/** Calls of custom tools, shells and patches, which the caller executes. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { itemsOf, model } from "./support.js"

const Add = Tool.make("add", { success: Schema.Number })
const tools = Toolkit.make(Add, Tool.server({ type: "custom", name: "grep" }))
const Live = tools.toLayer({ add: () => Effect.succeed(3) })
const script = (...turns: Script.Script) => Layer.merge(TestModel.layer(turns), Live)

const grep = { type: "custom_tool_call", id: "ctc_1", call_id: "call_grep", name: "grep", input: "TODO" }

describe("a call that is not a function call", () => {
  it.effect("24: is pending until the caller sends an output item of its own type", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ model, input: "Find.", tools })
      assert.deepStrictEqual(first.outcome, { _tag: "awaiting_tools" })
      assert.deepStrictEqual(first.pending, [
        { callId: "call_grep", name: "grep", arguments: "TODO", turn: 1, reason: "manual" }
      ])
      const output = { type: "custom_tool_call_output", call_id: "call_grep", output: "a.ts" } as const
      const second = yield* Agent.run({ model, input: [...first.history, output], tools })
      assert.strictEqual(second.text, "Found.")
      const [, request] = yield* TestModel.requests
      assert.deepStrictEqual(itemsOf(request).slice(-2).map((item) => item["type"]), [
        "custom_tool_call",
        "custom_tool_call_output"
      ])
    }).pipe(Effect.provide(script([Script.item(grep)], "Found."))))

  it.effect("25: is pending while function calls of its turn execute", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Find and add.", tools })
      assert.deepStrictEqual(run.outcome, { _tag: "awaiting_tools" })
      assert.deepStrictEqual(run.pending.map((call) => call.callId), ["call_grep"])
      assert.deepStrictEqual(run.steps[0]?.toolResults.map((result) => result.output), ["3"])
      assert.strictEqual((yield* TestModel.requests).length, 1)
    }).pipe(Effect.provide(script([Script.toolCall("add", {}), Script.item(grep)]))))

  it.effect("27: is not pending if its output arrived with it", () =>
    Effect.gen(function*() {
      const run = yield* Agent.run({ model, input: "Look.", tools })
      assert.deepStrictEqual(run.outcome, { _tag: "completed" })
      assert.strictEqual(run.text, "Done.")
    }).pipe(Effect.provide(script([
      Script.item({ ...grep, type: "remote_call" }),
      Script.item(grep),
      Script.item({ type: "custom_tool_call_output", id: "out_1", call_id: "call_grep", output: "a.ts" }),
      Script.text("Done.")
    ]))))
})
