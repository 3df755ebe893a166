/** A run that hands over, and that is interrupted, dies or replays: the same agents speak as in a run that does not. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { type Journal, runIn } from "../support/journal.js"
import { model, outputsOf, sent } from "./support.js"

const Find = Tool.make("find", { parameters: Schema.Struct({ n: Schema.Number }), success: Schema.String })
const Look = Tool.make("look", { parameters: Schema.Struct({ n: Schema.Number }), success: Schema.String })

const clerkTools = Toolkit.make(Find, Agent.handoff("desk"))
const clerk = Agent.make({ name: "clerk", model, instructions: "clerk", tools: clerkTools })
const deskTools = Toolkit.make(Look, Agent.handoff(clerk))
const desk = Agent.make({ name: "desk", model, instructions: "desk", tools: deskTools })

/** Who speaks follows from who is asked, and what is said from the outputs so far. */
const turns = Script.forever((request) => {
  const who = String(request.json["instructions"])
  const outputs = outputsOf(request).length
  const call = (name: string, parameters = {}) => Script.toolCall(name, parameters, { id: `${name}_${outputs}` })
  const parts = [
    [call("look", { n: 1 })],
    [call("transfer_to_clerk"), call("look", { n: 2 })],
    [],
    [call("find", { n: 3 })],
    [call("transfer_to_desk")]
  ][outputs] ?? [Script.text("Done.")]
  return Script.turn(parts, { cost: 1, id: `${who} ${outputs}` })
})

const spoken = ["desk 0", "desk 1", "clerk 3", "clerk 4", "desk 5"]

const makeWorld = () => {
  const done: Array<number> = []
  const work = ({ n }: { readonly n: number }) => Effect.sync(() => `${done[done.push(n) - 1]}`)
  const handlers = Layer.merge(clerkTools.toLayer({ find: work }), deskTools.toLayer({ look: work }))
  return { done, layer: Layer.mergeAll(handlers, Conversation.layerMemory, TestModel.layer([turns])) }
}

const pause = (times: number) => Effect.replicateEffect(Effect.yieldNow(), times, { discard: true })

describe("a run that hands over, interrupted after any number of steps", () => {
  const interruptedAfter = (steps: number) => {
    const { done, layer } = makeWorld()
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run({ ...desk, conversation: "c", input: "Go" }))
      yield* pause(steps)
      const before = yield* Effect.zipRight(Fiber.interrupt(fiber), Conversation.load("c"))
      const input = Conversation.history(before).length === 0 ? "Go" : undefined
      const run = yield* Agent.run({ ...desk, conversation: "c", input })
      assert.strictEqual(run.text, "Done.")
      assert.strictEqual(run.agent, "desk")
      assert.deepStrictEqual(done, [1, 2, 3])
      const log = yield* Conversation.load("c")
      const told = log.entries.flatMap((entry) =>
        entry._tag === "turn" ? [[entry.record.response.id, entry.record.agent]] : []
      )
      assert.deepStrictEqual(told, spoken.map((id) => [id, id.split(" ")[0]]), `after ${steps} steps`)
      return yield* Fiber.await(fiber)
    }).pipe(Effect.provide(layer))
  }

  it.live("75: continues with the agent that took over, and with no agent twice", () =>
    Effect.gen(function*() {
      for (let steps = 0;; steps += 2) {
        if ((yield* interruptedAfter(steps))._tag === "Success") return
      }
    }))
})

describe("a run that hands over and whose activities are kept", () => {
  it.effect("75: comes to the same end wherever its process dies", () =>
    Effect.gen(function*() {
      const agent = Agent.run({ ...desk, input: "Go", runId: "task" })
      const decide = () => undefined
      const journal: Journal = new Map()
      const whole = yield* Effect.provide(runIn({ journal, decide }, agent), makeWorld().layer)
      assert.strictEqual(Option.getOrThrow(whole).cost, spoken.length)
      for (let activity = 1; activity <= journal.size; activity++) {
        const { done, layer } = makeWorld()
        yield* Effect.gen(function*() {
          const journal: Journal = new Map()
          yield* runIn({ journal, decide, fatal: { activity, when: "kept" } }, agent)
          const again = Option.getOrThrow(yield* runIn({ journal, decide }, agent))
          assert.deepStrictEqual(again.steps.map(({ response }) => response.id), spoken)
          assert.deepStrictEqual(done, [1, 2, 3])
          assert.strictEqual(yield* sent, spoken.length)
        }).pipe(Effect.provide(layer))
      }
    }))
})
