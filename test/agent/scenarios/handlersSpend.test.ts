/** What counts in a run: every call of its fibers, whichever endpoint it is, and nothing else. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Agent from "../../../src/agent/Agent.js"
import * as Conversation from "../../../src/agent/Conversation.js"
import * as Middleware from "../../../src/agent/Middleware.js"
import * as StopWhen from "../../../src/agent/StopWhen.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import type { OpenRouterClient } from "../../../src/http/OpenRouterClient.js"
import type { OpenResponsesResult } from "../../../src/schema/Responses.js"
import * as Chat from "../../../src/services/Chat.js"
import * as Responses from "../../../src/services/Responses.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { model, sent } from "./support.js"

const Work = Tool.make("work", { success: Schema.String })
const tools = Toolkit.make(Work)
const run = { model, input: "Go!", tools } as const

/** A run whose tool does this. */
const given = (
  work: Effect.Effect<unknown, unknown, OpenRouterClient>,
  ...script: Script.Script
) =>
  Effect.provide(Layer.provideMerge(
    tools.toLayer({ work: () => Effect.as(Effect.orDie(work), "done") }),
    Layer.merge(TestModel.layer(script, { allowUnused: true }), Conversation.layerMemory)
  ))

const chat = Chat.send({ model: "test/chat", messages: [{ role: "user", content: "Hi" }] })
const asks = (cost: number) => Script.turn(Script.toolCall("work"), { cost })
const says = (text: string, cost: number) => Script.turn(text, { cost })

describe("what a handler spends by an endpoint", () => {
  it.effect("counts in the call, in the run, and in its budget", () =>
    Effect.gen(function*() {
      const result = yield* Agent.run({ ...run, stopWhen: StopWhen.maxCost(1), conversation: "c" })
      assert.deepStrictEqual(result.outcome, { _tag: "stopped", condition: "maxCost(1)" })
      assert.deepStrictEqual([result.cost, result.steps[0]?.toolResults[0]?.usage.cost], [6.5, 6])
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 6.5)
      assert.strictEqual(yield* sent, 3)
    }).pipe(given(
      Effect.zip(chat, Stream.runDrain(Responses.stream({ model, input: "Hi" }))),
      asks(0.5),
      says("a", 2),
      says("b", 4)
    )))

  it.effect("counts once at each level of nested runs", () =>
    Effect.gen(function*() {
      const Outer = Toolkit.make(Tool.make("outer", { success: Schema.String }))
      const outer = Outer.toLayer({ outer: () => Effect.map(Effect.orDie(Agent.run(run)), ({ cost }) => String(cost)) })
      const result = yield* Effect.provide(Agent.run({ model, input: "Go!", tools: Outer }), outer)
      assert.deepStrictEqual([result.cost, result.steps[0]?.toolResults[0]?.output], [31, "14"])
    }).pipe(given(
      chat,
      Script.turn(Script.toolCall("outer"), { cost: 1 }),
      asks(2),
      says("a", 4),
      says("b", 8),
      says("c", 16)
    )))

  it.effect("counts where it failed, and where its cost is not known", () =>
    Effect.gen(function*() {
      const result = yield* Agent.run(run)
      assert.strictEqual(result.cost, 1 + 2 + 4)
      assert.deepStrictEqual(result.steps[0]?.toolResults[0]?.unsettled, ["gen-blind"])
      assert.deepStrictEqual(result.unsettled, ["gen-blind"])
    }).pipe(given(
      Effect.zipRight(Effect.ignore(chat), chat),
      asks(1),
      Script.turn(["Hal", Script.fail(502)], { cost: 2 }),
      Script.turn("Hi", { id: "gen-blind", usage: null }),
      says("done", 4)
    )))

  it.effect("counts in the run after the call has ended, as long as the run lives", () =>
    Effect.gen(function*() {
      const begin = yield* Deferred.make<void>()
      const ended = yield* Deferred.make<void>()
      const later = Effect.zipRight(Deferred.await(begin), Effect.ensuring(chat, Deferred.succeed(ended, undefined)))
      const middleware = Middleware.make({
        model: (request, next, { turn }) =>
          Effect.zipRight(
            turn === 1 ? Effect.void : Effect.zipRight(Deferred.succeed(begin, undefined), Deferred.await(ended)),
            next(request)
          )
      })
      yield* Effect.gen(function*() {
        const result = yield* Agent.run({ ...run, middleware, conversation: "c" })
        assert.deepStrictEqual([result.cost, result.steps[0]?.toolResults[0]?.usage.cost], [7, 0])
        assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 7)
      }).pipe(given(Effect.forkDaemon(later), asks(1), says("a", 2), says("b", 4)))
    }))

  it.effect("counts in a call that failed the run, and is stored", () =>
    Effect.gen(function*() {
      const Fail = Toolkit.make(Tool.make("fail", { failure: Schema.String, failureMode: "error" }))
      const layer = Fail.toLayer({ fail: () => Effect.zipRight(Effect.orDie(chat), Effect.fail("no")) })
      const failed = yield* Effect.exit(Effect.provide(
        Agent.run({ model, input: "Go!", tools: Fail, conversation: "c" }),
        layer
      ))
      assert.strictEqual(failed._tag, "Failure")
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 3)
    }).pipe(given(Effect.void, Script.turn(Script.toolCall("fail"), { cost: 1 }), says("a", 2))))
})

