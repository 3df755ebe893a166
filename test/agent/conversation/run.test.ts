/** A conversation has the state of the runs over it. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Usage from "../../../src/agent/Usage.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model } from "../scenarios/support.js"
import { stores } from "../support/logs.js"

const Wait = Tool.make("wait", { parameters: Schema.Struct({ turns: Schema.Number }), success: Schema.Number })

const Ask = Tool.manual("ask", { parameters: Schema.Struct({ question: Schema.String }), success: Schema.String })

const tools = Toolkit.make(Wait, Ask)

/** Yields a given number of times. */
const WaitLive = Toolkit.make(Wait).toLayer({
  wait: ({ turns }) => Effect.as(Effect.repeat(Effect.yieldNow(), { times: turns * 20 }), turns)
})

const wait = (id: string, turns: number) => Script.toolCall("wait", { turns }, { id })

const ask = (id: string) => Script.toolCall("ask", { question: "?" }, { id })

const script = TestModel.layer([
  Script.turn(["I wait.", wait("call_1", 9), wait("call_2", 1), wait("call_3", 5)], { cost: 0.25 }),
  Script.turn([Script.reasoning("hm"), wait("call_1", 1), ask("call_5"), ask("call_6")], { cost: 0.5 }),
  Script.turn(["Thanks."], { cost: 0.125 }),
  Script.turn([ask("call_1"), ask("call_1")], { cost: 1 }),
  Script.turn(["Bye."], { cost: 2 })
])

describe.each(Object.entries(stores))("a conversation %s", (_, layer) => {
  it.scoped("has the history, the pending calls and the usage of its runs", () =>
    Effect.gen(function*() {
      const runs: Array<Agent.Run<unknown>> = []
      const go = (options: {
        readonly input: string | ReadonlyArray<InputItem>
        readonly answer?: { readonly [callId: string]: string }
      }) =>
        Effect.gen(function*() {
          const run = yield* Agent.run({ model, tools, conversation: "a", ...options })
          runs.push(run)
          const log = yield* Conversation.load("a")
          const plain: unknown = JSON.parse(JSON.stringify([run.history, run.pending]))
          assert.deepStrictEqual([Conversation.history(log), Conversation.pending(log)], plain)
          assert.deepStrictEqual(Conversation.usage(log), runs.map(({ usage }) => usage).reduce(Usage.add))
          return run
        })
      const first = yield* go({ input: "hi" })
      assert.deepStrictEqual(first.pending.map(({ callId }) => callId), ["call_5", "call_6"])
      yield* go({
        answer: { call_5: "yes" },
        input: [{ type: "function_call_output", call_id: "call_6", output: "no" }]
      })
      const third = yield* go({ input: "once more" })
      assert.deepStrictEqual(third.pending.map(({ callId }) => callId), ["call_1_3", "call_1_4"])
      const last = yield* go({ input: "never mind" })
      assert.strictEqual(last.text, "Bye.")
      assert.strictEqual(Conversation.usage(yield* Conversation.load("a")).cost, 3.875)
    }).pipe(Effect.provide([layer, WaitLive, script])))
})
