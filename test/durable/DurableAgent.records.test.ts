/** What a durable run finds again: the calls of a model with odd ids, and what agents inside of tools have paid. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../src/agent/Agent.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import * as DurableAgent from "../../src/durable/DurableAgent.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { agent, endOf, model, settle, world } from "./support/world.js"

const Work = DurableAgent.make("work/v1", { payload: Schema.String, key: (id) => id })

describe("a durable run", () => {
  it.effect("suspends after a 402 inside of a tool, whatever the tool makes of it", () => {
    const Careless = Tool.make("careless", { success: Schema.String })
    const tools = Toolkit.make(Careless)
    let executions = 0
    const handlers = tools.toLayer({
      careless: () =>
        Effect.gen(function*() {
          executions++
          const fiber = yield* Effect.fork(Agent.run({ model, instructions: "inner", input: "Look" }))
          const inner = yield* Fiber.await(fiber)
          return Exit.isSuccess(inner) ? inner.value.text : "I do not care."
        })
    })
    const { layer } = world([
      Script.toolCall("careless"),
      Script.error(402),
      "found",
      "Done."
    ])
    return Effect.gen(function*() {
      const id = yield* Work.start("1")
      yield* settle
      const status = yield* Work.status(id)
      assert.strictEqual(status._tag, "suspended")
      assert.strictEqual((yield* TestModel.requests).length, 2)
      yield* Work.resume(id)
      yield* settle
      const { items, text } = yield* endOf(Work, id)
      assert.strictEqual(text, "Done.")
      assert.include(JSON.stringify(items), "found")
      assert.notInclude(JSON.stringify(items), "care.")
      assert.strictEqual(executions, 2)
    }).pipe(
      Effect.provide(Layer.provideMerge(
        Work.toLayer(() => Agent.run({ model, input: "Go", tools })),
        Layer.provideMerge(handlers, layer)
      ))
    )
  })

  it.effect("knows calls apart, whatever ids a model chooses", () => {
    const ids = [
      "a/b",
      "a%2Fb",
      "\ud800",
      "\ud801",
      "\udc00",
      "😀",
      "\u0000",
      "x".repeat(300),
      `${"x".repeat(300)}y`,
      "same",
      "same"
    ]
    const { finished, layer } = world([
      ids.map((id) => Script.toolCall("look", {}, { id })),
      Script.toolCall("pay", {}, { id: "\ud800" }),
      "Done."
    ])
    return Effect.gen(function*() {
      const id = yield* Work.start("1")
      yield* settle
      for (const { callId } of yield* Work.pending(id)) yield* Work.approve(id, callId)
      yield* settle
      assert.strictEqual((yield* endOf(Work, id)).text, "Done.")
      assert.strictEqual(finished.length, ids.length + 1)
      assert.strictEqual(new Set(finished).size, ids.length + 1)
    }).pipe(Effect.provide(Layer.provideMerge(Work.toLayer(() => Agent.run(agent)), layer)))
  })

  it.effect("counts what an agent inside has paid, once, when its tool is executed again", () => {
    const { layer } = world([
      Script.turn(Script.toolCall("librarian", { task: "t" }), { cost: 1 }),
      Script.turn(Script.toolCall("look"), { cost: 2 }),
      Script.error(402),
      Script.turn("found", { cost: 4 }),
      Script.turn("Done.", { cost: 8 })
    ])
    return Effect.gen(function*() {
      const id = yield* Work.start("1")
      yield* settle
      yield* Work.resume(id)
      yield* settle
      const { cost, usage } = yield* endOf(Work, id)
      assert.deepStrictEqual([cost, usage.cost], [15, 15])
    }).pipe(Effect.provide(Layer.provideMerge(Work.toLayer(() => Agent.run(agent)), layer)))
  })
})