describe("a turn", () => {
  it.effect("without a usage is unsettled, in the run and in its record", () =>
    Effect.gen(function*() {
      const result = yield* Agent.run({ ...run, conversation: "c" })
      assert.deepStrictEqual([result.cost, result.unsettled], [0, ["gen-blind"]])
      const entries = (yield* Conversation.load("c")).entries
      assert.deepStrictEqual(
        entries.flatMap((entry) => entry._tag === "turn" ? [entry.record.unsettled] : []),
        [["gen-blind"]]
      )
    }).pipe(given(Effect.void, Script.turn("Hi", { id: "gen-blind", usage: null }))))

  it.effect("with a key of the user's own counts for a budget, apart from the cost", () =>
    Effect.gen(function*() {
      const result = yield* Agent.run({ ...run, stopWhen: StopWhen.maxCost(5) })
      assert.deepStrictEqual(result.outcome, { _tag: "stopped", condition: "maxCost(5)" })
      assert.deepStrictEqual([result.cost, result.usage.upstreamCost, result.steps.length], [0, 6, 2])
    }).pipe(given(
      Effect.void,
      Script.forever(Script.turn(Script.toolCall("work"), { cost: 3, usage: { byok: true } }))
    )))

  it.effect("that a middleware takes from a cache costs nothing", () =>
    Effect.gen(function*() {
      let kept: OpenResponsesResult | undefined
      const middleware = Middleware.make({
        model: (request, next) =>
          kept === undefined
            ? Effect.tap(next(request), (response) => Effect.sync(() => kept = response))
            : Effect.succeed(kept)
      })
      const first = yield* Agent.run({ model, input: "Go!", middleware, conversation: "a" })
      const second = yield* Agent.run({ model, input: "Go!", middleware, conversation: "b" })
      assert.deepStrictEqual([first.cost, second.cost, second.text], [1, 0, "Hi"])
      assert.strictEqual(Conversation.usage(yield* Conversation.load("b")).cost, 0)
    }).pipe(given(Effect.void, says("Hi", 1))))

  it.effect("counts what its middleware requests by another endpoint", () =>
    Effect.gen(function*() {
      const guard = Middleware.make({ model: (request, next) => Effect.zipRight(Effect.orDie(chat), next(request)) })
      const result = yield* Agent.run({ model, input: "Go!", middleware: guard })
      assert.deepStrictEqual([result.cost, result.steps[0]?.usage.cost], [3, 3])
    }).pipe(given(Effect.void, says("safe", 1), says("Hi", 2))))
})

describe("a function of the options", () => {
  it.effect("counts in the run, and is stored", () =>
    Effect.gen(function*() {
      const input = () => Effect.as(Effect.orDie(chat), "Go!")
      const result = yield* Agent.run({ model, input, conversation: "c" })
      assert.strictEqual(result.cost, 3)
      assert.strictEqual(Conversation.usage(yield* Conversation.load("c")).cost, 3)
    }).pipe(given(Effect.void, says("rewritten", 1), says("Hi", 2))))
})
