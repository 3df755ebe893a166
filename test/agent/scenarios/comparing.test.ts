/** Two conversations beside each other. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { anyAppends } from "../support/logs.js"
import { model } from "./support.js"

const Dig = Tool.make("dig", { success: Schema.String })
const tools = Toolkit.make(Dig)

const options = { model, tools, conversation: "c" } as const

const withTurns = (...turns: Script.Script) =>
  Effect.provide(Layer.mergeAll(
    Conversation.layerMemory,
    TestModel.layer(turns),
    tools.toLayer({ dig: () => Effect.succeed("gold") })
  ))

const compare = (first: string, second: string) =>
  Effect.zipWith(Conversation.load(first), Conversation.load(second), Conversation.compare)

describe("a comparison", () => {
  it.effect("97: of a fork with another output says what differs, and what each side cost", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, input: "Dig" })
      const { id } = yield* Conversation.fork("c", { outputs: { d: "silver" } })
      yield* Agent.run({ ...options, conversation: id })
      const { common, first, second } = yield* compare("c", id)
      assert.deepStrictEqual(common.map((item) => item.type ?? "message"), ["message", "function_call"])
      assert.deepStrictEqual(first.items.map((item) => "output" in item ? item.output : item.type), ["gold", "message"])
      assert.deepStrictEqual(second.items.map((item) => "output" in item ? item.output : item.type), [
        "silver",
        "message"
      ])
      assert.deepStrictEqual([first.usage.cost, second.usage.cost], [2, 4])
      assert.deepStrictEqual([first.turns.length, second.turns.length], [1, 1])
      assert.deepStrictEqual([first.tools.length, second.tools.length], [1, 0])
      assert.deepStrictEqual([first.outcome, second.outcome], ["completed", "completed"])
    }).pipe(withTurns(
      Script.turn([Script.toolCall("dig", {}, { id: "d" })], { cost: 1 }),
      Script.turn("Rich.", { cost: 2 }),
      Script.turn("Well off.", { cost: 4 })
    )))

  it.effect("97: of a conversation with itself, or with a fork that did not go on, finds no difference", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...options, input: "Dig" })
      const { id } = yield* Conversation.fork("c")
      for (const other of ["c", id]) {
        const { common, first, second } = yield* compare("c", other)
        assert.deepStrictEqual([common.length, first.items, second.items], [2, [], []])
        assert.strictEqual(second.usage.cost, 0)
      }
      const { common, second } = yield* compare(id, "new")
      assert.deepStrictEqual([common, second.items, second.outcome], [[], [], undefined])
    }).pipe(withTurns("Done.")))

  it("97: loses nothing of either side, whatever the logs have", () => {
    FastCheck.assert(FastCheck.property(anyAppends, anyAppends, anyAppends, (start, left, right) => {
      const [one, other] = [left, right].map((rest) => ({ version: 1, entries: [...start, ...rest].flat() }))
      if (one === undefined || other === undefined) return
      const { common, first, second } = Conversation.compare(one, other)
      const whole = (log: Conversation.Log) => Conversation.history(log, { whole: true }).length
      assert.strictEqual(common.length + first.items.length, whole(one))
      assert.strictEqual(common.length + second.items.length, whole(other))
    }))
  })
})
