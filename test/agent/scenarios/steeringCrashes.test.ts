/** Messages to a run that is interrupted at any moment: each is in the history once, in its place, and none is lost. */
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

const Dig = Tool.make("dig", { success: Schema.String })
const tools = Toolkit.make(Dig)

/** Digs twice, and then answers as often as it is asked. */
const turns = Script.forever((request) => {
  const done = outputsOf(request).length
  return done < 2 ? [Script.toolCall("dig", {}, { id: `dig_${done + 1}` })] : "Done."
})

const options = { model, tools, conversation: "c" } as const

const pause = (times: number) => Effect.replicateEffect(Effect.yieldNow(), times, { discard: true })

const said = (contents: ReadonlyArray<unknown>) => contents.filter((content) => content === "one" || content === "two")

describe("messages to a run that is interrupted after any number of steps", () => {
  const interruptedAfter = (steps: number) =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run({ ...options, input: "Dig" }))
      yield* pause(Math.floor(steps / 3))
      yield* Conversation.say("c", "one", { messageId: "one" })
      yield* pause(Math.floor(steps / 3))
      yield* Conversation.say("c", "two", { messageId: "two" })
      yield* pause(Math.floor(steps / 3))
      yield* Fiber.interrupt(fiber)
      const before = yield* Conversation.load("c")
      const hasInput = before.entries.some((entry) => entry._tag === "input" && entry.messages === undefined)
      const run = yield* Agent.run({ ...options, input: hasInput ? undefined : "Dig" })
      assert.strictEqual(run.text, "Done.")
      const log = yield* Conversation.load("c")
      assert.deepStrictEqual(Conversation.waiting(log), [])
      const history = Conversation.history(log).map((item) => "content" in item ? item.content : undefined)
      assert.deepStrictEqual(said(history), ["one", "two"], `after ${steps} steps`)
      assert.deepStrictEqual(
        log.entries.flatMap((entry) => entry._tag === "input" ? entry.messages ?? [] : []),
        ["one", "two"]
      )
      for (const request of yield* TestModel.requests) {
        const items = itemsOf(request)
        const contents = said(items.map(({ content }) => content))
        assert.deepStrictEqual(contents, [...new Set(contents)].sort(), `after ${steps} steps`)
        // A message stands behind the outputs of the calls before it
        items.forEach((item, index) => {
          if (item["type"] === "function_call") assert.strictEqual(items[index + 1]?.["type"], "function_call_output")
        })
      }
      return yield* Fiber.await(fiber)
    }).pipe(
      Effect.provide(
        Layer.provideMerge(
          tools.toLayer({ dig: () => Effect.as(Effect.yieldNow(), "gold") }),
          Layer.merge(Conversation.layerMemory, TestModel.layer([turns]))
        )
      )
    )

  it.live("83: are in the history once and in their order, whatever the interruption met", () =>
    Effect.gen(function*() {
      for (let steps = 0;; steps += 4) {
        if ((yield* interruptedAfter(steps))._tag === "Success") return
      }
    }))
})
