/** A run with guardrails that is interrupted at any moment: what they held back is nowhere, and nothing is done twice. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Guardrail from "../../../src/agent/Guardrail.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model, outputsOf } from "./support.js"

const Look = Tool.make("look", { success: Schema.String })
const tools = Toolkit.make(Look)

/** Each response has the secret; the second one is rejected once. */
const turns = Script.forever((request) => {
  if (outputsOf(request).length === 0) return ["The secret is here. ", Script.toolCall("look", {}, { id: "look_1" })]
  return JSON.stringify(request.json).includes("was not accepted") ? "The secret is safe." : "rude: the secret"
})

const verdict = (text: string) =>
  text.startsWith("rude")
    ? Guardrail.reject("It is rude.")
    : Guardrail.replace(text.replace("secret", "[removed]"))

const guards = [
  Guardrail.inputBeside({ name: "topic", check: () => Effect.as(Effect.yieldNow(), Guardrail.pass) }),
  Guardrail.output({ name: "words", check: (text) => Effect.as(Effect.yieldNow(), verdict(text)) }),
  Guardrail.toolOutput({ name: "outputs", check: () => Effect.as(Effect.yieldNow(), Guardrail.replace("[removed]")) })
]

const options = { model, tools, conversation: "c", middleware: guards } as const

const pause = (times: number) => Effect.replicateEffect(Effect.yieldNow(), times, { discard: true })

describe("a run with guardrails, interrupted after any number of steps", () => {
  const interruptedAfter = (steps: number) => {
    const seen: Array<unknown> = []
    let looks = 0
    const handlers = tools.toLayer({ look: () => Effect.sync(() => `secret ${++looks}`) })
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(
        Stream.runForEach(Agent.stream({ ...options, input: "Go" }), (event) => Effect.sync(() => seen.push(event)))
      )
      yield* pause(steps)
      const before = yield* Effect.zipRight(Fiber.interrupt(fiber), Conversation.load("c"))
      const input = Conversation.history(before).length === 0 ? "Go" : undefined
      const run = yield* Agent.run({ ...options, input })
      assert.strictEqual(run.text, "The [removed] is safe.")
      assert.strictEqual(looks, 1)
      const history = JSON.stringify(Conversation.history(yield* Conversation.load("c")))
      assert.notInclude(history, "secret", `after ${steps} steps`)
      assert.notInclude(history, "rude")
      for (const event of seen) {
        // The result of the handler is for the application; only the model receives another one
        const isResult = typeof event === "object" && event !== null && Reflect.get(event, "type") === "tool.result"
        const isEnd = typeof event === "object" && event !== null && Reflect.get(event, "type") === "run.end"
        if (!isResult && !isEnd) assert.notInclude(JSON.stringify(event), "secret", `after ${steps} steps`)
      }
      return yield* Fiber.await(fiber)
    }).pipe(Effect.provide(Layer.mergeAll(handlers, Conversation.layerMemory, TestModel.layer([turns]))))
  }

  it.live("80: shows and stores nothing that has not passed, and executes no call twice", () =>
    Effect.gen(function*() {
      for (let steps = 0;; steps += 3) {
        if ((yield* interruptedAfter(steps))._tag === "Success") return
      }
    }))
})
