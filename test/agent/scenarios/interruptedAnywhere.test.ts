/** A run that is interrupted at any point: the stored log is enough to continue, and nothing executes twice. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { itemsOf, outputsOf } from "./support.js"

const Work = Tool.make("work", {
  parameters: Schema.Struct({ steps: Schema.Number }),
  success: Schema.String
})

const tools = Toolkit.make(Work)

const work = (id: string, steps: number) => Script.toolCall("work", { steps }, { id })

const asked = { model: "test/model", tools, conversation: "c", input: "Go" } as const

const pause = (times: number) => Effect.replicateEffect(Effect.yieldNow(), times, { discard: true })

const model = (request: { readonly json: { readonly [field: string]: unknown } }) => {
  const outputs = itemsOf({ ...Object(request) }).filter((item) => item["type"] === "function_call_output")
  return outputs.length === 0 ? [work("a", 1), work("b", 6)] : "Done."
}

/** Runs, is interrupted after a number of scheduler steps, and continues. */
const interruptedAfter = (steps: number) => {
  const ended: Array<string> = []
  const live = tools.toLayer({
    work: ({ steps }, call) =>
      Effect.zipRight(pause(steps), Effect.sync(() => void ended.push(call.id)))
        .pipe(Effect.as(call.id))
  })
  return Effect.gen(function*() {
    const fiber = yield* Effect.fork(Agent.run(asked))
    yield* pause(steps)
    yield* Fiber.interrupt(fiber)
    const exit = yield* Fiber.await(fiber)
    const before = yield* Conversation.load("c")
    const stored = Conversation.history(before)
    const { input: _, ...again } = asked
    const last = yield* Agent.run(stored.length === 0 ? asked : again)
    assert.deepStrictEqual(last.outcome, { _tag: "completed" })
    assert.deepStrictEqual(ended.toSorted(), ["a", "b"], `after ${steps} steps`)
    const requests = yield* TestModel.requests
    assert.deepStrictEqual(outputsOf(requests.at(-1)), [["a", "a"], ["b", "b"]])
    return [before.entries.at(-1)?._tag, exit._tag] as const
  }).pipe(Effect.provide([Conversation.layerMemory, live, TestModel.layer([Script.forever(model)])]))
}

describe("a run that is interrupted after any number of steps", () => {
  it.live("releases the conversation, and finished calls do not execute again", () =>
    Effect.gen(function*() {
      const seen = new Set<string>()
      for (let steps = 0;; steps++) {
        const [last, exit] = yield* interruptedAfter(steps)
        seen.add(String(last))
        assert.include([undefined, "closed"], last, `after ${steps} steps`)
        if (exit === "Success") break
      }
      assert.deepStrictEqual([...seen], ["undefined", "closed"])
    }))
})
