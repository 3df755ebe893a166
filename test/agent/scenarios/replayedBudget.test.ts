/** A budget that a run shares with its replays: what is found in records is paid once. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Agent from "../../../src/agent/Agent.js"
import * as Budget from "../../../src/agent/Budget.js"
import * as Tool from "../../../src/agent/Tool.js"
import * as Toolkit from "../../../src/agent/Toolkit.js"
import * as Script from "../../../src/testing/Script.js"
import * as TestModel from "../../../src/testing/TestModel.js"
import { type Journal, runIn } from "../support/journal.js"
import { timedPatiently } from "../support/patience.js"
import { model, outputsOf } from "./support.js"

const AskMiddle = Tool.make("ask", { success: Schema.String })
const AskInner = Tool.make("ask_inner", { success: Schema.String, failure: Schema.String, retry: Schedule.recurs(1) })
const Outer = Toolkit.make(AskMiddle)
const Middle = Toolkit.make(AskInner)

/** The price of each response of an agent: of the outer one, of the one inside its tool, and of one inside of that. */
const prices: Readonly<Record<string, number>> = { outer: 1, middle: 10, inner: 100 }

/** What the model charged, failed attempts included, whatever happened to the processes. */
const makeWorld = () => {
  const world = { charged: 0, failures: 0, executions: 0 }
  const script = Script.forever((request) => {
    const name = String(request.json["instructions"])
    const cost = prices[name] ?? NaN
    world.charged += cost
    if (name === "middle" && ++world.failures === 1) return Script.turn(["Half", Script.fail(502)], { cost })
    if (name === "inner" || outputsOf(request).length > 0) return Script.turn("Done.", { cost })
    return Script.turn(Script.toolCall(name === "outer" ? "ask" : "ask_inner", {}, { id: "call" }), { cost })
  })
  const agent = (budget: Budget.Budget) => {
    const options = { model, input: "Go", budget, retryTurn: Schedule.recurs(1) }
    const inner = Effect.orDie(Agent.run({ ...options, instructions: "inner" }))
    const middle = Effect.orDie(Agent.run({ ...options, instructions: "middle", tools: Middle }))
    const MiddleLive = Middle.toLayer({
      // The first try fails behind the agent inside of it
      ask_inner: () =>
        Effect.flatMap(inner, ({ text }) => ++world.executions === 1 ? Effect.fail("once") : Effect.succeed(text))
    })
    const OuterLive = Outer.toLayer({
      ask: () => Effect.map(Effect.provide(middle, MiddleLive), ({ text }) => text)
    })
    return Effect.provide(Agent.run({ ...options, instructions: "outer", tools: Outer, runId: "task" }), OuterLive)
  }
  return { world, agent, layer: TestModel.layer([script]) }
}

const whens = ["before", "unkept", "kept"] as const

const decide = () => undefined

/** The run dies at an activity and is replayed twice. Returns nothing if it ends before. */
const spentBy = (activity: number, when: typeof whens[number], nested: boolean) => {
  const { agent, layer, world } = makeWorld()
  const journal: Journal = new Map()
  return Effect.gen(function*() {
    // Without a limit of cost, because a process that died would hold its reservation for ever
    const budget = yield* Budget.make({ tokens: 1_000_000 })
    const replayed = (start: number) => timedPatiently(runIn({ journal, decide, nested }, agent(budget)), start)
    const [first] = yield* timedPatiently(runIn({ journal, decide, nested, fatal: { activity, when } }, agent(budget)))
    if (Option.isSome(first)) return undefined
    const spent = [(yield* Budget.spent(budget)).cost, world.charged]
    yield* replayed(1_000_000)
    spent.push((yield* Budget.spent(budget)).cost, world.charged)
    const [last] = yield* replayed(2_000_000)
    spent.push((yield* Budget.spent(budget)).cost, world.charged)
    // In another process, the budget is a new one
    const another = yield* Budget.make({ tokens: 1_000_000 })
    yield* timedPatiently(runIn({ journal, decide, nested }, agent(another)), 3_000_000)
    return { spent, ofAnother: (yield* Budget.spent(another)).cost, ofRun: Option.getOrThrow(last).cost }
  }).pipe(Effect.provide(layer))
}

describe("a budget of a run whose activities are kept", () => {
  for (const nested of [false, true]) {
    it.effect(`is charged once for each response, wherever the run dies${nested ? ", with agents inside" : ""}`, () =>
      Effect.gen(function*() {
        let deaths = 0
        for (const when of whens) {
          for (let activity = 1;; activity++) {
            const end = yield* spentBy(activity, when, nested)
            if (end === undefined) break
            deaths++
            const [a, b, c, d, e, f] = end.spent
            assert.deepStrictEqual([a, c, e], [b, d, f], `${when} ${activity}`)
            assert.strictEqual(end.ofAnother, end.ofRun, `${when} ${activity}, in another process`)
          }
        }
        assert.isAtLeast(deaths, 9)
      }))
  }
})
