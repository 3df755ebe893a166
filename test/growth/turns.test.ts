/** What a turn costs does not depend on how many turns there were, but for the bytes of its request. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../src/agent/Agent.js"
import * as Conversation from "../../src/agent/Conversation.js"
import * as DoomLoop from "../../src/agent/DoomLoop.js"
import * as StopWhen from "../../src/agent/StopWhen.js"
import * as Tool from "../../src/agent/Tool.js"
import * as Toolkit from "../../src/agent/Toolkit.js"
import { arrayAt } from "../../src/internal/json.js"
import * as Script from "../../src/testing/Script.js"
import * as TestModel from "../../src/testing/TestModel.js"
import { assertLinearInTurns } from "./work.js"

const Add = Tool.make("add", { parameters: Schema.Struct({ a: Schema.Number }), success: Schema.Number })
const tools = Toolkit.make(Add)
const AddLive = tools.toLayer({ add: ({ a }) => Effect.succeed(a + 1) })

const instructions = "Add. ".repeat(1000)

/** Turns of eight calls; each response repeats the instructions of its request. */
const live = (turns: number) => {
  let turn = 0
  const next = () => {
    turn++
    return Script.turn(
      turn > turns ? "done" : Array.from({ length: 8 }, (_, call) => Script.toolCall("add", { a: turn * 8 + call })),
      { fields: { instructions, metadata: { user: "Ada" } } }
    )
  }
  return Layer.mergeAll(AddLive, Conversation.layerMemory, TestModel.layer([Script.forever(next)]))
}

const itemsSent = Effect.map(
  TestModel.requests,
  (requests) => requests.reduce((sum, { json }) => sum + arrayAt(json, "input").length, 0)
)

/** Runs, and returns how many items the requests carried. */
const sentBy = <A, E, R>(run: Effect.Effect<A, E, R>, turns: number) =>
  Effect.provide(Effect.zipRight(run, itemsSent), live(turns))

const options = { model: "test/model", input: "Go!", tools, maxSteps: Infinity } as const

describe("turns of eight calls", () => {
  it.effect("cost the same in a run", () => assertLinearInTurns(20, (turns) => sentBy(Agent.run(options), turns)))

  it.effect("cost the same in a stream", () =>
    assertLinearInTurns(20, (turns) => sentBy(Stream.runDrain(Agent.stream(options)), turns)))

  it.effect("cost the same in a stored conversation", () =>
    assertLinearInTurns(20, (turns) => sentBy(Agent.run({ ...options, conversation: "c" }), turns)))

  it.effect("cost the same with conditions and middleware that look at the run", () =>
    assertLinearInTurns(20, (turns) =>
      sentBy(
        Agent.run({
          ...options,
          stopWhen: [StopWhen.maxCost(1000), StopWhen.repeatedCalls(3), StopWhen.stepCountIs(1000)],
          middleware: DoomLoop.middleware()
        }),
        turns
      )))

  it.effect("have one copy of what each response repeats", () =>
    Effect.gen(function*() {
      const { response, steps } = yield* Effect.provide(Agent.run(options), live(3))
      assert.strictEqual(response?.instructions, instructions)
      assert.strictEqual(steps.length, 4)
      for (const step of steps) {
        assert.strictEqual(step.response.instructions, instructions)
        assert.deepStrictEqual(step.response.metadata, { user: "Ada" })
        assert.strictEqual(step.response.metadata, response?.metadata)
      }
    }))
})
