/** How a conversation records the end of a run. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model, timed } from "../scenarios/support.js"

const Dig = Tool.make("dig", { failure: Schema.Struct({ hit: Schema.String }), failureMode: "error" })
const Wait = Tool.make("wait")
const tools = Toolkit.make(Dig, Wait)

const run = Agent.run({ model, tools, input: "Dig!", conversation: "a" })

const calls = [Script.toolCall("wait", {}, { id: "call_1" }), Script.toolCall("dig", {}, { id: "call_2" })]

const outcome = Effect.map(Conversation.load("a"), ({ entries }) => {
  const last = entries.at(-1)
  return last?._tag === "closed" ? last.outcome : assert.fail(`the last entry is ${last?._tag}`)
})

describe("a run that ended", () => {
  it.effect("has failed if a tool failed, although other tools finish afterwards", () =>
    Effect.gen(function*() {
      const waiting = yield* Deferred.make<void>()
      const live = tools.toLayer({
        dig: () => Effect.zipRight(Deferred.await(waiting), Effect.fail({ hit: "a rock" })),
        wait: () => Effect.zipRight(Deferred.succeed(waiting, undefined), Effect.sleep("1 second"))
      })
      const [error] = yield* timed(Effect.flip(Effect.provide(run, live)))
      assert.strictEqual("hit" in error ? error.hit : undefined, "a rock")
      assert.strictEqual(yield* outcome, "failed")
    }).pipe(Effect.provide(Layer.merge(Conversation.layerMemory, TestModel.layer([calls])))))

  it.effect("has failed if a tool dies, although the defect interrupts other fibers of the tool", () =>
    Effect.gen(function*() {
      const live = tools.toLayer({
        dig: () =>
          Effect.zipWith(Effect.never, Effect.die(new Error("the shovel")), (never) => never, { concurrent: true }),
        wait: () => Effect.void
      })
      const exit = yield* Effect.exit(Effect.provide(run, live))
      assert(Exit.isFailure(exit))
      assert.include(Cause.pretty(exit.cause), "the shovel")
      assert.strictEqual(yield* outcome, "failed")
    }).pipe(Effect.provide(Layer.merge(Conversation.layerMemory, TestModel.layer([calls])))))

  it.effect("was interrupted if no tool failed", () =>
    Effect.gen(function*() {
      const waiting = yield* Deferred.make<void>()
      const live = tools.toLayer({
        dig: () => Effect.never,
        wait: () => Effect.zipRight(Deferred.succeed(waiting, undefined), Effect.never)
      })
      const fiber = yield* Effect.fork(Effect.provide(run, live))
      yield* Deferred.await(waiting)
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(yield* outcome, "interrupted")
    }).pipe(Effect.provide(Layer.merge(Conversation.layerMemory, TestModel.layer([calls])))))
})
