/** A run whose history is compacted, and that is interrupted, dies or replays: a summary is paid for once. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Compaction from "../../../src/agent/Compaction.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { type Journal, runIn } from "../support/journal.js"
import { itemsOf, model, outputsOf, sent } from "./support.js"

const Read = Tool.make("read", { parameters: Schema.Struct({ page: Schema.Number }), success: Schema.String })
const Delegate = Tool.make("delegate", { success: Schema.String })
const tools = Toolkit.make(Read)
const outer = Toolkit.make(Delegate)

const compaction = Compaction.make({
  contextLength: 1000,
  strategies: [Compaction.summarize({ model: "test/cheap", keepTurns: 1 })]
})

/** Three pages, of which the third fills the context. What the request has says what comes next. */
const turns = Script.forever((request) => {
  if (request.model === "test/cheap") {
    return Script.turn("Two pages.", { cost: 0.25, usage: { inputTokens: 100, outputTokens: 5 } })
  }
  if (request.json["instructions"] === "outer") {
    return outputsOf(request).length === 0 ? Script.toolCall("delegate", {}, { id: "d" }) : "All done."
  }
  const last = Number(/\d+/.exec(String(outputsOf(request).at(-1)?.[1] ?? "0"))?.[0])
  if (last === 3) return Script.turn("Done.", { cost: 1 })
  return Script.turn(Script.toolCall("read", { page: last + 1 }, { id: `c${last + 1}` }), {
    cost: 1,
    usage: { inputTokens: (last + 1) * 300, outputTokens: 10 }
  })
})

const summaries = Effect.map(
  TestModel.requests,
  (requests) => requests.filter((request) => request.model === "test/cheap").length
)

const makeWorld = () => {
  const read: Array<number> = []
  const handlers = tools.toLayer({
    read: ({ page }) => Effect.sync(() => `page ${read[read.push(page) - 1]} ${"and so on ".repeat(20)}`)
  })
  return { read, layer: Layer.mergeAll(handlers, Conversation.layerMemory, TestModel.layer([turns])) }
}

const options = { model, tools, compaction } as const

const pause = (times: number) => Effect.replicateEffect(Effect.yieldNow(), times, { discard: true })

describe("a run that compacts, interrupted after any number of steps", () => {
  const interruptedAfter = (steps: number) => {
    const { layer, read } = makeWorld()
    return Effect.gen(function*() {
      const fiber = yield* Effect.fork(Agent.run({ ...options, conversation: "c", input: "Go" }))
      yield* pause(steps)
      const before = yield* Effect.zipRight(Fiber.interrupt(fiber), Conversation.load("c"))
      const { outcome } = yield* Agent.run({
        ...options,
        conversation: "c",
        ...(Conversation.history(before).length === 0 ? { input: "Go" } : {})
      })
      assert.deepStrictEqual(outcome, { _tag: "completed" })
      assert.deepStrictEqual(read, [1, 2, 3])
      const log = yield* Conversation.load("c")
      const paid = (yield* summaries) * 0.25
      // What was interrupted in the middle of a request is paid for by nobody in this world
      assert.isAtLeast(Conversation.usage(log).cost, 4.25, `after ${steps} steps`)
      assert.isAtMost(Conversation.usage(log).cost, 4 + paid)
      const compacted = log.entries.filter((entry) => entry._tag === "compacted")
      assert.strictEqual(compacted.length, 1)
      assert.deepStrictEqual(outputsOf((yield* TestModel.requests).at(-1)).map(([id]) => id), ["c3"])
      return yield* Fiber.await(fiber)
    }).pipe(Effect.provide(layer))
  }

  it.live("71: continues with the compacted history, and keeps a summary that was paid for", () =>
    Effect.gen(function*() {
      for (let steps = 0;; steps += 3) {
        if ((yield* interruptedAfter(steps))._tag === "Success") return
      }
    }))
})

describe("a run that compacts and whose activities are kept", () => {
  it.effect("comes to the same end wherever its process dies", () =>
    Effect.gen(function*() {
      const agent = Agent.run({ ...options, input: "Go", runId: "task" })
      const decide = () => undefined
      const journal: Journal = new Map()
      const whole = yield* Effect.provide(runIn({ journal, decide }, agent), makeWorld().layer)
      assert.strictEqual(Option.getOrThrow(whole).cost, 4.25)
      assert.include([...journal.keys()], JSON.stringify(["compaction", { run: "task", turn: 4, attempt: 1 }]))
      for (let activity = 1; activity <= journal.size; activity++) {
        const { layer, read } = makeWorld()
        yield* Effect.gen(function*() {
          const journal: Journal = new Map()
          yield* runIn({ journal, decide, fatal: { activity, when: "kept" } }, agent)
          const again = Option.getOrThrow(yield* runIn({ journal, decide }, agent))
          assert.deepStrictEqual(again.cost, 4.25)
          assert.deepStrictEqual(read, [1, 2, 3])
          assert.strictEqual(yield* sent, 5)
        }).pipe(Effect.provide(layer))
      }
    }))
})

describe("a run inside of a tool that compacts", () => {
  const { layer } = makeWorld()

  it.effect("does not pay for its summary again after a crash, and the outer run pays for it", () => {
    let executions = 0
    const delegates = outer.toLayer({
      delegate: () =>
        Effect.gen(function*() {
          const inner = yield* Effect.orElseSucceed(Agent.run({ ...options, input: "Go" }), () => undefined)
          executions++
          return executions === 1 ? yield* Effect.interrupt : `${inner?.text}`
        })
    })
    return Effect.gen(function*() {
      const run = { model, tools: outer, instructions: "outer", conversation: "c" } as const
      yield* Effect.exit(Agent.run({ ...run, input: "Go" }))
      const last = yield* Agent.run(run)
      assert.strictEqual(last.text, "All done.")
      assert.strictEqual(yield* summaries, 1)
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 4.25)
      const inner = (yield* TestModel.requests).filter(({ json }) => json["instructions"] === undefined)
      assert.strictEqual(itemsOf(inner.at(-1)).length, 4)
    }).pipe(Effect.provide(Layer.provideMerge(delegates, layer)))
  })
})
