/** A run with calls in the background that is interrupted at any moment: each ends once, and its result is told once. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { itemsOf, model, outputsOf } from "./support.js"

const Render = Tool.make("render", { success: Schema.String, background: true })
const Dig = Tool.make("dig", { success: Schema.String })
const tools = Toolkit.make(Render, Dig)

/** Renders, digs, and then answers as often as it is asked. */
const turns = Script.forever((request) => {
  const done = outputsOf(request).map(([id]) => id)
  if (!done.includes("r")) return [Script.toolCall("render", {}, { id: "r" })]
  return done.includes("d") ? "Done." : [Script.toolCall("dig", {}, { id: "d" })]
})

const options = { model, tools, conversation: "c" } as const

const pause = (times: number) => Effect.replicateEffect(Effect.yieldNow(), times, { discard: true })

describe("a run with a call in the background, interrupted after any number of steps", () => {
  /** A call that outlives its turn: its handler waits for real time, and its placeholder is recorded meanwhile. */
  const interruptedAfter = (steps: number) => {
    const ended: Array<string> = []
    const handlers = tools.toLayer({
      render: () =>
        Effect.as(Effect.zipLeft(Effect.sleep("130 millis"), Effect.sync(() => ended.push("r"))), "one.pdf"),
      dig: () => Effect.as(Effect.sync(() => ended.push("d")), "gold")
    })
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run({ ...options, input: "Go" }))
      yield* Effect.zipRight(Effect.sleep(`${100 + steps} millis`), pause(steps))
      yield* Fiber.interrupt(fiber)
      const before = yield* Conversation.load("c")
      const settled = before.entries.flatMap((entry) => entry._tag === "tool" ? [entry.record] : [])
      const known = ended.length
      const run = yield* Agent.run({ ...options, input: Conversation.history(before).length === 0 ? "Go" : undefined })
      assert.strictEqual(run.text, "Done.")
      const log = yield* Conversation.load("c")
      assert.deepStrictEqual(Conversation.waiting(log), [])
      const items = Conversation.history(log)
      const told = items.filter((item) => JSON.stringify(item).includes("one.pdf"))
      assert.strictEqual(told.length, 1, `after ${steps} steps`)
      const outputs = items.flatMap((item) => item.type === "function_call_output" ? [item.call_id] : [])
      assert.deepStrictEqual(outputs, ["r", "d"])
      // What is stored as ended does not execute again
      for (const id of ["r", "d"]) {
        const isStored = settled.some(({ callId, status }) => callId === id && status === "success")
        if (isStored) assert.notInclude(ended.slice(known), id, `after ${steps} steps`)
      }
      for (const request of yield* TestModel.requests) {
        const shown = itemsOf(request).filter((item) => JSON.stringify(item).includes("one.pdf"))
        assert.isAtMost(shown.length, 1)
      }
      return yield* Fiber.await(fiber)
    }).pipe(Effect.provide(Layer.mergeAll(handlers, Conversation.layerMemory, TestModel.layer([turns]))))
  }

  it.live("85: ends each call once, and tells its result once", () =>
    Effect.gen(function*() {
      for (let steps = 0; steps < 60; steps += 3) yield* interruptedAfter(steps)
    }))
})
