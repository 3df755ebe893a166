/** A response that broke off after its last item: its turn is one of the agent and the tools that it was requested with. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Guardrail from "../../../src/agent/Guardrail.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { lastOutputs, model } from "./support.js"

const Find = Tool.make("find", { success: Schema.String, requireApproval: true })
const Erase = Tool.make("erase", { success: Schema.String })
const kit = Toolkit.make(Find, Erase)
const clerk = Agent.make({ name: "clerk", model, tools: Toolkit.make(Find) })
const desk = Agent.make({ name: "desk", model, tools: Toolkit.make(Erase, Agent.handoff(clerk)) })

const world = (...turns: Script.Script) => {
  const done: Array<string> = []
  const work = (name: string) => () => Effect.as(Effect.sync(() => done.push(name)), name)
  return {
    done,
    layer: Layer.mergeAll(
      TestModel.layer(turns),
      Conversation.layerMemory,
      kit.toLayer({ find: work("find"), erase: work("erase") })
    )
  }
}
const call = (name: string) => Script.toolCall(name, {}, { id: name })

describe("a turn that broke off after its items", () => {
  it.effect("75: keeps its agent in the next run", () => {
    const { done, layer } = world([call("transfer_to_clerk")], [call("find"), Script.truncate], "Done.")
    return Effect.gen(function*() {
      const options = { ...desk, conversation: "c" } as const
      const first = yield* Agent.run({ ...options, input: "Go" })
      assert.deepStrictEqual(first.pending.map(({ name }) => name), ["find"])
      assert.deepStrictEqual(first.steps.map(({ agent }) => agent), ["desk", "clerk"])
      const second = yield* Agent.run({ ...options, approve: ["find"] })
      assert.deepStrictEqual([second.text, done], ["Done.", ["find"]])
    }).pipe(Effect.provide(layer))
  })
  it.effect("77: keeps its tools in the next run", () => {
    const { done, layer } = world([call("find"), call("erase"), Script.truncate], "Done.")
    return Effect.gen(function*() {
      const options = { model, tools: kit, conversation: "c", activeTools: ["find"] } as const
      const first = yield* Agent.run({ ...options, input: "Go" })
      assert.deepStrictEqual(done, [])
      assert.deepStrictEqual(first.steps[0]?.toolResults.map(({ name, status }) => [name, status]), [[
        "erase",
        "failure"
      ]])
      yield* Agent.run({ ...options, activeTools: ["erase"], approve: ["find"] })
      assert.deepStrictEqual(done, ["find"])
      assert.deepStrictEqual((yield* lastOutputs).map(([id]) => id), ["find", "erase"])
    }).pipe(Effect.provide(layer))
  })
  for (const how of [Script.truncate, Script.reset]) {
    it.effect(`79: fails the run at once where a verdict was due, after ${how._tag}`, () => {
      const { done, layer } = world([call("erase"), how], [call("erase"), how])
      return Effect.gen(function*() {
        const beside = Guardrail.inputBeside({ name: "slow", check: () => Effect.never })
        const own = { holdsResponse: true }
        for (const middleware of [own, beside]) {
          const error = yield* Effect.flip(Agent.run({ model, tools: kit, input: "Go", middleware }))
          assert.include(["StreamTruncatedError", "ConnectionError"], error._tag)
        }
        assert.deepStrictEqual(done, [])
      }).pipe(Effect.provide(layer))
    })
  }
})
