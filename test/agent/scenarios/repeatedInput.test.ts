/** Input that repeats the stored history of its conversation, as clients send it that keep the history, too. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type { InputItem } from "../../../src/schema/ResponsesItemsRequest.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { outputItem } from "../support/bank.js"
import { user } from "../support/logs.js"
import { itemsOf, model, outputsOf, shapeOf } from "./support.js"

const Ask = Tool.manual("ask", { success: Schema.String })
const tools = Toolkit.make(Ask)
const agent = { model, tools, conversation: "a" } as const

const stored = Effect.map(Conversation.load("a"), Conversation.history)

const last = Effect.map(TestModel.requests, (requests) => requests.at(-1))

const world = (...turns: Script.Script) =>
  Layer.merge(Conversation.layerMemory, TestModel.layer(turns, { allowUnused: true }))

/** As a browser returns it: other objects, and the keys in another order. */
const returned = (history: ReadonlyArray<InputItem>): ReadonlyArray<InputItem> =>
  JSON.parse(
    JSON.stringify(history),
    (_, value: unknown) =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).toReversed())
        : value
  )

describe("input that repeats the stored history", () => {
  it.effect("is neither stored nor sent twice", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...agent, input: "one" })
      yield* Agent.run({ ...agent, input: [...returned(first.history), user("two")] })
      assert.deepStrictEqual(shapeOf(yield* last), ["message user", "message assistant", "message user"])
      assert.deepStrictEqual((yield* stored).length, 4)
    }).pipe(Effect.provide(world("A", "B"))))

  it.effect("may have the outputs of pending calls, behind it or among it", () =>
    Effect.gen(function*() {
      for (const place of [undefined, 2]) {
        yield* Effect.gen(function*() {
          const first = yield* Agent.run({ ...agent, input: "one" })
          assert.deepStrictEqual(first.pending.map(({ callId }) => callId), ["x", "y"])
          const history = [...returned(first.history)]
          history.splice(place ?? history.length, 0, outputItem("x", "1"))
          const second = yield* Agent.run({ ...agent, input: [...history, outputItem("y", "2")] })
          assert.deepStrictEqual(second.outcome, { _tag: "completed" })
          assert.deepStrictEqual(outputsOf(yield* last), [["x", "1"], ["y", "2"]])
          assert.strictEqual(itemsOf(yield* last).length, 5)
        }).pipe(
          Effect.provide(world([Script.toolCall("ask", {}, { id: "x" }), Script.toolCall("ask", {}, { id: "y" })], "B"))
        )
      }
    }))

  it.effect("is new if it is a message that the user only says again", () =>
    Effect.gen(function*() {
      yield* Agent.run({ ...agent, input: "one" })
      yield* Agent.run({ ...agent, input: "one" })
      assert.deepStrictEqual(shapeOf(yield* last), ["message user", "message assistant", "message user"])
    }).pipe(Effect.provide(world("A", "B"))))

  it.effect("is refused if it is an old or a changed copy, before anything is sent", () =>
    Effect.gen(function*() {
      const first = yield* Agent.run({ ...agent, input: "one" })
      const second = yield* Agent.run({ ...agent, input: "two" })
      const log = yield* Conversation.load("a")
      const old = [...first.history, user("three")]
      const changed = JSON.parse(JSON.stringify(second.history).replace("\"A\"", "\"a\""))
      for (const input of [old, first.history, changed]) {
        const error = yield* Effect.flip(Agent.run({ ...agent, input }))
        assert.strictEqual(error._tag === "InvalidRequestError" ? error.parameter : error._tag, "input")
        assert.include(error.message, "then differs")
      }
      assert.deepStrictEqual(yield* Conversation.load("a"), log)
      assert.strictEqual((yield* TestModel.requests).length, 2)
    }).pipe(Effect.provide(world("A", "B"))))
})
